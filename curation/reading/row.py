"""What every kind of source yields, and how values become plain JSON."""

import base64
import json
import math
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, BinaryIO, NamedTuple

MAX_ROW = 16 * 1024 * 1024  # bytes of one row


class UnsupportedSource(ValueError):
    """A source that cannot be read at all; the message says what can."""


class Damaged(ValueError):
    """The source breaks off here; what came before is good."""


class Row(NamedTuple):
    """One row: its number (line of a JSON lines file, else counted from 1), and its data or what is wrong with it."""

    number: int
    data: dict[str, Any] | None
    error: str | None = None


class Reader(Iterator[Row]):
    """Rows of one source, with how much of it has been read.

    Attributes
    ----------
    kind : one of `curation.reading.KINDS`, or "hub".
    position, size : bytes read so far and in all; of the hub, rows, and ``size`` is 0 where it does not say.
    """

    def __init__(self, kind: str, size: int, file: BinaryIO | None = None) -> None:
        self.kind, self.size, self.position = kind, size, 0
        self.rows: Iterator[Row] = iter(())
        self._file = file

    def __next__(self) -> Row:
        return next(self.rows)

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; no rows follow."""
        self.rows = iter(())
        if self._file is not None:
            self._file.close()


def too_long(noun: str, length: int, limit: int) -> str:
    return f"The {noun} has {length:,} bytes; {limit:,} are allowed."


def row_of(number: int, values: Mapping[str, Any], limit: int) -> Row:
    """Typed values as a row of plain JSON, unless they are too large or too deep."""
    try:
        plain = {name: plain_json(value) for name, value in values.items()}
    except RecursionError:
        return Row(number, None, "The row is nested too deeply.")
    length = len(json.dumps(plain, ensure_ascii=False))
    return Row(number, plain) if length <= limit else Row(number, None, too_long("row", length, limit))


def plain_json(value: Any) -> Any:
    """A value as plain JSON: times as ISO 8601, bytes as data: URLs, numbers that JSON lacks as null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, Mapping):
        return {str(name): plain_json(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain_json(part) for part in value]
    if isinstance(value, bytes):
        return f"data:;base64,{base64.b64encode(value).decode()}"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Decimal):
        return plain_json(float(value))
    return str(value)
