"""Bad input, many times over: every text gets a band, and none gets an exception.

`python -m bench.fuzz [--times 100000] [--seed 1]` prints how the texts ended and the slowest ones; the exit
status is 1 if any raised. Texts are made of our own wordings and of what people never should have sent.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable

from bot.matching.types import Found
from handlers.contents import playbook

BANDS = ("answer", "clarify", "refuse")
SLOWEST = 5  # that are shown
LENGTHS = (0, 1, 2, 5, 12, 30, 80, 300, 2_000, 10_000)
OFTEN = (2, 6, 6, 12, 30, 20, 10, 4, 0.6, 0.3)  # how often each length is tried
MARKS = r"\.*+?^$|()[]{}'\";--/**/%_#&<>!~`@=,:，。？！、；：“”（）【】《》…—"
STRANGE = (
    "\x00\x07\x08\x1b\x7f\u200b\u200d\u202e\ufeff\ufffd\ufe0f\ud800\udbff\udfff\u0301\u3000\n\t\r"
)
SQL = "'; DROP TABLE lines; -- OR 1=1 UNION SELECT * FROM x WHERE a LIKE '%"


def texts(chance: random.Random, words: list[str]) -> dict[str, Callable[[int], str]]:
    """Ways to make a text of about a length."""

    def signs(pool: str) -> Callable[[int], str]:
        return lambda length: "".join(chance.choices(pool, k=length))

    def anything(length: int) -> str:
        return "".join(chr(chance.randrange(0x110000)) for _ in range(length))

    def cut(length: int) -> str:
        out = ""
        while len(out) < length:
            word = chance.choice(words)
            out += word[: chance.randrange(len(word) + 1)]
        return out[:length]

    def mixed(length: int) -> str:
        pieces = [cut(length // 3), signs(MARKS + STRANGE)(length // 3), anything(length // 3)]
        chance.shuffle(pieces)
        return "".join(pieces)

    def slipped(length: int) -> str:
        letters = list(cut(max(1, length)))
        for _ in range(1 + len(letters) // 8):
            letters[chance.randrange(len(letters))] = chance.choice(MARKS + STRANGE + "社保Ａ１")
        return "".join(letters)

    return {
        "pieces of wordings": cut,
        "wordings with slips": slipped,
        "mixed": mixed,
        "any character": anything,
        "marks": signs(MARKS),
        "control characters and surrogates": signs(STRANGE),
        "SQL": signs(SQL),
        "one character": lambda length: chance.choice("社的百aＡ1?\ud800😀\x00") * length,
        "traditional, kana, hangul, arabic": signs("養老保險戶籍證かなカナ한글عربيไทยİß"),
        "numerals": signs("零一二三十百千万亿两〇岁年月元0123456789,.%"),
        "emoji": signs("😀👨\u200d👩🇨🇳❤\ufe0f🏥"),
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.fuzz", description=__doc__)
    parser.add_argument("--times", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    chance = random.Random(given.seed)
    book = playbook()
    words = [t for e in book.knowledge.entries.values() for t in (e.question, *e.asks)]
    ways = texts(chance, words)
    ends: Counter[str] = Counter()
    slowest: list[tuple[float, str, int]] = []
    faults = 0
    for _ in range(given.times):
        way = chance.choice(list(ways))
        text = ways[way](chance.choices(LENGTHS, OFTEN)[0])
        began = time.process_time()
        try:
            found = book.search.search(
                text,
                region=chance.choice((None, None, "长沙", "?*[")),
                topic=chance.choice((None, None, "SC01", "nothing")),
            )
            ends[found.band] += _sound(found)
            book.search.leans(text)
            book.search.why(text, "SC01")
        except Exception:
            faults += 1
            if faults <= SLOWEST:
                print(f"{way}: {text!r}\n{traceback.format_exc()}")
        spent = (time.process_time() - began) * 1000
        slowest = sorted([*slowest, (spent, way, len(text))], reverse=True)[:SLOWEST]
    print(f"{given.times} texts, seed {given.seed}: {dict(ends)}, {faults} raised")
    for spent, way, length in slowest:
        print(f"{spent:8.1f} ms  {way}, {length} characters")
    return 1 if faults else 0


def _sound(found: Found) -> int:
    """1. Raises AssertionError unless the answer keeps what its type promises."""
    assert found.band in BANDS
    assert 0 <= found.score <= 1
    assert (found.reason is not None) == (found.band == "refuse")
    assert len(found.candidates) <= 10
    assert all(0 <= candidate.score <= 1 for candidate in found.candidates)
    return 1


if __name__ == "__main__":
    sys.exit(main())
