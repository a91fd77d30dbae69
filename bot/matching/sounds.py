"""Homophone repair: a stretch that is no word but sounds like a term of the field becomes it.

Rule 1: two characters: the same toneless syllables, and one character the same.
Rule 2: three to six: the same after folding zh/z, ng/n and the like, at least half the same.
Rule 3: what the entries themselves write, and known words, are never repaired.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import lru_cache

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
        self._by_sound: dict[str, list[str]] = {}
        for term in dict.fromkeys(terms):
            if SHORTEST <= len(term) <= LONGEST and all(map(syllable, term)):
                self._by_sound.setdefault(_key(term), []).append(term)
        self._starts = {key.split()[0] for key in self._by_sound}

    def repaired(self, text: str, is_word: Callable[[str], bool]) -> str:
        """`text` with slips put right; `is_word` says what the entries themselves write."""
        head, tail = text[:READ], text[READ:]
        sounds = [folded(c) for c in head]
        at = 0
        out: list[str] = []
        while at < len(head):
            term = self._term_at(head, sounds, at, is_word) if sounds[at] in self._starts else None
            out.append(term or head[at])
            at += len(term) if term else 1
        return "".join(out) + tail

    def _term_at(
        self, text: str, sounds: list[str], at: int, is_word: Callable[[str], bool]
    ) -> str | None:
        for length in range(min(LONGEST, len(text) - at), SHORTEST - 1, -1):
            terms = self._by_sound.get(" ".join(sounds[at : at + length]))
            if not terms:
                continue
            words = text[at : at + length]
            if words in terms:
                return None
            for term in terms:
                if self._slip(words, term) and not is_word(words) and words not in self._never:
                    return term
        return None

    def _slip(self, words: str, term: str) -> bool:
        same = sum(a == b for a, b in zip(words, term, strict=True))
        if len(term) == SHORTEST:
            return same == 1 and all(map(_same_sound, words, term))
        return 2 * same >= len(term)


def _same_sound(one: str, other: str) -> bool:
    return syllable(one) == syllable(other)


def _key(term: str) -> str:
    return " ".join(map(folded, term))
