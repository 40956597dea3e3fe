"""The sheet the rules are written on, and the three questions asked of it: `visible`, `can`, `require`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, inspect

from alliance.core.errors import Refused
from alliance.core.i18n import gettext
from alliance.policy.actor import Actor

Predicate = Callable[[Actor, Any], bool]
Clause = Callable[[Actor, Any], ColumnElement[bool]]
_actions: dict[str, Predicate] = {}
_scopes: dict[str, str] = {}
_clauses: dict[str, Clause] = {}
_explainers: list[Callable[[Actor], str]] = []


def action(name: str, scope: str = "write") -> Callable[[Predicate], Predicate]:
    """Decorator: this predicate decides the action `name`; its docstring is the sentence shown when refused.

    `scope` is what an API token must allow at least: `read` for what is only looked at, `moderate` for what is done to what others
    wrote, or to themselves, to keep order; `admin` for what the secretariat alone does.
    """

    def register(predicate: Predicate) -> Predicate:
        _actions[name], _scopes[name] = predicate, scope
        return predicate

    return register


def sees(model_name: str) -> Callable[[Clause], Clause]:
    """Decorator: this function gives the WHERE clause of what an actor may see of a model."""

    def register(clause: Clause) -> Clause:
        _clauses[model_name] = clause
        return clause

    return register


def visible(actor: Actor, model: Any) -> ColumnElement[bool]:
    """The WHERE clause of the rows of `model` (a mapped class or an alias of one) this actor may see."""
    clause = _clauses.get(model.__name__) or _clauses[inspect(model).mapper.class_.__name__]  # of an alias: its class
    return clause(actor, model)


def can(actor: Actor, name: str, thing: Any = None) -> bool:
    """Whether the actor may do `name` to `thing` (which the actor can see)."""
    return actor.allows(_scopes[name]) and _actions[name](actor, thing)


def scope_of(name: str) -> str:
    """What an API token must allow at least for an action, whoever it is of."""
    return _scopes[name]


def require(actor: Actor, name: str, thing: Any = None) -> None:
    """Go on only if the actor may.

    Raises:
        Refused: with the rule's sentence, translated.
    """
    if not can(actor, name, thing):
        raise Refused(_why_not(actor, name, thing))


def explained(explainer: Callable[[Actor], str]) -> Callable[[Actor], str]:
    """Decorator: `explainer(actor)` says until when and why somebody is silenced or suspended ("": it does not know)."""
    _explainers[:] = [explainer]
    return explainer


def why_not(actor: Actor) -> str:
    """Until when and why somebody may not write; "" for everybody else."""
    return _explainers[0](actor) if _explainers and (actor.silenced or actor.suspended) else ""


def _why_not(actor: Actor, name: str, thing: Any) -> str:
    """The sentence of a refusal: of the rule, unless it is only for their token or their standing that somebody may not."""
    if not actor.allows(_scopes[name]) and can(replace(actor, scope=None), name, thing):
        return gettext("This token does not allow that; it takes one with the scope %(scope)s.", scope=_scopes[name])
    if (actor.silenced or actor.suspended) and can(replace(actor, suspended=False, silenced=False), name, thing):
        return why_not(actor) or gettext(sentence(name))
    return gettext(sentence(name))


def sentence(name: str) -> str:
    """The English sentence of a rule."""
    return " ".join((_actions[name].__doc__ or "").split())


def permissions() -> list[tuple[str, str]]:
    """(action, sentence) of every rule, sorted: the sheet `alliance permissions` prints."""
    return [(name, sentence(name)) for name in sorted(_actions)]


def sights() -> list[tuple[str, str]]:
    """(model, sentence) of everything whose being seen depends on who asks, sorted."""
    return [(name, " ".join((_clauses[name].__doc__ or "").split())) for name in sorted(_clauses)]
