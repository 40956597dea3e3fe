"""Packed pages with one hole: packed once, given often, with something else in the hole each time.

The hole is filled with a block that is not compressed, which both formats know. What follows was packed as if a filling
of the same length stood there that occurs nowhere in a text, so nothing refers back into the hole. Two bytes behind the
hole belong to the block: brotli's reading of what follows depends on them, and on nothing before.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from dataclasses import dataclass

import brotli

BEHIND = 2
_FILLING = bytes(range(0x80, 0xC0))  # no text begins a character with these
_GZIP = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"


@dataclass(frozen=True, slots=True)
class Patched:
    """A page: before the hole, two bytes behind it, and the rest; and the CRC of the first, for gzip alone."""

    way: str
    before: bytes
    behind: bytes
    rest: bytes
    plain: tuple[bytes, bytes] = (b"", b"")

    def filled(self, hole: bytes) -> bytes:
        """The page with this in the hole (of the length it was made for)."""
        block = hole + self.behind
        if self.way == "br":
            begin = ((len(block) - 1) << 3 | 1 << 19).to_bytes(3, "little")  # a meta-block as it is, of 16 bits' length
        elif self.way == "gzip":
            begin = b"\x00" + struct.pack("<HH", len(block), len(block) ^ 0xFFFF)  # a stored block
        else:
            begin = b""
        page = b"".join((self.before, begin, block, self.rest))
        return page + self._closing(block) if self.way == "gzip" else page

    def _closing(self, block: bytes) -> bytes:
        first, last = self.plain
        crc = zlib.crc32(last, zlib.crc32(block, zlib.crc32(first)))
        return struct.pack("<II", crc, len(first) + len(block) + len(last))

    def weight(self) -> int:
        """Bytes it holds."""
        return len(self.before) + len(self.rest) + sum(map(len, self.plain)) + 500


def packed(before: bytes, length: int, after: bytes, way: str, level: int) -> Patched | None:
    """A page packed in a way ("br", "gzip", "" for not at all); None when it cannot be done.

    Args:
        before: what stands before the hole.
        length: of what will be put into it, at most 60 bytes.
        after: what stands behind it.
        way: how.
        level: how well.
    """
    behind, rest = after[:BEHIND], after[BEHIND:]
    filling = _FILLING[:length] + behind
    if way == "br":
        made = _brotli(before, filling, rest, level)
        found = Patched(way, made[0], behind, made[1])
        tried = b"x" * length  # what it was not packed with
        return found if brotli.decompress(found.filled(tried)) == before + tried + after else None
    if way == "gzip":
        made = _deflated(before, filling, rest, level)
        return Patched(way, _GZIP + made[0], behind, made[1], (before, rest))
    return Patched(way, before, behind, rest)


def whole(page: bytes, way: str, level: int) -> bytes:
    """A page without a hole, packed."""
    if way == "br":
        return bytes(brotli.compress(page, quality=level, mode=brotli.MODE_TEXT))
    return gzip.compress(page, level) if way == "gzip" else page


def _brotli(before: bytes, filling: bytes, rest: bytes, level: int) -> tuple[bytes, bytes]:
    packer = brotli.Compressor(quality=level, mode=brotli.MODE_TEXT)
    first = packer.process(before) + packer.flush()
    packer.process(filling)
    packer.flush()
    return first, packer.process(rest) + packer.finish()


def _deflated(before: bytes, filling: bytes, rest: bytes, level: int) -> tuple[bytes, bytes]:
    packer = zlib.compressobj(level, wbits=-15)
    first = packer.compress(before) + packer.flush(zlib.Z_SYNC_FLUSH)
    packer.compress(filling)
    packer.flush(zlib.Z_SYNC_FLUSH)
    return first, packer.compress(rest) + packer.flush()
