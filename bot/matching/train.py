"""Learns the weights from our own wordings and the development questions.

`python -m bot.matching.train DEV.jsonl [--faq faq_data]` writes weights.json with its report.
Reproducible: the same files and seed give the same weights.

What is learned from: every `asks` wording as a question to a library that lacks it (five folds),
once with the other wordings and once with the questions alone; the development questions, in both
libraries; and `outside.txt`, questions that no entry answers. Measured on development questions
that were held out of the fit (five folds).
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from .features import MOST, NAMES, Measure
from .index import Floats
from .lexicon import Lexicon
from .library import Library
from .normalise import normalise
from .rank import ASK, SURE, evidence, shares
from .reading import Reader
from .types import Document

SEED = 20261123
FOLDS = 5
STEPS, RATE = 500, 0.05
SHRINK_RANK, SHRINK_SURE = 3e-4, 2e-3
DEV_WEIGHT = 4.0  # one development question counts as this many of our own wordings
HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Asked:
    """A labelled question. `expect` is empty if nothing answers it."""

    query: str
    expect: frozenset[str]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Shelf:
    """A library with what is needed to question it."""

    library: Library
    measure: Measure
    reader: Reader
    typed: frozenset[int]

    @staticmethod
    def of(documents: Sequence[Document], reader: Reader) -> Shelf:
        library = Library(documents, reader)
        facets = [reader.lexicon.facets[f] for f in reader.lexicon.facet_of]
        typed = frozenset(c for c, facet in enumerate(facets) if facet != ASK)
        return Shelf(library, Measure(library, facets), reader, typed)


def read_documents(folder: Path) -> list[Document]:
    """Entries of a faq folder that are in force (no date of expiry)."""
    return [
        Document(
            row["id"],
            row["question"],
            tuple(row.get("asks", ())),
            row["answer"],
            row.get("region", "全国"),
            row.get("body", "人社"),
        )
        for path in sorted(folder.glob("*.toml"))
        for row in tomllib.loads(path.read_text(encoding="utf-8")).get("entry", ())
        if "effective_to" not in row
    ]


def read_asked(path: Path) -> list[Asked]:
    """Labelled questions, one JSON object a line."""
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [Asked(r["query"], frozenset(r["expect"]), DEV_WEIGHT) for r in rows]


def read_outside() -> list[Asked]:
    """Our own questions that no entry answers."""
    lines = (HERE / "outside.txt").read_text(encoding="utf-8").splitlines()
    return [Asked(line, frozenset()) for line in lines if line and not line.startswith("#")]


@dataclass(frozen=True, slots=True)
class Table:
    """Measured questions: features (question × candidate × feature), which are right, weights."""

    features: Floats
    right: Floats
    there: Floats
    weight: Floats

    @staticmethod
    def of(shelf: Shelf, asked: Sequence[Asked]) -> Table:
        shape = (len(asked), MOST, len(NAMES))
        features, right = np.zeros(shape, np.float32), np.zeros(shape[:2], np.float32)
        there = np.zeros(shape[:2], np.float32)
        for n, question in enumerate(asked):
            reading = shelf.reader.question(normalise(question.query), shelf.library.is_word)
            measured = shelf.measure(reading)
            count = len(measured.numbers)
            features[n, :count] = measured.features
            there[n, :count] = 1.0
            for k, number in enumerate(measured.numbers.tolist()):
                right[n, k] = shelf.library.documents[number].id in question.expect
        weight = np.array([a.weight for a in asked], np.float32)
        return Table(features, right, there, weight)

    def rows(self, which: np.ndarray) -> Table:
        return Table(self.features[which], self.right[which], self.there[which], self.weight[which])


def joined(tables: Iterable[Table]) -> Table:
    parts = list(tables)
    return Table(
        np.concatenate([t.features for t in parts]),
        np.concatenate([t.right for t in parts]),
        np.concatenate([t.there for t in parts]),
        np.concatenate([t.weight for t in parts]),
    )


def fit_rank(table: Table) -> Floats:
    """Weights under which the right candidates get the largest share (listwise, L2)."""
    usable = (table.right.sum(axis=1) > 0) & (table.weight > 0)
    table = table.rows(usable)
    weights = np.zeros(len(NAMES), np.float32)
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    total = float(table.weight.sum())
    away = (1.0 - table.there) * 1e9
    for step in range(1, STEPS + 1):
        worth = table.features @ weights - away
        share = np.exp(worth - worth.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        aim = share * table.right
        aim /= np.maximum(aim.sum(axis=1, keepdims=True), 1e-9)
        slope = np.einsum("nk,nkf->f", (share - aim) * table.weight[:, None], table.features)
        slope = slope / total + SHRINK_RANK * weights
        first = 0.9 * first + 0.1 * slope
        second = 0.999 * second + 0.001 * slope * slope
        rate = RATE * min(1.0, 3 * (1 - step / (STEPS + 1)))
        weights = weights - rate * (first / (1 - 0.9**step)) / (
            np.sqrt(second / (1 - 0.999**step)) + 1e-6
        )
    return weights.astype(np.float32)


def fit_sure(features: Floats, yes: Floats, weight: Floats) -> Floats:
    """Logistic regression (L2), by Newton's method."""
    weights = np.zeros(features.shape[1], np.float64)
    total = float(weight.sum())
    shrink = SHRINK_SURE * np.eye(features.shape[1])
    shrink[0, 0] = 1e-6
    x = features.astype(np.float64)
    for _ in range(30):
        chance = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        slope = x.T @ ((chance - yes) * weight) / total + shrink @ weights
        bend = (x * (chance * (1 - chance) * weight)[:, None]).T @ x / total + shrink
        weights = weights - np.linalg.solve(bend, slope)
    return weights.astype(np.float32)


def sure_rows(
    shelf: Shelf, asked: Sequence[Asked], table: Table, rank: Floats
) -> tuple[Floats, Floats, Floats]:
    """Confidence features, answerable, first is right."""
    rows, right = [], []
    for n, question in enumerate(asked):
        reading = shelf.reader.question(normalise(question.query), shelf.library.is_word)
        measured = shelf.measure(reading)
        worth = measured.features @ rank
        order = np.argsort(-worth, kind="stable").tolist()
        rows.append(
            evidence(reading, measured, worth, shares(worth), order, shelf.library, shelf.typed)
        )
        right.append(bool(table.right[n, order[0]]))
    yes = np.array([bool(a.expect) for a in asked], np.float32)
    return np.array(rows, np.float32), yes, np.array(right, np.float32)


def without(documents: Sequence[Document], fold: int, folds: int) -> list[Document]:
    """The documents without every `folds`-th wording."""
    return [
        replace(d, asks=tuple(a for n, a in enumerate(d.asks) if n % folds != fold))
        for d in documents
    ]


def own_asked(documents: Sequence[Document], fold: int, folds: int) -> list[Asked]:
    """Every `folds`-th wording as a question."""
    return [
        Asked(a, frozenset([d.id]))
        for d in documents
        for n, a in enumerate(d.asks)
        if n % folds == fold
    ]


@dataclass(frozen=True, slots=True)
class Data:
    """Everything that is learned from, measured once."""

    full: Shelf
    bare: Shelf
    own: Table
    own_bare: Table
    dev: list[Asked]
    dev_full: Table
    dev_bare: Table

    @staticmethod
    def of(documents: Sequence[Document], dev: list[Asked], reader: Reader) -> Data:
        bare = Shelf.of([replace(d, asks=()) for d in documents], reader)
        full = Shelf.of(documents, reader)
        own, own_bare = [], []
        for fold in range(FOLDS):
            asked = own_asked(documents, fold, FOLDS)
            own.append(Table.of(Shelf.of(without(documents, fold, FOLDS), reader), asked))
            own_bare.append(Table.of(bare, asked))
        return Data(
            full,
            bare,
            joined(own),
            joined(own_bare),
            dev,
            Table.of(full, dev),
            Table.of(bare, dev),
        )

    def rank(self, which: Floats) -> Floats:
        """Ranking weights without the development questions where `which` is false."""
        dev = [self.dev_full.rows(which), self.dev_bare.rows(which)]
        return fit_rank(joined([self.own, self.own_bare, *dev]))


def fit_both(
    data: Data, rank: Floats, which: Floats, outside: Sequence[Asked]
) -> tuple[Floats, Floats]:
    """The two confidences: is it ours to answer, and is the first one right."""
    asked = [a for a, use in zip(data.dev, which, strict=True) if use]
    rows = [sure_rows(data.full, asked, data.dev_full.rows(which), rank)]
    weights = [np.array([a.weight for a in asked], np.float32)]
    rows.append(sure_rows(data.full, outside, Table.of(data.full, outside), rank))
    weights.append(np.ones(len(outside), np.float32))
    features, yes, right = (np.concatenate(part) for part in zip(*rows, strict=True))
    weight = np.concatenate(weights)
    return fit_sure(features, yes, weight), fit_sure(features, right, weight)


def report(data: Data, outside: Sequence[Asked]) -> dict[str, float]:
    """Measures on held-out development questions (five folds)."""
    fold = np.random.default_rng(SEED).integers(0, FOLDS, len(data.dev))
    first, third, first_bare, sure, yes = [], [], [], [], []
    for k in range(FOLDS):
        train, test = fold != k, fold == k
        rank = data.rank(train)
        answerable, _ = fit_both(data, rank, train, outside)
        asked = [a for a, use in zip(data.dev, test, strict=True) if use]
        table, bare = data.dev_full.rows(test), data.dev_bare.rows(test)
        features, mine, right = sure_rows(data.full, asked, table, rank)
        sure.extend((features @ answerable).tolist())
        yes.extend(mine.tolist())
        order = np.argsort(-(table.features @ rank - (1 - table.there) * 1e9), axis=1)
        ranked = np.take_along_axis(table.right, order, 1)
        has = mine > 0
        first.extend(right[has].tolist())
        third.extend(ranked[has, :3].max(axis=1).tolist())
        order = np.argsort(-(bare.features @ rank - (1 - bare.there) * 1e9), axis=1)
        first_bare.extend(np.take_along_axis(bare.right, order, 1)[has, 0].tolist())
    ups = [s for s, y in zip(sure, yes, strict=True) if y]
    downs = [s for s, y in zip(sure, yes, strict=True) if not y]
    wins = sum((u > d) + (u == d) / 2 for u in ups for d in downs)
    return {
        "r_at_1": round(float(np.mean(first)), 4),
        "r_at_3": round(float(np.mean(third)), 4),
        "r_at_1_without_asks": round(float(np.mean(first_bare)), 4),
        "auroc": round(wins / (len(ups) * len(downs)), 4),
        "questions": len(data.dev),
        "own_wordings": len(data.own.weight),
    }


def named(names: Sequence[str], weights: Floats) -> dict[str, float]:
    return {name: round(float(w), 4) for name, w in zip(names, weights, strict=True)}


def main(arguments: Sequence[str]) -> int:
    """Writes weights.json."""
    parser = argparse.ArgumentParser(prog="python -m bot.matching.train", description=__doc__)
    parser.add_argument("dev", type=Path)
    parser.add_argument("--faq", type=Path, default=HERE.parent.parent / "faq_data")
    parser.add_argument("--out", type=Path, default=HERE / "weights.json")
    given = parser.parse_args(arguments)
    table = tomllib.loads((given.faq / "lexicon.toml").read_text(encoding="utf-8"))
    reader = Reader(Lexicon.read("lexicon.toml", table))
    outside = read_outside()
    data = Data.of(read_documents(given.faq), read_asked(given.dev), reader)
    measured = report(data, outside)
    everything = np.ones(len(data.dev), bool)
    rank = data.rank(everything)
    answerable, right = fit_both(data, rank, everything, outside)
    weights = {
        "report": measured,
        "rank": named(NAMES, rank),
        "answerable": named(SURE, answerable),
        "right": named(SURE, right),
    }
    text = json.dumps(weights, ensure_ascii=False, indent=1) + "\n"
    given.out.write_text(text, encoding="utf-8")
    print(json.dumps(measured, indent=1))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
