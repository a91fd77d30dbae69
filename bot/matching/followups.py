"""Follow-up questions that lean on what was answered last: 要什么材料, 能网上办吗, 那个怎么弄."""

from __future__ import annotations

from .lexicon import Lexicon
from .reading import Reading

LONGEST = 14  # signs; a longer text has a subject of its own
LEFT = 3  # characters that may remain beside the words of the question
_LIGHT = frozenset({"办理", "申领", "流程", "查询", "参保", "缴费", "老人", "本地"})
_POINTING = ("那个", "这个", "那", "这", "它", "上面", "刚才", "刚刚")


def leaning(question: Reading, lexicon: Lexicon, typed: frozenset[int]) -> str | None:
    """materials, channels, time_limit, conditions, basis, or None if the text stands alone."""
    if not 0 < question.length <= LONGEST:
        return None
    found: str | None = None
    pointing = any(word in question.text for word in _POINTING)
    for hit in question.hits:
        for concept, weight in hit.meaning.concepts:
            name = lexicon.names[concept]
            if name in lexicon.aspects:
                found = found or lexicon.aspects[name]
            elif concept in typed and name not in _LIGHT and weight == 1.0:
                return None
    left = len(question.text) - sum(len(hit.words) for hit in question.hits)
    if left > LEFT + 2 * pointing:
        return None
    if found is None and pointing and question.length <= 8 and question.hits:
        return "channels"
    return found
