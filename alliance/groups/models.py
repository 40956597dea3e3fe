"""Spaces: where discussions take place."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from alliance.core import stamps
from alliance.core.db import Base


class Space(Base):
    """An action line or one of its sub-lines (later also a working group).

    Texts by language code: `titles`, `descriptions`. `sources` says where each title comes from. `edited_at` is set
    when somebody changes the texts here: the reference loader then leaves them alone.
    """

    __tablename__ = "spaces"
    __table_args__ = (Index(None, "kind", "position"),)

    code: Mapped[str] = mapped_column(String(60), unique=True)
    kind: Mapped[str] = mapped_column(String(20))  # action_line
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("spaces.id"))
    position: Mapped[int] = mapped_column(default=0)
    titles: Mapped[dict[str, Any]]
    descriptions: Mapped[dict[str, Any]]
    sources: Mapped[dict[str, Any]]
    facilitators: Mapped[list[str]] = mapped_column(default=list)
    visibility: Mapped[str] = mapped_column(String(20), default="public")
    posting: Mapped[str] = mapped_column(String(20), default="everyone")
    discussions_count: Mapped[int] = mapped_column(default=0)
    posts_count: Mapped[int] = mapped_column(default=0)
    last_post_at: Mapped[datetime | None]
    edited_at: Mapped[datetime | None]

    parent: Mapped[Space | None] = relationship(remote_side="Space.id")

    def title(self, language: str) -> str:
        """The title in a language, in English where there is none."""
        return str(self.titles.get(language) or self.titles["en"])

    def description(self, language: str) -> str:
        """The description in a language, in English where there is none."""
        return str(self.descriptions.get(language) or self.descriptions.get("en", ""))


stamps.shown(Space, "code", "titles", "descriptions", "facilitators", "visibility", "posting", "position", "parent_id")
