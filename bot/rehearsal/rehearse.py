"""`rehearse`: scripted conversations, each in a fresh database."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bot.rehearsal.play import Failure, play
from bot.rehearsal.script import BadScript, read_scripts
from handlers.contents import playbook


async def rehearse(paths: Sequence[Path], as_json: bool) -> int:
    """Exit status: 1 if any failed, 2 if a file is not well-formed."""
    try:
        scripts = [script for path in paths for script in read_scripts(path)]
    except BadScript as problem:
        print(problem, file=sys.stderr)
        return 2
    book = playbook()
    failures: list[Failure] = []
    failed = 0
    for script in scripts:
        found = await play(script, book)
        failures += found
        failed += bool(found)
    if as_json:
        rows = [asdict(failure) for failure in failures]
        result = {"passed": len(scripts) - failed, "failed": failed, "failures": rows}
        print(json.dumps(result, ensure_ascii=False))
    else:
        for failure in failures:
            print(failure)
        print(f"{len(scripts) - failed} passed, {failed} failed")
    return 1 if failed else 0
