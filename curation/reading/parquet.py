"""Parquet, a few rows of a row group at a time."""

from collections.abc import Iterator
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from curation.reading.row import Reader, Row, UnsupportedSource, row_of

_BATCH = 1 << 20  # bytes of rows held at once, about


def open_parquet(file: BinaryIO, reader: Reader, name: str, limit: int) -> Iterator[Row]:
    """Rows of a Parquet file; `UnsupportedSource` at once where it is not a whole one."""
    try:
        parquet = pq.ParquetFile(file, pre_buffer=False, buffer_size=_BATCH)
    except (pa.ArrowException, OSError) as error:
        raise UnsupportedSource(f"{name} is not a whole Parquet file: {error}") from error
    return _rows(parquet, reader, limit)


def _rows(parquet: Any, reader: Reader, limit: int) -> Iterator[Row]:
    groups = [parquet.metadata.row_group(place) for place in range(parquet.num_row_groups)]
    widest = max((group.total_byte_size / max(group.num_rows, 1) for group in groups), default=0)
    number = 0
    try:
        for batch in parquet.iter_batches(batch_size=int(min(1024, 1 + _BATCH / (1 + widest)))):
            for values in _values(batch):
                number += 1
                reader.position = reader.size * number // parquet.metadata.num_rows
                if values is None:
                    yield Row(number, None, "The row holds text that is not UTF-8.")
                else:
                    yield row_of(number, values, limit)
    except (pa.ArrowException, OSError) as error:
        yield Row(number + 1, None, f"Here the Parquet file is damaged: {error}")


def _values(batch: pa.RecordBatch) -> Iterator[dict[str, Any] | None]:
    try:
        yield from batch.to_pylist()
    except UnicodeDecodeError:  # in one of the rows: look for it
        if batch.num_rows == 1:
            yield None
        else:
            for place in range(batch.num_rows):
                yield from _values(batch.slice(place, 1))
