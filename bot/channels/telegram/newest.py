"""A count for each of the newest keys: what is older is forgotten, so that memory stays small."""

from __future__ import annotations

from collections import OrderedDict

MOST_KEYS = 10_000


class Newest:
    """Counts from 0; a key that was never set, or long ago, counts 0."""

    def __init__(self, most: int = MOST_KEYS) -> None:
        self._most = most
        self._counts: OrderedDict[str, int] = OrderedDict()

    def __getitem__(self, key: str) -> int:
        return self._counts.get(key, 0)

    def __setitem__(self, key: str, count: int) -> None:
        self._counts[key] = count
        self._counts.move_to_end(key)
        while len(self._counts) > self._most:
            self._counts.popitem(last=False)

    def forget(self, key: str) -> None:
        self._counts.pop(key, None)
