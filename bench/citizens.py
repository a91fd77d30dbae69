"""Simulated citizens with a hidden goal play each calculator: `python -m bench.citizens [200]`.

Prints for each calculator the share that reached the right figure and the mean of turns beyond one
for each question, and what went wrong; exit status 1 if a share is below 98 % or a mean above 2.
"""

from __future__ import annotations

import sys

from tests.citizens import MANNERS, play
from tests.test_calculators import CALCULATORS

PLAYS = 200
LEAST = 0.98
MOST_OVER = 2.0


def main(plays: int = PLAYS) -> int:
    bad = 0
    print(f"{plays} plays each, {len(MANNERS)} manners")
    for name in CALCULATORS:
        played = play(name, plays, "bench")
        share = played.reached / plays
        bad += share < LEAST or played.turns_over > MOST_OVER
        print(
            f"{name:24} {share:7.1%}  {played.turns / plays:5.2f} turns, {played.turns_over:+.2f}"
        )
        for missed in played.missed[:5]:
            print(f"    {missed}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:2])))
