"""Whether a document has a question word for word, or but for a slip of the finger.

Rule: a slip changes no meaning: a number, a negation, a limit or a person that only one side has is none.
"""

from __future__ import annotations

import re

import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

from .index import Floats, Ints
from .library import Library

LEAST, MOST = 5, 40  # characters
ALIKE = 85.0  # rapidfuzz's ratio from which two wordings may be one, 100 being the same
_TELLS = re.compile(
    r"[0-9a-z不没未无非别只仅再已还超前后上下内外里男女新老旧双单子父母夫妻大小多少高低有停补退]"
)


def likeness(text: str, library: Library, documents: Ints) -> Floats:
    """For each of `documents` 1 if a wording of it is the text, 0.5 and more but for a slip, else 0."""
    found = np.zeros(len(documents), np.float32)
    if not LEAST <= len(text) <= MOST:
        return found
    sizes = library.sizes[documents]
    place = np.repeat(np.arange(len(documents)), sizes)
    begin = library.first[documents] - (np.cumsum(sizes) - sizes)
    texts = np.arange(len(place)) + begin[place]
    near = np.abs(library.closed_length[texts] - len(text)) <= len(text) * (1 - ALIKE / 100) * 2
    wordings = [library.closed[n] for n in texts[near].tolist()]
    best = process.extractOne(text, wordings, scorer=fuzz.ratio, score_cutoff=ALIKE)
    if best is not None and (best[1] == 100 or _slip(text, best[0])):
        found[place[near][best[2]]] = 0.5 + 0.5 * (best[1] - ALIKE) / (100 - ALIKE)
    return found


def _slip(one: str, other: str) -> bool:
    """Whether what is only in one of them changes no meaning."""
    steps = Levenshtein.opcodes(one, other)
    only = (
        one[s.src_start : s.src_end] + other[s.dest_start : s.dest_end]
        for s in steps
        if s.tag != "equal"
    )
    return not any(_TELLS.search(words) for words in only)
