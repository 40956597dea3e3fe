"""What every search engine does, whichever it is: the same questions, the same kind of answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Literal, Protocol

from alliance.core.errors import AllianceError
from alliance.search.query_language import Query

Sort = Literal["relevance", "new"]


class IndexUnavailable(AllianceError):
    """There is no index that could be searched: it is missing, unreadable, or of another version."""


@dataclass(frozen=True, slots=True)
class Document:
    """Something that can be found.

    Attributes:
        key: what it is in the database, as text.
        title: its own title (a post that opens a discussion has the discussion's).
        body: its plain text.
        about: what it is about without saying it: the title of the discussion it replies in.
        spaces: codes of its space and of the spaces that one lies in.
        author: handle and name.
    """

    key: str
    body: str
    title: str = ""
    about: str = ""
    language: str | None = None
    spaces: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    stakeholder_type: str | None = None
    country: str | None = None
    created_at: datetime | None = None

    @property
    def stamp(self) -> str:
        """Changes whenever anything that is indexed changes."""
        parts = (
            self.title, self.body, self.about, self.language, *self.spaces, "", *self.author, "",
            self.stakeholder_type, self.country, self.created_at.isoformat() if self.created_at else None,
        )  # fmt: skip
        return blake2b("\x1f".join(str(part) for part in parts).encode("utf-8", "replace"), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class Hit:
    """A document found. `rank` is what the list is sorted by (a score, or a moment), greatest first."""

    key: str
    rank: float


class SearchEngine(Protocol):
    """An index of documents. One writer at a time; readers any number, always of the last commit."""

    def search(self, query: Query, sort: Sort, limit: int) -> list[Hit]:
        """The best (or newest) `limit` documents.

        Raises:
            IndexUnavailable: answer from the database instead, and have it rebuilt.
        """

    def update(self, documents: Iterable[Document], gone: Iterable[str], position: int) -> None:
        """Put these in and take those out, in one commit that also notes how far in the event log it reaches.

        To be called inside `writing()`, with documents read inside it too.

        Raises:
            IndexUnavailable: there is nothing sound to write to.
        """

    def position(self) -> int:
        """How far in the event log the index reaches."""

    def writing(self) -> AbstractContextManager[None]:
        """Hold off every other writer (to let a new index catch up and take over)."""

    def rebuild(self, documents: Iterable[Document], position: int) -> Rebuild:
        """A new index beside the old one, filled; it takes the old one's place when `adopt` is called."""

    def stamps(self) -> Iterator[tuple[str, str]]:
        """(key, stamp) of every document in the index."""

    def verify(self) -> bool:
        """Read everything once; whether all of it could be read."""


class Rebuild(Protocol):
    """A new index, not in use yet."""

    def update(self, documents: Sequence[Document], gone: Sequence[str], position: int) -> None:
        """Catch up with what happened while it was built."""

    def adopt(self) -> None:
        """Have it searched from now on, and remove the old one."""

    def discard(self) -> None:
        """Remove it."""
