"""A rule: a response is JSON that fits a JSON Schema, from the settings or from the item."""

import json
from collections.abc import Mapping
from typing import Any

import jsonschema
import referencing

from curation.judges import Case, JudgeError, Judgement, Tools
from curation.judges._rules import FIELD, Checked, from_item, nothing_to_check, ruled
from curation.judges._scores import can_score
from curation.judges._settings import settings_schema
from curation.judges.format import as_json

TITLE = "JSON Schema"
SUMMARY = "Checks that a response is JSON that fits a schema."
KIND = "rule"
NEEDS: frozenset[str] = frozenset()
SETTINGS = settings_schema(
    schema={"type": "object", "default": {}, "title": "JSON Schema"}, field={**FIELD, "default": "json_schema"}
)
PROMPT = ""
can_answer = can_score
_PATTERNS = ("pattern", "patternProperties")


def judge(case: Case, tools: Tools) -> Judgement:
    """Schemas with patterns are refused, for a pattern may take for ever; references leave the schema never.

    Raises
    ------
    JudgeError
        If the schema of the settings is none; one of an item only leaves that item without an answer.
    """
    schema = from_item(case, tools.settings["field"], tools.settings["schema"])
    if not isinstance(schema, Mapping):
        return nothing_to_check(f"The item's metadata has no schema under {tools.settings['field']!r}.")
    if reason := _unfit(schema):
        if tools.settings["schema"]:
            raise JudgeError(reason)
        return nothing_to_check(reason)
    validator = jsonschema.Draft202012Validator(schema, registry=referencing.Registry())

    def check(key: str, text: str) -> Checked:
        try:
            error = jsonschema.exceptions.best_match(validator.iter_errors(json.loads(as_json(text))))
        except (ValueError, RecursionError, referencing.exceptions.Unresolvable) as error:
            return Checked(0.0, (f"is no JSON: {str(error)[:200]}",))
        if error is None:
            return Checked(1.0)
        return Checked(0.0, (f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}",))

    return ruled(case, check)


def _unfit(schema: Mapping[str, Any]) -> str:
    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError as error:
        return f"The JSON Schema is none: {error.message[:200]}"
    return "The JSON Schema holds a pattern; leave patterns out." if _has_pattern(schema) else ""


def _has_pattern(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(name in value for name in _PATTERNS) or any(_has_pattern(part) for part in value.values())
    return isinstance(value, list) and any(_has_pattern(part) for part in value)
