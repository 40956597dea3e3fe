"""alliance user create, alliance user end-two-step, alliance token create."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import Result

from alliance.accounts import queries as accounts
from alliance.core import clock
from tests.people import People


@pytest.mark.parametrize("organization", ["", "  "])
def test_an_organization_without_a_name_is_one_clear_line(cli: Callable[..., Result], organization: str) -> None:
    given = ("user", "create", "a@example.org", "--name", "A", "--stakeholder-type", "media", "--organization", organization)
    done = cli(*given)
    assert done.exit_code == 1
    assert done.output == "alliance: the organization needs a name; leave --organization out when there is none\n"
    assert cli(*given[:-2]).exit_code == 0


def test_two_step_sign_in_is_ended_for_one_who_lost_the_app(cli: Callable[..., Result], people: People) -> None:
    handle = people.person(email="lost@example.org", two_step_at=clock.now()).handle
    done = cli("user", "end-two-step", "lost@example.org")
    assert (done.exit_code, done.output.strip()) == (0, f"{handle} signs in by password alone now")
    again = cli("user", "end-two-step", "lost@example.org")
    assert again.exit_code != 0
    assert "has no account with two-step sign-in" in again.output


@pytest.mark.parametrize(("role", "scope"), [("participant", "write"), ("moderator", "moderate"), ("secretariat", "admin")])
def test_a_token_is_for_what_the_role_needs_unless_said_otherwise(
    cli: Callable[..., Result], people: People, role: str, scope: str
) -> None:
    people.person(email="ada@example.org", role=role)
    scopes = []
    for words in ((), ("--scope", "read")):
        secret = cli("token", "create", "ada@example.org", *words).output.strip()
        found = accounts.live_token(secret)
        assert found is not None
        scopes.append(found.scope)
    assert scopes == [scope, "read"]
