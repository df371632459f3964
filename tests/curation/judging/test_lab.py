"""The judge lab over the database: what is gathered, stored once, and found again behind a figure."""

import pytest

from annotate.jobs.registry import JobError
from annotate.models import Annotation
from curation.judging import lab
from curation.models import StandingReport
from tests.judged import CHEAP, DEAR, judged

pytestmark = pytest.mark.django_db


def test_judges_are_held_against_people(world):
    judged(world)
    report = lab.compute(project=world.project, question="preference")
    (found,) = report.figures["dimensions"]
    assert (found["dimension"], found["pairs"]) == ("", 120)
    assert found["people"]["value"] == 1
    rows = {row["rater"]: row for row in found["judges"]}
    assert rows[DEAR]["agreement"] | {"n": 80, "value": 1.0} == rows[DEAR]["agreement"]
    assert 0.6 < rows[CHEAP]["agreement"]["value"] < 1
    assert rows[CHEAP]["cost"]["label"] == pytest.approx(0.001)
    assert rows[CHEAP]["cost"]["seconds"] == pytest.approx(2)
    assert rows[CHEAP]["position"]["value"] == 0.5, "it keeps its verdict in both orders"
    assert rows[CHEAP]["position"]["n"] == 2 * 120
    assert rows[CHEAP]["family"] == "model"
    assert rows[DEAR]["calibration"]["n"] == 80


def test_unchanged_answers_compute_nothing_and_changed_ones_replace(world):
    judged(world, count=20, labelled=10)
    first = lab.compute(project=world.project, question="preference")
    assert lab.compute(project=world.project, question="preference") == first
    Annotation.objects.filter(rater__name=CHEAP).first().delete()
    second = lab.compute(project=world.project, question="preference")
    assert StandingReport.objects.get() == second
    assert second.path.is_file()
    assert not first.path.exists()


def test_the_pairs_behind_a_figure(world):
    judged(world)
    report = lab.compute(project=world.project, question="preference")
    (found,) = report.figures["dimensions"]
    row = next(row for row in found["judges"] if row["rater"] == CHEAP)
    wrong = lab.cases(report, "", judge=CHEAP, show="wrong")
    right = lab.cases(report, "", judge=CHEAP, show="right")
    assert len(right) / (len(right) + len(wrong)) == pytest.approx(row["agreement"]["value"])
    assert all(pair["said"] != pair["people"] for pair in wrong)
    assert [pair["sure"] for pair in wrong] == sorted((pair["sure"] for pair in wrong), reverse=True)
    for bin in row["calibration"]["before"]["bins"]:
        assert len(lab.cases(report, "", judge=CHEAP, sure=bin["from"])) == bin["n"]
    assert len(lab.cases(report, "", judge=CHEAP)) == 120
    assert lab.cases(report, "magic", judge=CHEAP) == []
    report.path.unlink()
    assert lab.cases(report, "", judge=CHEAP) == []


def test_without_a_judge_there_is_nothing_to_hold(world):
    with pytest.raises(JobError, match="No judge or model"):
        lab.compute(project=world.project, question="preference")
