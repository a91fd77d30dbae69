"""Updates as Telegram sends them, one file for each kind, and what chance makes of them."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "wire" / "telegram"
WIRE = sorted(FOLDER.glob("*.json"))


def raw(name: str) -> dict[str, Any]:
    """A recorded update."""
    update: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_bytes())
    return update


ODD: list[Any] = [None, 0, -1, 1.5, 10**18, 2**70, True, "", "x", "\ud800", "\x00", [], [[]], {}]
ODD += [{"id": 1}, [None], {"message_id": "x"}, float("nan"), "9" * 5000]


def mutated(value: Any, chance: random.Random) -> Any:
    """`value` with about one in ten of its parts gone, replaced, doubled or misnamed."""
    if chance.random() < 0.04:
        return chance.choice(ODD)
    if isinstance(value, dict):
        kept = {k: mutated(v, chance) for k, v in value.items() if chance.random() > 0.03}
        return {chance.choice(list(kept)): 1, **kept} if kept and chance.random() < 0.02 else kept
    if isinstance(value, list):
        return [mutated(v, chance) for v in value] * (2 if chance.random() < 0.03 else 1)
    return value


def mutations(seed: int, count: int) -> list[Any]:
    chance = random.Random(seed)
    originals = [json.loads(path.read_bytes()) for path in WIRE]
    return [mutated(chance.choice(originals), chance) for _ in range(count)]
