"""Curves of several runs in one chart, and differences around 0."""

from rewardtrain import drawing


def events(*losses):
    return [{"kind": "eval", "step": step, "loss": loss} for step, loss in enumerate(losses)]


def test_runs_are_laid_over_one_another():
    chart = drawing.overlaid({"x": events(0.7, 0.6), "y": events(0.7)}, "eval", "loss", title="Loss", id="loss")
    assert [(one["name"], len(one["data"])) for one in chart["options"]["series"]] == [("x", 2), ("y", 1)]
    assert ["x", 1, "0.6000"] in chart["rows"]


def test_without_a_curve_there_is_no_chart():
    for logs in ({}, {"x": []}, {"x": events(0.7)}, {"x": [{"kind": "train", "step": 1, "loss": 0.5}]}):
        assert drawing.overlaid(logs, "eval", "loss", title="Loss", id="loss") is None


def test_differences_stand_around_nought():
    rows = [("a", {"value": 0.1, "low": -0.2, "high": 0.3}), ("b", {"value": None, "low": None, "high": None})]
    chart = drawing.differences(rows, id="x", title="x")
    axis = chart["options"]["xAxis"]
    assert axis["min"] == -axis["max"] == -0.33
    assert [row[0] for row in chart["rows"]] == ["a"]
