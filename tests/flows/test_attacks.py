"""Attack strings as names, titles and organizations: the page they stand on has the elements it always has."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import lxml.html
import pytest
from flask import Flask

from alliance.core.text import clean_line, is_blank
from alliance.stakeholders import services as stakeholders
from tests import discussing
from tests.attacks import SAMPLES, all_of_them
from tests.people import People

PAGE = """
{% from "components/author_line.html" import author_line %}
{% from "components/breadcrumbs.html" import breadcrumbs %}
{% from "components/masthead.html" import masthead %}
{{ masthead(text, language="en") }}{{ breadcrumbs([("/", text)], text) }}
{{ author_line({"handle": "x", "name": text}, "media", "KE", {"slug": "x", "name": text}, "verified") }}
<input value="{{ text }}" title="{{ text }}">
"""


def shape(html: str) -> list[Any]:
    """The elements of a page with the names of their attributes and their addresses."""
    root = lxml.html.fragment_fromstring(html, create_parent="div")
    return [(str(e.tag), sorted(e.attrib), e.get("href")) for e in root.iter()]


def test_no_string_changes_the_shape_of_a_page(app: Flask, corpora: Path | None) -> None:
    with app.test_request_context("/"):
        template = app.jinja_env.from_string(PAGE)
        usual = shape(template.render(text="plain"))
        for source in all_of_them(corpora):
            text = clean_line(source)[:200]
            # What leaves nothing to see is refused as a name or title.
            assert is_blank(text) or shape(template.render(text=text)) == usual, source


@pytest.mark.parametrize(
    "path", ["/people", "/people/{handle}", "/organizations/{slug}", "/d/{discussion}", "/action-lines/c2", "/", "/latest"]
)
def test_people_organizations_and_titles_are_shown_as_text(app: Flask, people: People, path: str) -> None:
    made = SimpleNamespace()
    for source in SAMPLES:
        name = clean_line(source)[:100]
        if is_blank(name):
            continue
        person = people.person(name=name)
        affiliation = stakeholders.affiliate(person, stakeholders.Claim(name))
        found = discussing.discussion(people.actor(person), title=name, affiliation_id=affiliation.id)
        made = SimpleNamespace(handle=person.handle, slug=affiliation.organization.slug, discussion=found.id)
    page = app.test_client().get(path.format(**vars(made)), follow_redirects=True)
    assert page.status_code == 200
    root = lxml.html.document_fromstring(page.get_data(as_text=True))
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        assert element.tag not in {"iframe", "img", "math", "object", "embed", "style"}, path
        assert not any(name.startswith("on") or name == "style" for name in element.attrib), path
        assert not (element.get("href") or "").lower().startswith(("javascript:", "data:", "vbscript:")), path
        if element.tag == "script":
            assert (element.get("src") or "").startswith("/static/"), path
