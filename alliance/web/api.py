"""The API kit: a view is a function of pydantic models; validation, problem details, idempotency and OpenAPI follow.

    @api.post("/discussions", body=NewDiscussion, returns=DiscussionOut, status=201)
    def open_discussion(body: NewDiscussion) -> DiscussionOut: ...

A view gets the path's arguments by name, and `body` and `query` where it declares models for them.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from flask import Blueprint, Response, g, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from alliance.core import text
from alliance.core.errors import Invalid, Refused
from alliance.core.i18n import gettext as _
from alliance.policy import Actor, scope_of
from alliance.web import limits
from alliance.web.actors import current_actor
from alliance.web.once import Answer, fingerprint, once
from alliance.web.security import csrf

PREFIX = "/api/v1"
bp = Blueprint("api", __name__, url_prefix=PREFIX)
csrf.exempt(bp)
T = TypeVar("T")
View = TypeVar("View", bound=Callable[..., Any])
WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
RATE = "600/minute"


class Schema(BaseModel):
    """The base of what comes in: unknown fields are an error, so that a typing mistake is not silently lost."""

    model_config = ConfigDict(extra="forbid")


class Out(BaseModel):
    """The base of what goes out."""

    model_config = ConfigDict(from_attributes=True)


class Page(Out, Generic[T]):
    """A part of a list, and the cursor of the rest."""

    items: list[T]
    next: str | None = Field(default=None, description="Pass it as `after` to go on; null at the end.")


class ListQuery(Schema):
    """What every list takes."""

    limit: int = Field(default=30, ge=1, le=100)
    after: str | None = Field(default=None, max_length=2000, description="The `next` of the page before; long where a tree is deep.")


@dataclass(frozen=True)
class Operation:
    """One way to call the API."""

    method: str
    rule: str
    view: Callable[..., Any]
    returns: Any
    status: int
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    scope: str = "read"
    errors: tuple[int, ...] = field(default=())
    files: tuple[str, ...] = ()


operations: list[Operation] = []


def _route(method: str, rule: str, returns: Any, status: int, **more: Any) -> Callable[[View], View]:
    def register(view: View) -> View:
        act = more.pop("act", None)
        scope = scope_of(act) if act else "write" if method in WRITING else "read"
        operation = Operation(method, rule, view, returns, status, scope=scope, **more)
        operations.append(operation)
        endpoint = f"{view.__module__.split('.')[1]}_{view.__name__}"
        bp.add_url_rule(rule, endpoint, functools.partial(_call, operation), methods=[method])
        return view

    return register


def get(rule: str, *, returns: Any, query: type[BaseModel] | None = None) -> Callable[[View], View]:
    """Decorator: read something."""
    return _route("GET", rule, returns, 200, query=query)


def post(
    rule: str,
    *,
    returns: Any,
    body: type[BaseModel] | None = None,
    status: int = 201,
    act: str | None = None,
    files: tuple[str, ...] = (),
) -> Callable[[View], View]:
    """Decorator: make something, or do something.

    Args:
        rule: the path.
        returns: what is answered.
        body: what is sent.
        status: of the answer.
        act: the action of the rules whose scope a token must have (otherwise: `write`).
        files: the parts of a multipart body, a file first.
    """
    return _route("POST", rule, returns, status, body=body, act=act, files=files)


def put(
    rule: str, *, returns: Any = None, body: type[BaseModel] | None = None, status: int = 204, act: str | None = None
) -> Callable[[View], View]:
    """Decorator: set something."""
    return _route("PUT", rule, returns, status, body=body, act=act)


def patch(rule: str, *, returns: Any, body: type[BaseModel]) -> Callable[[View], View]:
    """Decorator: change something."""
    return _route("PATCH", rule, returns, 200, body=body)


def delete(rule: str, *, returns: Any = None, status: int = 204) -> Callable[[View], View]:
    """Decorator: take something away."""
    return _route("DELETE", rule, returns, status)


def own_id() -> int:
    """The number of the person who asks.

    Raises:
        Refused: nobody is known by a token or a session.
    """
    person_id = current_actor().person_id
    if person_id is None:
        raise Refused(_("Send a valid token to be known."))
    return person_id


def known() -> Actor:
    """Whoever asks, known by a token or a session; raises as `own_id`."""
    own_id()
    return current_actor()


def _call(operation: Operation, **arguments: Any) -> Response:
    limits.check("api", limits.caller(), RATE)
    _check_door(operation)
    if operation.query is not None:
        arguments["query"] = _validated(operation.query, request.args.to_dict())
    if operation.body is not None:
        arguments["body"] = _validated(operation.body, _json())
    key = request.headers.get("Idempotency-Key")
    # A file that is sent again is known by its content; it is not to be examined inside a transaction.
    if operation.method == "POST" and key is not None and not operation.files and current_actor().person_id is not None:
        return _answered(_once(operation, key, arguments))
    return _answered(_produce(operation, arguments))


def _check_door(operation: Operation) -> None:
    """Writing needs a token (a cookie alone could be another site's doing), and one that reaches far enough."""
    actor = current_actor()
    if g.get("bad_token"):
        raise Refused(_("This token is not known, or was revoked."))
    if operation.method in WRITING and actor.scope is None:
        raise Refused(_("Writing through the API needs a token: send it as `Authorization: Bearer …`."))
    if not actor.allows(operation.scope):
        raise Refused(_("This token does not allow that; it takes one with the scope %(scope)s.", scope=operation.scope))


def _json() -> Any:
    body = request.get_data(cache=True)
    if not body:
        return {}
    try:
        given = json.loads(body)
        if not _is_storable(given):
            raise Invalid.field(
                "", _("The text holds characters that are not text (U+0000 or half of a pair). Remove them and send it again.")
            )
        return given
    except (ValueError, RecursionError) as error:
        raise Invalid.field("", _("The body is not JSON.")) from error


def _is_storable(value: Any) -> bool:
    """Whether no text of some JSON holds what no database can (NUL, lone surrogates)."""
    if isinstance(value, str):
        return text.storable(value) == value
    if isinstance(value, dict):
        return all(_is_storable(one) for pair in value.items() for one in pair)
    return all(map(_is_storable, value)) if isinstance(value, list) else True


def _validated(model: type[BaseModel], data: Any) -> BaseModel:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        messages: dict[str, list[str]] = {}
        for one in error.errors():
            messages.setdefault(".".join(str(part) for part in one["loc"]), []).append(one["msg"])
        raise Invalid(messages) from error


def _produce(operation: Operation, arguments: dict[str, Any]) -> Answer:
    value = operation.view(**arguments)
    return Answer(operation.status, "" if operation.returns is None else _dump(value))


def _dump(value: Any) -> str:
    return value.model_dump_json() if isinstance(value, BaseModel) else json.dumps(value, ensure_ascii=False)


def _once(operation: Operation, key: str, arguments: dict[str, Any]) -> Answer:
    if not 0 < len(key) <= 128:
        raise Invalid.field("Idempotency-Key", _("A key has 1 to 128 characters."))
    return once(current_actor(), f"api:{key}", fingerprint(), lambda: _produce(operation, arguments))


def _answered(answer: Answer) -> Response:
    return Response(answer.body, answer.status, content_type="application/json")


def path_parameters(rule: str) -> list[tuple[str, str]]:
    """(name, "integer" or "string") of each argument in a rule."""
    return [(name, "integer" if kind == "int:" else "string") for kind, name in re.findall(r"<(\w+:)?(\w+)>", rule)]
