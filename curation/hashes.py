"""Hashes of tables: of each row, and one over all rows that does not depend on their order.

A row's hash is SHA-256 of a zero byte and the canonical JSON of all its columns. The root is that of a Merkle tree
over the sorted row hashes: two hashes are joined by SHA-256 of a one byte and both, an odd one moves up as it is, and
no rows at all are SHA-256 of nothing. (The leading bytes keep rows and joints apart, as in RFC 6962.)
"""

from collections.abc import Iterable
from hashlib import sha256

import pyarrow as pa

from curation.pairs import IDENTITY, canonical_json

_BATCH = 4096


def row_hashes(table: pa.Table) -> list[bytes]:
    """SHA-256 of each row, 32 bytes each, in the order of the table."""
    hashes = []
    for batch in table.to_batches(max_chunksize=_BATCH):
        for row in batch.to_pylist():
            hashes.append(sha256(b"\0" + canonical_json(row).encode("utf-8", "surrogatepass")).digest())
    return hashes


def order(table: pa.Table, hashes: list[bytes]) -> list[int]:
    """The order of the rows by name, then by content: the same however they stood before."""
    keys = list(zip(*(table[name].to_pylist() for name in IDENTITY), hashes, strict=True))
    return sorted(range(len(keys)), key=keys.__getitem__)


def root(hashes: Iterable[bytes]) -> str:
    """Merkle root (hex) over the sorted hashes."""
    level = sorted(hashes)
    if not level:
        return sha256().hexdigest()
    while len(level) > 1:
        joined = [sha256(b"\1" + one + other).digest() for one, other in zip(level[::2], level[1::2], strict=False)]
        level = joined + level[len(joined) * 2 :]
    return level[0].hex()
