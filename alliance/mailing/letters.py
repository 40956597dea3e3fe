"""What a mail says: written when it is sent, in the person's language, as text that reads well alone and as light HTML."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from alliance.accounts.models import Person
from alliance.core import i18n, nameless, settings, shipped, tokens
from alliance.core.i18n import gettext as _
from alliance.core.i18n import isolated
from alliance.core.mail import Draft, message_id
from alliance.core.vocabulary import stakeholder_label
from alliance.discussions import retracting
from alliance.discussions.models import Post
from alliance.mailing import addressing

MAX_QUOTE = 6000
MAX_QUOTE_HTML = 12_000
POST_KINDS = ("reply", "mention", "watched", "list", "search")


@dataclass(frozen=True, slots=True)
class Quote:
    """What somebody said, inside a mail."""

    author: str
    capacity: str
    text: str
    html: str
    language: str | None


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail, before it has a form. `back`: what somebody wrote, given back to them; `settings` without a reason: where to choose what one is told."""

    subject: str
    paragraphs: list[str]
    link: str
    label: str
    after: list[str] = field(default_factory=list)
    quote: Quote | None = None
    back: str = ""
    reason: str = ""
    stop: str = ""  # the page on which to stop mails of this kind
    settings: str = ""


@functools.cache
def _environment() -> Environment:
    """Templates without a request: a mail is written in a job. Text templates are not escaped, HTML ones are."""
    loader = FileSystemLoader(str(shipped.path("templates")))
    escape = select_autoescape(["html"], default=False)
    made = Environment(loader=loader, autoescape=escape, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)  # noqa: S701 - see above
    made.add_extension("jinja2.ext.i18n")
    made.install_gettext_callables(i18n.gettext, i18n.plain_ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.globals.update(direction=i18n.direction, current_locale=i18n.current_locale)
    return made


def post_draft(person: Person, kind: str, post: Post) -> Draft:
    """The mail telling a person of a post, in one thread with the others of its discussion."""
    with i18n.use_locale(person.interface_language):
        letter = _of_post(person, kind, post)
        own = functools.partial(_thread_id, person)
        parent = own("post", post.parent_id) if post.parent_id else own("discussion", post.discussion_id)
        return _draft(
            person,
            letter,
            own("post", post.id),
            in_reply_to=parent,
            references=tuple(dict.fromkeys((own("discussion", post.discussion_id), parent))),
            list_id=f"{post.space.code}.{_domain()}",
            archive_url=f"{base()}/d/{post.discussion_id}/{post.discussion.slug}",
            unsubscribe_url=letter.stop,
            reply_to=addressing.reply_address(person.id, post.discussion_id),
            feedback_id=f"{kind}:post:alliance:{_domain()}",
            from_name=_("%(name)s via Alliance", name=nameless.called(post.author.name)) if kind == "list" else "",
        )


# What its link stops, where that is not the discussion.
_LISTS = {"list": "space:{0.space_id}", "search": "search"}


def _of_post(person: Person, kind: str, post: Post) -> Letter:
    name, title = nameless.called(post.author.name), post.discussion.title
    if kind == "mention":
        first = _("%(name)s mentioned you in “%(title)s”.", name=isolated(name), title=isolated(title))
    elif kind == "list":
        first = _("%(name)s wrote in “%(title)s”:", name=isolated(name), title=isolated(title))
    elif kind == "search":
        first = _("%(name)s wrote in “%(title)s”, which answers a search you saved.", name=isolated(name), title=isolated(title))
    elif kind == "watched":
        first = _("%(name)s wrote in “%(title)s”, which you watch.", name=isolated(name), title=isolated(title))
    elif post.parent is not None and post.parent.writer_id == person.id:
        first = _("%(name)s replied to you in “%(title)s”.", name=isolated(name), title=isolated(title))
    else:
        first = _("%(name)s replied in the discussion “%(title)s”, which you opened.", name=isolated(name), title=isolated(title))
    return Letter(
        subject=f"Re: {title}",
        paragraphs=[first],
        quote=_quote(post),
        link=f"{base()}/p/{post.id}",
        label=_("Read and reply"),
        after=[_("Or answer this mail: what you write is posted in the discussion under your name.")],
        reason=_reason(kind),
        stop=unsubscribe_link(person.id, _LISTS.get(kind, "discussion:{0.discussion_id}").format(post)),
        settings=f"{base()}/settings/notifications",
    )


def _reason(kind: str) -> str:
    if kind == "list":
        return _("You get this because you asked for every post of the space by e-mail.")
    if kind == "search":
        return _("You get this because you saved a search and wish to be told at once.")
    if kind == "watched":
        return _("You get this because you watch the discussion or its action line, and asked for e-mail.")
    return _("You get this because somebody answered you, answered in a discussion you opened, or mentioned you.")


def _quote(post: Post) -> Quote:
    capacity = stakeholder_label(post.stakeholder_type)
    if post.organization is not None:
        capacity = f"{isolated(post.organization.name)}, {capacity}"
    body = retracting.cleaner(post.id)(post.body)
    text = body if len(body) <= MAX_QUOTE else body[:MAX_QUOTE].rsplit(" ", 1)[0] + " …"
    # Too long for a light mail: the text part's beginning, as text.
    html = re.sub(r'(href|src)="/(?!/)', rf'\1="{base()}/', post.html) if len(post.html) <= MAX_QUOTE_HTML else ""
    return Quote(isolated(nameless.called(post.author.name)), capacity, text, html, post.language)


def unsubscribe_link(person_id: int, list_name: str) -> str:
    """Where mails of a list are stopped, without signing in."""
    return f"{base()}/unsubscribe/{tokens.sign('unsubscribe', [person_id, list_name])}"


def _draft(person: Person, letter: Letter, own_id: str, **headers: object) -> Draft:
    return draft_for(person.name, person.email or "", letter, own_id, **headers)


def rendered(template: str, context: dict[str, object]) -> str:
    """A template of mail, in the language in use; no more than one empty line in a row where it is text."""
    made = _environment().get_template(template).render(context, language=i18n.current_locale())
    return made if template.endswith(".html") else re.sub(r"\n{3,}", "\n\n", made)


def draft_for(name: str, address: str, letter: Letter, own_id: str, **headers: object) -> Draft:
    """A letter to somebody, in both forms."""
    context = {"letter": letter, "name": name, "base_url": base()}
    return Draft(
        to=address,
        to_name=name,
        subject=letter.subject,
        text=rendered("mailing/letter.txt", context),
        html=rendered("mailing/letter.html", context),
        message_id=own_id,
        language=i18n.current_locale(),
        **headers,  # type: ignore[arg-type]
    )


def _thread_id(person: Person, kind: str, number: int) -> str:
    """The id of the mail to a person about a post: stable, so that answers find their place whichever was sent."""
    return message_id(f"{kind}-{number}.{person.id}", _domain())


def base() -> str:
    """Where the pages are."""
    return settings.current().base_url


def _domain() -> str:
    return settings.current().mail_reply_domain
