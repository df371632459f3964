"""Questions with a reference answer and a rubric each."""

import json

import pytest

from curation.formats import RowError, rar

ROW = rar.EXAMPLE


def test_weights_are_points_and_levels_categories():
    for row in (ROW, {**ROW, "rubric": json.dumps(ROW["rubric"])}):
        parsed = rar.parse(row)
        assert [(c["points"], c["category"]) for c in parsed.criteria] == [(5, "Essential"), (-1, "Pitfall")]
        assert [(r.text, r.model) for r in parsed.responses] == [("Air scatters blue light most.", "reference")]


def test_own_responses_stand_beside_the_reference():
    parsed = rar.parse({**ROW, "responses": ["The sea."], "id": 3})
    assert [response.text for response in parsed.responses] == ["Air scatters blue light most.", "The sea."]
    assert parsed.external_id == "3"
    assert len(rar.parse({**ROW, "reference_answer": None, "responses": ["The sea."]}).responses) == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"reference_answer": ""}, "no answer to check"),
        ({"rubric": []}, "rubric is missing or empty"),
        ({"rubric": [{"description": "x"}]}, "weight of criterion 1 is missing"),
        ({"rubric": [{"title": "x", "weight": 5}]}, "description of criterion 1"),
        ({"question": None}, "question is missing"),
    ],
)
def test_bad_rows(changes, message):
    with pytest.raises(RowError, match=message):
        rar.parse({**ROW, **changes})
