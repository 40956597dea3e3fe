"""The chapters of a digest, in the current language: key points by section, and what is told beside them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from alliance.core import i18n
from alliance.core.i18n import gettext as _
from alliance.core.vocabulary import STAKEHOLDER_TYPES, stakeholder_label
from alliance.digests import addressees, closed, queries, wording
from alliance.digests.models import SECTIONS
from alliance.digests.paper import Builder, Group, Paragraph
from alliance.proceedings import queries as proceedings

ASKING = ("proposals", "requests")  # chapters whose paragraphs may be addressed to somebody
Chapters = list[tuple[str, str, list[Group]]]


def section_titles() -> dict[str, str]:
    """The titles of the chapters that hold key points."""
    return {
        "discussed": _("What was discussed"),
        "convergence": _("Points of convergence"),
        "divergence": _("Points of divergence"),
        "proposals": _("Proposals and recommendations"),
        "requests": _("Requests and open questions"),
        "former": _("What became of the points of the last digest"),
    }


def chapters(builder: Builder) -> Chapters:
    """Every chapter, numbered as it comes: name, title, groups (none: it is left out)."""
    titles = section_titles()
    found = [
        (
            "introduction",
            _("Introduction"),
            [Group("", paragraphs=[builder.paragraph(text) for text in wording.introduction(builder.digest)])],
        )
    ]
    found += [(name, titles[name], builder.points(name)) for name in SECTIONS if name != "former"]
    found.append(("addressed", _("Recommendations and requests by addressee"), addressed(builder, found)))
    found += [("former", titles["former"], former(builder)), ("polls", _("Polls"), polls(builder))]
    found.append(("consensus", _("Consensus calls"), consensus(builder)))
    found.append(("closed", _("Closed discussions"), closed.paragraphs(builder)))
    found.append(("groups", _("Working groups"), groups(builder)))
    for name, title, text in (
        ("active", _("Most active discussions"), _("The discussions with the most contributions in the period were:")),
        ("unanswered", _("Awaiting an answer"), _("The following discussions opened in the period have had no reply:")),
    ):
        listed = links(builder, name)
        if listed:
            paragraph = builder.paragraph(text)
            paragraph.links = listed
            found.append((name, title, [Group("", paragraphs=[paragraph])]))
    heard = [builder.paragraph(text) for text in wording.not_heard(builder.figures)] if builder.figures["posts"] else []
    found.append(("participation", _("Who took part and who was not heard"), [Group("", paragraphs=heard)] if heard else []))
    return found


def former(builder: Builder) -> list[Group]:
    """What became of the points of the last digest; and what a rapporteur says of it."""
    told: dict[str, Any] = builder.figures.get("former") or {}
    points = queries.points_by_id(row["point"] for row in told.get("points", []))
    seen = queries.still_visible(one.post_id for point in points.values() for one in point.citations)
    made = []
    for row in told.get("points", []):
        point = points.get(row["point"])
        if point is not None and point.citations and point.citations[0].post_id in seen:
            made.append(builder.paragraph(wording.followed(told["symbol"], wording.shown(point.text), row["posts"])))
    own = [paragraph for group in builder.points("former") for paragraph in group.paragraphs]
    return [Group("", paragraphs=[*made, *own])] if made or own else []


def polls(builder: Builder) -> list[Group]:
    """Polls whose result everybody may see."""
    rows: list[dict[str, Any]] = builder.figures.get("polls") or []
    there = queries.polls_by_post(row["post"] for row in rows)
    made = []
    for row in rows:
        poll = there.get(row["post"])
        if poll is not None:
            paragraph = builder.paragraph(wording.poll(poll.question, poll.options, row["votes"], row["voters"]))
            paragraph.links = [(f"{builder.base}/p/{poll.post_id}", _("The poll"), None, "")]
            made.append(paragraph)
    return [Group("", paragraphs=made)] if made else []


def links(builder: Builder, name: str) -> list[tuple[str, str, str | None, str]]:
    """The discussions of a list, as far as everybody may see them: address, title, language, what of it."""
    found = []
    for row in builder.figures[name]:
        discussion = builder.discussions.get(row["discussion"])
        if discussion is not None:
            of_it = wording.activity(row) if name == "active" else ""
            found.append((f"{builder.base}/d/{discussion.id}/{discussion.slug}", discussion.title, discussion.language, of_it))
    return found


def consensus(builder: Builder) -> list[Group]:
    """What working groups were asked to agree to: the text, the answers, and every objection with its stakeholder type."""
    paragraphs = []
    for call in proceedings.public_calls(builder.figures.get("consensus", [])):
        made = builder.paragraph(wording.consensus(call))
        made.links = [(f"{builder.base}/consensus/{call.id}", call.discussion.title, call.discussion.language, "")]
        paragraphs.append(made)
        paragraphs += [builder.paragraph(wording.objection(one)) for one in call.result["objections"]]
    return [Group("", paragraphs=paragraphs)] if paragraphs else []


def addressed(builder: Builder, chapters_so_far: Chapters) -> list[Group]:
    """Who is asked to act in which paragraphs."""
    names = sorted({name for space in builder.spaces.values() for name in space.facilitators})
    asked: dict[str, list[Paragraph]] = {}
    for name, _title, groups_ in chapters_so_far:
        for paragraph in (one for group in groups_ for one in group.paragraphs if name in ASKING):
            for whom in dict.fromkeys(_asked(paragraph, names)):
                asked.setdefault(whom, []).append(paragraph)
    order = [*STAKEHOLDER_TYPES, *names]
    made = []
    for whom in sorted(asked, key=order.index):
        numbers = i18n.format_list([i18n.format_number(one.number) for one in asked[whom]])
        to = stakeholder_label(whom) if whom in STAKEHOLDER_TYPES else whom
        made.append(builder.paragraph(_("Addressed to %(whom)s: see paragraphs %(numbers)s.", whom=to, numbers=numbers)))
    return [Group("", paragraphs=made)] if made else []


def _asked(paragraph: Paragraph, names: list[str]) -> Iterable[str]:
    return (whom for one in paragraph.said for whom in addressees.addressed(one.text, names))


def groups(builder: Builder) -> list[Group]:
    """Public groups that were founded or closed in the period."""
    told: dict[str, list[int]] = builder.figures.get("groups") or {}
    made = []
    for name, text in (
        ("new", _("These working groups began their work in the period:")),
        ("closed", _("These working groups ended their work:")),
    ):
        spaces = [builder.spaces[one] for one in told.get(name, []) if one in builder.spaces]
        if spaces:
            paragraph = builder.paragraph(text)
            paragraph.links = [
                (f"{builder.base}{one.path}", wording.space_title(one), one.language(i18n.current_locale()), "") for one in spaces
            ]
            made.append(paragraph)
    return [Group("", paragraphs=made)] if made else []
