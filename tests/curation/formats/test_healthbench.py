"""Conversations with a rubric each."""

from collections import Counter
from dataclasses import replace

import pytest

from annotate import feedback
from annotate.feedback import rubric
from curation.formats import RowError, healthbench

ROW = healthbench.EXAMPLE
JUDGED = {
    "prompt_id": "p1", "completion_id": "c9", "prompt": ROW["prompt"], "completion": "Sip cold water.",
    "rubric": "Asks how bad it is.", "category": "emergency", "binary_labels": [False, None, True],
    "anonymized_physician_ids": ["x", "y", "z"],
}  # fmt: skip


def test_rubric_becomes_criteria_of_the_item():
    parsed = healthbench.parse(ROW)
    assert parsed.criteria == (
        {"name": "c1", "text": "Asks how bad the burn is.", "points": 5, "category": "context_awareness"},
        {"name": "c2", "text": "Advises butter.", "points": -8, "category": "accuracy"},
    )
    assert feedback.filled(list(parsed.criteria), rubric.CRITERIA)
    assert [(response.model, response.text) for response in parsed.responses] == [
        ("ideal", "Sip cold water. How bad is it?"), ("reference", "Put butter on it."),
    ]  # fmt: skip
    assert parsed.metadata == {"example_tags": ["theme:emergency_referrals"]}


def test_answers_of_own_models():
    bare = {name: value for name, value in ROW.items() if name != "ideal_completions_data"}
    parsed = healthbench.parse({**bare, "responses": ["One.", "Two."]})
    assert [response.text for response in parsed.responses] == ["One.", "Two."]
    with pytest.raises(RowError, match="no answer to check"):
        healthbench.parse({**bare, "ideal_completions_data": None})


def test_physicians_of_the_meta_evaluation_are_raters():
    parsed = healthbench.parse(JUDGED)
    assert [(answer.rater, answer.records[0].met) for answer in parsed.answers] == [("x", False), ("z", True)]
    assert parsed.external_id == "p1:c9"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({**ROW, "rubrics": []}, "rubrics is missing or empty"),
        ({**ROW, "rubrics": [{"criterion": "x"}]}, "points of criterion 1 is missing"),
        ({**ROW, "rubrics": [{"criterion": "", "points": 1}]}, "criterion of criterion 1"),
        ({**ROW, "rubrics": [{"criterion": "x", "points": "many"}]}, "points is 'many'"),
        ({**ROW, "prompt": None}, "prompt is missing"),
        ({**JUDGED, "anonymized_physician_ids": ["x"]}, "3 binary_labels, but 1"),
        ({**JUDGED, "binary_labels": ["yes"], "anonymized_physician_ids": None}, "A binary label is 'yes'"),
    ],
)
def test_bad_rows(row, message):
    with pytest.raises(RowError, match=message):
        healthbench.parse(row)


def test_written_rubrics_read_again():
    parsed = replace(healthbench.parse(ROW), external_id="p1")
    left_out = Counter()
    row = healthbench.export_item(parsed, [], {}, left_out)
    again = healthbench.parse(row)
    assert (again.criteria, again.prompt) == (parsed.criteria, parsed.prompt)
    assert not left_out
    assert healthbench.export_item(replace(parsed, criteria=()), [], {}, left_out) is None
    assert left_out == {"no_rubric": 1}
