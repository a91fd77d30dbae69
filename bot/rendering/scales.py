"""A vertical scale of round steps."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

STEPS = 5  # about so many


@dataclass(frozen=True, slots=True)
class Scale:
    """From `lowest` to `highest`, with the amounts that are written beside it."""

    lowest: Decimal
    highest: Decimal
    steps: tuple[tuple[Decimal, str], ...]

    def at(self, value: Decimal, high: float, low: float) -> float:
        """Where a value stands between the heights `high` and `low`."""
        share = (value - self.lowest) / (self.highest - self.lowest)
        return low - float(share) * (low - high)


def scale(least: Decimal, most: Decimal) -> Scale:
    """Around both amounts, nothing included, in steps of 1, 2 or 5 times a power of ten."""
    least, most = min(least, Decimal(0)), max(most, Decimal(0))
    rough = (most - least) / STEPS or Decimal(1)
    power = Decimal(1).scaleb(rough.adjusted())
    step = next(power * n for n in (1, 2, 5, 10) if power * n >= rough)
    first, last = _down(least / step), -_down(-most / step)
    values = [step * n for n in range(first, max(last, first + 1) + 1)]
    return Scale(values[0], values[-1], tuple((value, _said(value)) for value in values))


def _down(share: Decimal) -> int:
    whole = int(share)
    return whole - 1 if share < whole else whole


def _said(value: Decimal) -> str:
    """`12万` where it is shorter and exact, else `8000`."""
    if abs(value) >= 10000 and value % 1000 == 0:
        return f"{(value / 10000).normalize():f}万"
    return f"{value:f}"
