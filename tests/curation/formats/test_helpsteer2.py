"""Responses with five ratings, and pairs with a signed strength."""

import pytest

from curation.formats import RowError, helpsteer2

ROW = helpsteer2.EXAMPLE
PAIR = {
    "split": "train",
    "prompt": "Name a river.",
    "response_1": "The Elbe.",
    "response_2": "Rome.",
    "preference_strength": -2,
    "preference_statement": "Response 1 is better than Response 2.",
    "preference_elaboration": "Rome is a city.",
}


def test_ratings_become_records_on_their_scale():
    parsed = helpsteer2.parse({**ROW, "verbosity": None})
    (answer,) = parsed.answers
    assert {record.dimension: record.value for record in answer.records} == {
        "helpfulness": 4, "correctness": 4, "coherence": 4, "complexity": 1,
    }  # fmt: skip
    assert {(record.response, record.low, record.high) for record in answer.records} == {("0", 0, 4)}
    assert parsed.responses[0].text == "Eight minutes for a firm yolk."


@pytest.mark.parametrize(("strength", "outcome"), [(-3, "a"), (-1, "a"), (0, "tie"), (2, "b"), ("3", "b")])
def test_strength_below_zero_prefers_the_first(strength, outcome):
    (vote,) = helpsteer2.parse({**PAIR, "preference_strength": strength}).votes
    assert (vote.outcome, vote.strength, vote.scale) == (outcome, abs(int(strength)), 3)
    assert vote.reason == "Rome is a city."


def test_turns_inside_the_prompt():
    said = "Hi\n<extra_id_1>Assistant\nHello.\n<extra_id_1>User\nIs it late?"
    turns = [("user", "Hi"), ("assistant", "Hello."), ("user", "Is it late?")]
    for prompt in (said, f"{said}\n<extra_id_1>Assistant\n"):
        parsed = helpsteer2.parse({**ROW, "prompt": prompt})
        assert [(message["role"], message["content"]) for message in parsed.prompt] == turns
    broken = "Hi\n<extra_id_1>User\nAgain"
    assert helpsteer2.parse({**ROW, "prompt": broken}).prompt == [{"role": "user", "content": broken}]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({**ROW, "correctness": 5}, "correctness is 5; a rating from 0 to 4"),
        ({**ROW, "correctness": "high"}, "a number is expected"),
        ({"prompt": "q", "response": "x"}, "none of the ratings"),
        ({**PAIR, "preference_strength": 4}, "from -3 to 3"),
        ({**PAIR, "preference_strength": 1.5}, "from -3 to 3"),
        ({**PAIR, "preference_strength": None}, "from -3 to 3"),
        ({**PAIR, "response_2": None}, "response_2 is missing"),
        ({**ROW, "prompt": " "}, "prompt is empty"),
    ],
)
def test_bad_rows(row, message):
    with pytest.raises(RowError, match=message):
        helpsteer2.parse(row)
