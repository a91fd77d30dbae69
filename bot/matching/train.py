"""Learns the weights from our own wordings and the development questions.

`python -m bot.matching.train DEV.jsonl [--faq faq_data] [--letters FILE]` writes weights.json with its report.
Reproducible: the same files and seed give the same weights.

What is learned from: first how much each concept tells (surplus.py), from our own wordings alone;
then the weights of the features, from every `asks` wording as a question to a library that lacks it (five folds),
once with the other wordings and once with the questions alone; from every fifth wording with a slip, to the
library that has it; from every second of our letters (`bench/letters.jsonl`; the others measure); the development
questions, in both libraries; and `outside.txt`, questions that no entry answers. Measured on development questions
that were held out of the fit (five folds).
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np

from .features import MOST, NAMES, Measure
from .index import Floats, Ints
from .lexicon import Lexicon
from .library import Library
from .normalise import normalise
from .rank import ASK, SURE, evidence, shares
from .reading import Reader, Reading
from .surplus import MOST as LEARNED
from .surplus import Seen, learn
from .types import Document

SEED = 20261123
FOLDS = 5
STEPS = 40
SHRINK_RANK, SHRINK_SURE = 3e-4, 2e-3
DEV_WEIGHT = 4.0  # one development question counts as this many of our own wordings
HERE = Path(__file__).resolve().parent
LETTERS = HERE.parent.parent / "bench" / "letters.jsonl"


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
    def of(documents: Sequence[Document], reader: Reader, surplus: Floats) -> Shelf:
        library = Library(documents, reader)
        facets = [reader.lexicon.facets[f] for f in reader.lexicon.facet_of]
        typed = frozenset(c for c, facet in enumerate(facets) if facet != ASK)
        return Shelf(library, Measure(library, facets, surplus), reader, typed)

    def read(self, asked: Asked) -> Reading:
        return self.reader.question(normalise(asked.query), self.library.is_word)


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


def read_asked(path: Path, weight: float) -> list[Asked]:
    """Labelled questions, one JSON object a line."""
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [Asked(r["query"], frozenset(r["expect"]), weight) for r in rows]


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
    numbers: Ints  # documents

    @staticmethod
    def of(shelf: Shelf, asked: Sequence[Asked]) -> Table:
        shape = (len(asked), MOST, len(NAMES))
        features, right = np.zeros(shape, np.float32), np.zeros(shape[:2], np.float32)
        there = np.zeros(shape[:2], np.float32)
        numbers = np.zeros(shape[:2], np.int32)
        for n, question in enumerate(asked):
            reading = shelf.read(question)
            measured = shelf.measure(reading)
            count = len(measured.numbers)
            features[n, :count] = measured.features
            there[n, :count] = 1.0
            numbers[n, :count] = measured.numbers
            for k, number in enumerate(measured.numbers.tolist()):
                right[n, k] = shelf.library.documents[number].id in question.expect
        weight = np.array([a.weight for a in asked], np.float32)
        return Table(features, right, there, weight, numbers)

    def rows(self, which: np.ndarray) -> Table:
        return Table(*(getattr(self, f.name)[which] for f in fields(self)))


def joined(tables: Sequence[Table]) -> Table:
    return Table(*(np.concatenate([getattr(t, f.name) for t in tables]) for f in fields(Table)))


def fit_rank(table: Table) -> Floats:
    """Weights under which the right candidates get the largest share (listwise, L2, Newton)."""
    table = table.rows((table.right.sum(axis=1) > 0) & (table.weight > 0))
    features = table.features
    width = features.shape[2]
    total = float(table.weight.sum())
    away = (1.0 - table.there) * 1e9

    def shared(weights: Floats) -> tuple[Floats, Floats, float]:
        worth = features @ weights - away
        share = np.exp(worth - worth.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        right = np.maximum((share * table.right).sum(axis=1), 1e-12)
        loss = -float(table.weight @ np.log(right)) / total
        aim = share * table.right / right[:, None]
        return share, aim, loss + SHRINK_RANK / 2 * float(weights @ weights)

    weights = np.zeros(width, np.float32)
    share, aim, loss = shared(weights)
    for _ in range(STEPS):
        pull = (share - aim) * table.weight[:, None]
        slope = np.tensordot(pull, features, 2) / total + SHRINK_RANK * weights
        mean = np.einsum("nk,nkf->nf", share, features)
        spread = np.sqrt(share * table.weight[:, None])[:, :, None] * features
        spread = spread.reshape(-1, width)
        bend = (spread.T @ spread - (mean * table.weight[:, None]).T @ mean) / total
        bend += SHRINK_RANK * np.eye(width, dtype=np.float32)
        step = np.linalg.solve(bend.astype(np.float64), slope).astype(np.float32)
        size, before = 1.0, loss
        while size > 1e-3:
            trial = weights - np.float32(size) * step
            share, aim, loss = shared(trial)
            if loss <= before:
                break
            size /= 2
        weights = trial
        if before - loss < 1e-7:
            break
    return weights


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
        reading = shelf.read(question)
        measured = shelf.measure(reading)
        worth = measured.features @ rank
        order = np.argsort(-worth, kind="stable").tolist()
        rows.append(evidence(reading, measured, worth, shares(worth), order, shelf.typed))
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


def nearly(asked: Sequence[Asked]) -> list[Asked]:
    """The questions, each with a character lost or a word of courtesy around it."""
    luck = np.random.default_rng(SEED)
    found = []
    for question in asked:
        text, place = question.query, int(luck.integers(0, len(question.query)))
        slips = (
            text[:place] + text[place + 1 :],
            f"请问{text}",
            f"{text}呢，谢谢",
            f"我想知道{text}",
        )
        found.append(replace(question, query=slips[int(luck.integers(0, len(slips)))]))
    return found


def learn_surplus(documents: Sequence[Document], reader: Reader) -> Floats:
    """From our own wordings only, with the other wordings there and without any."""
    nothing = np.zeros(len(reader.lexicon.names), np.float32)
    bare = Shelf.of([replace(d, asks=()) for d in documents], reader, nothing)
    seen = []
    for fold in range(FOLDS):
        asked = own_asked(documents, fold, FOLDS)
        shelf = Shelf.of(without(documents, fold, FOLDS), reader, nothing)
        seen += [_seen(one, asked, 2 * fold + n) for n, one in enumerate((shelf, bare))]
    return learn(Seen(*(np.concatenate([getattr(s, f.name) for s in seen]) for f in fields(Seen))))


def _seen(shelf: Shelf, asked: Sequence[Asked], place: int) -> Seen:
    """What is learned from in one library, the `place`-th of those below each other."""
    library = shelf.library
    concepts = np.maximum(library.concepts, 0).astype(np.float32)
    table = Table.of(shelf, asked)
    known = np.zeros((len(asked), LEARNED), np.int32)
    weights = np.zeros((len(asked), LEARNED), np.float32)
    numbers = np.zeros((len(asked), MOST), np.int32)
    for n, question in enumerate(asked):
        reading = shelf.read(question)
        found = sorted(reading.concepts.items(), key=lambda c: -c[1])[:LEARNED]
        for k, (concept, weight) in enumerate(found):
            known[n, k], weights[n, k] = concept, min(1.0, weight)
        count = int(table.there[n].sum())
        numbers[n, :count] = table.numbers[n, :count]
    held = concepts[numbers[:, :, None], known[:, None, :]] * (weights > 0)[:, None, :]
    rows = numbers + place * len(library.documents)
    return Seen(table.features, table.right, table.there, rows, concepts, known, weights, held)


@dataclass(frozen=True, slots=True)
class Data:
    """Everything that is learned from, measured once."""

    full: Shelf
    bare: Shelf
    own: Table
    own_bare: Table
    near: Table
    letters: Table
    dev: list[Asked]
    dev_full: Table
    dev_bare: Table

    @staticmethod
    def of(
        documents: Sequence[Document],
        dev: list[Asked],
        letters: Sequence[Asked],
        reader: Reader,
        surplus: Floats,
    ) -> Data:
        bare = Shelf.of([replace(d, asks=()) for d in documents], reader, surplus)
        full = Shelf.of(documents, reader, surplus)
        own, own_bare = [], []
        for fold in range(FOLDS):
            asked = own_asked(documents, fold, FOLDS)
            less = Shelf.of(without(documents, fold, FOLDS), reader, surplus)
            own.append(Table.of(less, asked))
            own_bare.append(Table.of(bare, asked))
        return Data(
            full,
            bare,
            joined(own),
            joined(own_bare),
            Table.of(full, nearly(own_asked(documents, 0, FOLDS))),
            Table.of(full, letters),
            dev,
            Table.of(full, dev),
            Table.of(bare, dev),
        )

    def rank(self, which: Floats) -> Floats:
        """Ranking weights without the development questions where `which` is false."""
        dev = [self.dev_full.rows(which), self.dev_bare.rows(which)]
        return fit_rank(joined([self.own, self.own_bare, self.near, self.letters, *dev]))


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
    parser.add_argument("--letters", type=Path, default=LETTERS)
    parser.add_argument("--out", type=Path, default=HERE / "weights.json")
    given = parser.parse_args(arguments)
    table = tomllib.loads((given.faq / "lexicon.toml").read_text(encoding="utf-8"))
    reader = Reader(Lexicon.read("lexicon.toml", table))
    outside = read_outside()
    documents = read_documents(given.faq)
    surplus = learn_surplus(documents, reader)
    dev, letters = read_asked(given.dev, DEV_WEIGHT), read_asked(given.letters, 1.0)[::2]
    data = Data.of(documents, dev, letters, reader, surplus)
    measured = report(data, outside)
    everything = np.ones(len(data.dev), bool)
    rank = data.rank(everything)
    answerable, right = fit_both(data, rank, everything, outside)
    weights = {
        "report": measured,
        "rank": named(NAMES, rank),
        "answerable": named(SURE, answerable),
        "right": named(SURE, right),
        "surplus": {name: w for name, w in named(reader.lexicon.names, surplus).items() if w},
    }
    text = json.dumps(weights, ensure_ascii=False, indent=1) + "\n"
    given.out.write_text(text, encoding="utf-8")
    print(json.dumps(measured, indent=1))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
