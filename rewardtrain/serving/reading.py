"""What may stand in a request: small readers that give a value or refuse with 400 and say what was expected."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rewardtrain.serving.batching import Entry
from rewardtrain.serving.encoding import WHOLE
from rewardtrain.serving.errors import Refused

Body = Mapping[str, Any]


@dataclass(frozen=True)
class Asked:
    """What a request wants scored.

    Attributes
    ----------
    model : its name; None: the server's default.
    entries : (prompt, response) pairs, and (`WHOLE`, text) where the client put the text together.
    kept : what the dialect needs again for the answer.
    """

    model: str | None
    entries: list[Entry]
    kept: Any = None


def model(body: Body) -> str | None:
    """The field ``model``; it may be missing."""
    name = body.get("model")
    if name is not None and not isinstance(name, str):
        raise Refused(400, "model must be a text.")
    return name or None


def text(value: Any, field: str) -> str:
    """A text that can be written as UTF-8."""
    if not isinstance(value, str):
        raise Refused(400, f"{field} must be a text.")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Refused(400, f"{field} holds half a character (a lone surrogate).") from None
    return value


def texts(value: Any, field: str) -> list[str]:
    """A list of texts."""
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise Refused(400, f"{field} must be a list of texts.")
    return [text(each, field) for each in value]


def text_or_texts(value: Any, field: str) -> list[str]:
    """One text, or a list of texts."""
    if isinstance(value, str):
        return [text(value, field)]
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise Refused(400, f"{field} must be a text or a list of texts; token ids are not taken.")
    return texts(value, field)


def whole(found: list[str]) -> list[Entry]:
    """Texts that are scored as they are."""
    return [(WHOLE, each) for each in found]


def prompt(value: Any, field: str = "prompts") -> str:
    """A prompt: a text, or a list of messages, which becomes the JSON that the encoder knows."""
    if isinstance(value, list):
        return json.dumps([_message(each, field) for each in value], ensure_ascii=False)
    return text(value, field)


def response(value: Any, field: str = "responses") -> str:
    """A response: a text, or a list with the one message of the assistant, as TRL gives it."""
    if isinstance(value, list) and len(value) == 1:
        return _message(value[0], field)["content"]
    return text(value, field)


def conversation(value: Any, field: str = "messages") -> Entry:
    """A conversation as prompt and response: what the last message, the assistant's, answers, and that message."""
    if not isinstance(value, list) or not value:
        raise Refused(400, f"{field} must be a list of messages.")
    found = [_message(each, field) for each in value]
    if found[-1]["role"] != "assistant":
        raise Refused(400, f"The last of the {field} must be the assistant's: it is what is scored.")
    return json.dumps(found[:-1], ensure_ascii=False), found[-1]["content"]


def _message(value: Any, field: str) -> dict[str, str]:
    if not isinstance(value, dict) or not isinstance(value.get("role"), str):
        raise Refused(400, f"{field} must be messages with role and content.")
    content = value.get("content")
    if isinstance(content, list):  # parts, of which only text can be read
        kinds = {part.get("type") if isinstance(part, dict) else None for part in content}
        if kinds - {"text"}:
            raise Refused(400, f"{field}: of a message's parts only text can be scored here.")
        content = "\n".join(text(part.get("text"), field) for part in content)
    return {"role": text(value["role"], field), "content": text(content, field)}


def number(value: Any, field: str) -> float:
    """A finite number."""
    try:
        if not isinstance(value, bool) and isinstance(value, int | float) and math.isfinite(value):
            return float(value)
    except OverflowError:
        pass
    raise Refused(400, f"{field} must be a number.")


def numbers(value: Any, field: str) -> list[float]:
    """A list of finite numbers, at least one."""
    if not isinstance(value, list) or not value:
        raise Refused(400, f"{field} must be a list of numbers.")
    return [number(each, field) for each in value]


def known(body: Body, *fields: str) -> None:
    """Refuse fields that mean nothing here; only for our own dialects, others send more than is needed."""
    if unknown := set(body) - set(fields):
        raise Refused(400, f"There is no field {min(unknown)!r}; there are {', '.join(fields)}.")
