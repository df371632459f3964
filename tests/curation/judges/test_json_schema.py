"""JSON that fits, and schemas that are traps."""

import pytest

from curation.judges import JudgeError

from .conftest import texts_of

SCHEMA = {"type": "object", "properties": {"dose": {"type": "number"}}, "required": ["dose"]}


def test_what_fits_wins(judged):
    case = texts_of(
        "ranking", '{"dose": "200"}', '```json\n{"dose": 200}\n```', "200 mg", metadata={"json_schema": SCHEMA}
    )
    found = judged("json_schema", case)
    assert found.answer == {"r1": 2, "r2": 1, "r3": 2}
    assert found.notes["faults"]["r1"][0].startswith("dose: '200' is not of type")


@pytest.mark.parametrize(
    ("schema", "reason"),
    [({"type": "objekt"}, "is none"), ({"properties": {"a": {"pattern": "(a+)+$"}}}, "pattern"), ("text", "no schema")],
)
def test_a_schema_of_an_item_that_will_not_do_leaves_it_without_an_answer(judged, schema, reason):
    found = judged("json_schema", texts_of("binary", "{}", metadata={"json_schema": schema}))
    assert found.answer is None
    assert reason in found.samples[0].error
    if isinstance(schema, dict):
        with pytest.raises(JudgeError, match=reason):
            judged("json_schema", texts_of("binary", "{}"), schema=schema)


@pytest.mark.parametrize("reference", ["http://127.0.0.1:1/schema.json", "file:///etc/passwd", "#/nowhere", "#"])
def test_references_fetch_nothing_and_end(judged, reference):
    schema = {"allOf": [{"$ref": reference}]}
    assert judged("json_schema", texts_of("binary", "{}", metadata={"json_schema": schema})).answer == {"r1": "bad"}
