# make chat 打开聊天窗口；make test 跑全部检查；make clean 删去环境和索引（权重留在用户的缓存里）。
# 另指解释器：make chat PYTHON=python3.12；给 judian chat 加参数：make chat ARGS="--port 8000"
# 测试分几个进程跑：make test PROCESSES=4（每个约 2 GB 内存）
PYTHON ?= python3
ARGS ?=
PROCESSES ?= 2
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: chat test weights lint thorough gate baseline clean

chat: $(VENV)/.installed
	@$(BIN)/judian chat $(ARGS)

test: $(VENV)/.installed-dev
	@$(MAKE) --no-print-directory -j 2 weights lint
	$(BIN)/pytest -n $(PROCESSES) --dist loadfile --no-loadscope-reorder

# 下载权重和检查（格式、类型、Dockerfile、compose.yaml）同时做，都好了才跑测试。
weights: $(VENV)/.installed-dev
	@$(BIN)/judian model fetch

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/hadolint Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml

# 平时的检查里做得少的，这里做足：建索引时杀 75 次（平时 30 次），十万个随机输入。
thorough: $(VENV)/.installed-dev
	KILLS=50 $(BIN)/pytest tests/test_kill.py
	$(BIN)/python tests/fuzz.py --inputs 100000

# 用自带题库与基线相比（不用语言模型，约一分钟）；变差超过容许就失败。改进之后用 make baseline 更新基线。
GATE := JUDIAN_LLM=none JUDIAN_REPORTS=reports JUDIAN_INDEX=.judian/gate/index
BASELINE := evals/baselines/gold-quotes.json

gate: $(VENV)/.installed
	@$(GATE) $(BIN)/judian index build
	@$(GATE) $(BIN)/judian eval --baseline $(BASELINE)

baseline: $(VENV)/.installed
	@$(GATE) $(BIN)/judian index build
	@$(GATE) $(BIN)/judian eval --baseline $(BASELINE) --update-baseline

clean:
	rm -rf $(VENV) .judian .mypy_cache .ruff_cache .pytest_cache .hypothesis build screenshots

# Stamps are written last, so whatever is interrupted is done again and what is done is not repeated.
$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "需要 Python 3.11 以上，$(PYTHON) 不是：请安装后用 make PYTHON=python3.12 之类指明。" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ echo "建不了虚拟环境 $(VENV)：请先装好 venv 模块（Debian/Ubuntu：apt install python3-venv）。" >&2; exit 1; }
	@touch $@

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/.created
	@echo "安装依赖（第一次要下载几百 MB）……" >&2
	@$(PIP) install -c constraints.txt -e . || \
		{ echo "依赖没有装好：请检查网络或 pip 的软件源设置，再运行一次 make。" >&2; exit 1; }
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@$(PIP) install --quiet -c constraints.txt -e '.[dev]' || \
		{ echo "开发工具没有装好：请检查网络或 pip 的软件源设置，再运行一次 make test。" >&2; exit 1; }
	@touch $@
