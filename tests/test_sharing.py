"""One platform's pace among several workers: never more than the whole, answers first."""

from __future__ import annotations

import random

import pytest

from bot.outbox.sharing import LEASE, SPAN, agreed, parts
from bot.store.paces import Worker


def shares(rows: tuple[Worker, ...]) -> dict[str, int]:
    return {one.name: one.share for one in rows}


def test_one_worker_has_all_of_it() -> None:
    assert shares(agreed((), "a", 0, False, 30, 0.0)) == {"a": 30}


def test_who_comes_second_gets_its_part_once_the_first_has_given_it_up_for_a_window() -> None:
    rows = agreed((), "a", 0, True, 30, 0.0)
    rows = agreed(rows, "b", 0, True, 30, 0.1)
    assert shares(rows) == {"a": 30, "b": 0}
    rows = agreed(rows, "a", 0, True, 30, 1.0)
    rows = agreed(rows, "b", 0, True, 30, 1.1)
    assert shares(rows) == {"a": 15, "b": 0}
    rows = agreed(rows, "b", 0, True, 30, 1.0 + SPAN)
    assert shares(rows) == {"a": 15, "b": 15}


def test_answers_take_their_part_before_bulk_does() -> None:
    talks, sends = Worker("a", talk=20), Worker("b", bulk=True)
    assert parts([talks, sends], 30) == {"a": 20, "b": 10}


def test_nobody_is_left_with_less_than_half_an_even_part() -> None:
    crowd = [Worker("a", talk=100), Worker("b", talk=100, bulk=True), Worker("c")]
    assert parts(crowd, 30)["c"] == 5


def test_the_share_of_a_dead_worker_comes_free() -> None:
    rows = agreed((), "a", 0, True, 30, 0.0)
    rows = agreed(rows, "b", 0, True, 30, LEASE)
    assert shares(rows) == {"a": 30, "b": 0}
    assert shares(agreed(rows, "b", 0, True, 30, LEASE + SPAN)) == {"b": 30}


@pytest.mark.parametrize("seed", range(20))
def test_shares_and_what_is_still_in_others_seconds_never_exceed_the_whole(seed: int) -> None:
    """Workers come, go and change their minds; what each may have used in the last second counts."""
    chance, now, rows = random.Random(seed), 0.0, tuple[Worker, ...]()
    used: list[tuple[float, float, str, int]] = []  # from, until, who, share
    for _ in range(300):
        now += chance.uniform(0.0, 2.0)
        me = chance.choice("abc")
        rows = agreed(rows, me, chance.choice((0, 0, 4, 50)), chance.random() < 0.7, 30, now)
        used = [
            (since, min(until, now) if who == me else until, who, share)
            for since, until, who, share in used
            if until > now - 1.0
        ]
        mine = next(one for one in rows if one.name == me)
        used.append((now, mine.until, me, mine.share))
        most: dict[str, int] = {}
        for _, _, who, share in used:
            most[who] = max(most.get(who, 0), share)
        assert sum(most.values()) <= 30
