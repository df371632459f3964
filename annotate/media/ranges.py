"""Which bytes a request wants: the Range header of RFC 9110, section 14. Pure: knows no Django."""

import re

_RANGE = re.compile(r"bytes=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.IGNORECASE)


class Unsatisfiable(ValueError):
    """The range lies behind the end of the file."""


def wanted(header: str, size: int) -> tuple[int, int] | None:
    """``(start, stop)`` within a file of ``size`` bytes, stop excluded; None where all of it is to be sent.

    That is so without a header, for one that is not understood, and for one that asks for several parts.

    Raises
    ------
    Unsatisfiable
        If none of the bytes asked for exist.
    """
    match = _RANGE.fullmatch(header.strip())
    if match is None or not any(match.groups()):
        return None
    first, last = match.groups()
    if not first:  # the last so many bytes
        start, stop = max(0, size - int(last)), size
        if not int(last):
            raise Unsatisfiable
    else:
        start, stop = int(first), min(size, int(last) + 1 if last else size)
        if last and int(last) < int(first):
            return None
    if start >= size:
        raise Unsatisfiable
    return start, stop
