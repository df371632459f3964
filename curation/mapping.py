"""Mappings: what the columns or JSON paths of a file that no format reads mean, written in YAML.

    title: Ratings of answers
    id: task_id
    prompt: question
    responses:
      - {text: answer, model: system}
    answers:
      - record: rating
        rater: worker
        fields: {response: 0, dimension: {constant: helpfulness}, value: score, low: 1, high: 5}

A value is a path (text), a number, true, false or null as it stands, or an object that says more:

    path        where it stands: names joined by dots ("feedback.errors"), or a list of names where a name holds a dot;
                "*" is every element ("rows.*.rater"), a number one of them. Inside ``each`` and ``list`` a path begins
                at the element, "." is the element itself, "#" its place counted from 0, and "$." begins at the row.
    constant    instead of a path: this value.
    paths       instead of a path: several values, empty ones left out; with ``join`` they become one text.
    default     for what is missing or empty; "skip" leaves the record out.
    split       text into a list, at this separator.
    part        one element of a list, counted from 0, from the end if negative.
    join        a list into text, with this between its elements; without the empty ones.
    map         {"1": a, "2": b, null: skip}: other words for what is there; "skip" leaves the record out, and a value
                that is not listed rejects the row unless there is an ``otherwise``.
    map_file    the same, from a JSON object in a file beside the imported one.
    first_wrong a path: 1 for places before the one that stands there, -1 at it, left out behind it; where it is null,
                1 everywhere. For step labels that only name the first wrong step.
    times, add  a number multiplied, then moved: {path: rank, add: -1}.
    format      "images/{}": the value inside a text.
    digest      true: a short name made of a long text, the same for the same text.

Answers are records of `annotate.records`; all that one rater says about the same responses is one answer. Pure: knows
no Django.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, get_args

import jsonschema
import yaml

from annotate import records
from curation.formats import MAX_RESPONSES, Parsed, ParsedAnswer, ParsedResponse, RowError, clip
from curation.formats._fields import IMPORTER, messages, number, structure
from curation.pairs import content_hash

MAX_LENGTH = 100_000  # characters of a mapping
MAX_GATHERED = 200_000  # rows that are held while they are gathered
MAX_FILE = 16 * 1024**2  # bytes of a map_file
SHIPPED = Path(__file__).parent / "mappings"

_PATH: dict[str, Any] = {
    "anyOf": [
        {"type": "string", "minLength": 1},
        {"type": "array", "minItems": 1, "items": {"type": ["string", "integer"]}},
    ]
}
_OPERATIONS: dict[str, Any] = {
    "path": _PATH,
    "constant": {},
    "paths": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/value"}},
    "default": {},
    "split": {"type": "string", "minLength": 1},
    "part": {"type": "integer"},
    "join": {"type": "string"},
    "map": {"type": "object"},
    "map_file": {"type": "string", "minLength": 1},
    "otherwise": {},
    "first_wrong": _PATH,
    "times": {"type": "number"},
    "add": {"type": "number"},
    "format": {"type": "string"},
    "digest": {"const": True},
}
_VALUE = {"$ref": "#/$defs/value"}
_VALUES = {"anyOf": [_VALUE, {"type": "array", "items": _VALUE}]}
_METADATA = {
    "anyOf": [
        {"type": "array", "items": {"type": "string"}},
        {"type": "object", "additionalProperties": _VALUE},
    ]
}
_RESPONSE = {"text": _VALUE, "model": _VALUE, "media": _VALUES, "metadata": _METADATA}
_CRITERION = dict.fromkeys(("name", "text", "points", "category"), _VALUE)


def _object(properties: Mapping[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": properties, "required": list(required)}


def _one_or_each(entry: Mapping[str, Any], *required: str, **more: Any) -> dict[str, Any]:
    """A list of entries, or one entry for every element of a ``list`` of the row."""
    return {
        "anyOf": [
            {"type": "array", "minItems": 1, "items": _object(entry, *required)},
            _object({"list": _PATH, **entry, **more}, "list", *required),
        ]
    }


SCHEMA: dict[str, Any] = {
    **_object(
        {
            "title": {"type": "string", "maxLength": 120},
            "about": {"type": "string"},
            "gather": _PATH,
            "missing_media": {"enum": ["reject", "keep_name"]},
            "id": _VALUE,
            "group": _VALUE,
            "prompt": {
                "anyOf": [
                    _VALUE,
                    {"type": "array", "minItems": 1, "items": _object({"role": _VALUE, "content": _VALUE}, "content")},
                ]
            },
            "media": _VALUES,
            "responses": _one_or_each(_RESPONSE, key=_VALUE),
            "gold": _VALUE,
            "criteria": _one_or_each(_CRITERION, "name", "text"),
            "metadata": _METADATA,
            "answers": {
                "type": "array",
                "items": _object(
                    {
                        "record": {"enum": list(records.TYPES)},
                        "question": {"type": "string"},
                        "rater": _VALUE,
                        "each": {"anyOf": [_PATH, _object({"paths": {"type": "array", "items": _PATH}}, "paths")]},
                        "responses": {"type": "array", "minItems": 1, "items": _VALUE},
                        "seconds": _VALUE,
                        "submitted_at": _VALUE,
                        "fields": {"type": "object", "additionalProperties": _VALUE},
                        "empty": {"type": "object", "additionalProperties": _VALUE},
                    },
                    "record",
                    "fields",
                ),
            },
        },
        "prompt",
        "responses",
    ),
    "$defs": {
        "value": {
            "anyOf": [
                {"type": ["string", "number", "boolean", "null"]},
                {**_object(_OPERATIONS), "minProperties": 1},
            ]
        }
    },
}
_CHECKER = jsonschema.Draft202012Validator(SCHEMA)


class MappingError(ValueError):
    """A mapping that cannot be used; the message says where and why."""


class _Skip(Exception):
    """The record that is being made is to be left out."""


class _Loader(yaml.SafeLoader):
    """YAML for people: keys are text, so that 1, "1" and null can stand as keys of a ``map``; only true and false are
    truth values, so that a column may be called "no" or "on"."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {
        first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:bool"]
        for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def _text_keys(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[str, Any]:
    loader.flatten_mapping(node)
    return {_word(loader.construct_object(key, True)): loader.construct_object(part, True) for key, part in node.value}


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false|True|False)$"), list("tfTF"))
_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _text_keys)


def read(text: str) -> dict[str, Any]:
    """A mapping from its YAML, checked.

    Raises
    ------
    MappingError
        With the line, or the place inside the mapping, and what is wrong there.
    """
    if len(text) > MAX_LENGTH:
        raise MappingError(f"The mapping has {len(text):,} characters; {MAX_LENGTH:,} are allowed.")
    if "&" in text and any(isinstance(token, yaml.AliasToken) for token in _tokens(text)):
        raise MappingError("A mapping uses no aliases (*name); write it out.")
    try:
        mapping = yaml.load(text, _Loader)
    except yaml.MarkedYAMLError as error:
        place = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise MappingError(f"This is not YAML: {place}{error.problem}.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise MappingError(f"This is not YAML: {error}.") from error
    error = jsonschema.exceptions.best_match(_CHECKER.iter_errors(mapping))
    if error is not None:
        where = "/".join(str(part) for part in error.absolute_path)
        message = error.message if len(error.message) <= 300 else f"{error.message[:120]} … {error.message[-160:]}"
        raise MappingError(f"{where}: {message}" if where else message)
    for place, answer in enumerate(mapping.get("answers", ())):
        known = records.field_types(answer["record"])
        for field in {**answer["fields"], **answer.get("empty", {})}:
            if field not in known:
                where = f"answers/{place}/fields"
                raise MappingError(f"{where}: A {answer['record']} has no {field!r}; it has {', '.join(known)}.")
    return mapping  # type: ignore[no-any-return]


def _tokens(text: str) -> Iterator[Any]:
    try:
        yield from yaml.scan(text, yaml.SafeLoader)
    except yaml.YAMLError:
        return  # `read` says what is wrong


def shipped() -> dict[str, str]:
    """The mappings that come with the product: their YAML by name."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(SHIPPED.glob("*.yaml"))}


class Mapped:
    """A mapping at work: to an importer it is a format like any other.

    Parameters
    ----------
    mapping : what `read` gave.
    folder : where files named by ``map_file`` lie; None: nowhere.

    Raises
    ------
    MappingError
        If such a file is missing or is not a JSON object.
    """

    def __init__(self, mapping: Mapping[str, Any], folder: Path | None = None) -> None:
        self.mapping = mapping
        self.keeps_missing_media = mapping.get("missing_media") == "keep_name"
        self._files = {name: _map_file(name, folder) for name in set(_map_files(mapping))}

    def rows(self, stream: Iterable[Any]) -> Iterator[Any]:
        """The rows to parse: those of the stream, or where the mapping gathers, one for each value with its ``rows``.

        Gathered rows are held in memory, `MAX_GATHERED` of them at most; each has the fields of the first.
        """
        if "gather" not in self.mapping:
            yield from stream
            return
        gathered: dict[str, Any] = {}
        held = 0
        for row in stream:
            if row.data is None:
                yield row
                continue
            held += 1
            if held > MAX_GATHERED:
                yield row._replace(data=None, error=f"Over {MAX_GATHERED:,} rows; no more are gathered at a time.")
                continue
            value = _Scope(row.data).look(self.mapping["gather"])
            if value in (None, ""):
                yield row._replace(data=None, error=f"The row has no {self.mapping['gather']!r} to gather by.")
                continue
            first = gathered.setdefault(_word(value), row._replace(data={**row.data, "rows": []}))
            first.data["rows"].append(row.data)
        yield from gathered.values()

    def parse(self, row: Mapping[str, Any]) -> Parsed:
        """One row as an item with its answers; raises RowError."""
        scope, mapping = _Scope(row), self.mapping
        try:
            responses, keys = self._responses(scope)
            return Parsed(
                self._prompt(scope),
                responses,
                external_id=_text(self._value(mapping.get("id"), scope), "id"),
                group=_text(self._value(mapping.get("group"), scope), "group"),
                gold=_text(self._value(mapping.get("gold"), scope), "gold"),
                media=self._media(mapping.get("media"), scope),
                criteria=tuple(self._criteria(scope)),
                metadata=self._metadata(mapping.get("metadata"), scope),
                answers=self._answers(scope, keys, len(responses)),
            )
        except _Skip:
            raise RowError("A map leaves out what no item can be without.") from None

    # ---- the parts of an item ----

    def _prompt(self, scope: "_Scope") -> list[dict[str, str]]:
        spec = self.mapping["prompt"]
        if isinstance(spec, list):
            said = [(part.get("role", {"constant": "user"}), self._value(part["content"], scope)) for part in spec]
            return [
                {"role": _text(self._value(role, scope), "a role"), "content": _text(content, "the prompt")}
                for role, content in said
                if content not in (None, "")
            ]
        value = self._value(spec, scope)
        if value in (None, ""):
            raise RowError(f"There is nothing for the prompt at {_shown(spec)}; the row has {clip(sorted(scope.row))}.")
        return messages(value if isinstance(value, str | list) else _text(value, "the prompt"), "the prompt")

    def _responses(self, scope: "_Scope") -> tuple[tuple[ParsedResponse, ...], dict[str, int]]:
        """The responses, and their places by their keys; of several with the same key the first counts."""
        spec = self.mapping["responses"]
        made: list[ParsedResponse] = []
        keys: dict[str, int] = {}
        for part, inside in self._parts(spec, scope):
            key = _word(self._value(part.get("key"), inside)) if "key" in part else ""
            if key in keys:
                continue
            keys |= {key: len(made)} if key else {}
            if len(made) == MAX_RESPONSES:
                raise RowError(f"The row has more than {MAX_RESPONSES} responses.")
            made.append(
                ParsedResponse(
                    _text(self._value(part.get("text"), inside), "a response"),
                    _text(self._value(part.get("model"), inside), "the model of a response"),
                    self._media(part.get("media"), inside),
                    self._metadata(part.get("metadata"), inside),
                )
            )
        return tuple(made), keys

    def _criteria(self, scope: "_Scope") -> Iterator[dict[str, Any]]:
        for part, inside in self._parts(self.mapping.get("criteria", ()), scope):
            made: dict[str, Any] = {}
            for name, spec in part.items():
                value = self._value(spec, inside)
                if value is not None:
                    made[name] = _number(value, "points") if name == "points" else _text(value, f"a criterion's {name}")
            if made.get("text"):
                yield made

    def _parts(self, spec: Any, scope: "_Scope") -> Iterator[tuple[Mapping[str, Any], "_Scope"]]:
        if isinstance(spec, Mapping):
            part = {name: value for name, value in spec.items() if name != "list"}
            for inside in scope.each(spec["list"]):
                yield part, inside
        else:
            for part in spec:
                yield part, scope

    def _media(self, spec: Any, scope: "_Scope") -> tuple[str, ...]:
        if spec is None:
            return ()
        found = [self._value(part, scope) for part in (spec if isinstance(spec, list) else [spec])]
        flat = [name for value in found for name in (value if isinstance(value, list) else [value])]
        return tuple(_text(name, "media") for name in flat if name not in (None, ""))

    def _metadata(self, spec: Any, scope: "_Scope") -> dict[str, Any]:
        specs = {name: name for name in spec} if isinstance(spec, list) else spec or {}
        values = {name: self._value(part, scope) for name, part in specs.items()}
        return {name: value for name, value in values.items() if value is not None}

    # ---- answers ----

    def _answers(self, scope: "_Scope", keys: Mapping[str, int], count: int) -> tuple[ParsedAnswer, ...]:
        said: dict[tuple[str, tuple[int, ...]], list[records.Record]] = {}
        more: dict[tuple[str, tuple[int, ...]], dict[str, Any]] = {}
        for place, spec in enumerate(self.mapping.get("answers", ()), 1):
            for fields, inside in self._occasions(spec, scope):
                try:
                    record = self._record(spec, fields, inside, keys, f"answer {place} of the mapping")
                    rater = _text(self._value(spec.get("rater", {"constant": IMPORTER}), inside), "the rater")
                    about = [_index(self._value(part, inside), keys) for part in spec.get("responses", ())]
                except _Skip:
                    continue
                if any(not index.isdigit() or int(index) >= count for index in about):
                    raise RowError(f"answer {place} of the mapping is about a response that the row does not have.")
                who = rater, tuple(sorted(map(int, about)))
                said.setdefault(who, []).append(record)
                if who not in more:
                    given = {name: self._value(spec.get(name), inside) for name in ("seconds", "submitted_at")}
                    seconds = number(given, "seconds")
                    moment = _moment(_text(given["submitted_at"], "submitted_at"))
                    more[who] = {"seconds": seconds, "submitted_at": moment}
        return tuple(ParsedAnswer(who[0], tuple(own), who[1], **more[who]) for who, own in said.items())

    def _occasions(self, spec: Mapping[str, Any], scope: "_Scope") -> Iterator[tuple[Mapping[str, Any], "_Scope"]]:
        """The fields of every record that an entry makes, with where their paths begin."""
        if "each" not in spec:
            yield spec["fields"], scope
            return
        inside = list(scope.each(spec["each"]))
        for one in inside:
            yield spec["fields"], one
        if not inside and "empty" in spec:
            yield spec["empty"], scope

    def _record(
        self, spec: Mapping[str, Any], fields: Mapping[str, Any], scope: "_Scope", keys: Mapping[str, int], name: str
    ) -> records.Record:
        types = records.field_types(spec["record"])
        plain: dict[str, Any] = {"record": spec["record"], "question": spec.get("question", "")}
        for field, part in fields.items():
            value = self._value(part, scope)
            if field in ("response", "a", "b"):
                plain[field] = _index(value, keys)
            elif field == "ranks":
                plain[field] = _ranks(value)
            elif value is not None or type(None) in get_args(types[field]):
                plain[field] = _typed(value, types[field], f"{field} of {name}")
        if plain.get("strength") == 0 and plain.get("outcome") in ("a", "b"):
            del plain["strength"]
        if plain.get("outcome") in ("tie", "both_bad"):
            plain["strength"] = 0
        try:
            return records.from_plain(plain)
        except ValueError as error:
            raise RowError(f"In {name}: {error}") from error

    # ---- values ----

    def _value(self, spec: Any, scope: "_Scope") -> Any:
        """What a value of the mapping is for this row; raises _Skip where a map says so."""
        if isinstance(spec, str):
            return scope.look(spec)
        if not isinstance(spec, Mapping):
            return spec
        if "constant" in spec:
            value = spec["constant"]
        elif "paths" in spec:
            found = [self._value(part, scope) for part in spec["paths"]]
            value = [part for part in found if part not in (None, "")]
        else:
            value = scope.look(spec["path"]) if "path" in spec else None
        if value in (None, "", []) and "default" in spec:
            value = spec["default"]
            if value == "skip":
                raise _Skip
        if "split" in spec and isinstance(value, str):
            value = [part for part in value.split(spec["split"]) if part.strip()]
        if "part" in spec:
            inside = value if isinstance(value, list) else []
            value = inside[spec["part"]] if -len(inside) <= spec["part"] < len(inside) else None
        if "join" in spec and value is not None:
            parts = value if isinstance(value, list) else [value]
            value = spec["join"].join(_text(part, "a part") for part in parts if part not in (None, ""))
        for table in (spec.get("map"), self._files.get(spec.get("map_file", ""))):
            if table is not None:
                value = _mapped(value, table, spec)
        if "first_wrong" in spec:
            value = _before(scope.place, scope.look(spec["first_wrong"]))
        if ("times" in spec or "add" in spec) and value is not None:
            value = _number(value, "a value") * spec.get("times", 1) + spec.get("add", 0)
            value = int(value) if value == int(value) else value
        if "format" in spec and value not in (None, ""):
            value = spec["format"].replace("{}", _text(value, "a value"))
        return content_hash(value)[:24] if "digest" in spec and value not in (None, "") else value


class _Scope:
    """Where paths begin: a row, or an element of one of its lists."""

    def __init__(self, row: Mapping[str, Any], *here: Any, place: int = 0) -> None:
        self.row, self.here, self.place = row, here[0] if here else row, place

    def look(self, path: Any) -> Any:
        """What stands at a path; None where nothing does."""
        if path == ".":
            return self.here
        if path == "#":
            return self.place
        names = _names(path) if isinstance(path, str) else tuple(path)
        if names and names[0] == "$":
            return _at(self.row, names[1:])
        return _at(self.here, names)

    def each(self, path: Any) -> Iterator["_Scope"]:
        """The elements of the list at a path, or of a list of paths; nothing where it is missing."""
        if isinstance(path, Mapping):
            found: Any = [self.look(one) for one in path["paths"]]
        else:
            found = structure(self.look(path), _shown(path))
        if found in (None, ""):
            return
        if not isinstance(found, list):
            raise RowError(f"{clip(found)} stands at {_shown(path)}; a list is expected.")
        for place, element in enumerate(found):
            yield _Scope(self.row, element, place=place)


@lru_cache(maxsize=1024)
def _names(path: str) -> tuple[str, ...]:
    return tuple(path.split("."))


def _at(value: Any, names: Sequence[Any]) -> Any:
    for place, name in enumerate(names):
        if isinstance(value, str):
            value = structure(value, "the column")
        if name == "*":
            inside = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
            found = [_at(part, names[place + 1 :]) for part in inside]
            flat = [part for one in found for part in (one if isinstance(one, list) else [one])]
            return [part for part in flat if part is not None]
        if isinstance(value, Mapping):
            value = value.get(str(name))
        elif isinstance(value, list) and str(name).isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value


def _mapped(value: Any, table: Mapping[str, Any], spec: Mapping[str, Any]) -> Any:
    word = _word(value)
    if word in table:
        value = table[word]
    elif "otherwise" in spec:
        value = spec["otherwise"]
    else:
        known = ", ".join(list(table)[:12])
        raise RowError(f"{clip(value)} at {_shown(spec)} is not in the map, which has {clip(known, 200)}.")
    if value == "skip":
        raise _Skip
    return value


def _before(place: int, first: Any) -> int:
    if first in (None, ""):
        return 1
    first = _number(first, "the first wrong step")
    if place > first:
        raise _Skip
    return -1 if place == first else 1


def _word(value: Any) -> str:
    """A value as a key of a map: null, true, 1, 1.5, or the text itself."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else str(value)


def _text(value: Any, name: str) -> str:
    if value is None:
        return ""
    if isinstance(value, str | int | float):
        return _word(value)
    raise RowError(f"{clip(value)} is given for {name}; text is expected.")


def _number(value: Any, name: str) -> float:
    found = number({name: value}, name)
    if found is None:
        raise RowError(f"{name} is empty; a number is expected.")
    return found


def _index(value: Any, keys: Mapping[str, int]) -> str:
    """The place of a response that is named by its place or its key, as records name it; "" for all together."""
    if value in (None, ""):
        return ""
    word = _word(value)
    if word in keys:
        return str(keys[word])
    if not word.isdigit():
        raise RowError(f"There is no response {clip(value)}.")
    return word


def _ranks(value: Any) -> dict[str, int]:
    """Ranks by response from a list in the order of the responses; null is not ranked."""
    value = structure(value, "ranks")
    if not isinstance(value, list):
        raise RowError(f"{clip(value)} is given for ranks; a list in the order of the responses is expected.")
    ranked = {place: rank for place, rank in enumerate(value) if rank not in (None, "")}
    return {str(place): int(_number(rank, "a rank")) for place, rank in ranked.items()}


def _typed(value: Any, kind: Any, name: str) -> Any:
    """A value as the type of its field, from the text of a table where it must be."""
    wanted = next((part for part in get_args(kind) if part in (int, float, bool)), kind)
    if wanted in (int, float) and isinstance(value, str):
        return None if value == "" else _number(value, name)
    if wanted is bool and _word(value).lower() in ("true", "false", "1", "0", "yes", "no"):
        return _word(value).lower() in ("true", "1", "yes")
    if wanted is str:
        return _text(value, name)
    return structure(value, name)


def _moment(text: str) -> str:
    """A time as ISO 8601; one that stands otherwise is left out, for it labels nothing."""
    try:
        return datetime.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        return ""


def _shown(path: Any) -> str:
    if isinstance(path, Mapping):
        path = path.get("path", path)
    return repr(".".join(map(str, path)) if isinstance(path, list) else path)[:80]


def _map_files(part: Any) -> Iterator[str]:
    if isinstance(part, Mapping):
        if isinstance(part.get("map_file"), str):
            yield part["map_file"]
        for inside in part.values():
            yield from _map_files(inside)
    elif isinstance(part, list):
        for inside in part:
            yield from _map_files(inside)


def _map_file(name: str, folder: Path | None) -> dict[str, Any]:
    try:
        if folder is None:
            raise ValueError("no files lie beside this source")
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()) or not path.is_file() or path.stat().st_size > MAX_FILE:
            raise ValueError("it is not beside the imported file, or too large")
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, dict):
            raise ValueError("it is no JSON object")
    except (OSError, ValueError, RecursionError) as error:
        raise MappingError(f"map_file {name[:80]!r} cannot be used: {error}.") from error
    return found
