"""Asking a model and reading what it says: strictly. What does not fit is kept with the reason, never guessed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jsonschema

from annotate.feedback import InvalidAnswer
from curation.clients import Request
from curation.judges import Sample, Tools
from curation.judges._prompt import Message, Shown

MAX_LENGTH = 200_000  # characters of a reply that are looked at


class Unreadable(ValueError):
    """A reply that is not what was asked for."""


@dataclass(frozen=True)
class Reply:
    """One text that a model gave: what it says by the schema, or why it says nothing."""

    raw: str
    call: str
    value: Any = None
    error: str = ""
    first: Mapping[str, float] | None = None

    def sample(self, shown: Shown, answer: Any = None) -> Sample:
        """The reply as a sample; ``answer`` is in terms of the labels, None where the reply is no answer itself."""
        if self.error or answer is None:
            return Sample(shown.order, self.raw, error=self.error, call=self.call)
        try:
            return Sample(shown.order, self.raw, shown.answer(answer), call=self.call)
        except InvalidAnswer as error:
            where = f"{error.path}: " if error.path else ""
            return Sample(shown.order, self.raw, error=f"{where}{error}", call=self.call)


def ask(
    tools: Tools,
    messages: Sequence[Message],
    schema: Mapping[str, Any] | None,
    *,
    n: int = 1,
    endpoint: str = "",
    temperature: float | None = None,
    logprobs: int = 0,
    max_tokens: int | None = None,
) -> list[Reply]:
    """``n`` replies to one request, read by its schema; without one the text is the value."""
    request = Request(
        messages=tuple(messages),
        schema=schema,
        n=n,
        temperature=tools.settings.get("temperature", 0.0) if temperature is None else temperature,
        max_tokens=max_tokens or tools.settings["max_tokens"],
        logprobs=logprobs,
        seed=tools.seed,
    )
    completion, call = tools.ask(request, endpoint or tools.settings.get("endpoint", ""))
    if not completion.texts:
        return [Reply("", call, error="The server answered with nothing.")]
    first = completion.first_tokens or (None,) * len(completion.texts)
    return [_read(text, call, schema, tokens) for text, tokens in zip(completion.texts, first, strict=True)]


def parse(raw: str, schema: Mapping[str, Any]) -> Any:
    """The JSON value that a text is, which must fit the schema; one code fence around the whole is taken off.

    Raises
    ------
    Unreadable
        If it is no JSON, names a property twice, or does not fit.
    """
    text = raw.strip()
    if not text:
        raise Unreadable("The reply is empty.")
    if len(text) > MAX_LENGTH:
        raise Unreadable(f"The reply has {len(text):,} characters; {MAX_LENGTH:,} are read.")
    if text.startswith("```") and text.endswith("```") and "\n" in text:
        text = text.partition("\n")[2][: -len("```")]
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"The reply is no JSON: {str(error)[:200]}") from error
    fault = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema).iter_errors(value))
    if fault is not None:
        where = "/".join(str(part) for part in fault.absolute_path)
        raise Unreadable(f"{where}: {fault.message[:200]}" if where else fault.message[:200])
    return value


def _read(text: str, call: str, schema: Mapping[str, Any] | None, first: Mapping[str, float] | None) -> Reply:
    try:
        return Reply(text, call, parse(text, schema) if schema is not None else text, first=first)
    except Unreadable as error:
        return Reply(text, call, error=str(error), first=first)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a property stands there twice")
    return found


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number")
