"""Words between processes through Redis: what is gone when nobody listens, and nothing depends on."""

from __future__ import annotations

import threading
from collections.abc import Callable

import redis
import structlog

from alliance.core.outage import redis_server

log = structlog.get_logger(__name__)
SECONDS = 2
MAX_BYTES = 64 * 1024


def answers(url: str) -> bool:
    """Whether a Redis server answers just now."""
    try:
        with redis.Redis.from_url(url, socket_timeout=SECONDS, socket_connect_timeout=SECONDS) as client:
            client.ping()
    except (redis.RedisError, OSError) as error:
        redis_server.failed(error)
        return False
    redis_server.answered()
    return True


class Channel:
    """A channel of a Redis server.

    Args:
        url: of the server.
        name: of the channel.
        hear: called with every message, those of this process too, from a thread of its own.
        joined: called whenever listening has begun, also after an outage.
    """

    def __init__(self, url: str, name: str, hear: Callable[[bytes], None], joined: Callable[[], None] | None = None) -> None:
        self._url = url
        self._name = name
        self._hear = hear
        self._joined = joined
        self._stop = threading.Event()
        self._client = redis.Redis.from_url(url, socket_timeout=SECONDS, socket_connect_timeout=SECONDS)

    def say(self, message: bytes) -> bool:
        """Send a message to every process; False when the server does not answer."""
        if redis_server.away:
            return False
        try:
            self._client.publish(self._name, message)
        except redis.RedisError as error:
            redis_server.failed(error)
            return False
        redis_server.answered()
        return True

    def follow(self) -> None:
        """Begin to listen."""
        threading.Thread(target=self._run, name=self._name, daemon=True).start()

    def stop(self) -> None:
        """Listen no more."""
        self._stop.set()

    def _run(self) -> None:
        client = redis.Redis.from_url(self._url, socket_connect_timeout=SECONDS, health_check_interval=30)
        while not self._stop.is_set():
            try:
                with client.pubsub(ignore_subscribe_messages=True) as channel:  # type: ignore[no-untyped-call]
                    channel.subscribe(self._name)
                    redis_server.answered()
                    if self._joined:
                        self._joined()
                    self._listen(channel)
            except (redis.RedisError, OSError) as error:
                self._stop.wait(redis_server.failed(error))

    def _listen(self, channel: redis.client.PubSub) -> None:
        while not self._stop.is_set():
            message = channel.get_message(timeout=SECONDS)
            if message and isinstance(message["data"], bytes) and len(message["data"]) <= MAX_BYTES:
                try:
                    self._hear(message["data"])
                except Exception:  # a message that cannot be used must not end the listening
                    log.exception("channel.failed", channel=self._name)
