"""What a document holds and nobody asked for: how much each concept then speaks against it.

Rarity alone does not know it: that a document is about 挂失 counts against it when nobody lost a
card, that it names 社保 does not. Learned from our own wordings, each as a question to entries
that lack it, beside a weight for every feature and for every concept that is asked for (these are
forgotten: they fit our own wordings and nobody else's).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .index import Floats, Ints

STEPS, RATE = 200, 0.05
SHRINK = 3e-4
MOST = 14  # concepts of a question that are learned from


@dataclass(frozen=True, slots=True)
class Seen:
    """What was measured for learning: question × candidate, and question × concept."""

    features: Floats  # question × candidate × feature
    right: Floats
    there: Floats
    documents: Ints  # rows of `concepts`
    concepts: Floats  # document × concept, of every library one below the other
    asked: Ints  # question × concept
    weights: Floats  # of these
    held: Floats  # question × candidate × concept


def learn(seen: Seen) -> Floats:
    """By concept: below 0 speaks against the document (listwise, L2, Adam)."""
    count, width = seen.concepts.shape[1], seen.features.shape[2]
    weighed = seen.held * seen.weights[:, None, :]
    values = np.zeros(width + 2 * count)
    first, second = np.zeros_like(values), np.zeros_like(values)
    away = (1.0 - seen.there) * 1e9
    flat = seen.asked.ravel()
    for step in range(1, STEPS + 1):
        plain, asked, extra = np.split(values.astype(np.float32), [width, width + count])
        worth = seen.features @ plain - away
        worth += np.einsum("nka,na->nk", weighed, asked[seen.asked])
        worth += (seen.concepts @ extra)[seen.documents]
        worth -= np.einsum("nka,na->nk", seen.held, extra[seen.asked])
        share = np.exp(worth - worth.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        aim = share * seen.right
        aim /= np.maximum(aim.sum(axis=1, keepdims=True), 1e-9)
        off = (share - aim) / np.float32(len(aim))
        by_document = np.bincount(seen.documents.ravel(), off.ravel(), len(seen.concepts))
        toward = np.einsum("nk,nka->na", off, weighed).ravel()
        back = np.einsum("nk,nka->na", off, seen.held).ravel()
        slope = np.concatenate(
            (
                np.tensordot(off, seen.features, 2),
                np.bincount(flat, toward, count),
                by_document @ seen.concepts - np.bincount(flat, back, count),
            )
        )
        slope += SHRINK * values
        first = 0.9 * first + 0.1 * slope
        second = 0.999 * second + 0.001 * slope * slope
        rate = RATE * min(1.0, 3 * (1 - step / (STEPS + 1)))
        values -= rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-6)
    return values[width + count :].astype(np.float32)
