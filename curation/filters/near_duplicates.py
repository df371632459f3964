"""Keeps one of the pairs that compare nearly the same responses to nearly the same prompt.

Candidates come from MinHash with banding (rensa), each is verified by the exact Jaccard similarity of the word
shingles, of the prompts and of the responses apart. Pairs are looked at in the order in which they are to be kept,
each against those already kept, so a chain of small changes does not pull unlike pairs together, and a thousand
copies cost a thousand comparisons.

Source: Broder 1997, "On the resemblance and containment of documents"; Leskovec, Rajaraman, Ullman, "Mining of
Massive Datasets", chapter 3 (banding). Shapes: N rows, P permutations.
"""

import re
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from curation import pairs
from curation.filters import Context, Decisions, settings_schema

TITLE = "Near duplicates"
SUMMARY = "Of pairs whose prompt and responses are nearly the same, the one with most votes stays."
SETTINGS = settings_schema(
    threshold={"type": "number", "minimum": 0.3, "maximum": 1, "default": 0.8, "title": "Jaccard similarity"},
    words={"type": "integer", "minimum": 1, "maximum": 10, "default": 3, "title": "Words a shingle"},
)
REASONS = {
    "near_duplicate": "A pair that is nearly the same is there with as many votes or more.",
    "near_duplicate_conflict": "A pair that is nearly the same is there, and has another outcome.",
}

_PERMUTATIONS = 128
_RECALL = 0.99  # of pairs at the threshold; those above it are found more surely still
_WORD = re.compile(r"\w+")
_PROMPT = np.uint64(0x9E3779B97F4A7C15)  # keeps the shingles of prompts apart from those of responses


class _Shingled(NamedTuple):
    """A row's sorted, distinct shingle hashes (uint64)."""

    prompt: np.ndarray
    a: np.ndarray
    b: np.ndarray
    both: np.ndarray
    all: np.ndarray


def decide(table: pa.Table, settings: Mapping[str, Any], context: Context) -> Decisions:
    """Scores are the similarity to the most similar pair that stays, 0 where none is near."""
    rows = _shingled_rows(table, settings["words"])
    bands_N = _bands(rows, settings["threshold"], context.seed)
    fixed = list(zip(table["question"].to_pylist(), table["dimension"].to_pylist(), strict=True))
    outcome_N = pairs.winner(table)
    reason_N = np.full(table.num_rows, "", dtype="U32")
    score_N = np.zeros(table.num_rows)
    kept: dict[tuple[Any, ...], list[int]] = {}
    for place in np.argsort(pairs.preference_order(table)).tolist():
        buckets = [(fixed[place], band, key) for band, key in enumerate(bands_N[place])]
        near = {other for bucket in buckets for other in kept.get(bucket, ())}
        score, nearest = max(((_similarity(rows[place], rows[other]), -other) for other in near), default=(0.0, 0))
        score_N[place] = score
        if score >= settings["threshold"]:
            swapped = _is_swapped(rows[place], rows[-nearest])
            same = pairs.seen_from(outcome_N[place], swapped) == outcome_N[-nearest]
            reason_N[place] = "near_duplicate" if same else "near_duplicate_conflict"
        else:
            for bucket in buckets:
                kept.setdefault(bucket, []).append(place)
    return Decisions(np.where(reason_N == "", "keep", "drop"), reason_N, score_N=score_N)


def _shingled_rows(table: pa.Table, words: int) -> list[_Shingled]:
    texts: dict[str, np.ndarray] = {}
    vocabulary: dict[str, int] = {}

    def shingles(text: str) -> np.ndarray:
        if text not in texts:
            texts[text] = _shingles(text, words, vocabulary)
        return texts[text]

    rows = []
    sides = [table[f"response_{side}"].to_pylist() for side in "ab"]
    for prompt, a, b in zip(table["prompt"].to_pylist(), *sides, strict=True):
        asked, said_a, said_b = shingles(prompt), shingles(a), shingles(b)
        both = np.union1d(said_a, said_b)
        rows.append(_Shingled(asked, said_a, said_b, both, np.concatenate([asked ^ _PROMPT, both])))
    return rows


def _shingles(text: str, words: int, vocabulary: dict[str, int]) -> np.ndarray:
    """Hashes of all runs of so many words; a shorter text is one shingle. The same on every machine."""
    found = _WORD.findall(text.lower()) or [text.strip()]
    for word in found:
        if word not in vocabulary:
            vocabulary[word] = int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "little")
    hashes = np.array([vocabulary[word] for word in found], dtype=np.uint64)
    length = min(words, len(hashes))
    run = np.zeros(len(hashes) - length + 1, dtype=np.uint64)
    for offset in range(length):  # a polynomial in an odd number, modulo 2**64
        run = run * np.uint64(0x100000001B3) + hashes[offset : offset + len(run)]
    return np.unique(run)


def _bands(rows: Sequence[_Shingled], threshold: float, seed: int) -> list[list[bytes]]:
    """Keys of each row's bands: rows that share one are candidates."""
    from rensa import RMinHash

    if not rows:
        return []
    flat = np.concatenate([row.all for row in rows])
    ends = np.cumsum([0, *(len(row.all) for row in rows)]).tolist()
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(flat, ends, _PERMUTATIONS, seed)
    digest_NP = np.array(matrix.to_rows(), dtype=np.uint64)
    width = _band_width(threshold)
    starts = range(0, _PERMUTATIONS - width + 1, width)
    return [[row[start : start + width].tobytes() for start in starts] for row in digest_NP]


def _band_width(threshold: float) -> int:
    """The most rows a band may have for `_RECALL` at the threshold; more rows give fewer false candidates."""
    found = [w for w in range(1, 33) if 1 - (1 - threshold**w) ** (_PERMUTATIONS // w) >= _RECALL]
    return max(found, default=1)


def _similarity(one: _Shingled, other: _Shingled) -> float:
    return min(_jaccard(one.prompt, other.prompt), _jaccard(one.both, other.both))


def _is_swapped(one: _Shingled, other: _Shingled) -> bool:
    across = _jaccard(one.a, other.b) + _jaccard(one.b, other.a)
    return across > _jaccard(one.a, other.a) + _jaccard(one.b, other.b)


def _jaccard(one: np.ndarray, other: np.ndarray) -> float:
    common = len(np.intersect1d(one, other, assume_unique=True))
    return common / (len(one) + len(other) - common)
