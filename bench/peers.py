"""What a user would pick instead: each takes texts, and names the best for a question.

Rule 1: as most people use it, but for Chinese: characters 1+2-grams where words are asked for.
Rule 2: what a question needs (grams, words) is made inside the time that is measured.
Rule 3: a peer is imported when it is built, so that its memory counts as its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Best = Callable[[str], Sequence[int]]  # question → numbers of texts, best first
TOP = 60  # texts that are named: enough for three entries with twenty wordings each
_WORD = re.compile(r"\w")


def grams(text: str, sizes: Sequence[int] = (1, 2)) -> list[str]:
    """Characters in overlapping pieces."""
    signs = _WORD.findall(text.lower())
    return ["".join(signs[i : i + n]) for n in sizes for i in range(len(signs) - n + 1)]


def _fuzzy(scorer: str) -> Callable[[list[str]], Best]:
    def build(texts: list[str]) -> Best:
        from rapidfuzz import fuzz, process

        score = getattr(fuzz, scorer)

        def best(query: str) -> list[int]:
            return [found[2] for found in process.extract(query, texts, scorer=score, limit=TOP)]

        return best

    return build


def jieba_token_set(texts: list[str]) -> Best:
    import jieba
    from rapidfuzz import fuzz, process

    jieba.setLogLevel(60)
    cut = [" ".join(jieba.lcut(text)) for text in texts]

    def best(query: str) -> list[int]:
        words = " ".join(jieba.lcut(query))
        found = process.extract(words, cut, scorer=fuzz.token_set_ratio, limit=TOP)
        return [one[2] for one in found]

    return best


def bm25s_grams(texts: list[str]) -> Best:
    import bm25s

    index = bm25s.BM25(k1=1.2, b=0.4)
    index.index([grams(text) for text in texts], show_progress=False)
    most = min(TOP, len(texts))

    def best(query: str) -> list[int]:
        numbers, _ = index.retrieve([grams(query)], k=most, show_progress=False)
        return [int(number) for number in numbers[0]]

    return best


def rank_bm25_grams(texts: list[str]) -> Best:
    from rank_bm25 import BM25Okapi

    index = BM25Okapi([grams(text) for text in texts], k1=1.2, b=0.4)

    def best(query: str) -> list[int]:
        return _highest(index.get_scores(grams(query)))

    return best


def tantivy_grams(texts: list[str]) -> Best:
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_text_field("grams", tokenizer_name="whitespace")
    builder.add_integer_field("number", stored=True, fast=True)
    schema = builder.build()
    index = tantivy.Index(schema)
    writer = index.writer(num_threads=1)
    for number, text in enumerate(texts):
        writer.add_document(tantivy.Document(grams=" ".join(grams(text)), number=number))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()

    def best(query: str) -> list[int]:
        terms = [tantivy.Query.term_query(schema, "grams", sign) for sign in set(grams(query))]
        asked = tantivy.Query.boolean_query([(tantivy.Occur.Should, term) for term in terms])
        hits = searcher.search(asked, TOP, count=False).hits
        return [int(searcher.doc(address)["number"][0]) for _, address in hits]

    return best


def fts5_bigrams(texts: list[str]) -> Best:
    import sqlite3

    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE texts USING fts5(grams)")
    rows = ((number, " ".join(grams(text, (2,)))) for number, text in enumerate(texts))
    database.executemany("INSERT INTO texts(rowid, grams) VALUES (?, ?)", rows)
    asked = "SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY rank LIMIT ?"

    def best(query: str) -> list[int]:
        words = " OR ".join(f'"{sign}"' for sign in dict.fromkeys(grams(query, (2,))))
        return [number for (number,) in database.execute(asked, (words, TOP))] if words else []

    return best


def tfidf_grams(texts: list[str]) -> Best:
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectors = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
    table = vectors.fit_transform(texts)

    def best(query: str) -> list[int]:
        return _highest((table @ vectors.transform([query]).T).toarray().ravel())

    return best


def _highest(scores: Any) -> list[int]:
    most = min(TOP, len(scores))
    found = np.argpartition(-scores, most - 1)[:most]
    return [int(number) for number in found[np.argsort(-scores[found], kind="stable")]]


PEERS: dict[str, Callable[[list[str]], Best]] = {
    "rapidfuzz WRatio": _fuzzy("WRatio"),
    "rapidfuzz ratio": _fuzzy("ratio"),
    "rapidfuzz token_set, jieba": jieba_token_set,
    "SQLite FTS5 bigrams": fts5_bigrams,
    "scikit-learn TF-IDF 1-3": tfidf_grams,
    "rank_bm25 1+2-grams": rank_bm25_grams,
    "bm25s 1+2-grams": bm25s_grams,
    "tantivy 1+2-grams": tantivy_grams,
}
