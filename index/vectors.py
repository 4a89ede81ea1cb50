"""The vectors of a version, in Chroma: a folder of files, or a collection on a server. The only file that knows it.

Vectors are found by the digest of the text they stand for and are never deleted: what no passage needs any more is
passed over by the search, and left behind when a new collection is filled (Chroma's files only grow when vectors
are deleted and added again: chroma#4737, #5259, #5520). So one collection on a server can serve several versions.
"""

from __future__ import annotations

import socket
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from index.errors import IndexStoreError
from index.rows import vacuum

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection

BATCH = 2000
_SECONDS_TO_CONNECT, _SECONDS_TO_ANSWER = 5, 120
_COLLECTION = "passages"
# Chroma notes each opening in its database; what it says where the folder or the disk does not let it.
_CANNOT_WRITE = ("readonly", "read-only", "disk is full", "unable to open", "disk I/O")
_WAITING = 500  # vectors that each opening may have to put into the graph: under half a second
_EF_SEARCH = 200  # candidates that one search looks at


class VectorsError(OSError):
    """Vectors that are missing, damaged, or cannot be written: what Chroma said."""


class ServerError(IndexStoreError):
    """No Chroma server that can be used: nothing is known of what it holds."""


class Vectors:
    """One open collection. Any number of threads may read it; close it when done."""

    def __init__(self, client: Client, collection: Collection, url: str = "") -> None:
        self._client = client
        self._collection = collection
        self._url = url
        self._open = True
        self.when_closed: Callable[[], None] = lambda: None

    def nearest(self, vector: Sequence[float], n: int) -> list[tuple[str, float]]:
        """The `n` vectors nearest to `vector` as (key, cosine), best first; all of them where there are fewer."""
        with _faults(self._url):
            found = self._collection.query(query_embeddings=[vector], n_results=n, include=["distances"])
        distances = cast(list[list[float]], found["distances"])
        return [(key, 1.0 - distance) for key, distance in zip(found["ids"][0], distances[0], strict=True)]

    def get(self, keys: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """The vectors of those `keys` that are there."""
        vectors: dict[str, NDArray[np.float32]] = {}
        for start in range(0, len(keys), BATCH):
            with _faults(self._url):
                found = self._collection.get(ids=list(keys[start : start + BATCH]), include=["embeddings"])
            vectors.update(zip(found["ids"], np.asarray(found["embeddings"], np.float32), strict=True))
        return vectors

    def has(self, keys: Sequence[str]) -> set[str]:
        """Those of `keys` that are there."""
        found: set[str] = set()
        for start in range(0, len(keys), BATCH):
            with _faults(self._url):
                found.update(self._collection.get(ids=list(keys[start : start + BATCH]), include=[])["ids"])
        return found

    def add(self, keys: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Store row i of `vectors` for `keys[i]`, in place of what was there for it."""
        for start in range(0, len(keys), BATCH):
            batch = list(keys[start : start + BATCH])
            with _faults(self._url):
                self._collection.upsert(ids=batch, embeddings=vectors[start : start + len(batch)])

    def keys(self) -> list[str]:
        """All of them."""
        with _faults(self._url):
            return list(self._collection.get(include=[])["ids"])

    def count(self) -> int:
        with _faults(self._url):
            return self._collection.count()

    def close(self) -> None:
        if self._open:
            self._open = False
            close_client(self._client)
            self.when_closed()


def open_vectors(folder: Path, collection: str = "", url: str = "") -> Vectors:
    """The vectors in `folder`, or those of `collection` on the server at `url`.

    Raises VectorsError, and IndexStoreError for a server that does not answer or has no such collection.
    """
    if collection:
        return _opened(lambda: _server(url), lambda client: _server_collection(client, collection, url), url)
    if not (folder / "chroma.sqlite3").is_file():
        raise VectorsError(f"{folder.name}/chroma.sqlite3 does not exist")
    try:
        return _opened(lambda: _files(folder), _passages)
    except VectorsError as error:
        if not any(words in str(error) for words in _CANNOT_WRITE):
            raise
        return _open_shadow(folder)


def extend_vectors(folder: Path, collection: str = "", url: str = "") -> Vectors:
    """The same, to add to them: some wait in Chroma's log, which takes less than writing the graph each time."""
    vectors = open_vectors(folder, collection, url)
    if not collection:
        hnsw: Any = {"hnsw": {"sync_threshold": _WAITING}}
        with _faults(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Chroma warns of collections that have no embedding function
            vectors._collection.modify(configuration=hnsw)
    return vectors


def create_vectors(folder: Path, size: int, collection: str = "", url: str = "") -> Vectors:
    """An empty collection for `size` vectors, in `folder` or on the server at `url`."""
    hnsw: dict[str, Any] = {"space": "cosine", "ef_search": _EF_SEARCH}
    if not collection:
        # Chroma keeps vectors in its log until `sync_threshold` (at least 2) are there, and puts them into their
        # graph anew at each opening; at `size` it writes the graph once, and no opening has to add to it.
        hnsw["sync_threshold"] = max(2, size)
    configuration: Any = {"hnsw": hnsw}
    return _opened(
        lambda: _server(url) if collection else _files(folder),
        lambda client: client.create_collection(
            collection or _COLLECTION, embedding_function=None, configuration=configuration
        ),
        url if collection else "",
    )


def drop_collection(collection: str, url: str) -> None:
    """Delete `collection` on the server at `url`; nothing happens where there is none, or no server."""
    from chromadb.errors import ChromaError

    with suppress(ChromaError, IndexStoreError, VectorsError):
        client = _server(url)
        try:
            client.delete_collection(collection)
        finally:
            close_client(client)


def check_server(url: str) -> None:
    """Raises ServerError where no Chroma server answers at `url`, or none is named."""
    close_client(_server(url))


def check_url(url: str) -> tuple[str, int, bool]:
    """(host, port, whether encrypted) of a Chroma server's address.

    Raises ServerError, which does not tell an address that may hold a password; one that is taken holds none.
    """
    with suppress(ValueError):
        parts = urlsplit(url)
        encrypted = parts.scheme == "https"
        bare = not (parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc)
        if parts.scheme in ("http", "https") and parts.hostname and bare:
            return parts.hostname, parts.port or (443 if encrypted else 8000), encrypted
    raise ServerError("Chroma 服务器的地址不对：请把 JUDIAN_CHROMA_URL 写成 http://主机:端口，不带用户名、路径和参数。")


def _passages(client: Client) -> Collection:
    return client.get_collection(_COLLECTION, embedding_function=None)


def _open_shadow(folder: Path) -> Vectors:
    """The vectors of a folder that cannot be written: Chroma gets a copy of its database, and the files as links."""
    shadow = tempfile.TemporaryDirectory(prefix="judian-", ignore_cleanup_errors=True)
    try:
        home = Path(shadow.name)
        vacuum(folder / "chroma.sqlite3", home / "chroma.sqlite3")
        for path in folder.iterdir():
            if path.is_dir():
                (home / path.name).symlink_to(path.resolve(), target_is_directory=True)
        vectors = _opened(lambda: _files(home), _passages)
    except BaseException:
        shadow.cleanup()
        raise
    vectors.when_closed = shadow.cleanup
    return vectors


def _opened(connect: Callable[[], Client], find: Callable[[Client], Collection], url: str = "") -> Vectors:
    with _faults(url):
        client = connect()
        try:
            return Vectors(client, find(client), url)
        except BaseException:
            close_client(client)
            raise


def _files(folder: Path) -> Client:
    """A client that reads local files and tells nobody."""
    import chromadb
    from chromadb.api.shared_system_client import SharedSystemClient
    from chromadb.config import Settings

    try:
        return cast("Client", chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False)))
    except BaseException:
        # It keeps what failed to start, and would give it to whoever opens this folder next.
        SharedSystemClient._identifier_to_system.pop(str(folder), None)
        SharedSystemClient._identifier_to_refcount.pop(str(folder), None)
        raise


def _server(url: str) -> Client:
    import chromadb
    from chromadb.config import Settings

    if not url:
        raise ServerError(
            "这一版索引的向量在 Chroma 服务器上：请设置 JUDIAN_CHROMA_URL，"
            "或运行 judian index build --full 在本机重建。"
        )
    host, port, encrypted = check_url(url)
    try:
        # Chroma's own client would wait for minutes where nobody answers, and for ever where it hangs.
        socket.create_connection((host, port), timeout=_SECONDS_TO_CONNECT).close()
        settings = Settings(anonymized_telemetry=False)
        client = cast("Client", chromadb.HttpClient(host=host, port=port, ssl=encrypted, settings=settings))
        cast(Any, client)._server._session.timeout = _SECONDS_TO_ANSWER
        return client
    except Exception as error:  # a client that finds no server, or another one, raises whatever it met first
        raise _unreachable(url) from error


def close_client(client: Client) -> None:
    """Close a client and its connections."""
    client.close()
    for part in (client, getattr(client, "_admin_client", None)):
        session = getattr(getattr(part, "_server", None), "_session", None)
        if session:  # of a server's client, which leaves its connections open
            session.close()


def _server_collection(client: Client, collection: str, url: str) -> Collection:
    from chromadb.errors import NotFoundError

    try:
        return client.get_collection(collection, embedding_function=None)
    except NotFoundError as error:
        raise IndexStoreError(
            f"Chroma 服务器 {url} 上没有集合 {collection}：请检查 JUDIAN_CHROMA_URL，"
            "或运行 judian index build --full 重建。"
        ) from error


def _unreachable(url: str) -> ServerError:
    return ServerError(f"连不上 Chroma 服务器 {url}：请确认它在运行（chroma run），并检查 JUDIAN_CHROMA_URL。")


@contextmanager
def _faults(url: str = "") -> Iterator[None]:
    """What Chroma raises becomes VectorsError, what its connection raises one sentence for the user."""
    import httpx
    from chromadb.errors import ChromaError

    try:
        yield
    except httpx.HTTPError as error:
        raise _unreachable(url) from error
    except ChromaError as error:
        raise VectorsError(str(error)) from error
