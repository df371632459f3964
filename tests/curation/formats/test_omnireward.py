"""Pairs of any medium under a criterion in words."""

import pytest

from curation.formats import RowError, omnireward

ROW = omnireward.EXAMPLE


def test_criterion_belongs_to_the_item():
    parsed = omnireward.parse(ROW)
    assert parsed.criteria == ({"name": "criterion", "text": ROW["criteria"], "points": 1},)
    assert [response.media for response in parsed.responses] == [("media/1a.png",), ("media/1b.png",)]
    assert [vote.outcome for vote in parsed.votes] == ["b"]


def test_one_pair_under_two_criteria_is_two_items():
    other = omnireward.parse({**ROW, "criteria": "More colours are better.", "criteria_preference": "response1"})
    first = omnireward.parse(ROW)
    assert first.external_id != other.external_id
    assert first.external_id.split(":")[0] == other.external_id.split(":")[0]
    assert omnireward.parse({**ROW, "id": 7}).external_id.startswith("7:")


def test_texts_are_texts_and_the_prompt_may_have_files():
    row = {**ROW, "response1": "A lighthouse.png is drawn", "response2": "No.", "image": "q.png", "audio": None}
    parsed = omnireward.parse(row)
    assert [response.text for response in parsed.responses] == ["A lighthouse.png is drawn", "No."]
    assert parsed.media == ("q.png",)
    assert omnireward.parse({**ROW, "criteria_preference": "Tie"}).votes[0].outcome == "tie"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"criteria": None}, "criteria is missing"),
        ({"criteria": " "}, "criteria is empty"),
        ({"criteria_preference": "1"}, "response1, response2 or tie"),
        ({"criteria_preference": None}, "response1, response2 or tie"),
        ({"response2": None}, "response2 is missing"),
    ],
)
def test_bad_rows(changes, message):
    with pytest.raises(RowError, match=message):
        omnireward.parse({**ROW, **changes})
