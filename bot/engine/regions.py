"""Places: provinces and prefecture-level cities by their everyday names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.engine.parameters import NATIONWIDE


@dataclass(frozen=True, slots=True)
class Regions:
    """`province_of` maps every city to its province; a province maps to 全国."""

    province_of: Mapping[str, str]
    _pattern: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        names = sorted(self.province_of, key=len, reverse=True)
        pattern = re.compile("|".join(map(re.escape, names)) if names else r"(?!)")
        object.__setattr__(self, "_pattern", pattern)

    @property
    def pattern(self) -> str:
        """Matches any name, the longest first."""
        return self._pattern.pattern

    def __contains__(self, name: object) -> bool:
        return name in self.province_of

    def around(self, region: str) -> tuple[str, ...]:
        """The wider places, nearest first: 长沙 → (湖南, 全国)."""
        wider = []
        while (region := self.province_of.get(region, NATIONWIDE)) != NATIONWIDE:
            if region in wider:  # a city named as its province (吉林)
                break
            wider.append(region)
        return (*wider, NATIONWIDE)

    def named(self, text: str) -> tuple[str, ...]:
        """The places named in a text in order; a province before its city is dropped (湖南长沙)."""
        found = list(dict.fromkeys(self._pattern.findall(text)))
        return tuple(
            place
            for i, place in enumerate(found)
            if not (i + 1 < len(found) and self.province_of.get(found[i + 1]) == place)
        )
