"""Two questions in one message: where the second begins, said so plainly that nobody could differ.

Rule: a single question is never split. So the second part must begin with a word that says that
another matter follows (另外, 还有, 顺便…), and both parts must ask.
"""

from __future__ import annotations

import re

from .normalise import normalise
from .sentences import asks

LONGEST = 100  # characters; a longer message is a story, with many questions about one matter
SHORTEST = 5  # characters of a part
_ANOTHER = re.compile(
    r"(?<=[?。!;\n,])\s*(?:另外|还有|顺便|再问|再请问|还想问|还想请问|同时想问|其次|第二|第三|另|2[.、])[,:]?(?=.{4})"
)


def parts(text: str) -> tuple[str, ...]:
    """The questions that a message holds, when there are two or more; else none."""
    return of_normalised(normalise(text))


def of_normalised(text: str) -> tuple[str, ...]:
    """`parts` of a text that is normalised already."""
    if len(text) > LONGEST or not _ANOTHER.search(text):
        return ()
    found = tuple(part.strip(" ,;。\n") for part in _ANOTHER.split(text))
    plain = len(found) > 1 and all(len(p) >= SHORTEST and asks(p) for p in found)
    return found if plain else ()
