"""The language of mappings: its schema, how one is read from YAML and checked, and those that come with the product."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from annotate import records
from curation.mapping.values import MappingError, as_word

MAX_LENGTH = 100_000  # characters of a mapping
SHIPPED = Path(__file__).parent.parent / "mappings"

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


class _Loader(yaml.SafeLoader):
    """YAML for people: keys are text, so that 1, "1" and null can stand as keys of a ``map``; only true and false are
    truth values, so that a column may be called "no" or "on"."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:bool"]
        for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def _text_keys(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[str, Any]:
    loader.flatten_mapping(node)
    return {
        as_word(loader.construct_object(key, True)): loader.construct_object(part, True) for key, part in node.value
    }


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
    wrong = jsonschema.exceptions.best_match(_CHECKER.iter_errors(mapping))
    if wrong is not None:
        where = "/".join(str(part) for part in wrong.absolute_path)
        message = wrong.message if len(wrong.message) <= 300 else f"{wrong.message[:120]} … {wrong.message[-160:]}"
        raise MappingError(f"{where}: {message}" if where else message)
    for index, answer in enumerate(mapping.get("answers", ())):
        known = records.field_types(answer["record"])
        for field in {**answer["fields"], **answer.get("empty", {})}:
            if field not in known:
                where = f"answers/{index}/fields"
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
