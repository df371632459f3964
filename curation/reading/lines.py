"""Bytes cut into JSON lines or the elements of a JSON list, gzipped or not, without holding more than one of them."""

import json
import re
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple

from curation.reading.row import Damaged, Row, too_long

CHUNK = 1 << 18
BOM = b"\xef\xbb\xbf"


class TooLong(NamedTuple):
    """Stands in for a line or an element that is over the limit."""

    length: int


def gunzipped(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """What gzipped chunks hold, at most `CHUNK` bytes at a time, so that a small file cannot fill the memory.

    Raises
    ------
    Damaged
        At the place where the file breaks off; all before it has been given out.
    """
    unzip = zlib.decompressobj(wbits=31)
    for chunk in chunks:
        while chunk:
            if unzip.eof:  # gzip files may stand one after another, with zeros as padding
                chunk = chunk.lstrip(b"\0")
                if not chunk:
                    break
                unzip = zlib.decompressobj(wbits=31)
            try:
                data = unzip.decompress(chunk, CHUNK)
            except zlib.error as error:
                raise Damaged(f"the gzip data are damaged ({error}); what follows cannot be read.") from error
            if data:
                yield data
            chunk = unzip.unconsumed_tail or unzip.unused_data
    if not unzip.eof:
        raise Damaged("the gzip file is truncated: it ends before its end mark.")


def lines(chunks: Iterator[bytes], limit: int) -> Iterator[bytes | TooLong]:
    """Lines with their ends; a line over the limit is skipped, not kept in memory."""
    kept: list[bytes] = []
    length = 0
    for chunk in chunks:
        start = 0
        while (end := chunk.find(b"\n", start) + 1) > 0:
            length += end - start
            yield b"".join([*kept, chunk[start:end]]) if length <= limit else TooLong(length)
            kept, length, start = [], 0, end
        length += len(chunk) - start
        kept = [*kept, chunk[start:]] if length <= limit else []
    if length:
        yield b"".join(kept) if length <= limit else TooLong(length)


# What can change the depth outside of a string, and what can end a string.
_OUTSIDE = re.compile(rb'["\[\]{},]')
_INSIDE = re.compile(rb'["\\]')


def elements(chunks: Iterator[bytes], limit: int) -> Iterator[bytes | TooLong]:
    """Elements of a JSON list, or members of a JSON object with their names.

    Cut by counting brackets, so that a broken one does not hide the next ones.

    Raises
    ------
    Damaged
        If the list does not end, or something stands behind its end.
    """
    kept: list[bytes] = []
    length = depth = ahead = 0
    quoted = False
    closing = b"]"
    for chunk in chunks:
        start, place, ahead = 0, ahead, 0
        while found := (_INSIDE if quoted else _OUTSIDE).search(chunk, place):
            place, sign = found.end(), found[0]
            if sign == b"\\":
                place += 1
                ahead = max(0, place - len(chunk))  # the escaped byte may begin the next chunk
            elif sign == b'"':
                quoted = not quoted
            elif sign in b"[{":
                depth += 1
                if depth == 1:
                    start, closing = place, b"]" if sign == b"[" else b"}"
            elif depth == 1 and sign in (b",", closing):
                length += place - 1 - start
                element = b"".join([*kept, chunk[start : place - 1]]) if length <= limit else TooLong(length)
                if sign == b"," or isinstance(element, TooLong) or element.strip():
                    yield element
                kept, length, start = [], 0, place
                if sign != b",":
                    if chunk[place:].strip() or any(later.strip() for later in chunks):
                        raise Damaged("the JSON list or object ends, but more follows it.")
                    return
            elif depth > 1 and sign in b"]}":
                depth -= 1
        length += len(chunk) - start
        kept = [*kept, chunk[start:]] if length <= limit else []
    raise Damaged("the JSON has no end: the file is cut off, or a bracket is missing.")


def members(parts: Iterator[bytes | TooLong], limit: int) -> Iterator[Row]:
    """Members of a JSON object as rows: what stands under each name, with the name as "key" where it has none."""
    for row in objects((part if isinstance(part, TooLong) else b"{%b}" % part for part in parts), "element", limit):
        if row.data is None:
            yield row
            continue
        [(name, value)] = row.data.items() or [("", None)]
        if isinstance(value, dict):
            yield Row(row.number, {"key": name, **value})
        else:
            yield Row(row.number, None, f"The element {name!r:.60} is not a JSON object.")


def objects(parts: Iterator[bytes | TooLong], noun: str, limit: int) -> Iterator[Row]:
    """Lines or elements (``noun``) as rows; blank lines are passed over."""
    number = 0
    try:
        for number, part in enumerate(parts, 1):
            if isinstance(part, TooLong):
                yield Row(number, None, too_long(noun, part.length, limit))
            elif part.strip() or noun == "element":
                yield _object(number, part.removeprefix(BOM) if number == 1 else part, noun)
    except Damaged as error:
        yield Row(number + 1, None, f"Here {error}")


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_decoder = json.JSONDecoder(parse_constant=_refuse)


def _object(number: int, part: bytes, noun: str) -> Row:
    try:
        value = _decoder.decode(part.decode())
    except UnicodeDecodeError as error:
        return Row(number, None, f"The {noun} is not UTF-8: byte 0x{part[error.start]:02x} at {error.start}.")
    except json.JSONDecodeError as error:
        return Row(number, None, f"The {noun} is not JSON: {error.msg} at character {error.pos}.")
    except RecursionError:
        return Row(number, None, f"The {noun} is nested too deeply.")
    except ValueError as error:  # NaN, or a number of thousands of digits
        return Row(number, None, f"The {noun} cannot be read: {error}.")
    if not isinstance(value, dict):
        return Row(number, None, f"The {noun} is not a JSON object.")
    return Row(number, value)
