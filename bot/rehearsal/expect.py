"""What a script expects of replies, and what is wrong with those that came."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from bot.engine.types import Reply
from bot.rendering import file_name


def folded(text: str) -> str:
    """NFKC without white space: how texts are compared."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def failures(
    expected: Mapping[str, Any], replies: Sequence[Reply], fill: Callable[[str], str]
) -> Iterator[str]:
    """A sentence for each thing that is not as expected. `fill` puts kept values in."""
    said = folded("\n".join(reply.text for reply in replies))

    def listed(key: str) -> list[str]:
        value = expected.get(key, [])
        return [folded(fill(str(v))) for v in (value if isinstance(value, list) else [value])]

    for text in listed("contains"):
        if text not in said:
            yield f"should contain “{text}”"
    if "any" in expected and not any(text in said for text in listed("any")):
        yield f"should contain one of {listed('any')}"
    for text in listed("lacks"):
        if text in said:
            yield f"should not contain “{text}”"
    for pattern in expected.get("matches", []):
        if not re.search(fill(str(pattern)), unicodedata.normalize("NFKC", said)):
            yield f"should match {pattern}"
    yield from _about_choices(listed("choices"), replies)
    yield from _about_counts(expected, replies)
    carried = [file_name(one) for reply in replies for one in reply.enclosures]
    for name in expected.get("attachments", []):
        if name not in carried:
            yield f"should carry {name}, carries {carried}"
    kinds, entries = {r.kind for r in replies}, {r.entry for r in replies}
    if "kind" in expected and expected["kind"] not in kinds:
        yield f"kind should be {expected['kind']}, is {sorted(kinds)}"
    if "entry" in expected and expected["entry"] not in entries:
        yield f"entry should be {expected['entry']}, is {[e for e in entries if e]}"


def _about_choices(labels: list[str], replies: Sequence[Reply]) -> Iterator[str]:
    offered = [folded(choice.label) for reply in replies for choice in reply.choices]
    for label in labels:
        if not any(label in one for one in offered):
            yield f"should offer “{label}”, offers {offered}"


def _about_counts(expected: Mapping[str, Any], replies: Sequence[Reply]) -> Iterator[str]:
    for key in ("messages", "count"):
        if key in expected and len(replies) != expected[key]:
            yield f"should be {expected[key]} messages, are {len(replies)}"
    longest = max((len(reply.text) for reply in replies), default=0)
    if longest > expected.get("at_most", longest):
        yield f"should be at most {expected['at_most']} characters, are {longest}"
