"""Our search over all entries, built once for the tests that ask it."""

from __future__ import annotations

from functools import cache

from bot.matching.lexicon import Lexicon
from bot.matching.matcher import Matcher
from bot.matching.types import Document
from handlers.contents import load_lexicon, matcher
from handlers.files import load_knowledge


@cache
def lexicon() -> Lexicon:
    return load_lexicon()


@cache
def everything() -> Matcher:
    return matcher(load_knowledge(), lexicon())


def over(*documents: Document) -> Matcher:
    """A search over a few documents."""
    return Matcher(documents, lexicon())
