"""A first mapping guessed from a file: always one that can be read, and a right one where the names say enough."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation.mapping import Mapped, read
from curation.suggesting import places, suggest
from tests.curation.test_mapping import JSON


@pytest.mark.parametrize(
    ("row", "responses", "said"),
    [
        ({"prompt": "P", "response_a": "A", "response_b": "B", "choice": "1", "annotator": "w"}, 2, ["preference"]),
        ({"question": "P", "chosen": "A", "rejected": "B"}, 2, ["preference"]),
        ({"instruction": "P", "outputs": ["A", "B", "C"]}, 3, []),
        ({"INPUT:question": "P", "INPUT:answer": "A", "OUTPUT:rating": "4", "worker_id": "w"}, 1, ["rating"]),
        ({"query": "P", "completion": "A", "feedback": "Good."}, 1, ["critique"]),
    ],
)
def test_what_the_names_say_is_guessed(row, responses, said):
    parsed = Mapped(read(suggest([row]))).parse(row)
    assert parsed.prompt[0]["content"] == "P"
    assert len(parsed.responses) == responses
    assert [record.name for answer in parsed.answers for record in answer.records] == said
    if "annotator" in row:
        assert parsed.answers[0].rater == "w"


@settings(max_examples=60, suppress_health_check=[HealthCheck.differing_executors])
@given(
    st.lists(st.dictionaries(st.text(max_size=8) | st.sampled_from(["prompt", "label", "output_1"]), JSON), max_size=3)
)
def test_a_guess_can_always_be_read(rows):
    read(suggest(rows))
    places(rows)


def test_places_name_what_stands_inside():
    row = {"a": {"b": "x" * 99}, "list": [{"c": 1, "d": {"e": None}}], "words": ["one", "two"], "empty": []}
    assert [(place.inside, place.path, place.example) for place in places([row])] == [
        ("", "a.b", "x" * 59 + "…"),
        ("", "list", "1 element"),
        ("list", "c", "1"),
        ("list", "d.e", ""),
        ("", "words", "2 elements (one)"),
        ("", "empty", "0 elements"),
    ]
