"""The sentences of a digest that are not quotations, in the current language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from markdown_it import MarkdownIt

from alliance.core import i18n
from alliance.core.i18n import gettext as _
from alliance.core.i18n import lazy_gettext as _l
from alliance.core.i18n import ngettext
from alliance.core.text import plain
from alliance.core.vocabulary import STAKEHOLDER_TYPES, country_name, region_label, stakeholder_label
from alliance.digests import scale
from alliance.digests.models import Citation, Digest, KeyPoint
from alliance.groups.models import Space
from alliance.proceedings.models import ConsensusCall

_INLINE = MarkdownIt("commonmark", {"html": False}).enable("strikethrough")
_SPACES = re.compile(r"\s+")


def shown(source: str) -> str:
    """A quoted stretch of Markdown as it reads: emphasis and link marks resolved, line breaks as spaces."""
    pieces: list[str] = []
    for token in _INLINE.parseInline(source):
        for child in token.children or []:
            if child.type in {"text", "code_inline", "html_inline", "image"}:
                pieces.append(child.content)
            elif child.type in {"softbreak", "hardbreak"}:
                pieces.append(" ")
    return _SPACES.sub(" ", "".join(pieces)).strip()


def listed(items: list[str]) -> str:
    """Items as a list in a sentence: a, b and c."""
    return i18n.format_list(items)


def space_title(space: Space) -> str:
    """C7 E-government …"""
    title = space.title(i18n.current_locale())
    return f"{space.code.split('-', maxsplit=1)[0].upper()}. {title}" if space.kind == "action_line" else title


def title(space: Space | None) -> str:
    """The title of a digest."""
    if space is None:
        return _("Follow-up to the World Summit on the Information Society: discussions of the Alliance")
    return _("Follow-up to the World Summit on the Information Society: %(space)s", space=space_title(space))


def body() -> str:
    """Whose document it is."""
    return _("Global Alliance for ICT and Development")


def distribution(digest: Digest) -> str:
    """To whom it goes."""
    return _("Distr.: General") if digest.audience == "public" else _("Distr.: Restricted")


def original(digest: Digest) -> str:
    """In which language it was written."""
    return _("Original: %(language)s", language=i18n.language_name(digest.language))


def lead(types: Sequence[tuple[str, int]], point: KeyPoint | None) -> str:
    """How a key point is introduced: by how many, of which stakeholder types."""
    if point is None or not point.support["people"]:
        return ""
    return scale.phrase(scale.word(point.support), listed([stakeholder_label(kind) for kind, _number in types if kind]))


def in_order(by_type: Mapping[str, int]) -> list[tuple[str, int]]:
    """Stakeholder types in official order, the unclassified last."""
    return [(kind, by_type[kind]) for kind in (*STAKEHOLDER_TYPES, "") if by_type.get(kind)]


def _by_type(by_type: Mapping[str, int]) -> str:
    return listed([f"{stakeholder_label(kind)} ({i18n.format_number(n)})" for kind, n in in_order(by_type)])


def support(figures: Mapping[str, Any]) -> str:
    """How many say it, of which stakeholder types ("" of a paragraph nobody was counted for)."""
    if not figures["people"]:
        return ""
    people = ngettext("%(num)s participant", "%(num)s participants", figures["people"])
    posts = ngettext("%(num)s contribution", "%(num)s contributions", figures["posts"])
    said = _("On this point: %(people)s in %(posts)s: %(types)s.", people=people, posts=posts, types=_by_type(figures["by_type"]))
    return f"{said} {positions(figures.get('positions') or {}, figures.get('positions_by_type') or {})}".strip()


def citation(cited: Citation, discussion: str) -> str:
    """A footnote: capacity, country, date, and the exact place."""
    capacity = _("on behalf of %(organization)s", organization=cited.organization) if cited.organization else _("in a personal capacity")
    parts = [stakeholder_label(cited.stakeholder_type), capacity, country_name(cited.country), i18n.format_date(cited.posted_at)]
    place = _("post %(post)s, revision %(revision)s, characters %(start)s–%(end)s",
              post=cited.post_id, revision=cited.revision, start=cited.start, end=cited.end)  # fmt: skip
    return ", ".join(part for part in (*parts, f"“{discussion}”" if discussion else "", place) if part)


def followed(symbol: str, text: str, posts: int) -> str:
    """What became of a point of the last digest."""
    if not posts:
        return _("“%(text)s” (%(symbol)s): nothing further was said in its discussions in the period.", text=_isolated(text), symbol=symbol)
    further = ngettext("%(num)s further contribution was made", "%(num)s further contributions were made", posts)
    return _("“%(text)s” (%(symbol)s): %(further)s in its discussions in the period.", text=_isolated(text), symbol=symbol, further=further)


def poll(question: str, options: Sequence[str], votes: Sequence[int], voters: int) -> str:
    """What a poll brought."""
    answers = [f"{_isolated(option)} ({i18n.format_number(n)})" for option, n in zip(options, votes, strict=False)]
    people = ngettext("%(num)s participant voted", "%(num)s participants voted", voters)
    return _("“%(question)s”: %(people)s: %(answers)s.", question=_isolated(question), people=people, answers=listed(answers))


def positions(taken: Mapping[str, int], by_type: Mapping[str, Mapping[str, int]]) -> str:
    """Agreement and objection seen, by stakeholder type, in positions on the posts that make the point ("" for none)."""
    told = {
        "support": ngettext("%(num)s in support", "%(num)s in support", taken.get("support", 0)),
        "can_live_with": ngettext("%(num)s who can live with it", "%(num)s who can live with it", taken.get("can_live_with", 0)),
        "object": ngettext("%(num)s objecting", "%(num)s objecting", taken.get("object", 0)),
    }
    shown = [f"{text} [{_by_type(by_type[kind])}]" if by_type.get(kind) else text for kind, text in told.items() if taken.get(kind)]
    return _("Positions taken: %(positions)s.", positions=listed(shown)) if shown else ""


def weekdays() -> list[str]:
    """The days of the week, Monday first, in the current language."""
    names = i18n.babel_locale().days["stand-alone"]["wide"]
    return [str(names[day]) for day in range(7)]


def activity(row: Mapping[str, int]) -> str:
    """How much was said in a discussion."""
    posts = ngettext("%(num)s contribution", "%(num)s contributions", row["posts"])
    people = ngettext("%(num)s participant", "%(num)s participants", row["people"])
    return _("%(posts)s by %(people)s", posts=posts, people=people)


def _taking_part(figures: Mapping[str, Any]) -> str:
    return _(
        "%(people)s made %(posts)s in %(discussions)s.",
        people=ngettext("%(num)s participant", "%(num)s participants", figures["people"]),
        posts=ngettext("%(num)s contribution", "%(num)s contributions", figures["posts"]),
        discussions=ngettext("%(num)s discussion", "%(num)s discussions", figures["discussions"]),
    )


def summary(digest: Digest) -> list[str]:
    """The box on the first page."""
    figures = digest.figures
    if not figures["posts"]:
        return [_("Nothing was said in public in the period.")]
    points = ngettext("%(num)s key point is given", "%(num)s key points are given", len(digest.points))
    return [
        _taking_part(figures),
        _("Participants by stakeholder type: %(types)s.", types=_by_type(figures["people_by_type"])),
        _("%(points)s below, each in the words of the post it cites, with the stakeholder types that stand behind it.", points=points),
    ]


def introduction(digest: Digest) -> list[str]:
    """The first paragraphs."""
    start, end = i18n.format_date(digest.period_start), i18n.format_date(digest.period_end)
    first = _(
        "The present digest covers the public discussions of the Alliance in the period from %(start)s to %(end)s.", start=start, end=end
    )
    if not digest.figures["posts"]:
        return [first, _("Nothing was said in public in the period.")]
    places = _(
        "They spoke for %(organizations)s and from %(countries)s, or in a personal capacity.",
        organizations=ngettext("%(num)s organization", "%(num)s organizations", digest.figures["organizations"]),
        countries=ngettext("%(num)s country", "%(num)s countries", digest.figures["countries"]),
    )
    quoted = _("Statements are quoted as they were written; views are ascribed to stakeholder types, and footnotes lead to the posts.")
    return [first, f"{_taking_part(digest.figures)} {places}", quoted]


def not_heard(figures: Mapping[str, Any]) -> list[str]:
    """Who took part, and which stakeholder types and regions did not."""
    found = [
        _("Contributions by stakeholder type: %(types)s. The annex gives them by action line.", types=_by_type(figures["posts_by_type"]))
    ]
    types = [stakeholder_label(kind) for kind in figures["types_not_heard"]]
    regions = [region_label(region) for region in figures["regions_not_heard"]]
    silent = [row["space"] for row in figures["participation"] if not row["types"]]
    if (figures.get("before") or {}).get("posts"):
        found.append(_changed(figures, figures["before"]))
    if types:
        found.append(_("No contribution was made in the period by these stakeholder types: %(types)s.", types=listed(types)))
    if regions:
        found.append(_("No participant declared a country of these regional groups: %(regions)s.", regions=listed(regions)))
    if silent:
        found.append(ngettext("%(num)s action line had no contribution.", "%(num)s action lines had no contribution.", len(silent)))
    return found


def _changed(figures: Mapping[str, Any], before: Mapping[str, Any]) -> str:
    return _(
        "In the period before, of the same length, %(people)s made %(posts)s; the tables of the annex give the change.",
        people=ngettext("%(num)s participant", "%(num)s participants", before["people"]),
        posts=ngettext("%(num)s contribution", "%(num)s contributions", before["posts"]),
    )


def _isolated(text: str) -> str:
    """A name as a plain line can hold it: one written from right to left must not turn what stands around it."""
    return f"\u2068{text}\u2069" if re.search("[\u0590-\u08ff]", text) else text


def contributor(row: Mapping[str, Any]) -> str:
    """A line of the list of contributors."""
    own = [_isolated(row["name"]), _isolated(row["organization"] or "")]
    parts = [own[0], stakeholder_label(row["stakeholder_type"]), own[1], country_name(row["country"])]
    return ", ".join(part for part in parts if part)


def method(digest: Digest) -> list[str]:
    """How the digest was made."""
    used = digest.settings
    numbers = {name: i18n.format_number(used[name]) for name in ("posts", "sentences", "distinct", "compared", "points")}
    parts = used.get("assembled") or []
    first = _(
        "It is assembled from digests signed before, whose key points came first, as they were worded: %(symbols)s.", symbols=listed(parts)
    )
    return [
        *([first] if parts else []),
        _("The public posts of the period were gathered (%(posts)s) and cut into sentences (%(sentences)s); greetings, thanks, quotations of "
          "others, code and signatures were left out; a text said several times counted once per person (%(distinct)s different).", **numbers),
        _("Statements near each other in wording form a strand. One statement was chosen from each strand before a second from any "
          "(%(points)s chosen from %(compared)s compared), so that every stakeholder type that spoke is represented, and no author or discussion prevails.",
          **numbers),
        _("Every quotation stands letter for letter in the revision of the post its footnote names. The choice is made by a fixed procedure "
          "(%(method)s): the same posts give the same digest. No text was composed by machine.", method=used["method"]),
        scale.explained(),
    ]  # fmt: skip


_BY_HAND = {
    "marked": _l("A moderator marked the contribution as a key contribution, which counts somewhat more."),
    "first_of_discussion": _l("It is the first from its discussion."),
    "first_of_topic": _l("Its discussion has a topic on which nothing else was chosen before."),
    "convergence": _l("Several stakeholder types state it, and nobody was seen to object."),
    "divergence": _l("Participants took different positions on it."),
    "added": _l("A rapporteur added it."),
    "taken_in": _l("A rapporteur took it in from what had not been used."),
    "merged": _l("A rapporteur merged several paragraphs into it."),
}


def reason(fact: Mapping[str, Any]) -> str:
    """Why a key point is here, one reason."""
    code = fact["code"]
    if code == "strand":
        posts = ngettext("%(num)s contribution", "%(num)s contributions", fact["posts"])
        people = ngettext("%(num)s participant", "%(num)s participants", fact["people"])
        return _("It stands for a strand of %(posts)s by %(people)s.", posts=posts, people=people)
    if code == "breadth":
        return _("Several stakeholder types make the point: %(types)s.", types=listed([stakeholder_label(kind) for kind in fact["types"]]))
    if code == "first_of_type":
        return _("It gives a voice to a stakeholder type not yet heard: %(type)s.", type=stakeholder_label(fact["type"]))
    if code == "carried":
        return _("It was signed in the digest %(symbol)s.", symbol=fact["symbol"])
    if code in _BY_HAND:
        return str(_BY_HAND[code])
    kinds = {"proposal": _("It proposes something."), "request": _("It asks somebody to act."), "question": _("It asks a question.")}
    return kinds[fact["kind"]]


def consensus(call: ConsensusCall) -> str:
    """What was put to the members of a working group, and what they answered."""
    counted = {answer: sum(by_type.values()) for answer, by_type in call.result["answers"].items()}
    return _(
        "The working group “%(group)s” was asked to agree to the following text: “%(text)s”. Of %(members)s members, %(agree)s agreed, "
        "%(live)s could live with it and %(object)s objected.",
        group=space_title(call.discussion.space),
        text=shown(plain(call.html)),
        members=i18n.format_number(call.result["members"]),
        **{answer: i18n.format_number(number) for answer, number in counted.items()},
    )


def objection(row: Mapping[str, Any]) -> str:
    """An objection, which is nobody's by name."""
    if row.get("left"):
        return _(
            "Objection (%(type)s, a member no more when the call ended): “%(reason)s”",
            type=stakeholder_label(row["stakeholder_type"]),
            reason=shown(row["reason"]),
        )
    return _("Objection (%(type)s): “%(reason)s”", type=stakeholder_label(row["stakeholder_type"]), reason=shown(row["reason"]))
