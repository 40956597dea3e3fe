"""Socket.IO: who connects, and what they may listen to. Everything essential goes over HTTP; this only brings news."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeGuard

import structlog
from flask import Flask, request
from flask_login import current_user
from flask_socketio import ConnectionRefusedError as Refusal
from flask_socketio import SocketIO, join_room, leave_room
from sqlalchemy.exc import SQLAlchemyError

from alliance.accounts import queries as people
from alliance.accounts import session as accounts
from alliance.accounts.models import Person
from alliance.core import db, i18n, wake
from alliance.core import settings as settings_module
from alliance.core.errors import AllianceError
from alliance.core.settings import Settings
from alliance.policy import Actor
from alliance.realtime import audience, choices, connections, delivery, engine, origins
from alliance.realtime.connections import Connection
from alliance.realtime.presence import Board
from alliance.realtime.tail import Tail, person_room, room

log = structlog.get_logger(__name__)
MAX_SUBSCRIPTIONS = 20
MESSAGE_BYTES = 16_384

socketio = SocketIO()
_tails: list[Tail] = []
_boards: list[Board] = []
_engines: list[engine.Engine] = []


def install(app: Flask, settings: Settings) -> None:
    """Answer sockets of this app, and follow the log. Several processes speak WebSocket only: long polling would need
    every request of a socket to reach the same one.
    """
    socketio.init_app(
        app,
        async_mode="threading",
        async_handlers=False,
        transports=["websocket"] if settings.redis_url else ["polling", "websocket"],
        manage_session=False,
        max_http_buffer_size=MESSAGE_BYTES,
        ping_interval=25,
        ping_timeout=20,
        cookie=None,
        cors_allowed_origins=lambda origin, environ: origins.allowed(origin, environ, settings),
    )
    stop()
    for old in _engines:
        old.close()
    connections.clear()
    _engines[:] = [engine.install(socketio.server)]
    _tails[:] = [Tail(_emit, delivery.readers(end=end, drop=_drop))]
    _boards[:] = [Board(_tell, settings.redis_url)]


def start() -> None:
    """Follow the log from now on (in the process that serves)."""
    wake.follow(settings_module.current().redis_url)
    for tail in _tails:
        tail.start()
    for board in _boards:
        board.start()


def stop() -> None:
    """Stop following the log."""
    for tail in _tails:
        tail.stop()
    for board in _boards:
        board.stop()


def _emit(name: str, to: str, data: dict[str, Any]) -> None:
    socketio.server.emit(name, data, room=to)


def _tell(name: str, data: dict[str, Any], discussion_id: int, whom: list[Connection] | None) -> None:
    """Tell readers of a discussion who is here or writing, after asking who may still see it."""
    tail = _tails[0]
    with tail.lock:
        delivery.check(discussion_id, _drop)
        rooms = [room(discussion_id, language) for language in tail.listening.get(discussion_id, ())]
    chosen = rooms if whom is None else [one.sid for one in whom if discussion_id in one.subscriptions]
    if chosen:
        socketio.server.emit(name, data, room=chosen)


def end(one: Connection, words: str) -> None:
    """Close a socket; what was on its way to it still arrives, then nothing."""
    server = socketio.server
    server.emit("error", {"error": words}, room=one.sid)
    eio_sid = server.manager.eio_sid_from_sid(one.sid, "/")
    server.disconnect(one.sid)
    engine_socket = server.eio.sockets.get(eio_sid)
    if engine_socket is not None:
        engine_socket.close(wait=False)


def _drop(one: Connection, discussion_id: int) -> None:
    """End a subscription from this side."""
    _unsubscribe_from(one, discussion_id, leave=lambda name: socketio.server.leave_room(one.sid, name))
    socketio.server.emit("unsubscribed", {"discussion": discussion_id}, room=one.sid)


Handler = Callable[..., Any]


def _answering(handler: Handler) -> Handler:
    """Whatever is sent gets an answer, never a broken connection; who floods is told so, and cut off after a while."""

    @functools.wraps(handler)
    def answered(*arguments: Any) -> dict[str, Any]:
        one = connections.get(request.sid)  # type: ignore[attr-defined]
        if one is None:
            return {"ok": False, "error": "connect first"}
        try:
            answer = _answer(handler, one, arguments)
        finally:
            db.release()
        if not answer["ok"]:
            socketio.server.emit("error", {"error": answer["error"]}, room=one.sid)
            if one.mistaken():
                end(one, "too many messages that cannot be used")
        return answer

    return answered


def _answer(handler: Handler, one: Connection, arguments: tuple[Any, ...]) -> dict[str, Any]:
    if not one.within_rate():
        return {"ok": False, "error": "too many messages; wait a little"}
    data = arguments[0] if arguments and isinstance(arguments[0], dict) else {}
    try:
        result: dict[str, Any] = handler(one, data)
    except AllianceError as error:
        return {"ok": False, "error": str(error) or "not found"}
    except SQLAlchemyError as error:
        log.warning("socket.database", error=type(error).__name__)
        return {"ok": False, "error": "not available at the moment; try again soon"}
    except Exception:
        log.exception("socket.failed", event=handler.__name__)
        return {"ok": False, "error": "an error on our side"}
    return result


@socketio.on("connect")  # type: ignore[untyped-decorator]
def _connect(auth: Any = None) -> None:
    sid = request.sid  # type: ignore[attr-defined]
    token = auth.get("token") if isinstance(auth, dict) else None
    try:
        # What ends a person's rights is heeded under the same lock: it is known here already, or finds this socket.
        with _tails[0].lock:
            db.release()
            one = _identified(sid, token)
            connections.add(one)
    except SQLAlchemyError as error:
        raise Refusal("not available at the moment; try again soon") from error
    finally:
        db.release()
    if one.actor.person_id is not None:
        join_room(person_room(one.actor.person_id))


def _identified(sid: str, token: Any) -> Connection:
    if token is None:
        person: Person | None = current_user.person if current_user.is_authenticated else None
        actor = accounts.actor_of(person, "socket") if person is not None else Actor.guest("socket")
    else:
        known = accounts.actor_of_token(str(token)[:200], "socket")
        if known is None:
            raise Refusal("this token is not known, or was revoked")
        actor, person = known, people.by_id(known.person_id)
    if actor.suspended:
        raise Refusal("this account is suspended")
    if person is None:
        return Connection(sid, actor)
    one = Connection(sid, actor, person.epoch, person.handle, person.name)
    choice = choices.of(person.id)
    one.shown, one.typing = choice.presence, choice.typing
    return one


@socketio.on("disconnect")  # type: ignore[untyped-decorator]
def _disconnect(*_reason: Any) -> None:
    one = connections.remove(request.sid)  # type: ignore[attr-defined]
    for discussion_id in list(one.subscriptions) if one else ():
        _unsubscribe_from(one, discussion_id, leave=None)  # type: ignore[arg-type]


@socketio.on("subscribe")  # type: ignore[untyped-decorator]
@_answering
def _subscribe(one: Connection, data: dict[str, Any]) -> dict[str, Any]:
    discussion_id, since, language = data.get("discussion"), data.get("since"), data.get("lang") or i18n.SOURCE
    if not _is_id(discussion_id) or not (since is None or _is_id(since)) or not isinstance(language, str) or language not in i18n.LANGUAGES:
        return {"ok": False, "error": 'send {"discussion": id, "since": cursor or null, "lang": one of the six languages}'}
    if len(one.subscriptions) >= MAX_SUBSCRIPTIONS and discussion_id not in one.subscriptions:
        return {"ok": False, "error": f"at most {MAX_SUBSCRIPTIONS} discussions at once"}
    tail = _tails[0]
    with tail.lock, i18n.use_locale(language):
        if connections.get(one.sid) is None or not audience.sees(one.actor, discussion_id):
            return {"ok": False, "error": "not found"}
        _unsubscribe_from(one, discussion_id)
        cursor, missed = tail.join(discussion_id, language, since)
        connections.subscribe(one, discussion_id, language)
        join_room(room(discussion_id, language))
    _boards[0].changed(discussion_id, newcomer=True)
    answer: dict[str, Any] = {"ok": True, "cursor": cursor, "missed": [piece.as_missed() for piece in missed or ()]}
    return answer if missed is not None else answer | {"reload": True}


@socketio.on("unsubscribe")  # type: ignore[untyped-decorator]
@_answering
def _unsubscribe(one: Connection, data: dict[str, Any]) -> dict[str, Any]:
    discussion_id = data.get("discussion")
    if not _is_id(discussion_id):
        return {"ok": False, "error": 'send {"discussion": id}'}
    _unsubscribe_from(one, discussion_id)
    return {"ok": True}


@socketio.on("typing")  # type: ignore[untyped-decorator]
@_answering
def _typing(one: Connection, data: dict[str, Any]) -> dict[str, Any]:
    discussion_id = data.get("discussion")
    if not _is_id(discussion_id) or discussion_id not in one.subscriptions:
        return {"ok": False, "error": 'send {"discussion": id} of a discussion you subscribed to'}
    if one.actor.may_act:
        _boards[0].typing(one, discussion_id)
    return {"ok": True}


@socketio.on("*")  # type: ignore[untyped-decorator]
def _unknown(_name: Any, *arguments: Any) -> dict[str, Any]:
    result: dict[str, Any] = _nothing(*arguments)
    return result


@_answering
def _nothing(_one: Connection, _data: dict[str, Any]) -> dict[str, Any]:
    return {"ok": False, "error": "there is no such event; send subscribe, unsubscribe or typing"}


def _unsubscribe_from(one: Connection, discussion_id: int, leave: Callable[[str], None] | None = leave_room) -> None:
    language = connections.unsubscribe(one, discussion_id)
    if language is not None:
        if leave:
            leave(room(discussion_id, language))
        _tails[0].leave(discussion_id, language)
        _boards[0].changed(discussion_id)


def _is_id(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53
