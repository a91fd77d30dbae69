"""Follow-up questions that lean on what was answered last: 要什么材料, 能网上办吗, 那个怎么弄."""

from __future__ import annotations

from .lexicon import Lexicon
from .reading import Reading

LONGEST = 14  # signs; a longer text has a subject of its own
SHORT = 8  # signs of a text that only points
LEFT = 3  # characters that may remain beside the words of the question
_LIGHT = frozenset({"办理", "申领", "流程", "查询", "参保", "缴费", "老人", "本地"})
_POINTING = ("那个", "这个", "那", "这", "它", "上面", "刚才", "刚刚")


VAGUE = "vague"  # it points at the topic without asking anything of it


def pointing(question: Reading) -> bool:
    """Whether a short text points at something said before: 那个怎么弄."""
    return question.length <= SHORT and any(word in question.text for word in _POINTING)


def leaning(question: Reading, lexicon: Lexicon, typed: frozenset[int]) -> tuple[str, ...]:
    """materials, channels, time_limit, conditions, basis, or vague; empty if it stands alone."""
    if not 0 < question.length <= LONGEST:
        return ()
    found: dict[str, None] = {}
    points = any(word in question.text for word in _POINTING)
    for hit in question.hits:
        for concept, weight in hit.meaning.concepts:
            name = lexicon.names[concept]
            if name in lexicon.aspects:
                found[lexicon.aspects[name]] = None
            elif concept in typed and name not in _LIGHT and weight == 1.0:
                return ()
    left = len(question.text) - sum(len(hit.words) for hit in question.hits)
    if left > LEFT + 2 * points:
        return ()
    if pointing(question) and question.hits:
        return (VAGUE,)
    return tuple(found)
