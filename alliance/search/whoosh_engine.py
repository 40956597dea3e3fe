"""The embedded engine: Whoosh, in a folder of its own.

The index is a copy that may be thrown away: it is never backed up, never taken from elsewhere (it holds pickles), and
built again on any doubt. Layout of the folder:

    CURRENT            the name of the generation that is searched; replaced in one step
    v<format>-<name>/  a generation: one Whoosh index
    lock               held by whoever writes; the operating system lets go of it when the holder dies

How far in the event log a generation reaches stands inside it, in the same commit as the documents: after a crash, or
a power cut that lost the last commit, what is missing is known and read again.
"""

from __future__ import annotations

import fcntl
import re
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import structlog
from whoosh.filedb.filestore import FileStorage

from alliance.search import answering, spelling
from alliance.search.engine import EVERYTHING, Answer, Document, IndexUnavailable, Sight, Sort
from alliance.search.query_language import Query
from alliance.search.whoosh_codec import Codec
from alliance.search.whoosh_scan import Core, Scan, read_all
from alliance.search.whoosh_schema import as_fields, schema

FORMAT = 7  # raise it whenever the schema or the analysis changes: the index is then built again
_GENERATION = re.compile(rf"v{FORMAT}-[0-9a-f]+")
MARK = "~position"
LOCK_SECONDS = 60.0
MEMORY_MB = 96
log = structlog.get_logger(__name__)
T = TypeVar("T")


def _storage(folder: Path) -> Any:
    """The files of a generation, read and never mapped: a mapped file that is cut short kills the process that reads it."""
    return FileStorage(str(folder), supports_mmap=False)


class WhooshEngine:
    """The index in `folder` (made when first written)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mine = threading.local()
        self._known: dict[Any, Core] = {}
        self._turn = threading.Lock()

    # reading

    def search(self, query: Query, sort: Sort, limit: int, sight: Sight = EVERYTHING, *, facets: bool = False) -> Answer:
        """See `SearchEngine`."""
        return self._reading(lambda searcher: answering.answer(self._scan(searcher), query, sort, limit, sight, facets=facets))

    def similar_words(self, words: Sequence[str], sight: Sight) -> dict[str, list[str]]:
        """See `SearchEngine`."""
        return self._reading(lambda searcher: spelling.similar_words(self._scan(searcher), words, sight))

    def position(self) -> int:
        """See `SearchEngine`."""
        return self._reading(lambda searcher: int((searcher.document(key=MARK) or {"stamp": 0})["stamp"]))

    def stamps(self) -> Iterator[tuple[str, str]]:
        """See `SearchEngine`."""
        return iter(self._reading(lambda searcher: [(f["key"], f["stamp"]) for f in searcher.all_stored_fields() if f["key"] != MARK]))

    def verify(self) -> bool:
        """See `SearchEngine`."""
        try:
            self._reading(_read_all)
        except IndexUnavailable:
            return False
        return True

    def _reading(self, ask: Callable[[Any], T]) -> T:
        """Ask the last commit; whatever Whoosh stumbles over means that this index is of no use."""
        for attempt in (1, 2, 3):
            try:
                return ask(self._searcher())
            except IndexUnavailable:
                raise
            except Exception as error:  # a damaged index fails in any way at all
                self._mine.__dict__.clear()
                # A writer may just have removed the files that were about to be opened: look again.
                if attempt == 3:
                    log.warning("search.index_unreadable", error=repr(error))
                    raise IndexUnavailable("the search index cannot be read") from error
                time.sleep(0.02 * attempt)
        raise AssertionError  # pragma: no cover

    def _searcher(self) -> Any:
        """This thread's searcher, of the last commit of the current generation."""
        name = self.current()
        known = self._mine.__dict__
        if name is None:
            known.clear()
            raise IndexUnavailable("there is no search index")
        if known.get("name") != name:
            known.clear()
            known.update(name=name, index=_storage(self._folder / name).open_index())
        if "searcher" not in known or not known["searcher"].up_to_date():
            # Opened anew: Whoosh's own refresh() goes on showing documents deleted since.
            known["searcher"] = known["index"].searcher()
            known.pop("scan", None)
        return known["searcher"]

    def _scan(self, searcher: Any) -> Scan:
        """This thread's view of the documents at the searcher's commit; what was read of segments is shared by all threads."""
        known = self._mine.__dict__
        if "scan" not in known:
            with self._turn:
                known["scan"] = Scan(searcher, self._known)
        scan: Scan = known["scan"]
        return scan

    def _pointer(self) -> str | None:
        """What is written where the generation in use is named."""
        try:
            return (self._folder / "CURRENT").read_text(encoding="ascii", errors="replace").strip()
        except OSError:
            return None

    def current(self) -> str | None:
        """The generation in use; None when there is none that this version can read."""
        name: str | None = ""
        before = None
        while name != before:  # once more if another generation took its place between the two looks
            before = name
            name = self._pointer()
            if name is None:
                return None
            if _GENERATION.fullmatch(name) and (self._folder / name).is_dir():
                return name
        return None

    # writing

    def update(self, documents: Iterable[Document], gone: Iterable[str], position: int) -> None:
        """See `SearchEngine`."""
        name = self.current()
        if name is None:
            raise IndexUnavailable("there is no search index")
        try:
            _write(_storage(self._folder / name).open_index(), documents, gone, position)
        except Exception as error:
            if self.verify():
                raise
            raise IndexUnavailable("the search index cannot be written") from error

    def rebuild(self, documents: Iterable[Document], position: int) -> _Generation:
        """See `SearchEngine`."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._remove_all_but(self._pointer())  # what was left by whoever was killed while building: one rebuilds at a time
        made = _Generation(self, self._folder, f"v{FORMAT}-{secrets.token_hex(6)}")
        try:
            made.fill(documents, position)
        except BaseException:
            made.discard()
            raise
        return made

    @contextmanager
    def writing(self) -> Iterator[None]:
        """See `SearchEngine`."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "lock").open("w") as handle:
            deadline = time.monotonic() + LOCK_SECONDS
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise TimeoutError("another process is writing the search index") from None
                    time.sleep(0.05)
            yield

    def put_in_place(self, name: str) -> None:
        """Search this generation from now on; remove all others."""
        pointer = self._folder / f"CURRENT.{secrets.token_hex(4)}"
        pointer.write_text(name, encoding="ascii")
        pointer.replace(self._folder / "CURRENT")
        self._remove_all_but(name)

    def _remove_all_but(self, name: str | None) -> None:
        for other in self._folder.iterdir():
            if other.is_dir() and other.name != name:
                shutil.rmtree(other, ignore_errors=True)
            elif other.name.startswith("CURRENT."):
                other.unlink(missing_ok=True)


class _Generation:
    """A new index beside the one in use."""

    def __init__(self, engine: WhooshEngine, folder: Path, name: str) -> None:
        self._engine = engine
        self._name = name
        self._path = folder / name
        self._path.mkdir()
        self._index = _storage(self._path).create_index(schema())

    def fill(self, documents: Iterable[Document], position: int) -> None:
        """Everything at once, in one segment."""
        writer = self._index.writer(limitmb=MEMORY_MB, codec=Codec())
        try:
            for document in documents:
                writer.add_document(**as_fields(document))
            writer.add_document(key=MARK, stamp=str(position))
        except BaseException:
            writer.cancel()
            raise
        writer.commit(optimize=True)

    def update(self, documents: Sequence[Document], gone: Sequence[str], position: int) -> None:
        """See `Rebuild`."""
        _write(self._index, documents, gone, position)

    def adopt(self) -> None:
        """See `Rebuild`."""
        self._index.close()
        self._engine.put_in_place(self._name)

    def discard(self) -> None:
        """See `Rebuild`."""
        shutil.rmtree(self._path, ignore_errors=True)


def _write(opened: Any, documents: Iterable[Document], gone: Iterable[str], position: int) -> None:
    writer = opened.writer(timeout=LOCK_SECONDS, codec=Codec())
    try:
        for key in gone:
            writer.delete_by_term("key", key)
        for document in documents:
            writer.update_document(**as_fields(document))
        writer.update_document(key=MARK, stamp=str(position))
    except BaseException:
        writer.cancel()
        raise
    writer.commit()


def _read_all(searcher: Any) -> None:
    """Every stored field and every posting."""
    for _fields in searcher.all_stored_fields():
        pass
    for reader, _offset in searcher.reader().leaf_readers():
        read_all(reader)
