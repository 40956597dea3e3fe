"""Files for the tests, made here."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Any

from PIL import Image

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
EXE = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + bytes(200)
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(document.cookie)</script>"
OOXML = "application/vnd.openxmlformats-officedocument."


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), mode: str = "RGB", colour: Any = (200, 30, 30), **more: Any) -> bytes:
    """A picture of one colour."""
    out = io.BytesIO()
    Image.new(mode, size, colour).save(out, kind, **more)
    return out.getvalue()


def photo_with_place() -> bytes:
    """A photo lying on its side, that says where and with what it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Secretcamera"
    place = exif.get_ifd(0x8825)
    place[1], place[2] = "N", (46.0, 12.0, 30.0)
    return picture("JPEG", (80, 40), exif=exif, comment=b"taken in secret", icc_profile=b"a profile of a device")


def bomb(width: int = 30_000, height: int = 30_000) -> bytes:
    """A small PNG file of very many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((width // 8 + 1) * 1000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def packed(parts: dict[str, bytes], first: str | None = None) -> bytes:
    """A ZIP archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        if first is not None:
            archive.writestr(zipfile.ZipInfo("mimetype"), first)
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def office(part: str = "word/document.xml", kind: str = "wordprocessingml.document", **more: bytes) -> bytes:
    """An office document of the smaller kind."""
    types = f'<Types><Override PartName="/{part}" ContentType="{OOXML}{kind}.main+xml"/></Types>'.encode()
    return packed({"[Content_Types].xml": types, part: b"<x/>", **more})


def open_document(kind: str = "text", **more: bytes) -> bytes:
    """An OpenDocument file."""
    return packed({"content.xml": b"<x/>", **more}, first=f"application/vnd.oasis.opendocument.{kind}")
