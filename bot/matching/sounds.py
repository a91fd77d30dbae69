"""Homophone repair: a stretch that is no word but sounds like a term of the field becomes it.

Rule 1: two characters: the same toneless syllables, and one character the same.
Rule 2: three to six: the same after folding zh/z, ng/n and the like, at least half the same.
Rule 3: what the entries themselves write, and known words, are never repaired, nor torn.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import pairwise

# Only single characters are looked up; the phrase table would cost 40 MB.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")
from pypinyin import Style, pinyin

SHORTEST, LONGEST = 2, 6  # characters of a term
READ = 400  # characters of a message that are looked at; typing slips matter in short ones
_FOLDED = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"))


@lru_cache(maxsize=8192)
def syllable(character: str) -> str:
    """Toneless pinyin of one character, or "" if it has none."""
    if not "\u4e00" <= character <= "\u9fff":
        return ""
    return pinyin(character, style=Style.NORMAL)[0][0]


@lru_cache(maxsize=8192)
def folded(character: str) -> str:
    """The syllable as southern speakers hear it: zh = z, ch = c, sh = s, ng = n."""
    sound = syllable(character)
    for before, after in _FOLDED:
        sound = sound.replace(before, after)
    return sound


class Sounds:
    """Terms by their sound."""

    def __init__(self, terms: Iterable[str], never: frozenset[str]) -> None:
        self._never = never
        self._by_sound: dict[tuple[str, ...], list[str]] = {}
        for term in dict.fromkeys(terms):
            if SHORTEST <= len(term) <= LONGEST and all(map(syllable, term)):
                self._by_sound.setdefault(tuple(map(folded, term)), []).append(term)
        lengths: dict[tuple[str, ...], set[int]] = {}
        for key in self._by_sound:
            lengths.setdefault(key[:2], set()).add(len(key))
        # The first two sounds → lengths of terms that begin so, longest first.
        self._lengths = {key: sorted(found, reverse=True) for key, found in lengths.items()}

    def repaired(self, text: str, is_word: Callable[[str], bool]) -> str:
        """`text` with slips put right; `is_word` says what the entries themselves write."""
        head = text[:READ]
        sounds = tuple(map(folded, head))
        lengths = self._lengths
        begins = [n for n, pair in enumerate(pairwise(sounds)) if pair in lengths]
        out: list[str] = []
        end = 0
        for at in begins:
            if at >= end and (term := self._term_at(head, sounds, at, is_word)):
                out += head[end:at], term
                end = at + len(term)
        return "".join((*out, text[end:])) if out else text

    def _term_at(
        self, text: str, sounds: tuple[str, ...], at: int, is_word: Callable[[str], bool]
    ) -> str | None:
        for length in self._lengths[sounds[at : at + 2]]:
            terms = self._by_sound.get(sounds[at : at + length])
            if not terms:
                continue
            words = text[at : at + length]
            if words in terms:
                return None
            if words in self._never or is_word(words):
                continue
            for term in terms:
                if self._slip(words, term) and not _torn(text, at, term, is_word):
                    return term
        return None

    def _slip(self, words: str, term: str) -> bool:
        same = sum(a == b for a, b in zip(words, term, strict=True))
        if len(term) == SHORTEST:
            return same == 1 and all(map(_same_sound, words, term))
        return 2 * same >= len(term)


def _torn(text: str, at: int, term: str, is_word: Callable[[str], bool]) -> bool:
    """Whether `term` at `at` would tear a word: the 半 of 公司半年 is no slip of 公司搬."""
    last = at + len(term) - 1
    after = text[last : last + 2]
    if text[last] != term[-1] and len(after) == 2 and is_word(after):
        return True
    return at > 0 and text[at] != term[0] and is_word(text[at - 1 : at + 1])


def _same_sound(one: str, other: str) -> bool:
    return syllable(one) == syllable(other)
