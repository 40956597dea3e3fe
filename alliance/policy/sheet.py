"""The sheet the rules are written on, and the three questions asked of it: `visible`, `can`, `require`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, inspect

from alliance.core.errors import Refused
from alliance.core.i18n import gettext
from alliance.policy.actor import Actor

Predicate = Callable[[Actor, Any], bool]
Clause = Callable[[Actor, Any], ColumnElement[bool]]
_actions: dict[str, Predicate] = {}
_clauses: dict[str, Clause] = {}


def action(name: str) -> Callable[[Predicate], Predicate]:
    """Decorator: this predicate decides the action `name`; its docstring is the sentence shown when refused."""

    def register(predicate: Predicate) -> Predicate:
        _actions[name] = predicate
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
    return _actions[name](actor, thing)


def require(actor: Actor, name: str, thing: Any = None) -> None:
    """Go on only if the actor may.

    Raises:
        Refused: with the rule's sentence, translated.
    """
    if not can(actor, name, thing):
        raise Refused(gettext(sentence(name)))


def sentence(name: str) -> str:
    """The English sentence of a rule."""
    return " ".join((_actions[name].__doc__ or "").split())


def permissions() -> list[tuple[str, str]]:
    """(action, sentence) of every rule, sorted: the sheet `alliance permissions` prints."""
    return [(name, sentence(name)) for name in sorted(_actions)]


def sights() -> list[tuple[str, str]]:
    """(model, sentence) of everything whose being seen depends on who asks, sorted."""
    return [(name, " ".join((_clauses[name].__doc__ or "").split())) for name in sorted(_clauses)]
