"""Marked time ranges: borders, which media there are and how long they are, nothing to mark, the distance of ranges."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate import feedback
from annotate.feedback import Asked, time_range
from annotate.feedback.time_range import range_distance
from annotate.records import TimeRange, from_table, to_table


def marked(begin, finish, category="fault", medium=0):
    return {"medium": medium, "begin": begin, "finish": finish, "category": category}


def asked(media=None, **settings):
    return Asked("q", feedback.settings_with_defaults("time_range", settings), ("r1", "r2"), media=media or {})


@pytest.mark.parametrize(
    ("bad", "path"),
    [
        (marked(-0.1, 2), "r1/0/begin"),
        (marked(2, 2), "r1/0/finish"),
        (marked(3, 2), "r1/0/finish"),
        (marked(0, math.inf), "r1/0/finish"),
        (marked(math.nan, 2), "r1/0/begin"),
        (marked(0, math.nan), "r1/0/begin"),
        (marked(0, 100_000), "r1/0/finish"),
        (marked(0, "2"), "r1/0/finish"),
        (marked(0, 2, "noise"), "r1/0/category"),
        (marked(0, 2, medium=64), "r1/0/medium"),
        ({**marked(0, 2), "explanation": ""}, "r1/0"),
        ({"begin": 0, "finish": 2, "category": "fault"}, "r1/0"),
    ],
)
def test_bad_ranges_are_refused(refused, bad, path):
    assert refused("time_range", {"r1": [bad], "r2": []}, asked())[0] == path


def test_a_range_ends_before_its_medium_where_that_is_known(refused):
    known = asked({"r1": (4.0, None), "r2": ()})
    feedback.validate("time_range", {"r1": [marked(3, 4.3), marked(3, 400, medium=1)], "r2": []}, known)
    path, message = refused("time_range", {"r1": [marked(3, 5)], "r2": []}, known)
    assert (path, message) == ("r1/0/finish", "It is over after 4 s.")
    assert refused("time_range", {"r1": [marked(0, 1, medium=2)], "r2": []}, known)[0] == "r1/0/medium"
    assert refused("time_range", {"r1": [], "r2": [marked(0, 1)]}, known)[0] == "r2"


def test_records_survive_the_table_and_silence_is_no_absence():
    question = asked(explanation=True).stamped(item="i1", rater="ann")
    answer = {"r1": [{**marked(1, 2.5), "explanation": "A hum."}], "r2": []}
    feedback.validate("time_range", answer, question)
    made = list(from_table(to_table(time_range.to_records(answer, question))))
    assert [(r.response, r.begin, r.finish, r.category, r.explanation) for r in made] == [
        ("r1", 1.0, 2.5, "fault", "A hum."),
        ("r2", 0.0, 0.0, "", ""),
    ]
    assert time_range.from_records(made, question) == answer
    by_subject = {r.subject: r.content for r in time_range.readings(made)}
    assert by_subject == {"r1": frozenset({("fault", 0, 1.0, 2.5)}), "r2": frozenset()}


def test_an_imported_response_without_ranges_has_nothing_to_mark():
    record = TimeRange(item="i", rater="a", question="q", response="r2", begin=1, finish=2, category="fault")
    assert time_range.from_records([record], asked()) == {"r1": [], "r2": [marked(1, 2)]}


def test_readings_merge_what_overlaps_within_a_category_and_medium():
    question = asked(categories=[{"name": "a"}, {"name": "b"}]).stamped(item="i1", rater="ann")
    ranges = [marked(5, 9, "a"), marked(0, 6, "a"), marked(8, 12, "a", 1), marked(3, 4, "b")]
    (reading, _) = time_range.readings(time_range.to_records({"r1": ranges, "r2": []}, question))
    assert reading.content == {("a", 0, 0.0, 9.0), ("a", 1, 8.0, 12.0), ("b", 0, 3.0, 4.0)}


@pytest.mark.parametrize(
    ("x", "y", "distance"),
    [
        ([], [], 0),
        ([], [("a", 0, 0, 1)], 1),
        ([("a", 0, 0, 10)], [("a", 0, 5, 15)], 0.5),
        ([("a", 0, 0, 10)], [("b", 0, 0, 10)], 1),
        ([("a", 0, 0, 10)], [("a", 1, 0, 10)], 1),
        ([("a", 0, 0, 10), ("b", 0, 0, 10)], [("a", 0, 0, 10)], 1 - 2 / 3),
    ],
)
def test_range_distance(x, y, distance):
    assert range_distance(frozenset(x), frozenset(y)) == pytest.approx(distance)


places = st.lists(
    st.tuples(st.sampled_from("ab"), st.integers(0, 1), st.floats(0, 1e4), st.floats(0.001, 100)), max_size=6
)


@given(places, places)
def test_any_ranges_have_a_distance(left, right):
    question = asked(categories=[{"name": "a"}, {"name": "b"}]).stamped(item="i1", rater="ann")

    def of(ranges):
        answer = {"r1": [marked(b, b + long, c, m) for c, m, b, long in ranges], "r2": []}
        return next(time_range.readings(time_range.to_records(answer, question))).content

    x, y = of(left), of(right)
    assert 0 <= range_distance(x, y) == range_distance(y, x) <= 1
    assert range_distance(x, x) == pytest.approx(0, abs=1e-9)
