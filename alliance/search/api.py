"""The API of search."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from alliance.core import nameless, settings
from alliance.core.errors import Invalid
from alliance.discussions.models import Post
from alliance.search import finding
from alliance.web import api, current_actor


class SearchQuery(api.ListQuery):
    """What to look for, and among what."""

    q: str = Field(
        default="",
        description='Words (any is enough, more come first), "a phrase", -not, prefix*, space:c2 tag:health author:name type:… lang:fr after:2026 before:2026-06',
    )
    space: str = Field(default="", description="Code of a space; its sub-lines belong to it.")
    author: str = Field(default="", description="Handle, or words of the name.")
    topic: str = Field(default="", description="Key of a topic, or what it is called.")
    stakeholder_type: str = ""
    language: str = ""
    since: str = Field(default="", alias="from", description="2026, 2026-06 or 2026-06-15.")
    until: str = Field(default="", alias="to", description="The last year, month or day that counts.")
    sort: Literal["relevance", "new"] = "relevance"


class FoundAuthor(api.Out):
    """Who wrote a post, in which capacity."""

    handle: str
    name: str
    organization: str | None
    stakeholder_type: str | None
    verified: bool


class FoundPost(api.Out):
    """A post found. `excerpt` is safe HTML: text, and `<mark>` around what matched."""

    kind: Literal["post"] = "post"
    id: int
    url: str
    discussion_id: int
    discussion_title: str
    number: int
    space: str
    author: FoundAuthor
    language: str | None
    created_at: datetime
    excerpt: str


class FoundPosts(api.Page[FoundPost]):
    """Results, and what has to be said about the query. `source` is "database" while the index is being built anew."""

    notes: list[str]
    source: Literal["index", "database"]


@api.get("/search", query=SearchQuery, returns=FoundPosts)
def search(query: SearchQuery) -> FoundPosts:
    """Find posts, in what one may read."""
    actor = current_actor()
    choices = {
        "space": query.space,
        "author": query.author,
        "topic": query.topic,
        "stakeholder_type": query.stakeholder_type,
        "language": query.language,
        "from": query.since,
        "to": query.until,
    }
    asked, wrong = finding.ask(actor, query.q, choices)
    if wrong:
        raise Invalid(wrong)
    found = finding.find(actor, asked, query.sort, query.after, query.limit)
    items = [_out(result.post, str(result.excerpt)) for result in found.results]
    return FoundPosts(items=items, next=found.next, notes=found.notes, source="database" if found.source == finding.DATABASE else "index")


def _out(post: Post, excerpt: str) -> FoundPost:
    author = FoundAuthor(
        handle=nameless.handle_out(post.author.handle),
        name=post.author.name,
        organization=post.organization.name if post.organization else None,
        stakeholder_type=post.stakeholder_type,
        verified=post.affiliation is not None and post.affiliation.status == "verified",
    )
    return FoundPost(
        id=post.id,
        url=f"{settings.current().base_url}/p/{post.id}",
        discussion_id=post.discussion_id,
        discussion_title=post.discussion.title,
        number=post.number,
        space=post.space.code,
        author=author,
        language=post.language,
        created_at=post.created_at,
        excerpt=excerpt,
    )
