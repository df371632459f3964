"""Good or bad: verdicts, labels, threshold."""

import pytest

from annotate import feedback
from annotate.feedback import binary
from annotate.records import Verdict


@pytest.mark.parametrize(("verdict", "good"), [("good", True), ("bad", False)])
def test_a_verdict_is_a_record(ask, verdict, good):
    asked = ask("binary", ("r1",))
    (record,) = binary.to_records({"r1": verdict}, asked)
    assert record == Verdict(item="i1", rater="ann", question="q", response="r1", good=good)
    (reading,) = binary.readings([record])
    assert (reading.subject, reading.category) == ("r1", verdict)


@pytest.mark.parametrize("bad", ["Good", "", True, None, 1])
def test_what_is_no_verdict_is_refused(ask, refused, bad):
    assert refused("binary", {"r1": bad}, ask("binary", ("r1",)))[0] == "r1"


def test_several_responses_each_need_one(ask, refused):
    asked = ask("binary", ("r1", "r2"))
    feedback.validate("binary", {"r1": "good", "r2": "bad"}, asked)
    assert "'r2' is a required property" in refused("binary", {"r1": "good"}, asked)[1]


def test_scores_above_the_threshold_are_good(ask):
    asked = ask("binary", ("r1", "r2"), threshold=0.5)
    assert binary.from_scores({"r1": 0.5, "r2": 0.6}, asked) == {"r1": "bad", "r2": "good"}
    assert binary.from_scores({"r1": 0.5}, asked) is None


def test_the_schema_tells_a_judge_the_labels(ask):
    schema = binary.schema(ask("binary", ("r1",), good_label="Safe", bad_label="Unsafe"))
    assert schema["properties"]["r1"]["description"] == "good: Safe; bad: Unsafe"
