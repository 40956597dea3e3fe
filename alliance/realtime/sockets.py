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
from sqlalchemy import select

from alliance.accounts import session as accounts
from alliance.core import db, i18n, wake
from alliance.core import settings as settings_module
from alliance.core.errors import AllianceError
from alliance.core.settings import Settings
from alliance.discussions.models import Discussion
from alliance.notifications import queries as notifications
from alliance.policy import Actor, visible
from alliance.realtime.tail import Tail, person_room, room
from alliance.web import limits

log = structlog.get_logger(__name__)
# Each open socket holds a thread of the server (alliance.cli.server.THREADS); some must be left for requests.
MAX_SOCKETS = 800
MAX_SUBSCRIPTIONS = 20
MESSAGE_BYTES = 16_384

socketio = SocketIO()
_sockets: dict[str, _Socket] = {}
_tails: list[Tail] = []


class _Socket:
    """What is known of one connection."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.subscriptions: dict[int, str] = {}


def install(app: Flask, settings: Settings) -> None:
    """Answer sockets of this app, and follow the log. Several processes speak WebSocket only: long polling would need
    every request of a socket to reach the same one.
    """
    socketio.init_app(
        app,
        async_mode="threading",
        transports=["websocket"] if settings.redis_url else ["polling", "websocket"],
        manage_session=False,
        max_http_buffer_size=MESSAGE_BYTES,
        ping_interval=25,
        ping_timeout=20,
        cookie=None,
    )
    for old in _tails:
        old.stop()
    _tails[:] = [Tail(lambda name, to, data: socketio.server.emit(name, data, room=to), notifications.unread_count, _unread_of_told)]


def _unread_of_told(event_id: int) -> dict[int, int]:
    """Of the people connected here, how much is unread of those who were told of an event."""
    here = {one.actor.person_id for one in list(_sockets.values())} - {None}
    return notifications.unread_counts(event_id, [one for one in here if one is not None]) if here else {}


def start() -> None:
    """Follow the log from now on (in the process that serves)."""
    wake.follow(settings_module.current().redis_url)
    for tail in _tails:
        tail.start()


def stop() -> None:
    """Stop following the log."""
    for tail in _tails:
        tail.stop()


Handler = Callable[..., Any]


def _answering(handler: Handler) -> Handler:
    """Whatever is sent gets an answer, never a broken connection; floods are told so."""

    @functools.wraps(handler)
    def answered(*arguments: Any) -> dict[str, Any]:
        try:
            limits.check("socket", request.sid, "240/minute")  # type: ignore[attr-defined]
            data = arguments[0] if arguments and isinstance(arguments[0], dict) else {}
            result: dict[str, Any] = handler(_sockets[request.sid], data)  # type: ignore[attr-defined]
        except AllianceError as error:
            return {"ok": False, "error": str(error) or "not found"}
        except Exception:
            log.exception("socket.failed", event=handler.__name__)
            return {"ok": False, "error": "an error on our side"}
        finally:
            db.release()
        return result

    return answered


@socketio.on("connect")  # type: ignore[untyped-decorator]
def _connect(auth: Any = None) -> None:
    if len(_sockets) >= MAX_SOCKETS:
        raise Refusal("full")
    token = auth.get("token") if isinstance(auth, dict) else None
    actor = _actor(token)
    _sockets[request.sid] = _Socket(actor)  # type: ignore[attr-defined]
    if actor.person_id is not None:
        join_room(person_room(actor.person_id))
    db.release()


def _actor(token: Any) -> Actor:
    if token is not None:
        actor = accounts.actor_of_token(str(token), "socket")
        if actor is None:
            raise Refusal("this token is not known, or was revoked")
        return actor
    return accounts.actor_of(current_user.person, "socket") if current_user.is_authenticated else Actor.guest("socket")


@socketio.on("disconnect")  # type: ignore[untyped-decorator]
def _disconnect(*_reason: Any) -> None:
    gone = _sockets.pop(request.sid, None)  # type: ignore[attr-defined]
    for discussion_id, language in gone.subscriptions.items() if gone else ():
        _tails[0].leave(discussion_id, language)


@socketio.on("subscribe")  # type: ignore[untyped-decorator]
@_answering
def _subscribe(socket: _Socket, data: dict[str, Any]) -> dict[str, Any]:
    discussion_id, since, language = data.get("discussion"), data.get("since"), data.get("lang") or i18n.SOURCE
    if not _is_id(discussion_id) or not (since is None or _is_id(since)) or language not in i18n.LANGUAGES:
        return {"ok": False, "error": 'send {"discussion": id, "since": cursor or null, "lang": one of the six languages}'}
    if len(socket.subscriptions) >= MAX_SUBSCRIPTIONS and discussion_id not in socket.subscriptions:
        return {"ok": False, "error": f"at most {MAX_SUBSCRIPTIONS} discussions at once"}
    if not db.session().scalar(select(Discussion.id).where(Discussion.id == discussion_id, visible(socket.actor, Discussion))):
        return {"ok": False, "error": "not found"}
    _unsubscribe_from(socket, discussion_id)
    tail = _tails[0]
    with tail.lock, i18n.use_locale(language):
        cursor, missed = tail.join(discussion_id, language, since)
        socket.subscriptions[discussion_id] = language
        join_room(room(discussion_id, language))
    answer: dict[str, Any] = {"ok": True, "cursor": cursor, "missed": [one.as_missed() for one in missed or ()]}
    return answer if missed is not None else answer | {"reload": True}


@socketio.on("unsubscribe")  # type: ignore[untyped-decorator]
@_answering
def _unsubscribe(socket: _Socket, data: dict[str, Any]) -> dict[str, Any]:
    discussion_id = data.get("discussion")
    if not _is_id(discussion_id):
        return {"ok": False, "error": 'send {"discussion": id}'}
    _unsubscribe_from(socket, discussion_id)
    return {"ok": True}


def _unsubscribe_from(socket: _Socket, discussion_id: int) -> None:
    language = socket.subscriptions.pop(discussion_id, None)
    if language is not None:
        leave_room(room(discussion_id, language))
        _tails[0].leave(discussion_id, language)


def _is_id(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53
