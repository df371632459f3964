"""Settings against a schema: defaults, unknown names, types and ranges."""

import pytest

from rewardtrain.errors import RecipeError
from rewardtrain.settings import complete

SCHEMA = {
    "properties": {
        "rate": {"type": "number", "default": 0.5, "exclusiveMinimum": 0, "maximum": 1},
        "count": {"type": "integer", "default": 3, "minimum": 1, "exclusiveMaximum": 10},
        "kind": {"type": "string", "default": "x", "enum": ["x", "y"]},
        "on": {"type": "boolean", "default": False},
    }
}


def test_fills_in_defaults() -> None:
    assert complete(SCHEMA, {"count": 4}, "It") == {"rate": 0.5, "count": 4, "kind": "x", "on": False}


def test_lists_known_names_beside_an_unknown_one() -> None:
    with pytest.raises(RecipeError, match=r"It has no setting 'ratio'. Those that exist: count, kind, on, rate"):
        complete(SCHEMA, {"ratio": 1}, "It")


def test_reads_a_number_that_yaml_takes_for_text() -> None:
    assert complete(SCHEMA, {"rate": "1e-4"}, "It")["rate"] == 1e-4
    assert complete(SCHEMA, {"count": 4.0}, "It")["count"] == 4


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"rate": 0}, "rate must be above 0"),
        ({"rate": 1.1}, "rate must be at most 1"),
        ({"rate": float("nan")}, "rate must be finite"),
        ({"rate": "fast"}, "rate must be a number"),
        ({"rate": None}, "rate must be of type number"),
        ({"count": 0}, "count must be at least 1"),
        ({"count": 10}, "count must be below 10"),
        ({"count": 2.5}, "count must be of type integer"),
        ({"count": True}, "count must be of type integer"),
        ({"kind": "z"}, "kind must be one of x, y"),
        ({"on": 1}, "on must be of type boolean"),
    ],
)
def test_refuses(values: dict, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        complete(SCHEMA, values, "It")
