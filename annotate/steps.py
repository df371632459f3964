"""Steps of a response: of its reasoning, or of an agent's trajectory. Pure: knows no Django.

They come from the response's own metadata, ``{"steps": [...]}``, else from its text, cut where a setting says. Each
entry of the metadata is a text, or a message ``{"role", "name", "content", "tool_calls"}``; what others say after a
step of the agent (tool results, observations, a user) belongs to that step, what they say before the first to the
first. So steps are counted, from 0, over the texts or over the agent's own messages.

Example
-------
>>> [step.text for step in steps_of("First.\\n\\nThen.", {}, split="paragraphs")]
['First.', 'Then.']
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

MOST = 2000  # steps of one response that are asked about
AGENT = ("", "assistant", "agent", "ai", "model")
SPLITS = ("paragraphs", "lines", "step_n", "marker")
_HEADING = re.compile(r"(?im)^(?=[ \t>*#]*step[ \t]*\d+\b)")
_CUTS = {"paragraphs": re.compile(r"\n[ \t\r]*\n"), "lines": re.compile(r"\n"), "step_n": _HEADING}


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a step: the agent's own "text", a "call" of a tool, a "result", or what a "user" or "system" said."""

    what: Literal["text", "call", "result", "user", "system"]
    text: str
    name: str = ""  # of the tool


@dataclass(frozen=True, slots=True)
class Step:
    """What one judgement is about."""

    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """The agent's own words, else the first call."""
        own = [part.text for part in self.parts if part.what == "text"]
        return "\n\n".join(own) or next((f"{part.name} {part.text}" for part in self.parts), "")


def steps_of(text: str, metadata: Mapping[str, Any], *, split: str, marker: str = "") -> tuple[Step, ...]:
    """The steps of one response, at least one and at most `MOST`.

    Parameters
    ----------
    text : the response.
    metadata : its metadata; ``steps`` comes before the text where it is a list that holds anything.
    split : one of `SPLITS`: at blank lines, at every line, before lines that begin with "Step 3", or at ``marker``.
    """
    given = metadata.get("steps")
    listed = _listed(given) if isinstance(given, list) else []
    return tuple((listed or _cut(text, split, marker))[:MOST])


def _cut(text: str, split: str, marker: str) -> list[Step]:
    pieces = text.split(marker) if split == "marker" and marker else _CUTS.get(split, _CUTS["paragraphs"]).split(text)
    return [Step((Part("text", piece.strip()),)) for piece in pieces if piece.strip()] or [Step((Part("text", ""),))]


def _listed(given: Sequence[Any]) -> list[Step]:
    steps: list[list[Part]] = []
    before: list[Part] = []
    for entry in given:
        if isinstance(entry, Mapping) and str(entry.get("role") or "").lower() not in AGENT:
            (steps[-1] if steps else before).append(_said(entry))
        else:
            steps.append(_own(entry))
    if before:
        steps = [before + steps[0], *steps[1:]] if steps else [before]
    return [Step(tuple(parts)) for parts in steps]


def _own(entry: Any) -> list[Part]:
    if not isinstance(entry, Mapping):
        return [Part("text", _words(entry))]
    said = _words(entry.get("content") or entry.get("text"))
    calls = entry.get("tool_calls") or entry.get("calls") or []
    made = [_call(call) for call in calls] if isinstance(calls, list) else [_call(calls)]
    return [*([Part("text", said)] if said or not made else []), *made]


def _call(call: Any) -> Part:
    function = call.get("function", call) if isinstance(call, Mapping) else {"arguments": call}
    if not isinstance(function, Mapping):
        function = {"name": function, "arguments": call.get("arguments", "")}
    arguments = function.get("arguments", function.get("input", function.get("args", "")))
    return Part("call", _words(arguments), _words(function.get("name")))


def _said(entry: Mapping[str, Any]) -> Part:
    role = str(entry.get("role")).lower()
    what: Literal["user", "system", "result"] = "user" if role == "user" else "system" if role == "system" else "result"
    return Part(what, _words(entry.get("content") or entry.get("text")), _words(entry.get("name")))


def _words(value: Any) -> str:
    """A text, the texts of a list of content parts, or whatever else as JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(
        isinstance(part, Mapping) and isinstance(part.get("text"), str) for part in value
    ):
        return "\n".join(part["text"] for part in value)
    return json.dumps(value, ensure_ascii=False)
