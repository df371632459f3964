"""Pairs that compare nearly the same responses to nearly the same prompt, each with the one that stands for it.

Candidates come from MinHash with banding (rensa) over all shingles of words of a row. Those whose prompts or responses
are far apart by `_MARKS` bytes of their signatures (b-bit minwise hashing) are passed over; the others are verified by
the exact Jaccard similarity, of the prompts and of the responses apart. Pairs are looked at in the order in which they
are to be kept, each against those that already stand for others, so a chain of small changes does not pull unlike pairs
together, and a thousand copies cost a thousand comparisons.

Only rows that share a band with another are looked at closely, some thousands at a time; the shingles of the others
are never read, so the sketches of a whole pool may lie on disk.

Source: Broder 1997, "On the resemblance and containment of documents"; Leskovec, Rajaraman, Ullman, "Mining of
Massive Datasets", chapter 3 (banding); Li, König 2010, doi:10.1145/1772690.1772759 (b-bit minwise hashing). Shapes:
N rows, P permutations, B bands; E entries, each a row and a band that it shares; M rows looked at closely; D pairs of
them, K bytes of a signature.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from curation import hashes, pairs
from curation.filters import _shingles

SETTINGS: dict[str, Any] = {
    "threshold": {"type": "number", "minimum": 0.3, "maximum": 1, "default": 0.8, "title": "Jaccard similarity"},
    "words": {"type": "integer", "minimum": 1, "maximum": 10, "default": 3, "title": "Words a shingle"},
}

_PERMUTATIONS = 128
_RECALL = 0.99  # of pairs at the threshold; those above it are found more surely still
_MARKS = 64  # bytes of a signature, one of each of so many permutations
_DOUBT = 4  # standard deviations below the threshold at which two signatures are passed over
_LOOKED = 200_000  # pairs of signatures looked at at a time
_PROMPT = np.uint64(0x9E3779B97F4A7C15)  # keeps the shingles of prompts apart from those of responses
_DIGESTED = 4096  # rows digested at a time
_CLOSE = 20_000  # rows looked at closely at a time, about
_TEXTS = ("prompt", "response_a", "response_b")


class Near(NamedTuple):
    """What `leaders` found.

    Attributes
    ----------
    leader_N : for each row, the row that stands for it; itself, where none that is to be kept before it is near.
    score_N : how similar the two are; where a row stands for itself, the most similar before it that stands.
    swapped_N : whether the sides are swapped between them.
    """

    leader_N: np.ndarray
    score_N: np.ndarray
    swapped_N: np.ndarray


def leaders(table: pa.Table, *, threshold: float, words: int, seed: int) -> Near:
    """Who stands for whom; rows of other questions or dimensions are never near."""
    return among(sketch(table, threshold=threshold, words=words, seed=seed), threshold=threshold)


def sketch(table: pa.Table, *, threshold: float, words: int, seed: int) -> pa.Table:
    """What `among` needs of each row: the shingles of its texts, a key for each band, and how it stands."""
    shingles = {name: _shingles.of_texts(table[name], words) for name in _TEXTS}
    fixed_N = hashes.digests(table["question"], table["dimension"])
    bands_NB, marks_N = _bands(shingles, fixed_N, threshold, seed)
    return pa.table(
        {name: pc.cast(lists, pa.large_list(pa.uint32()), safe=False) for name, lists in shingles.items()}
        | {"bands": pa.FixedSizeListArray.from_arrays(pa.array(bands_NB.ravel()), bands_NB.shape[1])}
        | {
            "marks": pa.FixedSizeBinaryArray.from_buffers(
                pa.binary(2 * _MARKS), len(fixed_N), [None, pa.py_buffer(marks_N)]
            )
        }
        | pairs.standing(table)
    )


def among(sketch: pa.Table, *, threshold: float) -> Near:
    """`leaders`, from the sketches of all rows."""
    rank_N = pairs.preference_order(sketch)
    near = Near(np.arange(len(rank_N)), np.zeros(len(rank_N)), np.zeros(len(rank_N), dtype=bool))
    for row_M, part_M, row_E, band_E in _parts(sketch["bands"], rank_N):
        texts = {name: _shingles.sets(sketch[name].take(pa.array(row_M))) for name in _TEXTS}
        marks = sketch["marks"].take(pa.array(row_M)).combine_chunks()
        best_M, nearest_M = _closely(texts, _signatures(marks), part_M, row_E, band_E, threshold)
        near_D = np.flatnonzero(best_M >= threshold)
        near.score_N[row_M] = best_M
        near.leader_N[row_M[near_D]] = row_M[nearest_M[near_D]]
        near.swapped_N[row_M[near_D]] = _are_swapped(texts, near_D, nearest_M[near_D])
    return near


def _bands(
    shingles: Mapping[str, pa.LargeListArray], fixed_N: np.ndarray, threshold: float, seed: int
) -> tuple[np.ndarray, bytes]:
    """Keys (uint64) of each row's bands: rows that share one are candidates; and the signatures of all rows.

    The least hashes of two sets are those of their union, so both come from one digest of the prompt and one of the
    responses.
    """
    width = _band_width(threshold)
    bands_NB = np.empty((len(fixed_N), _PERMUTATIONS // width), dtype=np.uint64)
    marks: list[np.ndarray] = []
    for start in range(0, len(fixed_N), _DIGESTED):
        own = {name: lists.slice(start, _DIGESTED) for name, lists in shingles.items()}
        prompt_NP = _digests([own["prompt"]], _PROMPT, seed)
        said_NP = _digests([own["response_a"], own["response_b"]], np.uint64(0), seed)
        marks.append(np.hstack([prompt_NP[:, :_MARKS], said_NP[:, :_MARKS]]).astype(np.uint8))
        digest_NP = np.minimum(prompt_NP, said_NP)
        fixed = fixed_N[start : start + _DIGESTED]
        for band in range(bands_NB.shape[1]):
            rows = digest_NP[:, band * width : (band + 1) * width].T
            bands_NB[start : start + _DIGESTED, band] = hashes.mixed(fixed + np.uint64(band), *rows)
    return bands_NB, b"".join(each.tobytes() for each in marks)


def _digests(lists: list[pa.LargeListArray], mark: np.uint64, seed: int) -> np.ndarray:
    """MinHash digests (N, P) of the lists of each row together, each hash marked by a number."""
    from rensa import RMinHash

    flat, ends = _joined(lists)
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(flat ^ mark, ends, _PERMUTATIONS, seed)
    return np.array(matrix.to_rows(), dtype=np.uint64)


def _signatures(marks: pa.FixedSizeBinaryArray) -> np.ndarray:
    """The signatures of prompt and responses, (M, 2, `_MARKS`) bytes."""
    raw = np.frombuffer(marks.buffers()[1], np.uint8)
    return raw[2 * _MARKS * marks.offset :][: 2 * _MARKS * len(marks)].reshape(-1, 2, _MARKS)


def _band_width(threshold: float) -> int:
    """The most rows a band may have for `_RECALL` at the threshold; more rows give fewer false candidates."""
    found = [w for w in range(1, 33) if 1 - (1 - threshold**w) ** (_PERMUTATIONS // w) >= _RECALL]
    return max(found, default=1)


def _joined(lists: list[pa.LargeListArray]) -> tuple[np.ndarray, list[int]]:
    """Lists of one row one after another, for all rows; and where each row begins and ends."""
    length_KN = np.array([pc.list_value_length(own).to_numpy() for own in lists], dtype=np.int64)
    ends_N = np.cumsum(length_KN.sum(axis=0))
    flat = np.empty(ends_N[-1] if len(ends_N) else 0, dtype=np.uint64)
    start_N = ends_N - length_KN.sum(axis=0)
    for own, length_N in zip(lists, length_KN, strict=True):
        flat[_shingles.ranges(start_N, length_N)] = own.flatten().to_numpy()
        start_N = start_N + length_N
    return flat, [0, *ends_N.tolist()]


def _parts(
    bands: pa.ChunkedArray, rank_N: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
    """Rows that hang together by shared bands, about `_CLOSE` of them at a time.

    Yields the rows (M, by rank), the number of the part that each hangs in (M), and which of these rows has which
    band: place among the rows (E) and number of the band (E).
    """
    row_E, band_E = _meetings(bands)
    size = len(rank_N)
    if not len(row_E):
        return
    nodes = size + int(band_E.max()) + 1
    graph = coo_array((np.ones(len(row_E), np.int8), (row_E, size + band_E)), shape=(nodes, nodes))
    part_N = connected_components(graph, directed=False)[1][:size]
    order_E = np.lexsort([rank_N[row_E], part_N[row_E]])
    row_E, band_E = row_E[order_E], band_E[order_E]
    new_E = np.diff(row_E, prepend=-1) != 0
    starts_M = np.flatnonzero(new_E)  # of each row, its first entry
    part_M = part_N[row_E[starts_M]]
    first_M = np.flatnonzero(np.diff(part_M, prepend=-1))  # of each part, its first row
    cuts = first_M[np.unique(first_M // _CLOSE, return_index=True)[1]]
    for start, end in zip(cuts, [*cuts[1:], len(starts_M)], strict=True):
        own = slice(starts_M[start], starts_M[end] if end < len(starts_M) else len(row_E))
        rows, part = row_E[starts_M[start:end]], part_M[start:end]
        yield rows, part, np.cumsum(new_E[own]) - 1, np.unique(band_E[own], return_inverse=True)[1]


def _meetings(bands: pa.ChunkedArray) -> tuple[np.ndarray, np.ndarray]:
    """Rows that share a band with another, and a number for the band: one entry for each row and band."""
    found: list[tuple[np.ndarray, np.ndarray]] = []
    count = 0
    for band in range(bands.type.list_size):
        width = bands.type.list_size
        key_N = np.concatenate([chunk.flatten().to_numpy().reshape(-1, width)[:, band] for chunk in bands.chunks])
        order_N = np.argsort(key_N, kind="stable")
        new_N = np.diff(key_N[order_N], prepend=~key_N[order_N[:1]]) != 0
        number_N = np.cumsum(new_N) - 1
        meets_N = (np.bincount(number_N) > 1)[number_N]
        number_M = count + np.cumsum(new_N[meets_N], dtype=np.int32) - 1
        found.append((order_N[meets_N].astype(np.int32), number_M.astype(np.int32)))
        count += int(new_N[meets_N].sum())
    rows, numbers = zip(*found, strict=True)
    return np.concatenate(rows), np.concatenate(numbers)


def _closely(
    texts: Mapping[str, _shingles.Sets],
    marks_M2K: np.ndarray,
    part_M: np.ndarray,
    row_E: np.ndarray,
    band_E: np.ndarray,
    threshold: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Of each row (by rank), the similarity to the most similar one before it that stays, and which that is; 0 where
    no signature is near.

    In every part at once, the first row that is not decided stays, and is compared with all later ones that share a
    band with it.
    """
    prompts, both = texts["prompt"], _shingles.union(texts["response_a"], texts["response_b"])
    size = len(part_M)
    best_M, nearest_M = np.zeros(size), np.zeros(size, dtype=np.int64)
    count_M = np.bincount(row_E, minlength=size)
    start_M = np.cumsum(count_M) - count_M
    by_band = row_E[np.argsort(band_E, kind="stable")]
    count_B = np.bincount(band_E)
    start_B = np.cumsum(count_B) - count_B
    open_M = np.ones(size, dtype=bool)
    while open_M.any():
        waiting = np.flatnonzero(open_M)
        kept = waiting[np.unique(part_M[waiting], return_index=True)[1]]
        open_M[kept] = False
        own = band_E[_shingles.ranges(start_M[kept], count_M[kept])]
        leader = np.repeat(np.repeat(kept, count_M[kept]), count_B[own])
        other = by_band[_shingles.ranges(start_B[own], count_B[own])]
        pair = _shingles.distinct((leader * size + other)[other > leader])
        leader, other = _look_alike(marks_M2K, *np.divmod(pair, size), threshold)
        found = np.minimum(
            _shingles.jaccard(prompts, prompts, leader, other), _shingles.jaccard(both, both, leader, other)
        )
        better = found > best_M[other]
        best_M[other[better]], nearest_M[other[better]] = found[better], leader[better]
        open_M[other[found >= threshold]] = False
    return best_M, nearest_M


def _look_alike(
    marks_M2K: np.ndarray, one_D: np.ndarray, other_D: np.ndarray, threshold: float
) -> tuple[np.ndarray, np.ndarray]:
    """Those pairs whose signatures do not rule out that they are near."""
    least = _MARKS * threshold - _DOUBT * np.sqrt(_MARKS * threshold * (1 - threshold))
    near = []
    for start in range(0, len(one_D), _LOOKED):
        one, other = (marks_M2K[places[start : start + _LOOKED]] for places in (one_D, other_D))
        near.append(((one == other).sum(axis=2) >= least).all(axis=1))
    near_D = np.concatenate([np.zeros(0, dtype=bool), *near])
    return one_D[near_D], other_D[near_D]


def _are_swapped(texts: Mapping[str, _shingles.Sets], one_D: np.ndarray, other_D: np.ndarray) -> np.ndarray:
    """Whether the response a of the one is more like response b of the other than like its a, and so on."""
    a, b = texts["response_a"], texts["response_b"]
    across = _shingles.jaccard(a, b, one_D, other_D) + _shingles.jaccard(b, a, one_D, other_D)
    return np.asarray(across > _shingles.jaccard(a, a, one_D, other_D) + _shingles.jaccard(b, b, one_D, other_D))
