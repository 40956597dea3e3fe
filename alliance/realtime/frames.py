"""WebSocket on the wire (RFC 6455, with RFC 7692's deflate): the handshake, and frames in bounded memory.

What is sent is compressed without context from message to message, so one compressed frame serves every reader.
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Iterator

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CONTINUED, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
FIN, DEFLATED, RESERVED, MASKED = 0x80, 0x40, 0x30, 0x80
BAD_FRAME, BAD_TEXT, BREACH, TOO_BIG = 1002, 1007, 1008, 1009
WORTH_DEFLATING = 300
TAIL = b"\x00\x00\xff\xff"


class Unacceptable(Exception):
    """The client broke the rules; `code` is the reason its connection is closed with."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def accept(key: str, deflate: bool) -> bytes:
    """The answer that makes a connection a WebSocket."""
    proof = base64.b64encode(hashlib.sha1((key + GUID).encode("latin-1"), usedforsecurity=False).digest()).decode()
    lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Accept: {proof}"]
    if deflate:
        lines.append("Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover")
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def offers_deflate(header: str) -> bool:
    """Whether a client can take compressed messages in the form sent here (it names no smaller window)."""
    offers = [offer.strip() for offer in header.lower().split(",")]
    return any(offer.startswith("permessage-deflate") and "server_max_window_bits" not in offer for offer in offers)


def frame(payload: bytes, opcode: int = TEXT, *, deflate: bool = False) -> bytes:
    """One whole message as bytes."""
    first = FIN | opcode
    if deflate and len(payload) >= WORTH_DEFLATING:
        pressed = zlib.compressobj(6, zlib.DEFLATED, -15)
        payload = (pressed.compress(payload) + pressed.flush(zlib.Z_SYNC_FLUSH)).removesuffix(TAIL)
        first |= DEFLATED
    size = len(payload)
    if size < 126:
        head = bytes((first, size))
    elif size < 2**16:
        head = bytes((first, 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((first, 127)) + size.to_bytes(8, "big")
    return head + payload


def closing(code: int) -> bytes:
    """The frame that says why a connection ends."""
    return frame(code.to_bytes(2, "big"), CLOSE)


class Reader:
    """Puts a client's messages together.

    Args:
        limit: the most bytes of a message, compressed or not.
        deflate: whether compressed messages were agreed upon.
    """

    __slots__ = ("_buffer", "_deflate", "_deflated", "_limit", "_opcode", "_parts")

    def __init__(self, limit: int, deflate: bool) -> None:
        self._limit = limit
        self._deflate = deflate
        self._buffer = b""
        self._parts = b""
        self._opcode = 0
        self._deflated = False

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """(opcode, payload) of every message that is complete now.

        Raises:
            Unacceptable: what came is no WebSocket, or too large.
        """
        self._buffer += data
        while (found := self._next()) is not None:
            first, payload = found
            if first & 0x0F >= CLOSE:
                yield first & 0x0F, payload
            elif (message := self._joined(first, payload)) is not None:
                yield message

    def _next(self) -> tuple[int, bytes] | None:
        """The next whole frame: its first byte and what it carries."""
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        self._check(buffer[0], buffer[1])
        size, start = buffer[1] & 0x7F, 2
        if size >= 126:
            start = 4 if size == 126 else 10
            if len(buffer) < start:
                return None
            size = int.from_bytes(buffer[2:start], "big")
        if size + len(self._parts) > self._limit:
            raise Unacceptable(TOO_BIG)
        end = start + 4 + size
        if len(buffer) < end:
            return None
        self._buffer = buffer[end:]
        return buffer[0], _unmasked(buffer[start + 4 : end], buffer[start : start + 4])

    def _check(self, first: int, second: int) -> None:
        opcode = first & 0x0F
        control = opcode >= CLOSE
        wrong = (
            opcode not in {CONTINUED, TEXT, BINARY, CLOSE, PING, PONG}
            or first & RESERVED
            or not second & MASKED
            or (control and (not first & FIN or second & 0x7F > 125 or first & DEFLATED))
            or (not control and (opcode == CONTINUED) != bool(self._opcode))
            or (first & DEFLATED and (not self._deflate or opcode == CONTINUED))
        )
        if wrong:
            raise Unacceptable(BAD_FRAME)

    def _joined(self, first: int, payload: bytes) -> tuple[int, bytes] | None:
        """A message, when this frame is its last."""
        if first & 0x0F != CONTINUED:
            self._opcode, self._deflated = first & 0x0F, bool(first & DEFLATED)
        self._parts += payload
        if not first & FIN:
            return None
        opcode, whole = self._opcode, self._parts
        self._opcode, self._parts = 0, b""
        return opcode, self._inflated(whole) if self._deflated else whole

    def _inflated(self, data: bytes) -> bytes:
        opened = zlib.decompressobj(-15)
        try:
            text = opened.decompress(data + TAIL, self._limit + 1)
        except zlib.error as error:
            raise Unacceptable(BAD_TEXT) from error
        if len(text) > self._limit:
            raise Unacceptable(TOO_BIG)
        return text


def _unmasked(data: bytes, mask: bytes) -> bytes:
    size = len(data)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(data, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")
