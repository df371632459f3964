"""Rows and traces of dataset versions, a page at a time: files are scanned in batches, never held whole."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, overload

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curation import layout, pairs, versions
from curation.applying import TRACE
from curation.models import DatasetVersion

BATCH = 2048  # rows
SEARCHED = ("prompt", "response_a", "response_b")
SHOWN = ("row_id", "item", "group", *SEARCHED, *pairs.PROBABILITIES, "weight", "n_votes", "gold")


class Lines(Sequence[dict[str, Any]]):
    """What a scan finds, for a paginator: counted once, sliced by scanning up to the end of the slice."""

    def __init__(self, files: Sequence[tuple[str, Path]], columns: Sequence[str]) -> None:
        self.files = list(files)
        self.columns = list(columns)
        self._length: int | None = None

    def mask(self, batch: pa.RecordBatch) -> pa.Array | None:
        """Which lines of a batch are wanted; None for all."""
        return None

    @staticmethod
    def equal(batch: pa.RecordBatch, wanted: Mapping[str, Any]) -> pa.Array | None:
        """Which lines have these values in these columns; None where nothing is asked."""
        mask: pa.Array | None = None
        for name, value in wanted.items():
            fits = pc.fill_null(pc.equal(batch[name], pa.scalar(value, batch.schema.field(name).type)), False)
            mask = fits if mask is None else pc.and_(mask, fits)
        return mask

    def line(self, name: str, values: dict[str, Any]) -> dict[str, Any]:
        """One line as it is given out; ``name`` is its file's."""
        return values

    def _batches(self) -> Iterator[tuple[str, pa.RecordBatch]]:
        for name, path in self.files:
            with pq.ParquetFile(path) as file:
                for batch in file.iter_batches(BATCH, columns=self.columns):
                    mask = self.mask(batch)
                    yield name, batch if mask is None else batch.filter(mask)

    def __len__(self) -> int:
        if self._length is None:
            self._length = sum(batch.num_rows for _, batch in self._batches())
        return self._length

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, index: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        if isinstance(index, int):
            return self[index : index + 1][0]
        start, stop, _ = index.indices(len(self))
        found: list[dict[str, Any]] = []
        place = 0
        for name, batch in self._batches():
            own = batch.slice(max(start - place, 0), max(stop - max(start, place), 0))
            if place + batch.num_rows > start and place < stop:
                found += [self.line(name, values) for values in own.to_pylist()]
            place += batch.num_rows
            if place >= stop:
                break
        return found


class Rows(Lines):
    """Rows of a version, of one split or all, whose texts contain ``search`` in whatever case."""

    def __init__(self, version: DatasetVersion, split: str = "", search: str = "") -> None:
        splits = [name for name in version.manifest["rows"] if split in ("", name)]
        files = [(name, path) for name in splits for path in layout.split_files(version.path, name)]
        super().__init__(files, SHOWN)
        self.search = search
        if not search:
            self._length = sum(version.manifest["rows"][name] for name in splits)

    def mask(self, batch: pa.RecordBatch) -> pa.Array | None:
        if not self.search:
            return None
        found = [pc.match_substring(batch[name], self.search, ignore_case=True) for name in SEARCHED]
        return pc.or_(pc.or_(found[0], found[1]), found[2])

    def line(self, name: str, values: dict[str, Any]) -> dict[str, Any]:
        return {**values, "split": name, "prompt": pairs.prompt_text(values["prompt"])}


class Trace(Lines):
    """What happened to rows on the way to a version (`curation.applying.TRACE`), filtered by equal columns."""

    def __init__(self, version: DatasetVersion, **wanted: Any) -> None:
        super().__init__([("trace", path) for path in versions.trace_files(version.path)], TRACE.names)
        self.wanted = wanted

    def mask(self, batch: pa.RecordBatch) -> pa.Array | None:
        return self.equal(batch, self.wanted)
