"""Reading the fields of a row, and building a `Parsed` from better and worse responses: what the formats share."""

import contextlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from curation.formats import Parsed, ParsedResponse, ParsedVote, RowError, clip
from curation.pairs import content_hash

IMPORTER = "import"  # the rater of a row that names none


def missing(row: Mapping[str, Any], name: str) -> bool:
    """Whether a field is absent, null, or the empty cell of a table."""
    return row.get(name) in (None, "")


def text(row: Mapping[str, Any], name: str) -> str:
    """A field that must be there and be text; "" is text."""
    if row.get(name) is None:
        raise RowError(f"{name} is missing; the row has {clip(sorted(row), 300)}.")
    return expect_text(row[name], name)


def optional_text(row: Mapping[str, Any], name: str) -> str:
    """A field that may be absent ("" then). A whole number is taken as text, since ids are often numbers."""
    value = row.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return "" if value is None else expect_text(value, name)


def expect_text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise RowError(f"{name} is {clip(value)}; text is expected.")
    return value


def number(row: Mapping[str, Any], name: str) -> float | None:
    """A finite number, or None where absent. The text of a number is taken as one: tables have no numbers."""
    if missing(row, name):
        return None
    value = row[name]
    try:
        result = float(value) if not isinstance(value, bool) else math.nan
    except (TypeError, ValueError, OverflowError):
        result = math.nan
    if not math.isfinite(result):
        raise RowError(f"{name} is {clip(value)}; a number is expected.")
    return result


def whole_number(row: Mapping[str, Any], name: str, default: int) -> int:
    value = number(row, name)
    if value is not None and value != int(value):
        raise RowError(f"{name} is {clip(row[name])}; a whole number is expected.")
    return default if value is None else int(value)


def structure(value: Any, name: str) -> Any:
    """A value that should be a list or an object; in a table it is the JSON text of one."""
    if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            raise RowError(f"{name} looks like JSON, but it cannot be read.") from None
    return value


def objects(value: Any, name: str) -> list[dict[str, Any]]:
    """A list of objects, or an empty list where absent."""
    value = structure(value, name)
    if value in (None, ""):
        return []
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise RowError(f"{name} is {clip(value)}; a list of objects is expected.")
    return value


def messages(value: Any, name: str) -> list[dict[str, str]]:
    """A prompt given as text, as a list of messages, or, in a table, as the JSON text of one."""
    if isinstance(value, str):
        if value.startswith("[{"):
            with contextlib.suppress(ValueError, RecursionError, RowError):
                return conversation(json.loads(value), name)
        if not value.strip():
            raise RowError(f"{name} is empty.")
        return [{"role": "user", "content": value}]
    return conversation(value, name)


def conversation(value: Any, name: str) -> list[dict[str, str]]:
    """A list of messages, each with a role and text."""
    if not isinstance(value, list) or not value:
        raise RowError(f"{name} is {clip(value)}; text or a list of messages is expected.")
    result = []
    for place, message in enumerate(value, 1):
        if not isinstance(message, dict) or not isinstance(message.get("role"), str):
            raise RowError(
                f"Message {place} of {name} is {clip(message)}; an object with role and content is expected."
            )
        content = message.get("content")
        if isinstance(content, list):  # parts, as multimodal chats have them
            content = _joined(content, f"Message {place} of {name}")
        result.append(
            {"role": message["role"], "content": expect_text(content, f"content of message {place} of {name}")}
        )
    return result


def _joined(parts: list[Any], name: str) -> str:
    if not all(isinstance(part, dict) and part.get("type") == "text" for part in parts):
        raise RowError(f"{name} has a part that is not text; give pictures and files in media instead.")
    return "\n".join(expect_text(part.get("text"), f"a part of {name}") for part in parts)


def shared_length(first: Sequence[Any], second: Sequence[Any]) -> int:
    """How many elements two texts or conversations begin with in common."""
    differing = (place for place, (x, y) in enumerate(zip(first, second, strict=False)) if x != y)
    return next(differing, min(len(first), len(second)))


def rest(row: Mapping[str, Any], used: Iterable[str]) -> dict[str, Any]:
    """The fields that a format does not read, kept as metadata."""
    known = set(used)
    return {name: value for name, value in row.items() if name not in known and value is not None}


def choice(
    prompt: list[dict[str, str]],
    chosen: Sequence[ParsedResponse],
    rejected: Sequence[ParsedResponse],
    *,
    verified: bool = False,
    **more: Any,
) -> Parsed:
    """Better and worse responses as votes of the rater "import", every better one against every worse one.

    The responses stand in an order drawn from a hash of the content, so that position carries no label: a model
    trained on the first response always winning would learn nothing else. ``verified`` labels are gold, too.

    Raises
    ------
    RowError
        If a better response is empty or is also among the worse ones.
    """
    if any(response.is_empty for response in chosen):
        raise RowError("The chosen response is empty.")
    if {(r.text, r.media) for r in chosen} & {(r.text, r.media) for r in rejected}:
        raise RowError("The chosen and the rejected response are identical, so there is nothing to prefer.")
    responses = [(response, True) for response in chosen] + [(response, False) for response in rejected]
    salt = content_hash([prompt, sorted(response.text for response, _ in responses)])
    responses.sort(key=lambda entry: content_hash([salt, entry[0].text, entry[0].media]))
    votes = tuple(
        ParsedVote(IMPORTER, "a" if first_better else "b", a, b)
        for a, (_, first_better) in enumerate(responses)
        for b, (_, second_better) in enumerate(responses)
        if a < b and first_better != second_better
    )
    gold = votes[0].outcome if verified and len(responses) == 2 else ""
    return Parsed(prompt, tuple(response for response, _ in responses), gold=gold, votes=votes, **more)
