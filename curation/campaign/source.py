"""Where a campaign's pairs come from: tables of `pairs.SCHEMA`, one a shard, of which only one is in memory at a time.

A pair is named by its place: its number over all shards in their order. Pure: knows no Django.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from curation import labels, pairs

SHARD = 20_000  # rows of a shard of a table that is in memory anyway


@dataclass(frozen=True)
class Source:
    """``sizes``: rows of each shard; ``read``: the shard of a number; ``name``: a hash that tells what the rows are."""

    sizes: tuple[int, ...]
    read: Callable[[int], pa.Table]
    name: str

    @classmethod
    def of(cls, table: pa.Table, name: str, *, shard: int = SHARD) -> "Source":
        """A table as a source; labels that are missing are filled in from the votes."""
        whole = labels.with_shares(table.select(pairs.SCHEMA.names))
        starts = range(0, whole.num_rows, shard)
        sizes = tuple(min(shard, whole.num_rows - start) for start in starts)
        return cls(sizes, lambda number: whole.slice(number * shard, shard), name)

    @property
    def rows(self) -> int:
        return sum(self.sizes)

    @cached_property
    def starts(self) -> np.ndarray:
        """The place of the first row of each shard, and the number of all rows at the end."""
        return np.concatenate([[0], np.cumsum(self.sizes)]).astype(np.int64)

    def shards(self) -> Iterator[pa.Table]:
        return (self.read(number) for number in range(len(self.sizes)))

    def take(self, places: Sequence[int] | np.ndarray) -> pa.Table:
        """The rows of these places, in their order; each shard that holds some is read once."""
        place_T = np.asarray(places, np.int64)
        if not len(place_T):
            return pairs.SCHEMA.empty_table()
        shard_T = np.searchsorted(self.starts, place_T, side="right") - 1
        order_T = np.argsort(shard_T, kind="stable")
        parts = []
        for number in np.unique(shard_T).tolist():
            own = place_T[order_T][shard_T[order_T] == number] - self.starts[number]
            parts.append(self.read(number).take(pa.array(own)))
        back_T = np.empty(len(order_T), np.int64)
        back_T[order_T] = np.arange(len(order_T))
        return pa.concat_tables(parts).take(pa.array(back_T))
