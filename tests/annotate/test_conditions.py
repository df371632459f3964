"""When a question is asked, and which conditions may stand in a form."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate import conditions, feedback
from annotate.conditions import InvalidCondition

CASES = json.loads(Path(__file__).with_name("conditions.json").read_text())
EARLIER = {"preference": [{"path": "overall/chosen"}, {"path": "overall/strength"}], "open": []}
GOOD = {"question": "preference", "path": "overall/chosen", "in": ["tie"]}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.sampled_from("abc*"), inside, max_size=3),
    max_leaves=10,
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["says"])
def test_holds(case):
    assert conditions.holds(case["condition"], case["answers"]) is case["holds"]


@given(ANYTHING, st.lists(st.sampled_from("abc*"), max_size=3))
def test_no_answer_breaks_it(answer, path):
    for operator, wanted in (("in", ["a"]), ("not_in", [1]), ("at_least", 1), ("at_most", 1)):
        found = conditions.holds({"question": "q", "path": "/".join(path), operator: wanted}, {"q": answer})
        assert isinstance(found, bool)


def test_what_is_not_asked_decides_nothing():
    form = [
        ("first", {}),
        ("second", {"question": "first", "path": "", "in": ["yes"]}),
        ("third", {"question": "second", "path": "", "in": ["yes"]}),
    ]
    assert conditions.asked(form, {"first": "yes", "second": "yes"}) == {"first", "second", "third"}
    assert conditions.asked(form, {"first": "no", "second": "yes"}) == {"first"}


@pytest.mark.parametrize("path", ["overall/chosen", "*/chosen"])
def test_good_conditions(path):
    conditions.check({**GOOD, "path": path}, EARLIER)
    conditions.check({"question": "open", "path": "any/thing", "at_most": 0.5}, EARLIER)
    conditions.check({}, {})


@pytest.mark.parametrize(
    ("wrong", "path", "message"),
    [
        ([], "", "is an object"),
        ({**GOOD, "question": "later"}, "question", "comes before: those before are preference, open"),
        ({**GOOD, "question": []}, "question", "comes before"),
        ({**GOOD, "question": {}}, "question", "comes before"),
        ({**GOOD, "path": "overall/chosem"}, "path", "have no 'overall/chosem'; they have overall/chosen"),
        ({**GOOD, "path": 3}, "path", "is text"),
        ({**GOOD, "in": []}, "in", "1 to 50 values"),
        ({**GOOD, "in": "tie"}, "in", "1 to 50 values"),
        ({**GOOD, "in": [["tie"]]}, "in", "Values are"),
        ({**GOOD, "not_in": ["x"]}, "", "Give one of in, not_in, at_least, at_most"),
        ({"question": "preference", "path": "overall/chosen"}, "", "Give one of"),
        ({"question": "preference", "path": "overall/strength", "at_least": True}, "at_least", "a number"),
        ({**GOOD, "or": 1}, "or", "has no 'or'"),
    ],
)
def test_wrong_conditions(wrong, path, message):
    with pytest.raises(InvalidCondition, match=message) as caught:
        conditions.check(wrong, EARLIER)
    assert caught.value.path == path


def test_the_first_question_can_have_none():
    with pytest.raises(InvalidCondition, match="there is none before"):
        conditions.check(GOOD, {})


@pytest.mark.parametrize("kind", feedback.names())
def test_places_of_every_kind_are_where_its_answers_are(kind):
    """Each place finds a value in the kind's own example, or at least none that is not there."""
    asked, answer = feedback.get(kind).example()
    found = conditions.places(feedback.get(kind).schema(asked), asked.responses)
    assert found
    for place in found:
        assert not set(asked.responses) & set(place["path"].split("/"))
        assert not set(asked.responses) & set(place["values"] or [])
    hits = [p for p in found if conditions.holds({"question": "q", "path": p["path"], "not_in": ["?"]}, {"q": answer})]
    assert hits, found


def test_places_of_a_preference():
    asked, _ = feedback.get("pairwise").example()
    assert conditions.places(feedback.get("pairwise").schema(asked), asked.responses) == [
        {"path": "helpfulness/chosen", "values": ["tie"], "number": False},
        {"path": "helpfulness/strength", "values": [0, 1, 2, 3], "number": True},
        {"path": "honesty/chosen", "values": ["tie"], "number": False},
        {"path": "honesty/strength", "values": [0, 1, 2, 3], "number": True},
    ]


def test_in_words():
    assert conditions.in_words(GOOD) == "preference, overall/chosen: tie"
    assert conditions.in_words({"question": "p", "path": "*", "at_least": 2}) == "p, *: at least 2"
    assert conditions.in_words({}) == "always"
