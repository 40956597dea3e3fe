"""WebSocket frames: what is whole comes out as it went in, what is wrong is refused in bounded memory."""

from __future__ import annotations

import os
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.realtime import frames
from alliance.realtime.frames import Reader, Unacceptable

LIMIT = 70_000


def masked(payload: bytes, opcode: int = frames.TEXT, first: int = frames.FIN) -> bytes:
    """A frame as a client sends it."""
    mask, size = os.urandom(4), len(payload)
    head = bytes((first | opcode,))
    if size < 126:
        head += bytes((0x80 | size,))
    elif size < 2**16:
        head += bytes((0x80 | 126,)) + size.to_bytes(2, "big")
    else:
        head += bytes((0x80 | 127,)) + size.to_bytes(8, "big")
    return head + mask + bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))


def deflated(payload: bytes) -> bytes:
    pressed = zlib.compressobj(6, zlib.DEFLATED, -15)
    return (pressed.compress(payload) + pressed.flush(zlib.Z_SYNC_FLUSH)).removesuffix(frames.TAIL)


@given(st.lists(st.binary(max_size=300), max_size=5), st.integers(1, 40))
def test_messages_arrive_however_they_are_cut(messages: list[bytes], step: int) -> None:
    reader = Reader(LIMIT, deflate=False)
    sent = b"".join(masked(message) for message in messages)
    got = [piece for place in range(0, len(sent), step) for piece in reader.feed(sent[place : place + step])]
    assert got == [(frames.TEXT, message) for message in messages]


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_every_size_of_frame(size: int) -> None:
    payload = b"x" * size
    assert list(Reader(LIMIT, deflate=False).feed(masked(payload))) == [(frames.TEXT, payload)]
    sent = frames.frame(payload)
    assert sent.endswith(payload)
    assert len(sent) - size == (2 if size < 126 else 4 if size < 65_536 else 10)


def test_a_message_in_pieces_with_a_ping_between_them() -> None:
    sent = masked(b"Hel", first=0) + masked(b"!", frames.PING) + masked(b"l", frames.CONTINUED, 0) + masked(b"o", frames.CONTINUED)
    assert list(Reader(LIMIT, deflate=False).feed(sent)) == [(frames.PING, b"!"), (frames.TEXT, b"Hello")]


def test_compressed_messages_both_ways() -> None:
    text = b"The same words again. " * 100
    frame = frames.frame(text, deflate=True)
    assert len(frame) < 100
    assert frame[0] & frames.DEFLATED
    assert zlib.decompressobj(-15).decompress(frame[2:] + frames.TAIL) == text
    assert not frames.frame(b"short", deflate=True)[0] & frames.DEFLATED
    sent = masked(deflated(text), first=frames.FIN | frames.DEFLATED)
    assert list(Reader(LIMIT, deflate=True).feed(sent)) == [(frames.TEXT, text)]


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"\x81\x05Hello", frames.BAD_FRAME),  # not masked
        (masked(b"x", 0x3), frames.BAD_FRAME),  # no such kind
        (masked(b"x", first=frames.FIN | 0x20), frames.BAD_FRAME),  # a reserved bit
        (masked(b"x", frames.CONTINUED), frames.BAD_FRAME),  # of nothing
        (masked(b"x", first=0) + masked(b"y"), frames.BAD_FRAME),  # in the middle of another
        (masked(b"x" * 126, frames.PING), frames.BAD_FRAME),
        (masked(b"x", frames.PING, first=0), frames.BAD_FRAME),
        (masked(b"x", first=frames.FIN | frames.DEFLATED), frames.BAD_FRAME),  # not agreed upon
        (b"\x81\xff" + (2**62).to_bytes(8, "big"), frames.TOO_BIG),  # before a byte of it has come
        (masked(b"x" * (LIMIT + 1)), frames.TOO_BIG),
        (masked(b"x" * LIMIT, first=0) + masked(b"x", frames.CONTINUED), frames.TOO_BIG),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else None,  # masks are random: processes would not agree on names
)
def test_what_is_wrong_is_refused(sent: bytes, code: int) -> None:
    with pytest.raises(Unacceptable) as error:
        list(Reader(LIMIT, deflate=False).feed(sent))
    assert error.value.code == code


@pytest.mark.parametrize(("payload", "code"), [(deflated(b"0" * 50_000_000), frames.TOO_BIG), (b"\xff\xff\xff", frames.BAD_TEXT)])
def test_bombs_are_not_opened(payload: bytes, code: int) -> None:
    with pytest.raises(Unacceptable) as error:
        list(Reader(LIMIT, deflate=True).feed(masked(payload, first=frames.FIN | frames.DEFLATED)))
    assert error.value.code == code


@given(st.binary(max_size=2000))
def test_noise_ends_or_waits(noise: bytes) -> None:
    reader = Reader(LIMIT, deflate=True)
    with suppress(Unacceptable):
        assert all(len(payload) <= LIMIT for _opcode, payload in reader.feed(noise))


@pytest.mark.parametrize(
    ("header", "may"),
    [
        ("permessage-deflate; client_max_window_bits", True),
        ("permessage-deflate; server_max_window_bits=10", False),
        ("", False),
        ("x", False),
    ],
)
def test_compression_is_used_where_it_is_offered(header: str, may: bool) -> None:
    assert frames.offers_deflate(header) is may
