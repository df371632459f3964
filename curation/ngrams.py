"""Runs of words (n-grams) of many texts as 64-bit hashes, and which texts share one with texts of a given collection.

    index = Index.of({"suite.jsonl": ["the prompts", "of a benchmark"]}, n=13)
    found = index.find(texts)
    found.source_N     # place in index.sources of the first text shared, -1 where none is

Letters are compared in lower case and in compatibility form (NFKC), all that is neither letter nor digit parts words,
and scripts written without blanks count a character as a word. A text of fewer than ``n`` words is one n-gram, the
whole of it, so that a short prompt is found where it stands by itself; below `LEAST` words it has none.

Everything runs over arrays, a few MB at a time: a hash of a range is a difference of prefix sums of a polynomial in an
odd number modulo 2**64 (Karp and Rabin 1987, doi:10.1147/rd.312.0249), of bytes for words and of words for n-grams.
Pure: knows no Django. Shapes: N texts, W words, G n-grams, K n-grams of an index.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

N = 13  # words, as GPT-3, Skywork-Reward-V2 and most decontamination of training data take
LEAST = 5  # words of a text that is to be found at all: "yes" stands everywhere
BATCH = 2**21  # characters at a time

_BASE = 0x9E3779B97F4A7C15  # odd, so that it can be divided by modulo 2**64
_PREFILTER_BITS = 24
_NO_BLANKS = r"([\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}])"
_NO_WORD = r"[^\p{L}\p{M}\p{N}]+"
_IN_WORD = np.zeros(256, dtype=bool)
_IN_WORD[[*b"0123456789abcdefghijklmnopqrstuvwxyz", *range(0x80, 0x100)]] = True

Texts = Any  # a sequence of str, or an Arrow array of them, whole or chunked


@dataclass(frozen=True)
class Grams:
    """n-grams of a batch of texts: hash, place of the text among all texts, and where its words stand in ``bytes_``."""

    hash_G: np.ndarray
    text_G: np.ndarray
    start_G: np.ndarray
    end_G: np.ndarray
    bytes_: np.ndarray

    def words(self, gram: int) -> str:
        """The words of one n-gram as they are compared."""
        raw = self.bytes_[self.start_G[gram] : self.end_G[gram]].tobytes().decode("utf-8", "replace")
        return " ".join(raw.translate(_TO_BLANKS).split())


@dataclass(frozen=True)
class Found:
    """What N texts share with an index.

    Attributes
    ----------
    source_N : place in `Index.sources` of the first shared n-gram's source, -1 where none is shared.
    shared_N : how many of a text's n-grams are shared.
    share_N : the same as a share of its n-grams, 0 where it has none.
    gram_N : the words of the first shared n-gram by text, for those that share one.
    """

    source_N: np.ndarray
    shared_N: np.ndarray
    share_N: np.ndarray
    gram_N: Mapping[int, str]


@dataclass(frozen=True)
class Index:
    """The n-grams of named collections of texts; ``hash_K`` is sorted and distinct."""

    sources: tuple[str, ...]
    n: int
    hash_K: np.ndarray
    source_K: np.ndarray
    seen: np.ndarray  # by the first bits of a hash: whether any of hash_K begins so

    @classmethod
    def of(cls, texts: Mapping[str, Texts], n: int = N) -> "Index":
        """Index texts by the name of their collection; an n-gram of several belongs to the first of them."""
        parts = [(place, batch.hash_G) for place, own in enumerate(texts.values()) for batch in grams(own, n)]
        hashes = np.concatenate([np.zeros(0, np.uint64), *(hash_G for _, hash_G in parts)])
        sources = np.concatenate([np.zeros(0, np.int32), *(np.full(len(h), place, np.int32) for place, h in parts)])
        hash_K, first_K = np.unique(hashes, return_index=True)
        seen = np.zeros(2**_PREFILTER_BITS, dtype=bool)
        seen[_first_bits(hash_K)] = True
        return cls(tuple(texts), n, hash_K, sources[first_K], seen)

    def find(self, texts: Texts) -> Found:
        """Which texts share n-grams with the index; each distinct text is looked at once."""
        distinct = _as_array(texts).dictionary_encode()
        found = self._find(distinct.dictionary)
        place_N = distinct.indices.to_numpy()
        gram_N = {row: found.gram_N[place] for row, place in enumerate(place_N.tolist()) if place in found.gram_N}
        return Found(found.source_N[place_N], found.shared_N[place_N], found.share_N[place_N], gram_N)

    def _find(self, texts: pa.Array) -> Found:
        size = len(texts)
        source_N = np.full(size, -1, dtype=np.int32)
        shared_N, all_N = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
        gram_N: dict[int, str] = {}
        for batch in grams(texts, self.n):
            all_N += np.bincount(batch.text_G, minlength=size)
            likely_H = np.flatnonzero(self.seen[_first_bits(batch.hash_G)])
            place_H = np.searchsorted(self.hash_K, batch.hash_G[likely_H])
            equal_H = self.hash_K[np.minimum(place_H, len(self.hash_K) - 1)] == batch.hash_G[likely_H]
            hit_H, place_H = likely_H[equal_H], place_H[equal_H]
            shared_N += np.bincount(batch.text_G[hit_H], minlength=size)
            own, first = np.unique(batch.text_G[hit_H], return_index=True)  # of a text, the first n-gram stands first
            source_N[own] = self.source_K[place_H[first]]
            gram_N |= {text: batch.words(gram) for text, gram in zip(own.tolist(), hit_H[first].tolist(), strict=True)}
        return Found(source_N, shared_N, shared_N / np.maximum(all_N, 1), gram_N)


def grams(texts: Texts, n: int = N, least: int = LEAST) -> Iterator[Grams]:
    """The n-grams of texts in their order, a batch of texts at a time; ``text_G`` counts over all texts.

    Texts of fewer than ``least`` words have none.
    """
    array = _as_array(texts)
    length_N = pc.utf8_length(array).to_numpy(zero_copy_only=False)
    batch_N = np.cumsum(length_N) // BATCH
    starts = np.flatnonzero(np.diff(batch_N, prepend=-1)).tolist()
    for start, end in zip(starts, [*starts[1:], len(array)], strict=False):
        yield _grams(array.slice(start, end - start), start, n, least)


def _grams(texts: pa.Array, first: int, n: int, least: int) -> Grams:
    bytes_, offset_N = _folded(texts)
    in_word = np.zeros(len(bytes_) + 1, dtype=np.int8)
    in_word[:-1] = _IN_WORD[bytes_]
    change = np.diff(in_word, prepend=0)
    start_W, end_W = np.flatnonzero(change == 1), np.flatnonzero(change == -1)
    word_W = _range_hashes(bytes_, start_W, end_W)
    text_W = np.searchsorted(offset_N, start_W, side="right") - 1
    count_N = np.bincount(text_W, minlength=len(texts))
    before_N = np.cumsum(count_N) - count_N
    grams_N = np.where(count_N < least, 0, np.maximum(count_N - n + 1, 1))
    text_G = np.repeat(np.arange(len(texts)), grams_N)
    place_G = np.arange(len(text_G)) - np.repeat(np.cumsum(grams_N) - grams_N, grams_N)
    from_G = before_N[text_G] + place_G
    to_G = from_G + np.minimum(n, count_N)[text_G]
    last_G = to_G - 1
    return Grams(_range_hashes(word_W, from_G, to_G), text_G + first, start_W[from_G], end_W[last_G], bytes_)


def _folded(texts: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """The bytes of all texts as they are compared, a blank after each, and where each begins (one more than texts)."""
    folded = pc.utf8_lower(texts)
    strange = pc.invert(pc.string_is_ascii(folded))
    if pc.any(strange).as_py():
        normal = pc.utf8_lower(pc.utf8_normalize(folded.filter(strange), form="NFKC"))
        parted = pc.replace_substring_regex(normal, pattern=_NO_BLANKS, replacement=r" \1 ")
        cleaned = pc.replace_substring_regex(parted, pattern=_NO_WORD, replacement=" ")
        folded = pc.replace_with_mask(folded, strange, cleaned)
    blank = pa.scalar(" ", pa.large_string())
    folded = pc.binary_join_element_wise(folded, pa.scalar("", pa.large_string()), blank)
    _, offsets, data = folded.buffers()
    offset_N = np.frombuffer(offsets, np.int64)[folded.offset : folded.offset + len(folded) + 1]
    return np.frombuffer(data or b"", np.uint8)[: offset_N[-1]], offset_N


def _range_hashes(values: np.ndarray, start_R: np.ndarray, end_R: np.ndarray) -> np.ndarray:
    """Hash (uint64) of each range of ``values``, the same wherever the same values stand."""
    power, inverse = _powers(1 << max(len(values), 1).bit_length())
    sums = np.zeros(len(values) + 1, dtype=np.uint64)
    np.cumsum(values.astype(np.uint64) * power[: len(values)], out=sums[1:])
    mixed = (sums[end_R] - sums[start_R]) * inverse[start_R]
    mixed ^= mixed >> np.uint64(32)
    mixed *= np.uint64(0xD6E8FEB86659FD93)
    mixed ^= mixed >> np.uint64(32)
    return mixed


@lru_cache(maxsize=4)
def _powers(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Powers 0, 1, … of `_BASE` and of its inverse, modulo 2**64."""
    found = []
    for base in (_BASE, pow(_BASE, -1, 2**64)):
        power = np.full(size, base, dtype=np.uint64)
        power[0] = 1
        found.append(np.cumprod(power, dtype=np.uint64))
    return found[0], found[1]


def _first_bits(hashes: np.ndarray) -> np.ndarray:
    return (hashes >> np.uint64(64 - _PREFILTER_BITS)).astype(np.int64)


def _as_array(texts: Texts) -> pa.Array:
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    array: Any = texts if isinstance(texts, pa.Array) else pa.array(texts, pa.large_string())
    return pc.fill_null(array.cast(pa.large_string()), "")


_TO_BLANKS = {code: " " for code in range(128) if not _IN_WORD[code]}
