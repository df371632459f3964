"""Search for similar pairs in the pool: unit vectors in files, one a shard, and a faiss index over them all.

Small pools are searched exactly; large ones in an inverted file of quantised vectors (IVF, SQ8: a byte a number), of
which the lists nearest to a question are read. The kind of index and its size stand in the file itself.
Source: faiss, arXiv 2401.08281. Pure: knows no Django. Shapes: N pairs, D width, Q questions, K neighbours.
"""

import importlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from curation.campaign.files import Files
from curation.campaign.source import Source

EXACT_BELOW = 50_000  # pairs that are searched exactly
SAMPLE_PER_LIST = 64  # vectors that each list is trained on
PROBES = 32  # lists that are read for a question


@dataclass(frozen=True)
class Index:
    """Vectors of all pairs, one memory-mapped array a shard, and the index over them."""

    parts: tuple[np.ndarray, ...]
    starts: np.ndarray
    faiss_index: Any

    def vectors(self, places: Sequence[int] | np.ndarray) -> np.ndarray:
        """(T, D) unit vectors of these places."""
        place_T = np.asarray(places, np.int64)
        shard_T = np.searchsorted(self.starts, place_T, side="right") - 1
        rows = [self.parts[shard][place - self.starts[shard]] for shard, place in zip(shard_T, place_T, strict=True)]
        return np.array(rows, np.float32).reshape(len(place_T), -1)

    def nearest(self, query_QD: np.ndarray, k: int, allowed_N: np.ndarray) -> np.ndarray:
        """(Q, K) places of the most similar allowed pairs, the nearest first; -1 where there are not so many."""
        faiss = _faiss()
        allowed = np.packbits(allowed_N, bitorder="little")
        selector = faiss.IDSelectorBitmap(allowed)
        if isinstance(self.faiss_index, faiss.IndexIVF):
            chosen = faiss.SearchParametersIVF(sel=selector, nprobe=PROBES)
        else:
            chosen = faiss.SearchParameters(sel=selector)
        _, near_QK = self.faiss_index.search(np.ascontiguousarray(query_QD, np.float32), k, params=chosen)
        return np.asarray(near_QK)


def build(
    files: Files, source: Source, vectors_of: Callable[[int], np.ndarray], *, exact_below: int = EXACT_BELOW
) -> Index:
    """The index of a source; ``vectors_of`` gives the unit vectors (rows, D) of a shard, kept as half floats."""
    faiss = _faiss()

    def write(number: int) -> Callable[[Path], None]:
        def save(path: Path) -> None:
            with path.open("wb") as file:
                np.save(file, np.asarray(vectors_of(number), np.float16))

        return save

    paths = [files.file(f"vectors/{number:05}.npy", write(number)) for number in range(len(source.sizes))]
    parts = tuple(np.load(path, mmap_mode="r") for path in paths)
    path = files.file("vectors/index.faiss", lambda path: faiss.write_index(_index(parts, exact_below), str(path)))
    return Index(parts, source.starts, faiss.read_index(str(path)))


def _faiss() -> Any:
    """The library, loaded at first use: it is large, and its types do not tell what its Python face takes."""
    return importlib.import_module("faiss")


def _index(parts: Sequence[np.ndarray], exact_below: int) -> Any:
    faiss = _faiss()
    count, width = sum(len(part) for part in parts), parts[0].shape[1] if parts else 1
    if count < exact_below:
        index = faiss.IndexFlatIP(width)
    else:
        lists = max(1, int(2 ** np.round(np.log2(4 * np.sqrt(count)))))
        index = faiss.index_factory(width, f"IVF{lists},SQ8", faiss.METRIC_INNER_PRODUCT)
        share = min(1.0, SAMPLE_PER_LIST * lists / count)
        rng = np.random.default_rng(0)
        sample = [part[np.sort(rng.permutation(len(part))[: int(np.ceil(share * len(part)))])] for part in parts]
        index.train(np.concatenate(sample).astype(np.float32))
    for batch in _batches(parts):
        index.add(batch)
    return index


def _batches(parts: Sequence[np.ndarray], size: int = 20_000) -> Iterator[np.ndarray]:
    for part in parts:
        for start in range(0, len(part), size):
            yield np.asarray(part[start : start + size], np.float32)


def most_similar(query_QD: np.ndarray, known_KD: np.ndarray, k: int) -> np.ndarray:
    """(Q, at most k) places among the known vectors, the most similar first; for sets that fit into memory."""
    similarity_QK = np.asarray(query_QD, np.float32) @ np.asarray(known_KD, np.float32).T
    return np.argsort(-similarity_QK, axis=1, kind="stable")[:, :k]
