"""The kinds of things in the review queue that this room knows: flagged posts, first posts, posts and edits that wait, affiliations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import escape
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from alliance import events
from alliance.core import db, outbox
from alliance.core.errors import Conflict
from alliance.core.i18n import gettext as _
from alliance.core.i18n import isolated
from alliance.core.i18n import lazy_gettext as _l
from alliance.core.reviews import Decision, Kind, Ruling, Shown, register
from alliance.discussions import holding, linking
from alliance.discussions.counters import set_status
from alliance.discussions.models import Discussion, Post
from alliance.moderation import items, services
from alliance.moderation.models import ReviewItem
from alliance.policy import Actor, visible
from alliance.stakeholders import services as stakeholders
from alliance.stakeholders.models import Affiliation


def posts_shown(actor: Actor, found: Sequence[Any]) -> Mapping[int, Shown]:
    """Posts of items the actor may see (which is all that is asked, see policy), with their discussions; the new text where one waits."""
    loading = (joinedload(Post.discussion).joinedload(Discussion.space), joinedload(Post.author))
    mine = select(ReviewItem.post_id).where(ReviewItem.id.in_([item.id for item in found]), visible(actor, ReviewItem))
    query = select(Post).options(*loading).where(Post.id.in_(mine), Post.status != "withdrawn")
    posts = {post.id: post for post in db.session().scalars(query)}
    return {item.id: _post_shown(posts[item.post_id], item.data.get("body")) for item in found if item.post_id in posts}


def _post_shown(post: Post, waiting: str | None) -> Shown:
    title = post.discussion.withheld_title or post.discussion.title
    html = linking.rendered(waiting, post_id=post.id).html if waiting is not None else post.html
    return Shown(f"{title} #{post.number}", f"/p/{post.id}", html, language=post.language, facts=_facts(post))


def _facts(post: Post) -> list[str]:
    said = {"hidden": _("hidden"), "held": _("waits"), "withdrawn": _("withdrawn")}.get(post.status)
    return [said] if said else []


def _keep(ruling: Ruling) -> None:
    services.keep(ruling.actor, ruling.item.post, ruling.item, ruling.code, ruling.reason)


def _open_flags_again(ruling: Ruling) -> None:
    """What deciding about a flagged post did; what somebody else decided about it since stays."""
    post, data = ruling.item.post, ruling.item.data
    services.open_again(data.get("flags", []))
    if post.status == {"hide": "hidden", "rephrase": "held"}.get(ruling.item.decision, "visible"):
        set_back(post, str(data.get("before", post.status)))


def set_back(post: Post, status: str) -> None:
    """Inside a transaction: give a post the state it had, a decision having been taken back."""
    was = post.status
    if was in {status, "withdrawn"}:
        return
    set_status(post, status)
    if status == "visible":
        outbox.publish(events.PostRestored(post.id, post.discussion_id, post.space_id))
    else:
        outbox.publish(events.PostWithdrawn(post.id, post.discussion_id, post.space_id))


def _hide(ruling: Ruling) -> None:
    services.take_away(ruling.actor, _there(ruling.item.post), "hide", ruling.code, ruling.reason)


def _rephrase(ruling: Ruling) -> None:
    services.take_away(ruling.actor, _there(ruling.item.post), "rephrase", ruling.code, ruling.reason, status="held")


def _there(post: Post) -> Post:
    if post.status == "withdrawn":
        raise Conflict(_("The author has withdrawn this post meanwhile."))
    return post


def _as_left(post: Post, status: str) -> Post:
    """The post, if what is to be taken back still holds: nobody annuls what was decided later (an appeal that was granted)."""
    if _there(post).status != status:
        raise Conflict(_("This cannot be taken back any more: decide anew instead."))
    return post


def _seen(ruling: Ruling) -> None:
    """A post that appeared at once is in order: nothing changes."""


def _publish(ruling: Ruling) -> None:
    post = _there(ruling.item.post)
    was_hidden = post.status == "hidden" or ruling.item.data.get("was") == "hidden"
    if was_hidden:
        services.bring_back(ruling.actor, post, ruling.code, ruling.reason)
        return
    holding.publish_held(post)
    outbox.publish(events.PostDecided(post.id, post.discussion_id, post.space_id, "approved"))


def _unpublish(ruling: Ruling) -> None:
    set_back(ruling.item.post, "hidden" if ruling.item.data.get("was") == "hidden" else "held")
    _tell_reopened(ruling)


def _refuse(ruling: Ruling) -> None:
    """A post that waits is not published: its author has the text, may rewrite it, and may appeal."""
    post = _there(ruling.item.post)
    set_status(post, "hidden")
    outbox.publish(events.PostDecided(post.id, post.discussion_id, post.space_id, "refused"))


def _return(ruling: Ruling) -> None:
    """A post that waits goes on waiting, for its author to write it anew."""
    post = _there(ruling.item.post)
    outbox.publish(events.PostDecided(post.id, post.discussion_id, post.space_id, "rephrase"))


def _wait_again(ruling: Ruling) -> None:
    """A post that its author was to write anew waits for a moderator as it is, as before."""
    _as_left(ruling.item.post, "held")
    _tell_reopened(ruling)


def _tell_reopened(ruling: Ruling) -> None:
    post = ruling.item.post
    outbox.publish(events.PostDecided(post.id, post.discussion_id, post.space_id, "reopened"))


def _back_to_held(ruling: Ruling) -> None:
    set_back(_as_left(ruling.item.post, "hidden"), "held")
    _tell_reopened(ruling)


def _apply_edit(ruling: Ruling) -> None:
    post, data = _there(ruling.item.post), ruling.item.data
    if post.revision != data.get("revision"):
        raise Conflict(
            _("The post was edited meanwhile: this text was made from an older one. Refuse it, and its author can send it again.")
        )
    ruling.item.data = {**data, "old": post.body, "old_language": post.language}
    holding.replace_text(post, str(data["body"]), data.get("language"), post.writer_id)
    outbox.publish(events.PostDecided(post.id, post.discussion_id, post.space_id, "approved"))


def _take_edit_back(ruling: Ruling) -> None:
    post, data = ruling.item.post, ruling.item.data
    holding.replace_text(post, str(data["old"]), data.get("old_language"), ruling.actor.person_id)
    ruling.item.data = {**data, "revision": post.revision}


def _refuse_edit(ruling: Ruling) -> None:
    post = ruling.item.post
    outbox.publish(events.PostDecided(post.id, post.discussion_id, post.space_id, "edit_refused"))


def _nothing(_ruling: Ruling) -> None:
    """Nothing had changed."""


FLAG = register(
    Kind(
        "flag", _l("Flagged posts"),
        {
            "keep": Decision(_l("Leave it"), _keep, _open_flags_again, reasoned=False),
            "hide": Decision(_l("Hide it"), _hide, _open_flags_again, kind="danger"),
            "rephrase": Decision(_l("Ask to rephrase"), _rephrase, _open_flags_again),
        },
        posts_shown, bulk=("keep", "hide"),
    )
)  # fmt: skip
_LOOKED_AT = {
    "approve": Decision(_l("In order"), _seen, _nothing, reasoned=False, logged="approve"),
    "hide": Decision(_l("Hide it"), _hide, _open_flags_again, kind="danger"),
    "rephrase": Decision(_l("Ask to rephrase"), _rephrase, _open_flags_again),
}
FIRST = register(Kind("first_post", _l("First posts"), _LOOKED_AT, posts_shown, bulk=("approve", "hide")))
WATCHED = register(Kind("watched_post", _l("Posts with watched words"), _LOOKED_AT, posts_shown, bulk=("approve", "hide")))
HELD = register(
    Kind(
        "held_post", _l("Posts that wait"),
        {
            "approve": Decision(_l("Publish it"), _publish, _unpublish, reasoned=False, kind="primary", logged="approve"),
            "refuse": Decision(_l("Do not publish it"), _refuse, _back_to_held, kind="danger", logged="refuse"),
            "rephrase": Decision(_l("Ask to rephrase"), _return, _wait_again, logged="rephrase"),
        },
        posts_shown, bulk=("approve", "refuse"),
    )
)  # fmt: skip
EDIT = register(
    Kind(
        "held_edit", _l("Edits that wait"),
        {
            "approve": Decision(_l("Publish the new text"), _apply_edit, _take_edit_back, reasoned=False, kind="primary", logged="approve_edit"),
            "refuse": Decision(_l("Keep the old text"), _refuse_edit, _nothing, kind="danger", logged="refuse_edit"),
        },
        posts_shown, bulk=("approve", "refuse"),
    )
)  # fmt: skip


def affiliations_shown(actor: Actor, found: Sequence[Any]) -> Mapping[int, Shown]:
    """Who says to speak for whom, and what they say to prove it."""
    loading = (joinedload(Affiliation.person), joinedload(Affiliation.organization))
    query = (
        select(Affiliation).options(*loading).where(Affiliation.id.in_([item.subject_id for item in found]), visible(actor, Affiliation))
    )
    rows = {one.id: one for one in db.session().scalars(query)}
    return {item.id: _affiliation_shown(rows[item.subject_id]) for item in found if item.subject_id in rows}


def _affiliation_shown(one: Affiliation) -> Shown:
    named = {"name": isolated(one.person.name), "organization": isolated(one.organization.name)}
    line = _("%(name)s says to speak for %(organization)s", **named)
    facts = [_("Registered with %(address)s", address=one.person.email), *([one.title] if one.title else [])]
    html = f'<blockquote dir="auto"><p>{escape(one.evidence)}</p></blockquote>' if one.evidence else ""
    return Shown(line, f"/people/{one.person.handle}", html, facts=facts)


def _verify(ruling: Ruling) -> None:
    stakeholders.decide(ruling.actor, ruling.item.subject_id, verified=True)


def _refuse_affiliation(ruling: Ruling) -> None:
    stakeholders.decide(ruling.actor, ruling.item.subject_id, verified=False)


def _undecide(ruling: Ruling) -> None:
    stakeholders.undecide(ruling.actor, ruling.item.subject_id)


AFFILIATION = register(
    Kind(
        "affiliation", _l("Affiliations"),
        {
            "verify": Decision(_l("Verify"), _verify, _undecide, reasoned=False, kind="primary", logged="verify"),
            "refuse": Decision(_l("Refuse"), _refuse_affiliation, _undecide, kind="danger", logged="refuse_affiliation"),
        },
        affiliations_shown, audience="secretariat",
    )
)  # fmt: skip


@outbox.inside(events.AffiliationDeclared, events.AffiliationDecided, events.ReviewAsked, events.ReviewEnded)
def on_asked(happened: Sequence[Any]) -> None:
    """In the transaction itself: what rooms below want decided waits from then on, and what was decided there does not."""
    for event in happened:
        if isinstance(event, events.AffiliationDeclared):
            items.ask("affiliation", event.affiliation_id, person_id=event.person_id)
        elif isinstance(event, events.AffiliationDecided):
            items.close("affiliation", event.affiliation_id)
        elif isinstance(event, events.ReviewAsked):
            items.ask(
                event.kind, event.subject_id, person_id=event.person_id, space_id=event.space_id, meant_for_id=event.meant_for_id,
                language=event.language,
            )  # fmt: skip
        else:
            items.close(event.kind, event.subject_id)


@outbox.inside(events.PostWithdrawn)
def on_withdrawn(happened: Sequence[events.PostWithdrawn]) -> None:
    """In the transaction itself: what its author withdrew waits for nobody (its flags are closed a moment later, see handlers.py)."""
    for event in happened:
        post = db.session().get(Post, event.post_id)
        if post is not None and post.status == "withdrawn":
            for kind in services.ABOUT_POSTS:
                items.close(kind, post.id)
