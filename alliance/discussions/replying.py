"""The form of reply as a reader finds it at the end of a discussion: empty (which is nearly the same for everybody), or with their draft."""

from __future__ import annotations

import functools

from markupsafe import Markup, escape

from alliance.core import i18n
from alliance.discussions import forms, preparing
from alliance.discussions.facts import Facts
from alliance.drafts import queries as drafts
from alliance.policy import Actor
from alliance.stakeholders import queries as stakeholders
from alliance.web import current_actor, outlines, owned, pages
from alliance.web.outlines import TOKEN

_PLACE, _DISCUSSION, _SLUG, _SEEN, _NONCE, _PERSON = (
    f"\x03{name}\x03" for name in ("place", "discussion", "slug", "seen", "nonce", "person")
)


@outlines.filler("reply")
def reply(discussion: Facts) -> Markup:
    """The form, for who may reply."""
    actor, place = current_actor(), preparing.place_of(discussion.id)
    if drafts.exists(actor, place):
        form, answered = preparing.reply_form(discussion)
        return pages.markup("discussions/_reply.html", discussion=discussion, form=form, answered=answered, preview=None)
    made = _empty(i18n.current_locale(), actor.kind_of, stakeholders.capacities(actor.person_id or 0))
    known = {
        _PLACE: place, _DISCUSSION: str(discussion.id), _SLUG: str(escape(discussion.slug)), _SEEN: str(discussion.next_number - 1),
        _NONCE: owned.fresh(), _PERSON: str(actor.person_id), TOKEN: outlines.token(),
    }  # fmt: skip
    for mark, one in known.items():
        made = made.replace(mark, one)
    return Markup(made)  # noqa: S704 - made by a template, which escapes


@functools.lru_cache(maxsize=500)
def _empty(_language: str, _kind: Actor, _capacities: tuple[tuple[int, str, str], ...]) -> str:
    """The form for anybody who speaks in the same capacities, wherever: made once, the rest is put in."""
    form = forms.ReplyForm(current_actor())
    form.place, form.seen.data, form.nonce.data = _PLACE, _SEEN, _NONCE
    where = {"id": _DISCUSSION, "slug": _SLUG}
    made = pages.markup("discussions/_reply.html", discussion=where, form=form, answered=None, preview=None, person_id=_PERSON)
    return str(made).replace(outlines.token(), TOKEN)


@outlines.filler("reply.draft")
def draft(discussion: Facts) -> Markup:
    """For who may not reply (any more): what they were writing, to keep."""
    found = drafts.find(current_actor(), preparing.place_of(discussion.id))
    body = found.fields.get("body") if found is not None else None
    return pages.markup("discussions/_to_keep.html", body=body) if body else Markup()
