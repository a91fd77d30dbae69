"""Two questions in one message are seen; a single question is never split."""

from __future__ import annotations

import pytest

from bot.matching.several import parts
from handlers.files import load_entries

TWO = {
    "我如何转移社保？另外，我的医保卡丢了怎么办？": "我的医保卡丢了怎么办?",
    "失业金怎么领，还有社保断了怎么补？": "社保断了怎么补?",
    "产假多少天？顺便问一下生育津贴怎么算": "问一下生育津贴怎么算",
    "退休年龄是多少？第二，养老金怎么算？": "养老金怎么算?",
}
ONE = (
    "失业保险金怎么申领，需要什么材料？",
    "怎么转移？要什么材料？",
    "我换了单位，另外一个城市的社保怎么办？",
    "另外一个问题",
    "还有多久能退休？",
    "社保卡丢了，还有补办的机会吗",
)


@pytest.mark.parametrize(("text", "second"), TWO.items(), ids=TWO.keys())
def test_a_second_matter_that_is_announced_is_seen(text: str, second: str) -> None:
    assert parts(text)[1] == second


@pytest.mark.parametrize("text", ONE)
def test_one_matter_stays_one(text: str) -> None:
    assert parts(text) == ()


def test_no_wording_of_an_entry_is_split() -> None:
    entries = load_entries().values()
    split = [t for e in entries for t in (e.question, *e.asks) if parts(t)]
    assert split == []
