"""Every suite is drawn, those with charts of their own too."""

import json

import pytest

from annotate import discovery
from rewardtrain import charts, evaluation
from tests.rewardtrain.evaluation.test_contract import Lengths


def chart_is_whole(chart):
    assert chart.keys() >= {"id", "title", "options", "columns", "rows"}
    assert json.loads(json.dumps(chart, allow_nan=False))
    assert all(len(row) == len(chart["columns"]) for row in chart["rows"])


@pytest.mark.parametrize("name", charts.names())
def test_a_file_is_named_as_its_suite(name):
    assert name in evaluation.names()
    assert discovery.load("rewardtrain.charts", name).charts.__module__ == f"rewardtrain.charts.{name}"


@pytest.mark.parametrize("name", evaluation.names())
def test_every_suite_is_drawn(name):
    suite = evaluation.get(name)
    figures = suite.evaluate(suite.example(), Lengths())
    found = charts.drawn(name, json.loads(json.dumps(figures)), id="x")
    assert found["stats"][0]["label"] == "Accuracy"
    assert found["charts"]
    for chart in found["charts"]:
        chart_is_whole(chart)
        assert chart["id"].startswith("x-")
    assert len({chart["id"] for chart in found["charts"]}) == len(found["charts"])
    for table in found["tables"]:
        assert all(len(row) == len(table["columns"]) for row in table["rows"])
    assert all(isinstance(note, str) for note in found["notes"])


def test_figures_that_lack_everything_are_drawn_too():
    assert charts.drawn("of the future", {}, id="x") == {"stats": [], "charts": [], "tables": [], "notes": []}


def test_a_list_of_named_rows_is_a_table():
    figures = {
        "dimensions": [
            {"name": "help", "n": 1200, "spearman": {"value": 0.5, "low": 0.4, "high": 0.6}, "aspect": True},
            {"name": "tone", "n": 3, "spearman": {"value": None, "low": None, "high": None}, "aspect": False},
        ]
    }
    (table,) = charts.drawn("ratings", figures, id="x")["tables"]
    assert table["columns"] == ["Name", "n", "Spearman", "Aspect"]
    assert table["rows"] == [["help", "1,200", "0.500 [0.400, 0.600]", "yes"], ["tone", "3", "–", "no"]]


def test_best_of_n_says_where_it_is_over_optimised():
    from rewardtrain.charts import best_of_n

    point = {"value": 1.0, "low": 0.9, "high": 1.1}
    curve = [{"n": n, "kl": n / 2, "gold": point, "proxy": point, "longer": point} for n in (1, 2)]
    figures = {
        "curve": curve, "oracle": point, "fall": {"peak": 2, **point}, "overoptimised": True,
        "ensemble": {"mean": [{"n": 1, "gold": point}, {"n": 2, "gold": point}]},
    }  # fmt: skip
    assert len(best_of_n.charts(figures, id="x")) == 2
    assert "best of 2" in best_of_n.notes(figures)[0]
    assert best_of_n.notes({**figures, "overoptimised": False}) == []
