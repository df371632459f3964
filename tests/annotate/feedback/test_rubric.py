"""Rubric: whose criteria, not applicable, HealthBench's score."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate import feedback
from annotate.feedback import rubric
from annotate.records import Check

OWN = ({"name": "own", "text": "Own", "points": 2},)
PROJECT = [{"name": "c1", "text": "One", "points": 5}, {"name": "c2", "text": "Two", "points": -3}]


def checks(*marks):
    """Checks from (points, met)."""
    return [
        Check(item="i1", rater="ann", question="q", response="r1", criterion=f"c{i}", met=met, points=points)
        for i, (points, met) in enumerate(marks)
    ]


def test_the_items_criteria_come_before_the_projects(ask):
    assert [c["name"] for c in rubric.criteria(ask("rubric", criteria=OWN))] == ["own"]
    asked = feedback.Asked("q", feedback.settings_with_defaults("rubric", {"criteria": PROJECT}), ("r1",))
    assert [c["name"] for c in rubric.criteria(asked)] == ["c1", "c2"]


def test_criteria_get_defaults_and_are_checked():
    (criterion,) = feedback.filled([{"name": "c1", "text": "One"}], rubric.CRITERIA)
    assert criterion == {"name": "c1", "text": "One", "points": 1, "category": ""}
    for bad in ([{"name": "c1"}], [{"name": "a b", "text": "x"}], [{"name": "c", "text": "x", "points": "5"}]):
        with pytest.raises(feedback.InvalidAnswer):
            feedback.filled(bad, rubric.CRITERIA)
    with pytest.raises(feedback.InvalidAnswer, match="twice"):
        feedback.filled([{"name": "c", "text": "x"}] * 2, rubric.CRITERIA)
    with pytest.raises(feedback.InvalidAnswer, match="too long"):
        feedback.filled([{"name": f"c{i}", "text": "x"} for i in range(10_000)], rubric.CRITERIA)


def test_every_criterion_of_every_response_is_asked(ask, refused):
    asked = ask("rubric", criteria=PROJECT)
    path, message = refused("rubric", {"r1": {"c1": "met"}, "r2": {"c1": "met", "c2": "unmet"}}, asked)
    assert path == "r1"
    assert "'c2' is a required property" in message


def test_not_applicable_only_where_allowed(ask, refused):
    answer = {"r1": {"own": "na"}, "r2": {"own": "met"}}
    feedback.validate("rubric", answer, ask("rubric", criteria=OWN))
    assert refused("rubric", answer, ask("rubric", criteria=OWN, not_applicable=False))[0] == "r1/own"


def test_records_carry_the_points(ask):
    answer = {"r1": {"c1": "met", "c2": "na"}, "r2": {"c1": "unmet", "c2": "met"}}
    made = list(rubric.to_records(answer, ask("rubric", criteria=PROJECT)))
    assert [(r.response, r.criterion, r.met, r.points) for r in made] == [
        ("r1", "c1", True, 5),
        ("r1", "c2", None, -3),
        ("r2", "c1", False, 5),
        ("r2", "c2", True, -3),
    ]


@pytest.mark.parametrize(
    ("marks", "score"),
    [
        ([(5, True), (3, True)], 1),
        ([(5, True), (3, False)], 5 / 8),
        ([(5, True), (3, True), (-4, True)], 4 / 8),
        ([(5, True), (3, True), (-4, False)], 1),
        ([(5, False), (-4, True)], 0),
        ([(5, True), (3, None)], 1),
        ([(5, True), (-9, None)], 1),
        ([(5, None)], None),
        ([(-4, False)], None),
        ([], None),
    ],
)
def test_score_is_that_of_healthbench(marks, score):
    assert rubric.score(checks(*marks)) == (score if score is None else pytest.approx(score))


@given(st.lists(st.tuples(st.floats(-100, 100), st.sampled_from([True, False, None])), max_size=8))
def test_score_stays_between_zero_and_one(marks):
    score = rubric.score(checks(*marks))
    assert score is None or 0 <= score <= 1


def test_readings_give_each_criterion_and_the_score(ask):
    asked = ask("rubric", criteria=PROJECT)
    answer = {"r1": {"c1": "met", "c2": "met"}, "r2": {"c1": "unmet", "c2": "na"}}
    readings = list(rubric.readings(rubric.to_records(answer, asked)))
    marks = {r.subject: r.category for r in readings if r.category}
    assert marks == {"r1#c1": "met", "r1#c2": "met", "r2#c1": "unmet", "r2#c2": "na"}
    assert {r.subject: r.level for r in readings if r.level is not None} == {"r1": pytest.approx(0.4), "r2": 0}


def test_two_answers_of_one_rater_are_not_summed(ask):
    asked = ask("rubric", ("r1",), criteria=OWN)
    made = [
        record
        for number, mark in enumerate(("met", "unmet"))
        for record in rubric.to_records({"r1": {"own": mark}}, asked.stamped(annotation=str(number)))
    ]
    assert [r.level for r in rubric.readings(made) if r.level is not None] == [1, 0]


def test_an_import_with_gaps_is_reported(ask, refused):
    asked = ask("rubric", ("r1",), criteria=PROJECT)
    answer = rubric.from_records(
        [Check(item="i1", rater="ann", question="q", response="r1", criterion="c1", met=True, points=5)], asked
    )
    assert answer == {"r1": {"c1": "met"}}
    assert "'c2'" in refused("rubric", answer, asked)[1]


def test_the_schema_tells_a_judge_the_criteria(ask):
    schema = rubric.schema(ask("rubric", criteria=PROJECT))
    assert schema["properties"]["r1"]["properties"]["c2"]["description"] == "Two"


def test_partial_credit_is_a_share_of_the_points(ask, refused):
    asked = ask("rubric", criteria=PROJECT, partial=[25, 50])
    answer = {"r1": {"c1": "50%", "c2": "25%"}, "r2": {"c1": "met", "c2": "unmet"}}
    feedback.validate("rubric", answer, asked)
    made = list(rubric.to_records(answer, asked))
    assert [(r.met, r.credit, r.earned) for r in made] == [
        (False, 0.5, 0.5), (False, 0.25, 0.25), (True, None, 1), (False, None, 0),
    ]  # fmt: skip
    assert rubric.from_records(made, asked) == answer
    levels = {r.subject: r.level for r in rubric.readings(made) if r.level is not None}
    assert levels == {"r1": pytest.approx((0.5 * 5 - 0.25 * 3) / 5), "r2": 1}
    assert {r.category for r in rubric.readings(made) if r.category} == {"50%", "25%", "met", "unmet"}
    for bad in ("75%", "0.5", "partly", 50):
        assert refused("rubric", {**answer, "r1": {"c1": bad, "c2": "met"}}, asked)[0] == "r1/c1"
    assert refused("rubric", answer, ask("rubric", criteria=PROJECT))[0] == "r1/c1", "only where it is allowed"


def test_an_imported_share_that_is_not_offered_is_reported(ask, refused):
    asked = ask("rubric", ("r1",), criteria=OWN, partial=[50])
    made = Check(item="i1", rater="ann", question="q", response="r1", criterion="own", met=False, points=2, credit=0.3)
    assert refused("rubric", rubric.from_records([made], asked), asked)[0] == "r1/own"


def test_scores_cannot_check_criteria(ask):
    assert rubric.from_scores({"r1": 1.0, "r2": 0.0}, ask("rubric", criteria=OWN)) is None
