"""A page to draw on: sizes for a phone, colours that can be told apart, and our own font.

The font is shipped (`fonts/`), so that a picture looks alike on every machine; it has the characters
of GB 2312. Whatever is 1,080 wide here is some 320 wide on a phone: nothing is written below 44 (13).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from bot.rendering import Undrawable

FONT = Path(__file__).parent / "fonts" / "wqy-microhei-gb2312.ttf"
WIDE, EDGE = 1080, 48
TITLE, BODY, SMALL = 60, 52, 44
INK, SOFT, RULE, PAPER = "#14202b", "#44525f", "#c9d3dc", "#ffffff"
COLOURS = ("#0b4f8a", "#b3400d", "#1d6b3a", "#6a3d9a")  # 5.9 and more on white
PALE = "#86aed0"
_PIECES = re.compile(r"[0-9A-Za-z][0-9A-Za-z.%+-]*|.", re.S)
_END_OF_LINE = "，。；：、）》"  # never begin a line


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT, size)


def width(text: str, size: int) -> float:
    return font(size).getlength(text)


def check(*texts: str) -> None:
    """Raises Undrawable."""
    for text in texts:
        try:
            text.encode("gb2312")
        except UnicodeEncodeError as error:
            raise Undrawable(f"no glyph at {error.start}") from None


def wrapped(text: str, size: int, room: float) -> Iterator[str]:
    """Lines that fit; a date or an amount stays whole, a mark that ends a sentence hangs on."""
    line = ""
    for piece in _PIECES.findall(text):
        if line and width(line + piece, size) > room and piece not in _END_OF_LINE:
            yield line
            line = ""
        line += piece
    if line:
        yield line


class Canvas:
    """A white page of a height; texts are placed by their left, right or middle, and their centre."""

    def __init__(self, high: int) -> None:
        self.high = high
        self._image = Image.new("RGB", (WIDE, high), PAPER)
        self.draw = ImageDraw.Draw(self._image)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: int = BODY,
        colour: str = INK,
        *,
        at: str = "l",
        bold: bool = False,
    ) -> None:
        """`at`: l, m or r of the text stands at `x`; its middle at `y`."""
        self.draw.text(
            (x, y),
            text,
            fill=colour,
            font=font(size),
            anchor=f"{at}m",
            stroke_width=1 if bold else 0,
            stroke_fill=colour,
        )

    def dashed(self, x: float, top: float, bottom: float, colour: str = SOFT) -> None:
        y = top
        while y < bottom:
            self.draw.line([(x, y), (x, min(y + 14, bottom))], fill=colour, width=3)
            y += 26

    def png(self) -> bytes:
        """In 64 colours: a third of the size. The octree takes a fifth of the median cut's time."""
        held = BytesIO()
        few = self._image.quantize(64, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        few.save(held, "PNG")
        return held.getvalue()
