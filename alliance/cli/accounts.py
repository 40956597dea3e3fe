"""alliance user create, close, end-two-step; alliance token create."""

from __future__ import annotations

import click

from alliance.accounts import queries, services, sign_ins, two_step
from alliance.accounts.models import Person
from alliance.cli.base import main, with_database
from alliance.core import db, vocabulary
from alliance.core.errors import Invalid
from alliance.mailing import claiming
from alliance.moderation import appointing
from alliance.policy import Actor
from alliance.policy.actor import SCOPES
from alliance.privacy import closing
from alliance.stakeholders import services as stakeholders

# What the token of somebody's programs is for, unless said otherwise: whoever runs the machine trusts them as much as their role does.
SCOPE_OF_ROLE = {"moderator": "moderate", "secretariat": "admin"}


def _account(email: str) -> Person:
    person = queries.by_email(email)
    if person is None:
        raise Invalid.field("email", f"{email} has no account")
    return person


@main.group()
def user() -> None:
    """People."""


@user.command("create")
@click.argument("email")
@click.option("--name", required=True, help="As shown with every post.")
@click.option("--stakeholder-type", type=click.Choice(vocabulary.STAKEHOLDER_TYPES), required=True)
@click.option("--organization", help="Name of the organization the person speaks for; made when there is none of that name.")
@click.option("--country", help="Two letters (ISO 3166).")
@click.option("--role", type=click.Choice(vocabulary.ROLES), default="participant", show_default=True)
@click.option("--password", help="Unset: the person asks for a new password by mail.")
@click.option("--verified", is_flag=True, help="The affiliation, if one is given, is verified.")
@with_database
def create_user(  # noqa: PLR0917 - one argument an option
    email: str,
    name: str,
    stakeholder_type: str,
    organization: str | None,
    country: str | None,
    role: str,
    password: str | None,
    verified: bool,
) -> None:
    """Make an account with a confirmed address."""
    if organization is not None and not organization.strip():
        raise Invalid.field("organization", "the organization needs a name; leave --organization out when there is none")
    profile = services.Profile(name=name, country=country.upper() if country else None, stakeholder_type=stakeholder_type)
    with db.transaction():
        person = services.create(email, password, profile, role=role)
        if organization:
            affiliation = stakeholders.affiliate(person, stakeholders.Claim(organization, stakeholder_type, profile.country))
            if verified:
                stakeholders.decide(Actor.system("cli"), affiliation.id, verified=True)
    click.echo(person.handle)


@user.command("end-two-step")
@click.argument("email")
@with_database
def end_two_step(email: str) -> None:
    """Let a person who lost app and recovery codes sign in by password alone again; they are told by mail."""
    person = queries.by_email(email)
    if person is None or person.two_step_at is None:
        raise Invalid.field("email", f"{email} has no account with two-step sign-in")
    with db.transaction():
        two_step.forget(person)
        sign_ins.end_but(person.id, "")  # whoever has the telephone or the key now may have begun them
    click.echo(f"{person.handle} signs in by password alone now")


@user.command("unclaim")
@click.argument("email")
@with_database
def unclaim(email: str) -> None:
    """Let the author of imported archives, whose posts became this person's by proof of the address, be somebody of their own again."""
    person = _account(email)
    handle = person.handle
    click.echo(f"what archives have in {claiming.take_back(person)} discussions is {handle}'s no more")


@user.command("role")
@click.argument("email")
@click.argument("role", type=click.Choice(vocabulary.ROLES))
@click.option("--reason", required=True, help="One sentence for the public log.")
@with_database
def give_role(email: str, role: str, reason: str) -> None:
    """Give a person another role; they are told by mail, and their sessions end."""
    person = _account(email)
    appointing.appoint(Actor.system("cli"), person.id, role, reason)
    click.echo(f"{person.handle} is {role} now")


@user.command("close")
@click.argument("email")
@click.option("--now", is_flag=True, help="At once and for good, instead of in two weeks in which the person can keep it.")
@with_database
def close_user(email: str, now: bool) -> None:
    """Close the account of a person: what they said stays, without their name; they are told by mail unless it is done at once."""
    person = _account(email)
    handle = person.handle
    if now:
        closing.close(person.id, at_once=True)
        click.echo(f"{handle} is closed; what is left of the name elsewhere goes as soon as jobs are done")
    else:
        closing.begin(person)
        click.echo(f"{handle} will be closed on {person.closing_at:%Y-%m-%d}")


@main.group()
def token() -> None:
    """API tokens."""


@token.command("create")
@click.argument("email")
@click.option("--scope", type=click.Choice(SCOPES), help="What it may do at most; unset: what the person's role needs.")
@click.option("--days", type=click.IntRange(1, services.MAX_DAYS), help="It works for so long; otherwise until it is ended.")
@with_database
def create_token(email: str, scope: str | None, days: int | None) -> None:
    """Print a new API token of a person, alone on standard output."""
    person = queries.by_email(email)
    if person is None:
        raise Invalid.field("email", f"{email} has no account; make one with `alliance user create`")
    click.echo(services.create_token(person, scope or SCOPE_OF_ROLE.get(person.role, "write"), "command line", days))
