"""Shingles (runs of words) of texts as numbers, sets of them, and how alike two sets are, over arrays.

Sets keep 32 bits of a shingle: two that are alike by chance move a similarity by less than one word does. Shapes: S
shingles, D pairs of sets, R ranges.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation import hashes, ngrams

_COMPARED = 4_000_000  # shingles compared at a time, about


def of_texts(texts: pa.ChunkedArray, words: int) -> pa.LargeListArray:
    """Hashes of all runs of so many words of each text; a shorter text is one. The same on every machine."""
    coded = texts.combine_chunks().dictionary_encode()
    distinct = coded.dictionary
    found = [(grams.hash_G, grams.text_G) for grams in ngrams.grams(distinct, words, least=1)]
    hash_S, text_S = (
        (np.concatenate(part) for part in zip(*found, strict=True)) if found else (np.zeros(0), np.zeros(0))
    )
    wordless = np.setdiff1d(np.arange(len(distinct)), text_S)
    rest = hashes.digests(pa.chunked_array([distinct.take(pa.array(wordless))]))
    hash_S = np.concatenate([hash_S.astype(np.uint64), rest])
    text_S = np.concatenate([text_S, wordless]).astype(np.int64)
    ends = np.cumsum(np.bincount(text_S, minlength=len(distinct)))
    ordered_S = hash_S[np.argsort(text_S, kind="stable")]
    lists = pa.LargeListArray.from_arrays(pa.array(np.concatenate([[0], ends])), pa.array(ordered_S))
    return lists.take(coded.indices)


Sets = tuple[np.ndarray, np.ndarray]  # distinct shingles, sorted within each row; where each row begins, and the end


def sets(*lists: pa.ChunkedArray) -> Sets:
    """The distinct shingles of each row in one list or more."""
    keys = []
    for own in lists:
        row_S = np.repeat(np.arange(len(own)), pc.list_value_length(own).to_numpy())
        keys.append(row_S.astype(np.uint64) << np.uint64(32) | pc.list_flatten(own).to_numpy())
    key_S = distinct(np.concatenate(keys))
    starts = np.searchsorted(key_S, np.arange(len(lists[0]) + 1, dtype=np.uint64) << np.uint64(32))
    return key_S.astype(np.uint32), starts


def union(one: Sets, other: Sets) -> Sets:
    """The distinct shingles of each row in either."""
    return sets(*(pa.chunked_array([pa.LargeListArray.from_arrays(pa.array(e), pa.array(s))]) for s, e in (one, other)))


def jaccard(one: Sets, other: Sets, one_D: np.ndarray, other_D: np.ndarray) -> np.ndarray:
    """Jaccard similarity of sets pair by pair: those of ``one`` at ``one_D`` with those of ``other`` at ``other_D``."""
    sizes = [np.diff(sets[1])[places] for sets, places in ((one, one_D), (other, other_D))]
    common_D = np.zeros(len(one_D))
    chunk_D = np.cumsum(sizes[0] + sizes[1]) // _COMPARED
    starts = np.flatnonzero(np.diff(chunk_D, prepend=-1)).tolist()
    for start, end in zip(starts, [*starts, len(one_D)][1:], strict=True):
        keys = []
        for sets, places, size in ((one, one_D, sizes[0]), (other, other_D, sizes[1])):
            length = size[start:end]
            shingle = sets[0][ranges(sets[1][places[start:end]], length)]
            keys.append(np.repeat(np.arange(end - start, dtype=np.uint64), length) << np.uint64(32) | shingle)
        key = np.sort(np.concatenate(keys))
        twice = key[1:][key[1:] == key[:-1]] >> np.uint64(32)
        common_D[start:end] = np.bincount(twice.astype(np.int64), minlength=end - start)
    return common_D / (sizes[0] + sizes[1] - common_D)


def distinct(values: np.ndarray) -> np.ndarray:
    """The distinct values, sorted (`numpy.unique` hashes them first, which takes several times as long)."""
    ordered = np.sort(values)
    return ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])] if len(ordered) else ordered


def ranges(start_R: np.ndarray, length_R: np.ndarray) -> np.ndarray:
    """The numbers of all ranges, one after another."""
    ends_R = np.cumsum(length_R)
    total = int(ends_R[-1]) if len(ends_R) else 0
    return np.arange(total) + np.repeat(start_R - (ends_R - length_R), length_R)
