"""Settings against a JSON Schema of flat properties: defaults filled in, unknown names and bad values refused.

A small part of JSON Schema (type, enum, minimum, maximum, exclusiveMinimum, exclusiveMaximum, default),
so that the lab needs no further library on a bare machine. Knows neither torch nor Django.
"""

from collections.abc import Mapping
from typing import Any

from rewardtrain.errors import RecipeError

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "object": (dict,),
}


def complete(schema: Mapping[str, Any], values: Mapping[str, Any], noun: str) -> dict[str, Any]:
    """``values`` with the defaults of ``schema``, every value checked.

    A number written as text is read as a number: YAML takes ``1e-4`` for text.

    Raises
    ------
    RecipeError
        Names the setting and what is allowed; for an unknown name it lists those that exist.
    """
    properties = schema.get("properties", {})
    unknown = sorted(map(str, set(values) - set(properties)))
    if unknown:
        known = ", ".join(sorted(properties)) or "none"
        raise RecipeError(f"{noun} has no setting {', '.join(map(repr, unknown))}. Those that exist: {known}.")
    checked = {}
    for name, rule in properties.items():
        try:
            checked[name] = _checked(rule, values.get(name, rule["default"]), f"{noun}: {name}")
        except RecipeError as error:
            error.setting = name
            raise
    return checked


def _checked(rule: Mapping[str, Any], value: Any, where: str) -> Any:
    kind = rule["type"]
    if kind in ("number", "integer") and isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            raise RecipeError(f"{where} must be a {kind}, not {value!r}.") from None
    if kind == "integer" and isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, _TYPES[kind]) or (kind in ("number", "integer") and isinstance(value, bool)):
        raise RecipeError(f"{where} must be of type {kind}, not {value!r}.")
    if kind == "number":
        value = float(value)
    if "enum" in rule and value not in rule["enum"]:
        raise RecipeError(f"{where} must be one of {', '.join(map(str, rule['enum']))}, not {value!r}.")
    if kind in ("number", "integer"):
        _check_range(rule, value, where)
    return value


def _check_range(rule: Mapping[str, Any], value: float, where: str) -> None:
    if not abs(value) < float("inf"):
        raise RecipeError(f"{where} must be finite, not {value}.")
    for key, holds, words in (
        ("minimum", value >= rule.get("minimum", value), "at least"),
        ("maximum", value <= rule.get("maximum", value), "at most"),
        ("exclusiveMinimum", "exclusiveMinimum" not in rule or value > rule["exclusiveMinimum"], "above"),
        ("exclusiveMaximum", "exclusiveMaximum" not in rule or value < rule["exclusiveMaximum"], "below"),
    ):
        if not holds:
            raise RecipeError(f"{where} must be {words} {rule[key]}, not {value}.")
