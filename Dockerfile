# 据典：聊天窗口。建镜像：docker build -t judian . ；运行见 compose.yaml。
# 只用 CPU 时，请用 --build-arg PIP_EXTRA_INDEX_URL=… 给出 PyTorch 官网上 CPU 版的软件源，否则会装下几 GB 的 CUDA。
FROM python:3.11-slim-bookworm AS build
ARG PIP_EXTRA_INDEX_URL=""
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/judian
WORKDIR /src
# 依赖先装：改代码时这一层不用重做。
COPY constraints.txt pyproject.toml ./
RUN python -c "import tomllib; p = tomllib.load(open('pyproject.toml', 'rb'))['project']; \
        print('\n'.join(p['dependencies'] + p['optional-dependencies']['ocr']))" > requirements.txt \
    && /opt/judian/bin/pip install -c constraints.txt -r requirements.txt
COPY README.md LICENSE ./
COPY assistant assistant
COPY index index
COPY prompts prompts
COPY evals evals
RUN /opt/judian/bin/pip install --no-deps .

FROM python:3.11-slim-bookworm
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgl1 libglib2.0-0 libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 judian \
    && install -d -o judian -g judian /data /data/reports /data/index /data/models
COPY --from=build /opt/judian /opt/judian
COPY --chown=judian:judian reports /data/reports
USER 10001
WORKDIR /data
ENV PATH=/opt/judian/bin:$PATH PYTHONUNBUFFERED=1 \
    JUDIAN_REPORTS=/data/reports JUDIAN_INDEX=/data/index/index JUDIAN_MODELS=/data/models
VOLUME ["/data/reports", "/data/index", "/data/models"]
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=15m --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7860/health', timeout=4)"]
# 对外监听就要有登录用户：judian user add 用户名 --auth-file /data/index/users
CMD ["judian", "chat", "--host", "0.0.0.0", "--port", "7860", "--auth-file", "/data/index/users"]
