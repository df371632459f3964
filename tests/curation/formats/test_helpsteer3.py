"""Several annotators' preferences on one pair."""

import pytest

from curation.formats import RowError, helpsteer3

ROW = helpsteer3.EXAMPLE


def test_every_annotator_is_a_rater():
    parsed = helpsteer3.parse(ROW)
    assert [(vote.rater, vote.outcome, vote.strength, vote.reason) for vote in parsed.votes] == [
        ("annotator 1", "a", 2, "It names a time."),
        ("annotator 2", "tie", 0, "Both are short."),
    ]
    (answer,) = parsed.answers  # the second annotator wrote no feedback
    assert [(record.response, record.text) for record in answer.records] == [("0", "Helpful."), ("1", "Empty.")]
    assert answer.rater == "annotator 1"
    assert parsed.metadata == {"domain": "general", "language": "english", "overall_preference": -2}


def test_without_individual_preferences_the_overall_one_is_a_vote():
    for nothing in (None, []):
        parsed = helpsteer3.parse({**ROW, "individual_preference": nothing})
        assert [(vote.rater, vote.outcome, vote.strength) for vote in parsed.votes] == [("import", "a", 2)]


def test_conversation_and_cells_of_a_table():
    turns = (
        '[{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "user", "content": "c"}]'
    )
    parsed = helpsteer3.parse({**ROW, "context": turns, "individual_preference": '[{"score": "3"}]'})
    assert [message["content"] for message in parsed.prompt] == ["a", "b", "c"]
    assert [(vote.outcome, vote.strength) for vote in parsed.votes] == [("b", 3)]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"individual_preference": [{"score": -4}]}, "score of annotator 1 is -4"),
        ({"individual_preference": [{"reasoning": "x"}]}, "score of annotator 1 is None"),
        ({"individual_preference": [{"score": 1, "feedback1": 3}]}, "feedback1 is 3"),
        ({"individual_preference": "all"}, "list of objects"),
        ({"individual_preference": None, "overall_preference": None}, "overall_preference is None"),
        ({"context": None}, "context is missing"),
        ({"response1": None}, "response1 is missing"),
    ],
)
def test_bad_rows(changes, message):
    with pytest.raises(RowError, match=message):
        helpsteer3.parse({**ROW, **changes})
