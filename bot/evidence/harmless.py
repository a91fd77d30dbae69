"""What a citizen's file is, told from its bytes, and a copy of it that carries nothing else.

Rule 1: neither a name nor a declared type counts; what the bytes do not show is refused.
Rule 2: a picture is drawn anew: place, camera, comments, thumbnails and whatever hangs behind its end
        stay outside. JPEG stays JPEG, PNG stays PNG, WebP and HEIC become JPEG, which every browser shows.
Rule 3: the size of a picture is looked at before it is unpacked.
Rule 4: a PDF is kept as it is; it is only ever handed out as a download.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from PIL import Image

MOST_PIXELS = 50_000_000  # of a picture as it came; unpacked, four bytes each at most
LONGEST_SIDE = 4_096  # pixels of what is kept: a page of writing stays readable
QUALITY = 88
PICTURES = ("PNG", "JPEG", "WEBP", "HEIF")
PDF_HEAD, PDF_END, PDF_TAIL = b"%PDF-", b"%%EOF", 2_048

Why = Literal["empty", "kind", "broken", "dimensions"]


class Harmful(ValueError):
    """Not kept. `why`: empty, of no known kind, broken, or too many pixels."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Harmless:
    media: str
    data: bytes


ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "application/pdf": "pdf"}


def harmless(data: bytes) -> Harmless:
    """Takes as long as the picture is large: call it in a thread. Raises Harmful."""
    if not data:
        raise Harmful("empty")
    if data.startswith(PDF_HEAD):
        if PDF_END not in data[-PDF_TAIL:]:
            raise Harmful("broken")
        return Harmless("application/pdf", data)
    return _drawn_anew(data)


def _drawn_anew(data: bytes) -> Harmless:
    import pi_heif  # no start waits for them
    from PIL import Image

    pi_heif.register_heif_opener(thumbnails=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns below our own limit
        try:
            picture = Image.open(io.BytesIO(data), formats=PICTURES)
        except Image.DecompressionBombError:
            raise Harmful("dimensions") from None
        except Exception as error:  # no such picture, or a damaged head: it fails in many ways
            raise Harmful("kind") from error
        if picture.width * picture.height > MOST_PIXELS:
            raise Harmful("dimensions")
        try:
            return _copied(picture)
        except Exception as error:
            raise Harmful("broken") from error


def _copied(picture: Image.Image) -> Harmless:
    from PIL import Image, ImageOps

    kind = "PNG" if picture.format == "PNG" else "JPEG"
    picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is unpacked no larger than needed
    ImageOps.exif_transpose(picture, in_place=True)
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    seen = picture.convert("RGBA")
    clean = Image.new("RGB", seen.size, "white")
    clean.paste(seen, mask=seen.getchannel("A"))
    out = io.BytesIO()
    clean.save(out, kind, quality=QUALITY)
    return Harmless(f"image/{kind.lower()}", out.getvalue())
