"""A forum whose posts are worth a digest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from alliance.accounts import passwords
from alliance.accounts.models import Person
from alliance.core import db as database
from alliance.discussions import services as discussions
from alliance.discussions.models import Discussion, Post
from alliance.groups.models import Space
from alliance.policy import Actor
from tests.people import PASSWORD, People

THEN = datetime(2026, 6, 10, 12, tzinfo=UTC)
SAID = {
    "en": "Dear colleagues,\n\nThe fund for rural access **should** publish every grant it makes within thirty days. Thank you all.",
    "fr": "Chers collègues, les petites entreprises ne peuvent pas payer seules le coût de la transition numérique.",
    "es": "El presupuesto de las escuelas debería incluir siempre la conexión y el mantenimiento de los equipos.",
    "ru": "Необходимо, чтобы государства публиковали сведения о связи, т.е. о скорости и цене доступа.",
    "ar": "يجب أن تكون خدمات الحكومة الإلكترونية متاحة لكل المواطنين في القرى والمدن على حد سواء.",
    "zh": "各国政府应当公布农村宽带建设的资金来源和使用情况。我们建议每年发布一次报告。",
}
TYPES = ("government", "private_sector", "civil_society", "international_organization", "academia_technical", "media")


class Forum:
    """Says things in a space."""

    def __init__(self, people: People) -> None:
        self.people = people
        self.authors = {kind: people.person(stakeholder_type=kind, country="KE") for kind in TYPES}

    @staticmethod
    def space(code: str = "c2") -> Space:
        """An action line."""
        found = database.session().scalar(select(Space).where(Space.code == code))
        if found is None:
            with database.transaction() as session:
                texts: dict[str, Any] = {"titles": {"en": f"Space {code}"}, "descriptions": {}, "sources": {}, "facilitators": []}
                found = Space(code=code, kind="action_line", **texts)
                session.add(found)
        return found

    def open(self, title: str, body: str, kind: str = "civil_society", code: str = "c2", language: str = "en") -> Discussion:
        """Open a discussion as somebody of a stakeholder type."""
        return discussions.open_discussion(
            Actor.system(), self.space(code), title, body, language=language, author=self.authors[kind], created_at=THEN
        )

    def reply(self, discussion: Discussion, body: str, kind: str = "government", language: str = "en") -> Post:
        """Reply as somebody of a stakeholder type."""
        return discussions.publish_post(Actor.system(), discussion, body, language=language, author=self.authors[kind], created_at=THEN)

    def six_languages(self) -> Discussion:
        """A discussion in which each stakeholder type speaks, each in another language."""
        opened = self.open("Who pays for access?", SAID["en"])
        for kind, language in zip(("private_sector", "government", "international_organization", "academia_technical", "media"),
                                  ("fr", "es", "ru", "ar", "zh"), strict=True):  # fmt: skip
            self.reply(opened, SAID[language], kind, language)
        return opened


@pytest.fixture
def forum(people: People) -> Forum:
    """The forum."""
    return Forum(people)


@pytest.fixture
def sign_in(client: FlaskClient) -> Callable[[Person], None]:
    """Signs the browser in as somebody."""

    def as_person(person: Person) -> None:
        with database.transaction() as session:
            session.get_one(Person, person.id).password_hash = passwords.make(PASSWORD)
            email = person.email
        client.post("/sign-out")
        client.post("/sign-in", data={"email": email, "password": PASSWORD})

    return as_person
