"""Runs every benchmark, or those named, and prints the machine it ran on.

`python -m bench [turns] [wechat] [cases] [search [--data DIR]]`
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
from pathlib import Path

from bot.clock import wall_clock

ALL = ("search", "turns", "wechat", "cases")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("which", nargs="*", choices=[*ALL, []], help="all of them if none is named")
    parser.add_argument("--data", type=Path, help="a folder of labelled questions, as for evaluate")
    given = parser.parse_args()
    which = given.which or ALL
    load = " ".join(f"{n:.1f}" for n in os.getloadavg())
    print(f"{wall_clock():%Y-%m-%d} · {os.cpu_count()} cores, load {load}", end="")
    print(f" · Python {platform.python_version()}")
    # Each imports what it measures: the search must not carry a web server's memory.
    if "search" in which:
        from bench import search

        search.run(given.data)
    if "turns" in which:
        from bench import turns

        asyncio.run(turns.run())
    if "cases" in which:
        from bench import cases

        asyncio.run(cases.run())
    if "wechat" in which:
        from bench import wechat

        asyncio.run(wechat.run())


if __name__ == "__main__":
    main()
