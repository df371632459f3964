"""Prompt and responses of an annotation tool's task, found under the names that people commonly give them.

    {"prompt": "…", "answer1": "…", "answer2": "…"}        {"text": "…"}
    {"question": "…", "items": [{"id": "m1", "title": "…", "body": "…"}, …]}        {"image1": "a.png", "image2": …}

A prompt, question or instruction; then a list (items, responses, …), numbered names (answer1, answer2; response_a,
response_b), left and right, or one text or file.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from annotate.records import Preference, Record
from curation.formats import ParsedAnswer, ParsedResponse, ParsedVote, RowError, clip
from curation.formats._answers import answer, files
from curation.formats._fields import messages, missing, optional_text, structure

PROMPTS = ("prompt", "question", "instruction", "conversation", "dialogue", "messages", "query")
LISTS = ("items", "responses", "answers", "completions", "candidates", "options")
STEMS = ("response", "answer", "completion", "output", "option", "text", "image", "picture", "video", "audio", "html")
FILES = ("image", "picture", "video", "audio")
_SOUND = re.compile(r".*\.(wav|mp3|ogg|flac|m4a|opus)(\?.*)?", re.IGNORECASE)
_NUMBERED = re.compile(rf"({'|'.join(STEMS)})[ _-]?(\d+|[ab])", re.IGNORECASE)
_LAST = re.compile(r"(\d+|(?<=[ _-])[abAB])$")
WORDS = {
    "left": "a", "a": "a", "right": "b", "b": "b", "tie": "tie", "same": "tie", "equal": "tie", "both_bad": "both_bad",
}  # fmt: skip
VERDICTS = {"good": True, "acceptable": True, "correct": True, "bad": False, "unacceptable": False, "wrong": False}

SHOWN: dict[str, Any] = {  # an export option: settings of a tool are for a number of responses, not for each item
    "type": "integer",
    "minimum": 1,
    "maximum": 12,
    "default": 2,
    "title": "Responses",
    "description": "How many the tool is told to show; items with more are left out.",
}


@dataclass
class Task:
    """A task's prompt and responses, and how answers name them."""

    prompt: list[dict[str, str]]
    responses: list[ParsedResponse]
    places: dict[str, int]  # object or data name, or id in a list → index
    used: set[str]
    sounds: set[int]
    unread: Counter[str] = field(default_factory=Counter)

    def place(self, name: str) -> int | None:
        """The response that a control is attached to, None for all of them."""
        if name in self.places:
            return self.places[name]
        if len(self.responses) == 1:
            return 0
        last = _end(name)
        named = sorted({end for key in self.places if (end := _end(key))})[: len(self.responses)]
        return named.index(last) if last in named else None


def _end(name: str) -> str:
    """The number or letter that a name ends in, so that it sorts; "" where there is none."""
    match = _LAST.search(name)
    return match[1].lower().rjust(9) if match else ""


def parted(
    records: Iterable[Record], rater: str, **more: Any
) -> tuple[tuple[ParsedVote, ...], tuple[ParsedAnswer, ...]]:
    """Comparisons that name no question as votes, which pools and tables count, and all else as one answer."""
    said = list(records)
    votes = [record for record in said if isinstance(record, Preference) and not record.question]
    counted = tuple(
        ParsedVote(rater, one.outcome, int(one.a), int(one.b), one.strength, one.scale, one.dimension, **more)
        for one in votes
    )
    return counted, answer((record for record in said if record not in votes), rater, **more)


def named(settings: Mapping[str, Any], name: str) -> list[str]:
    """Names of the entries of a question's setting: its criteria, aspects, categories."""
    return [entry["name"] for entry in settings.get(name, ())]


def task(data: Mapping[str, Any]) -> Task:
    """What is in ``data``; raises RowError where no response is found."""
    asked = next((name for name in PROMPTS if not missing(data, name)), "")
    prompt = messages(structure(data[asked], asked), asked) if asked else []
    listed = next((name for name in LISTS if isinstance(structure(data.get(name), name), list)), "")
    if listed:
        return _listed(data, listed, prompt, asked)
    numbered: dict[str, list[tuple[str, str]]] = {}
    for key in data:
        if match := _NUMBERED.fullmatch(key):
            numbered.setdefault(match[1].lower(), []).append((match[2].lower().rjust(9), key))
    stem = next((stem for stem in STEMS if stem in numbered), "")
    keys = [key for _, key in sorted(numbered.get(stem, ()))] or [name for name in ("left", "right") if name in data]
    if not keys:
        stem = next((stem for stem in (*STEMS, *PROMPTS) if isinstance(data.get(stem), str)), "")
        keys, prompt, asked = ([stem], prompt if asked != stem else [], asked) if stem else ([], prompt, asked)
    if not keys:
        raise RowError(f"No responses were found in data; it has {clip(sorted(data), 300)}.")
    made = [_response(data[key], key, stem in FILES) for key in keys]
    sounds = {place for place, key in enumerate(keys) if stem == "audio" or _SOUND.fullmatch(str(data[key]))}
    return Task(prompt, made, {key: place for place, key in enumerate(keys)}, {asked, *keys}, sounds)


def _response(value: Any, name: str, is_file: bool) -> ParsedResponse:
    if not isinstance(value, str):
        raise RowError(f"{name} of data is {clip(value)}; text is expected.")
    is_file = is_file or bool(_SOUND.fullmatch(value) and " " not in value)
    return ParsedResponse("", media=(value,)) if is_file else ParsedResponse(value)


def _listed(data: Mapping[str, Any], name: str, prompt: list[dict[str, str]], asked: str) -> Task:
    """Responses as a list: texts, or the objects {"id", "title", "body"} that a Ranker orders."""
    made: list[ParsedResponse] = []
    places: dict[str, int] = {}
    used = {asked, name}
    for place, entry in enumerate(structure(data[name], name)):
        given = entry if isinstance(entry, dict) else {"body": entry}
        said = next((given[key] for key in ("body", "text", "html", "title") if given.get(key) is not None), None)
        if not isinstance(said, str):
            raise RowError(f"Entry {place + 1} of {name} is {clip(entry)}; text, or an object with body, is expected.")
        media = files(given.get("media"), f"media of entry {place + 1}")
        made.append(ParsedResponse(said, optional_text(given, "model"), media))
        places |= {f"response_{place}": place, f"picture_{place}": place}
        if not missing(given, "id"):
            places[optional_text(given, "id")] = place
    used |= {key for key in data if key in places or re.fullmatch(r"(response|picture)_\d+", key)}
    return Task(prompt, made, places, used, set())
