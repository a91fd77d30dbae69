"""How several workers share one platform's pace: pure, the same rows give the same shares.

Rule 1: the shares of all never come to more than the platform bears. Each worker keeps its own to a
        sliding window, so that together they keep to the whole.
Rule 2: whoever gives something up holds it for a window's length: what it sent is in others' seconds.
Rule 3: answers come first: what workers say that they need for talk, then bulk in even parts; nobody
        has less than half an even part.
Rule 4: who is not heard of any more holds its share until its time is up, and a window's length.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.store.paces import Worker

SPAN = 1.2  # seconds; longer than any window
LEASE = 6.0  # seconds for which a share holds that is not renewed


def agreed(
    known: Sequence[Worker], me: str, talk: int, bulk: bool, most: int, now: float
) -> tuple[Worker, ...]:
    """The rows once I have said what I need and taken my share, as far as it is free."""
    others = [one for one in known if one.name != me and one.until + SPAN > now]
    was = next((one for one in known if one.name == me), Worker(me))
    mine = replace(was, talk=talk, bulk=bulk, until=now + LEASE)
    free = most - sum(_counts(one, now) for one in others)
    share = max(0, min(parts([*others, mine], most)[me], free))
    if share < was.share:
        mine = replace(mine, held=_counts(was, now), held_until=now + SPAN)
    return (*others, replace(mine, share=share))


def parts(workers: Sequence[Worker], most: int) -> Mapping[str, int]:
    """What each is to have in the end."""
    ordered = sorted(workers, key=lambda one: one.name)
    part = {one.name: most // (2 * len(ordered)) for one in ordered}
    left = most - sum(part.values())
    more = {one.name: max(0, one.talk - part[one.name]) for one in ordered}
    asked = sum(more.values())
    for name, wanted in more.items():
        part[name] += wanted if asked <= left else wanted * left // asked
    left = most - sum(part.values())
    sharing = [one.name for one in ordered if one.bulk] or list(part)
    for n, name in enumerate(sharing):
        part[name] += left // len(sharing) + (n < left % len(sharing))
    return part


def _counts(one: Worker, now: float) -> int:
    """What others must leave to it."""
    return max(one.share, one.held) if one.held_until > now else one.share
