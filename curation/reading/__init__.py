"""Rows of a file, one after another in constant memory: JSON lines, JSON list, CSV, TSV, Parquet, the hub's layout.

    with open_source("pairs.jsonl.gz") as reader:
        for number, data, error in reader:  # (1, {...}, None), (2, None, "The line is not JSON: …"), …
            progress(reader.position, reader.size)

Everything is untrusted. A row that cannot be read is a row with an error, and the next one follows; only a source
that cannot be read at all raises. ``data`` is plain JSON: times are ISO 8601 text, bytes are data: URLs, and numbers
that JSON cannot say are null. What the fields mean is for `curation.formats` to say.
"""

import io
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from curation.reading import lines, tables
from curation.reading.row import MAX_ROW, Damaged, Reader, Row, UnsupportedSource

__all__ = ["KINDS", "MAX_ROW", "SUPPORTED", "Reader", "Row", "UnsupportedSource", "open_source"]

KINDS = {
    "jsonl": "JSON lines (.jsonl, .ndjson)",
    "json": "a JSON list or object of objects (.json)",
    "csv": "CSV (.csv)",
    "tsv": "TSV (.tsv)",
    "parquet": "Parquet (.parquet)",
}
SUPPORTED = (
    f"Supported are {', '.join(KINDS.values())}, all but Parquet also gzipped (.gz); "
    "a folder in the Hugging Face hub's layout; and hub:owner/name[/config][:split]."
)

_OBJECTS = re.compile(rb'\{\s*"(?:[^"\\]|\\.)*"\s*:\s*\{')  # an object whose first member is one


def open_source(source: str | Path | BinaryIO, *, name: str = "", limit: int = MAX_ROW) -> Reader:
    """Open a source, to stream its rows.

    Parameters
    ----------
    source : path of a file or of a folder in the hub's layout, "hub:owner/name[/config][:split]" (every split where
        none is named), or an open binary file, which closes with the reader. A path is read as given: who takes
        one from a user checks it.
    name : what an open file is called; its ending tells its kind where the content does not.
    limit : bytes that one row may have.

    Raises
    ------
    UnsupportedSource
        If the source is of no known kind, cannot be opened, or has a broken header.
    """
    if isinstance(source, str) and source.startswith("hub:"):
        from curation.reading.hub import open_hub

        return open_hub(source.removeprefix("hub:"), limit)
    if isinstance(source, str | Path):
        path = Path(source)
        if path.is_dir():
            from curation.reading.hub import open_folder

            return open_folder(path, limit)
        try:
            source, name = path.open("rb"), name or path.name
        except OSError as error:
            raise UnsupportedSource(f"{path.name} cannot be opened: {error.strerror}.") from error
    try:
        return _open_file(source, name or "The file", limit)
    except BaseException:
        source.close()
        raise


def _open_file(file: BinaryIO, name: str, limit: int) -> Reader:
    reader = Reader("", file.seek(0, io.SEEK_END), file)
    file.seek(0)
    head, chunks = _peeked(_tracked(file, reader))
    zipped = head.startswith(b"\x1f\x8b")
    if zipped:
        try:
            head, chunks = _peeked(lines.gunzipped(chunks))
        except Damaged as error:
            raise UnsupportedSource(f"{name} cannot be read: {error}") from error
    reader.kind = _kind(head, name, zipped)
    if reader.kind == "parquet":
        from curation.reading.parquet import open_parquet

        reader.rows = open_parquet(file, reader, name, limit)
    elif reader.kind in ("csv", "tsv"):
        sign = "\t" if reader.kind == "tsv" else tables.delimiter(head)
        reader.rows = tables.records(lines.lines(chunks, limit), sign, name, limit)
    elif reader.kind == "jsonl":
        reader.rows = lines.objects(lines.lines(chunks, limit), "line", limit)
    elif head.removeprefix(lines.BOM).lstrip().startswith(b"{"):
        reader.rows = lines.members(lines.elements(chunks, limit), limit)
    else:
        reader.rows = lines.objects(lines.elements(chunks, limit), "element", limit)
    return reader


def _tracked(file: BinaryIO, reader: Reader) -> Iterator[bytes]:
    while chunk := file.read(lines.CHUNK):
        reader.position += len(chunk)
        yield chunk


def _peeked(chunks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The first chunk, and all chunks."""
    head = next(chunks, b"")
    return head, chain([head], chunks)


def _kind(head: bytes, name: str, zipped: bool) -> str:
    """One of `KINDS`, by the first bytes and the ending of the name."""
    if head.startswith(b"PAR1") and not zipped:
        return "parquet"
    stem, _, ending = name.lower().removesuffix(".gz").rpartition(".")
    named = {"ndjson": "jsonl"}.get(ending, ending) if stem else ""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise UnsupportedSource(f"{name} is UTF-16; save it as UTF-8. {SUPPORTED}")
    if named == "parquet" or b"\0" in head[:4096]:
        raise UnsupportedSource(f"{name} holds binary data that cannot be read. {SUPPORTED}")
    if named in ("jsonl", "csv", "tsv"):
        return named
    text = head.removeprefix(lines.BOM).lstrip()
    if text.startswith(b"[") or (named == "json" and not text):
        return "json"
    first, newline, _ = text.partition(b"\n")
    if text.startswith(b"{") and (first.rstrip().endswith(b"}") or not newline):
        return "jsonl"  # lines, whatever the name says
    if named == "json" and _OBJECTS.match(text):
        return "json"
    raise UnsupportedSource(f"{name} is of no known kind. {SUPPORTED}")
