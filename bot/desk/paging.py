"""Which page of a long list is shown."""

from __future__ import annotations

from dataclasses import dataclass

SIZE = 50  # rows a page


@dataclass(frozen=True, slots=True)
class Paged:
    """`number` counts from 1."""

    number: int
    total: int
    size: int = SIZE

    @property
    def last(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size


def paged(wanted: str, total: int, size: int = SIZE) -> Paged:
    """`wanted` as it stands in the address: what is no page is the nearest one."""
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 9 else 1
    last = Paged(1, total, size).last
    return Paged(min(max(number, 1), last), total, size)
