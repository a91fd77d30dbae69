"""Runs every benchmark and prints the machine it ran on."""

from __future__ import annotations

import asyncio
import os
import platform

from bench import turns
from bot.clock import wall_clock


def main() -> None:
    print(f"{wall_clock():%Y-%m-%d} · {os.cpu_count()} cores · Python {platform.python_version()}")
    asyncio.run(turns.run())


if __name__ == "__main__":
    main()
