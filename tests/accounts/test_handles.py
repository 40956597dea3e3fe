"""Handles: one to a person, also when two ask at once; none that reads like another's."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from alliance.accounts import handles, services
from alliance.accounts.models import Person, skeleton
from alliance.accounts.services import Profile
from alliance.core import clock
from alliance.core import db as database
from alliance.core.errors import Invalid
from tests.people import PASSWORD, People


def at_once(acts: list[Callable[[], object]]) -> list[BaseException]:
    """Do all of it in threads that wait for each other; what went wrong."""
    gate, wrong = threading.Barrier(len(acts)), []

    def do(act: Callable[[], object]) -> None:
        gate.wait()
        try:
            act()
        except BaseException as error:
            wrong.append(error)
        finally:
            database.release()

    database.release()
    threads = [threading.Thread(target=do, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


@pytest.mark.parametrize(
    ("name", "handle"),
    [
        ("Amina Diallo", "amina-diallo"),
        ("Zoë O'Brien", "zoe-o-brien"),
        ("李雷", "participant"),
        ("--", "participant"),
        ("A" * 80, "a" * 32),
    ],
)
def test_a_handle_is_made_of_a_name(db: Any, name: str, handle: str) -> None:
    assert handles.free(name) == handle


@pytest.mark.parametrize(("one", "other"), [("arnold", "amold"), ("paul", "pau1"), ("bob", "b0b"), ("Tom", "torn")])
def test_handles_that_look_alike_have_one_skeleton(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


def test_other_handles_do_not() -> None:
    assert skeleton("anna") != skeleton("ana")


def test_a_name_whose_handle_could_be_read_for_another_gets_the_next_one(people: People) -> None:
    people.person(handle="amold")
    assert handles.free("Arnold") == "arnold-2"


@pytest.mark.parametrize("handle", ["arnold", "аmold", "Amold", "-amold", "", "a" * 41, "am\u202eold", "am old"])
def test_a_handle_that_confuses_is_refused(people: People, handle: str) -> None:
    people.person(handle="amold")
    with pytest.raises(Invalid) as caught:
        services.create("new@example.org", None, Profile(name="Arnold"), handle=handle or "!")
    assert list(caught.value.errors) == ["handle"]


def test_the_skeleton_and_the_order_follow_handle_and_name(people: People) -> None:
    person = people.person(handle="tom", name="Élodie 'Zed' Ångström")
    assert (person.handle_skeleton, person.name_key) == ("torn", "elodie zed angstrom")
    with database.transaction():
        person.name = "Zoë"
    assert person.name_key == "zoe"


def test_two_who_register_at_once_under_one_name_both_get_in(db: Any) -> None:
    def register(number: int) -> Callable[[], object]:
        return lambda: services.register(f"amina{number}@example.org", PASSWORD, Profile(name="Amina Diallo"))

    assert at_once([register(number) for number in range(6)]) == []
    found = set(database.session().scalars(select(Person.handle)))
    assert found == {"amina-diallo", *(f"amina-diallo-{number}" for number in range(2, 7))}


def test_one_who_registers_twice_at_once_is_one_person(db: Any) -> None:
    def register() -> None:
        services.register("amina@example.org", PASSWORD, Profile(name="Amina Diallo"))

    assert at_once([register] * 4) == []
    assert len(database.session().scalars(select(Person)).all()) == 1


def test_what_another_takes_between_asking_and_writing_is_not_taken_twice(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    people.person(handle="amina-diallo")
    offers = iter(["amina-diallo", "amina-diallo-2"])
    monkeypatch.setattr(handles, "free", lambda _name: next(offers))
    with database.transaction():
        assert handles.settle(Person(name="Amina Diallo", email="new@example.org", created_at=clock.now()))
    assert "amina-diallo-2" in database.session().scalars(select(Person.handle)).all()


def test_a_name_for_which_no_handle_can_be_had_is_refused(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    people.person(handle="amina-diallo")
    monkeypatch.setattr(handles, "free", lambda _name: "amina-diallo")
    with pytest.raises(Invalid), database.transaction():
        handles.settle(Person(name="Amina Diallo", email="new@example.org", created_at=clock.now()))
