"""CSV and TSV with a header; every cell is text."""

import csv
import re
from collections.abc import Iterator

from curation.reading.lines import BOM, TooLong
from curation.reading.row import Damaged, Row, UnsupportedSource, too_long


def delimiter(head: bytes) -> str:
    """The sign that parts the header: comma, else semicolon or tab where they are more."""
    header = head.partition(b"\n")[0]
    return max(",;\t", key=lambda sign: header.count(sign.encode()))


def records(lines: Iterator[bytes | TooLong], delimiter: str, name: str, limit: int) -> Iterator[Row]:
    """Rows by the names of the header.

    Raises
    ------
    UnsupportedSource
        At once, if the header has empty, repeated or unreadable names.
    """
    csv.field_size_limit(max(limit, csv.field_size_limit()))
    faults: list[str] = []
    cells = csv.reader(_decoded(lines, limit, faults), delimiter=delimiter)
    try:
        header = [cell.strip() for cell in next((record for record in cells if record), [])]
    except csv.Error as error:
        raise UnsupportedSource(f"The header of {name} cannot be read: {error}.") from error
    if len(set(header)) < len(header) or "" in header[:-1] or any(map(_is_undecoded, header)):
        raise UnsupportedSource(f"The header of {name} has empty, repeated or unreadable names: {header!r:.300}.")
    return _rows(cells, header, faults, limit)


def _rows(cells: Iterator[list[str]], header: list[str], faults: list[str], limit: int) -> Iterator[Row]:
    number = 0
    done = False
    while not done:
        record: list[str] | None = []
        try:
            record = next(cells, None)
        except csv.Error as error:
            faults.append(f"The row cannot be read: {error}.")
        done = record is None
        for fault in faults:  # in lines that were passed over on the way to this row
            number += 1
            yield Row(number, None, fault)
        faults.clear()
        if record:
            number += 1
            yield _row(number, record, header, limit)


def _row(number: int, record: list[str], header: list[str], limit: int) -> Row:
    if len(record) != len(header):
        return Row(number, None, f"The row has {len(record)} cells, but the header names {len(header)}.")
    length = sum(map(len, record))
    if length > limit:
        return Row(number, None, too_long("row", length, limit))
    values = dict(zip(header, record, strict=True))
    for column, cell in values.items():
        if _is_undecoded(cell):
            return Row(number, None, f"The cell of column {column!r:.60} is not UTF-8.")
    return Row(number, values)


def _decoded(lines: Iterator[bytes | TooLong], limit: int, faults: list[str]) -> Iterator[str]:
    """Lines as text. Bytes that are not UTF-8 become lone surrogates, which `_is_undecoded` finds cell by cell."""
    try:
        for place, line in enumerate(lines):
            if isinstance(line, TooLong):
                faults.append(too_long("line", line.length, limit))
            else:
                yield (line.removeprefix(BOM) if place == 0 else line).decode("utf-8", "surrogateescape")
    except Damaged as error:
        faults.append(f"Here {error}")


def _is_undecoded(cell: str) -> bool:
    return not cell.isascii() and re.search("[\udc80-\udcff]", cell) is not None
