"""Hashes of tables: of each row, one over all rows that does not depend on their order, and numbers for texts.

A row's hash is SHA-256 of a zero byte and the canonical JSON of all its columns. The root is that of a Merkle tree
over the sorted row hashes: two hashes are joined by SHA-256 of a one byte and both, an odd one moves up as it is, and
no rows at all are SHA-256 of nothing. (The leading bytes keep rows and joints apart, as in RFC 6962.)

The JSON of a batch is made column by column, and the root of any number of rows in the memory of a few: `Root` sorts
them in `_BUCKETS` files by how they begin, and keeps of the tree only its open right edge.
"""

import json
from collections.abc import Iterable
from hashlib import blake2b, sha256
from tempfile import SpooledTemporaryFile

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation.pairs import IDENTITY, canonical_json

SIZE = 32  # bytes of a hash
_BATCH = 4096
_BUCKETS = 16
_SPOOL = 2**20  # bytes of a bucket kept in memory
_quoted = json.encoder.encode_basestring  # a text as `canonical_json` writes it


def row_hashes(table: pa.Table) -> list[bytes]:
    """SHA-256 of each row, 32 bytes each, in the order of the table."""
    names = sorted(table.column_names)
    columns = table.select(names)
    return [
        sha256(b"\0" + text.encode("utf-8", "surrogatepass")).digest()
        for batch in columns.to_batches(max_chunksize=_BATCH)
        for text in _objects(names, batch.columns)
    ]


def order(table: pa.Table, hashes: list[bytes]) -> pa.Array:
    """The order of the rows by name, then by content: the same however they stood before."""
    keys = table.select(IDENTITY).append_column("hash", pa.array(hashes, pa.binary()))
    return pc.sort_indices(keys, sort_keys=[(name, "ascending") for name in keys.column_names])


def root(hashes: Iterable[bytes]) -> str:
    """Merkle root (hex) over the sorted hashes."""
    found = Root()
    found.add(b"".join(hashes))
    return found.hex()


def digests(*columns: pa.ChunkedArray) -> np.ndarray:
    """A 64-bit number for what stands in each row of columns of texts or lists, the same on every machine."""
    found = [_digests(column) for column in columns]
    return found[0] if len(found) == 1 else mixed(*found)


def _digests(column: pa.ChunkedArray) -> np.ndarray:
    if pa.types.is_list(column.type):
        column = _as_texts(column)
    coded = column.combine_chunks().dictionary_encode()
    texts = coded.dictionary.to_numpy(zero_copy_only=False).tolist()
    raw = b"".join(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest() for text in texts)
    return np.frombuffer(raw, "<u8").astype(np.uint64)[coded.indices.to_numpy()]


def _as_texts(lists: pa.ChunkedArray) -> pa.ChunkedArray:
    """Lists as their canonical JSON; most are empty."""
    filled_N = np.flatnonzero(pc.fill_null(pc.list_value_length(lists), 0).to_numpy())
    texts = np.full(len(lists), "[]", dtype=object)
    texts[filled_N] = [canonical_json(value) for value in lists.take(pa.array(filled_N)).to_pylist()]
    return pa.chunked_array([pa.array(texts, pa.string())])


def mixed(*numbers: np.ndarray) -> np.ndarray:
    """One 64-bit number for several, in their order (the finaliser of SplitMix64 after each)."""
    result = np.zeros(len(numbers[0]), dtype=np.uint64)
    for own in numbers:
        result = (result + np.uint64(0x9E3779B97F4A7C15)) ^ own
        result = (result ^ (result >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        result = (result ^ (result >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        result ^= result >> np.uint64(31)
    return result


class Root:
    """The Merkle root over hashes that come a few at a time, in any order."""

    def __init__(self) -> None:
        self._buckets = [SpooledTemporaryFile(_SPOOL) for _ in range(_BUCKETS)]  # noqa: SIM115 (closed by `hex`)

    def add(self, hashes: bytes) -> None:
        """Hashes one after another, `SIZE` bytes each."""
        rows = np.frombuffer(hashes, np.uint8).reshape(-1, SIZE)
        bucket_N = rows[:, 0] // (256 // _BUCKETS)
        for place in np.unique(bucket_N).tolist():
            self._buckets[place].write(rows[bucket_N == place].tobytes())

    def hex(self) -> str:
        """The root of what was added; nothing can be added after it."""
        edge: list[tuple[int, bytes]] = []  # leaves below, hash: subtrees that still wait for their right neighbour
        for bucket in self._buckets:
            with bucket:
                bucket.seek(0)
                ordered = np.sort(np.frombuffer(bucket.read(), f"S{SIZE}")).tobytes()
            for start in range(0, len(ordered), SIZE):
                leaves, joined = 1, ordered[start : start + SIZE]
                while edge and edge[-1][0] == leaves:
                    leaves, joined = 2 * leaves, _joined(edge.pop()[1], joined)
                edge.append((leaves, joined))
        if not edge:
            return sha256().hexdigest()
        _, whole = edge.pop()
        while edge:
            whole = _joined(edge.pop()[1], whole)
        return whole.hex()


def _joined(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


def _objects(names: list[str], columns: list[pa.Array]) -> list[str]:
    """The canonical JSON of rows that these columns hold; ``names`` are sorted."""
    template = "{%s}" % ",".join(_quoted(name).replace("%", "%%") + ":%s" for name in names)  # noqa: UP031
    return [template % values for values in zip(*map(_values, columns), strict=True)]


def _values(column: pa.Array) -> list[str]:
    """The canonical JSON of each value of a column, as `pairs.canonical_json` of what ``to_pylist`` gives."""
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        texts = column.to_numpy(zero_copy_only=False).tolist()  # much faster than to_pylist
        return ["null" if text is None else _quoted(text) for text in texts]
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        numbers = column.to_pylist() if column.null_count else column.to_numpy(zero_copy_only=False).tolist()
        return canonical_json(numbers)[1:-1].split(",") if numbers else []
    if pa.types.is_struct(kind):
        order = sorted(range(kind.num_fields), key=lambda place: kind.field(place).name)
        children = column.flatten()
        values = _objects([kind.field(place).name for place in order], [children[place] for place in order])
    elif pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind):
        inside = _values(column.flatten())
        ends = np.cumsum(pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False)).tolist()
        values = [f"[{','.join(inside[start:end])}]" for start, end in zip([0, *ends], ends, strict=False)]
    else:
        return [canonical_json(value) for value in column.to_pylist()]
    if not column.null_count:
        return values
    return ["null" if is_null else value for value, is_null in zip(values, column.is_null().to_pylist(), strict=True)]
