"""What every search engine does, whichever it is: the same questions, the same kind of answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Literal, Protocol

from alliance.core.errors import AllianceError
from alliance.search.filters import ATTACHMENT as ATTACHMENT
from alliance.search.filters import KEY as KEY
from alliance.search.filters import KINDS as KINDS
from alliance.search.filters import UNANSWERED as UNANSWERED
from alliance.search.query_language import Query

Sort = Literal["relevance", "new", "supported"]


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
        kind: one of KINDS; a discussion is its opening post.
        space_id: of the space in which it may be read; 0 when everybody may. Negative: in a closed discussion of that space.
        discussion_id: what it is shown together with; 0 when alone.
        organization: what the organization it was written for is called.
        support: how many thanked for it or support it.
        flags: ATTACHMENT, UNANSWERED, KEY, added.
        topics: keys of the topics of its discussion.
        apart: it lies in a space that not everybody may read; its words are then kept apart from all others.
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
    kind: str = "post"
    space_id: int = 0
    discussion_id: int = 0
    organization: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    support: int = 0
    flags: int = 0
    topics: tuple[str, ...] = ()
    apart: bool = False

    @property
    def stamp(self) -> str:
        """Changes whenever anything that is indexed changes."""
        parts = (
            self.title, self.body, self.about, self.language, *self.spaces, "", *self.author, "",
            self.stakeholder_type, self.country, self.created_at.isoformat() if self.created_at else None,
            self.kind, self.space_id, self.discussion_id, *self.organization, "", *self.tags, "", self.support, self.flags, *self.topics,
            *(("apart",) if self.apart else ()),
        )  # fmt: skip
        return blake2b("\x1f".join(str(part) for part in parts).encode("utf-8", "replace"), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class Hit:
    """A document found. `rank` is what the list is sorted by (a score, a moment, a number of people), greatest first."""

    key: str
    rank: float
    discussion_id: int = 0


@dataclass(frozen=True, slots=True)
class Sight:
    """What may be seen, as the engine applies it before anything is counted.

    Attributes:
        spaces: ids of the spaces that may be read (negative: their closed discussions); None for all. What lies in no space may be read by all.
        without: keys, and `discussions` all of them, that must not be seen any more and may still be in the index.
        kinds: only these kinds; None for all.
        topics: keys of the topics of which it is counted how many there are.
        public: ids of the spaces that everybody may read (None: all): how rare a word is, is counted there and nowhere else.
    """

    spaces: frozenset[int] | None = None
    without: frozenset[str] = frozenset()
    discussions: frozenset[int] = frozenset()
    kinds: tuple[str, ...] | None = None
    topics: tuple[str, ...] = ()
    public: frozenset[int] | None = None


EVERYTHING = Sight()


@dataclass(frozen=True, slots=True)
class Answer:
    """The best documents, how many there are altogether, and how many of each value (spaces by id) by column."""

    hits: list[Hit]
    total: int = 0
    facets: dict[str, dict[str, int]] = field(default_factory=dict)


class SearchEngine(Protocol):
    """An index of documents. One writer at a time; readers any number, always of the last commit."""

    def search(self, query: Query, sort: Sort, limit: int, sight: Sight = EVERYTHING, *, facets: bool = False) -> Answer:
        """The best (newest, most supported) `limit` documents of those that may be seen.

        Raises:
            IndexUnavailable: answer from the database instead, and have it rebuilt.
        """

    def similar_words(self, words: Sequence[str], sight: Sight) -> dict[str, list[str]]:
        """For each of these words that stands in no document that may be seen: words that do and are spelt almost so, likeliest first.

        Raises:
            IndexUnavailable: there is no index.
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
