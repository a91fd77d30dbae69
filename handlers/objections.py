"""What speaks against publishing an entry: its own faults, then the publish gate."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from bot.engine.knowledge import Knowledge
from bot.engine.publications import Publication, overlaid
from handlers.contents import load_lexicon
from handlers.gate import RECORDED, gate


def objections(
    knowledge: Knowledge, proposed: Publication, day: date, recorded: Path = RECORDED
) -> list[str]:
    """A line each; empty if it may. Some seconds: call it in a thread."""
    after = replace(knowledge, entries=overlaid(knowledge.entries, [proposed]))
    mine = f"entry {proposed.entry.id}:"
    faults = [line for line in after.problems(day) if line.startswith(mine)]
    return [*faults, *gate(after, load_lexicon(), proposed.entry, recorded)]
