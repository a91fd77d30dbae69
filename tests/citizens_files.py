"""Files as citizens send them, good and bad, made where they are needed."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

from PIL import Image, PngImagePlugin

SECRET = b"SecretPlace"  # what rides along with a picture
HEIC = (Path(__file__).parent / "files" / "tiny.heic").read_bytes()  # its maker is SecretCamera
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"


def picture(width: int = 40, height: int = 30, colour: str = "red") -> Image.Image:
    return Image.new("RGB", (width, height), colour)


def encoded(image: Image.Image, kind: str, **more: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


def png() -> bytes:
    told = PngImagePlugin.PngInfo()
    told.add_text("Comment", SECRET.decode())
    return encoded(picture(), "PNG", pnginfo=told)


def jpeg() -> bytes:
    """Taken with the camera held upright, with the place in it, and a zip behind its end."""
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation
    exif[0x010E] = SECRET.decode()
    exif.get_ifd(0x8825)[1] = "N"
    return encoded(picture(), "JPEG", exif=exif, comment=SECRET) + b"PK\x03\x04" + SECRET


def webp() -> bytes:
    return encoded(picture(), "WEBP", xmp=b"<x>" + SECRET + b"</x>")


def gif() -> bytes:
    return encoded(picture(), "GIF")


def bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A PNG of a few hundred bytes that unpacks to gigabytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        checked = name + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\x00" * 100_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
