"""Too short, too long, just right."""

import pytest

from curation.judges import JudgeError

from .conftest import texts_of

TEXT = "Yes. No 3.5! Maybe\nor: so?"


@pytest.mark.parametrize(("unit", "length"), [("characters", 26), ("words", 6), ("sentences", 4)])
def test_counts(judged, unit, length):
    found = judged("length", texts_of("binary", TEXT), unit=unit, most=1000)
    assert found.notes["lengths"] == {"r1": length}


def test_the_one_within_bounds_wins(judged):
    case = texts_of("ranking", "one", "one two three", "one two three four five", "a b")
    found = judged("length", case, least=2, most=4)
    assert found.answer == {"r1": 2, "r2": 1, "r3": 2, "r4": 1}
    assert found.notes["faults"]["r3"] == ["5 words, more than 4"]


def test_without_bounds_there_is_nothing_to_check(judged):
    with pytest.raises(JudgeError, match="least nor a most"):
        judged("length", texts_of("binary", "text"), most=0)


def test_a_least_over_the_most_is_refused(judged):
    with pytest.raises(JudgeError, match="at least 500 and at most 5 words"):
        judged("length", texts_of("binary", "text"), least=500, most=5)
