"""Completions with ratings and rationales by aspect."""

import pytest

from annotate.records import Critique, Rating
from curation.formats import RowError, ultrafeedback

ROW = ultrafeedback.EXAMPLE


def annotated(**notes):
    return {**ROW, "completions": [{"model": "m", "response": "x", "annotations": notes}]}


def test_one_answer_of_the_model_that_rated():
    parsed = ultrafeedback.parse(ROW)
    assert [(response.text, response.model) for response in parsed.responses] == [("The Elbe.", "m1"), ("Rome.", "m2")]
    (answer,) = parsed.answers
    assert (answer.rater, answer.rater_kind) == ("GPT-4", "language_model")
    ratings = [record for record in answer.records if isinstance(record, Rating)]
    assert [(r.response, r.dimension, r.value, r.low, r.high) for r in ratings] == [
        ("0", "helpfulness", 5, 1, 5), ("1", "helpfulness", 1, 1, 5),
    ]  # fmt: skip
    critiques = [record for record in answer.records if isinstance(record, Critique)]
    assert [(c.response, c.aspect, c.text) for c in critiques] == [
        ("0", "helpfulness", "It is one."), ("0", "", "Short and right."), ("1", "helpfulness", "A city."),
    ]  # fmt: skip
    assert parsed.responses[0].metadata == {"overall_score": 9.0}


def test_both_rationales_of_an_aspect_are_kept():
    parsed = ultrafeedback.parse(
        annotated(truthfulness={"Type": ["1"], "Rationale": "a", "Rating": "3", "Rationale For Rating": "b"})
    )
    assert [record.text for record in parsed.answers[0].records if isinstance(record, Critique)] == ["a", "b"]


def test_not_rated_at_all():
    assert ultrafeedback.parse(annotated(honesty={"Rating": "N/A"})).answers == ()
    assert ultrafeedback.parse({**ROW, "completions": [{"response": "x"}]}).answers == ()


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (annotated(honesty={"Rating": "7"}), "honesty is '7'; a rating from 1 to 5"),
        (annotated(honesty={"Rating": "good"}), "a number is expected"),
        (annotated(honesty=5), "annotations of honesty is 5; an object"),
        ({**ROW, "completions": []}, "completions is missing"),
        ({**ROW, "completions": [{"model": "m"}]}, "response is missing"),
        ({**ROW, "instruction": ""}, "instruction is empty"),
    ],
)
def test_bad_rows(row, message):
    with pytest.raises(RowError, match=message):
        ultrafeedback.parse(row)
