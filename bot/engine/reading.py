"""Readers of answers: a text in, a value out, or `Unclear` with an example of a good answer."""

from __future__ import annotations

from collections.abc import Callable

from bot.engine.form import Unclear
from bot.engine.regions import Regions
from bot.engine.text import clean, plain


def sentence(least: int = 4, most: int = 2000) -> Callable[[str], str]:
    """Free words of `least` to `most` characters."""

    def read(text: str) -> str:
        words = clean(text)
        if len(plain(words)) < least:
            raise Unclear("请再多说几个字，例如“2023年10月的养老保险没有缴费记录”。")
        return words[:most]

    return read


def place(regions: Regions) -> Callable[[str], str]:
    """A province or city."""

    def read(text: str) -> str:
        named = regions.named(text)
        if not named or len(plain(text)) > 30:
            raise Unclear("没认出这个地方。请回复省或市的名字，例如“长沙”或“湖南”。")
        return named[0]

    return read


def one_of(options: tuple[str, ...]) -> Callable[[str], str]:
    """One of the offered words."""

    def read(text: str) -> str:
        word = plain(text)
        for option in options:
            if word == plain(option):
                return option
        raise Unclear(f"请从这些里选一个：{'、'.join(options)}。")

    return read
