"""Replies are read strictly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.judges._reply import Unreadable, parse

SCHEMA = {
    "type": "object",
    "properties": {"chosen": {"type": "string", "enum": ["a", "b"]}},
    "required": ["chosen"],
    "additionalProperties": False,
}


@pytest.mark.parametrize("text", ['{"chosen": "a"}', ' {"chosen":"a"}\n', '```json\n{"chosen": "a"}\n```'])
def test_reads_json_and_takes_one_fence_off(text):
    assert parse(text, SCHEMA) == {"chosen": "a"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        'The better one is {"chosen": "a"}',
        '{"chosen": "a"} {"chosen": "b"}',
        '{"chosen": "a", "chosen": "b"}',
        '{"chosen": "A"}',
        '{"chosen": "a", "sure": true}',
        '{"chosen": NaN}',
        '```\n{"chosen": "a"}\n```\nor\n```\n{"chosen": "b"}\n```',
        "[" * 100_000,
        '{"chosen": ' + "9" * 5000 + "}",
        '"' + "x" * 300_000 + '"',
    ],
)
def test_refuses_all_else(text):
    with pytest.raises(Unreadable):
        parse(text, SCHEMA)


@given(st.text())
def test_nothing_else_is_raised(text):
    with pytest.raises(Unreadable):
        parse(text, SCHEMA)
