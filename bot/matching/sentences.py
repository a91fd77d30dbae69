"""Which part of a message asks: clauses and how much each of them counts.

Rule 1: a short message is one clause and counts fully.
Rule 2: in a long one the clauses that ask count fully, the story around them less.
Rule 3: forms of address and thanks count nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

SHORT = 40  # characters; up to here a message is not weighed by clause
MOST = 60  # clauses that are weighed; the rest counts as story
_STORY, _ASKING, _EDGE = 0.45, 1.0, 0.6

_SENTENCE = re.compile(r"[^。!?;\n]+[。!?;\n]*")
_CLAUSE = re.compile(r"[^,、。!?;:\n]+[,、。!?;:\n]*")
_ASKS = re.compile(
    r"\?|吗|怎么|怎样|咋|如何|能否|能不能|可否|可不可以|是否|是不是|有没有|要不要|用不用|会不会|需不需|该不该|算不算"
    r"|多少|多久|几[个年月天岁号多]|什么|啥|哪[里儿些个种]|去哪|为何|为啥|请问|咨询|想知道|想了解|想问|怎办|还能|可以[^,。]{0,12}不"
    r"|呢|求助|请求|希望|要求|投诉|举报|反映|合理|合法|应不应|何时|几时"
)
_ADDRESS = re.compile(
    r"^(?:尊敬的?|敬爱的|各位|亲爱的)?[^,。!?]{0,8}(?:领导|书记|市长|县长|局长|主任|部门|老师|同志|工作人员)[们]?(?:你|您)?们?好?[:,!。]*$"
    r"|^(?:你|您)们?好[,!。]*$|^(?:万分|非常|十分)?(?:感谢|谢谢|盼复|望回复|急)[^,。]{0,6}[。!]*$"
)


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of the message and how much it counts (0–1)."""

    text: str
    weight: float


def asks(text: str) -> bool:
    """Whether normalised words ask for something."""
    return _ASKS.search(text) is not None


def clauses(text: str) -> list[Clause]:
    """The clauses of a normalised message with their weights."""
    if len(text) <= SHORT:
        return [Clause(text, 1.0)]
    sentences = _SENTENCE.findall(text)
    found: list[Clause] = []
    for number, sentence in enumerate(sentences):
        edge = number == 0 or number == len(sentences) - 1
        asking = bool(_ASKS.search(sentence))
        parts = _CLAUSE.findall(sentence)
        found.extend(Clause(part, _weight(part, asking, edge)) for part in parts)
    head, tail = found[:MOST], found[MOST:]
    if tail:
        head.append(Clause(" ".join(c.text for c in tail), _STORY))
    return head or [Clause(text, 1.0)]


def _weight(part: str, in_question: bool, edge: bool) -> float:
    if _ADDRESS.match(part.strip()):
        return 0.0
    if _ASKS.search(part):
        return _ASKING
    if in_question:
        return 0.6
    return _EDGE if edge else _STORY
