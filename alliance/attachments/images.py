"""Pictures made anew: what comes out is pixels and nothing else, upright, no larger than a screen shows, in a bounded time and memory."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from PIL import Image, ImageOps

from alliance.core.errors import Invalid
from alliance.core.i18n import gettext as _

MAX_PIXELS = 25_000_000  # decoded in full: 100 MB
MAX_WEBP_PIXELS = 16_000_000  # its decoder keeps the canvas twice besides
LARGEST_PNG = 3 * 2**20  # beyond that it is a photo, and photos are not kept without loss
MAX_JPEG_PIXELS = 50_000_000  # a sequential JPEG is decoded at a fraction of its size
MAX_SIDE = 20_000
MAX_SCANS = 100
LONGEST_SIDE = 2560
THUMBNAIL = (640, 1280)
# How each format is kept. An animation is kept as its first picture.
KEPT = {"JPEG": "JPEG", "PNG": "PNG", "GIF": "PNG", "WEBP": "WEBP"}
SUFFIXES = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp"}
MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_SIGNATURES: dict[str, Callable[[bytes], bool]] = {
    "JPEG": lambda head: head.startswith(b"\xff\xd8\xff"),
    "PNG": lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"),
    "GIF": lambda head: head.startswith((b"GIF87a", b"GIF89a")),
    "WEBP": lambda head: head.startswith(b"RIFF") and head[8:12] == b"WEBP",
}
# Pictures are decoded one at a time in a process, so that many at once take no more memory than one.
_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture made anew, and the small one that stands in a text."""

    format: str
    data: bytes
    thumbnail: bytes
    width: int
    height: int


def format_of(head: bytes) -> str | None:
    """The format of a picture by its first bytes, None when it is none of those taken."""
    return next((name for name, fits in _SIGNATURES.items() if fits(head)), None)


def remake(source: Path) -> Picture:
    """A picture without anything but what one sees: no place, camera, comment or profile, and nothing hidden behind it.

    Raises:
        Invalid: it is no picture, is broken, or has too many pixels; none was decoded then.
    """
    with _one_at_a_time:
        try:
            return _remade(source)
        except Invalid:
            raise
        except Image.DecompressionBombError as error:
            raise Invalid.field("files", _("The picture has too many pixels. Make it smaller, then attach it.")) from error
        except Exception as error:  # a decoder may stumble in any way over what is broken on purpose
            raise Invalid.field("files", _("The picture is broken or not complete.")) from error


def _remade(source: Path) -> Picture:
    with source.open("rb") as file:
        head = file.read(32)
        name = format_of(head) or ""
        if name == "WEBP":
            _check_size(_webp_size(head), MAX_WEBP_PIXELS)  # opening one reserves what its canvas takes
        file.seek(0)
        if name == "JPEG" and sum(chunk.count(b"\xff\xda") for chunk in iter(lambda: file.read(2**20), b"")) > MAX_SCANS:
            raise Invalid.field("files", _("The picture is broken or not complete."))
        file.seek(0)
        image = _pixels(file, name)
    kept = KEPT[name]
    data, (width, height) = _encoded(image, kept), image.size
    if kept == "PNG" and len(data) > LARGEST_PNG:
        kept, data = "WEBP", _encoded(image, "WEBP")
    image.thumbnail(THUMBNAIL, Image.Resampling.LANCZOS)
    return Picture(kept, data, _encoded(image, "WEBP"), width, height)


def _webp_size(head: bytes) -> tuple[int, int]:
    """Width and height by the header of a WebP file, in each of its three kinds."""
    if head[12:16] == b"VP8X":
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    if head[12:16] == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return int.from_bytes(head[26:28], "little") & 0x3FFF, int.from_bytes(head[28:30], "little") & 0x3FFF


def _check_size(size: tuple[int, int], most: int) -> None:
    width, height = size
    if width * height > most or max(size) > MAX_SIDE:
        raise Invalid.field("files", _("The picture has too many pixels. Make it smaller, then attach it."))


def _pixels(file: IO[bytes], name: str) -> Image.Image:
    """What one sees of a picture, upright and not too large, and nothing else; its size is looked at before any of it is decoded."""
    with Image.open(file, formats=[name]) as opened:
        sequential = name == "JPEG" and not opened.info.get("progressive")
        _check_size(opened.size, MAX_JPEG_PIXELS if sequential else MAX_PIXELS)
        opened.draft(None, (LONGEST_SIDE, LONGEST_SIDE))
        opened.load()
        ImageOps.exif_transpose(opened, in_place=True)
        plain = _plain(opened)
    plain.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    bare = Image.new(plain.mode, plain.size)
    bare.paste(plain)
    return bare


def _plain(image: Image.Image) -> Image.Image:
    """A picture in a mode every format can keep."""
    if image.mode.startswith("I"):
        return image.point(lambda value: value * (1 / 256)).convert("L")
    if image.has_transparency_data:
        return image if image.mode == "RGBA" else image.convert("RGBA")
    return image if image.mode in {"L", "RGB"} else image.convert("RGB")


def _encoded(image: Image.Image, kept: str) -> bytes:
    out = io.BytesIO()
    if kept == "JPEG":
        image.convert("RGB").save(out, "JPEG", quality=85, progressive=True, optimize=True)
    elif kept == "WEBP":
        image.save(out, "WEBP", quality=80, method=3)
    else:
        image.save(out, "PNG", compress_level=6)
    return out.getvalue()
