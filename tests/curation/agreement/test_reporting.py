"""The report: its shape for every kind, and the published figures on real data."""

import gzip
import json
import time

import pytest

from annotate import feedback
from annotate.records import Check, Critique, Preference
from curation.agreement import report

DIMENSION = {
    "dimension", "n_units", "n_raters", "n_readings", "measures", "prevalence", "levels", "position", "matrices",
    "raters", "parts",
}  # fmt: skip


def measure(dimension, name, kind):
    return next(row for row in dimension["measures"] if (row["name"], row["measure"]) == (name, kind))


@pytest.mark.parametrize("name", feedback.names())
def test_every_kind_can_be_reported(name):
    kind = feedback.get(name)
    asked, answer = kind.example()
    records = [
        record
        for item in ("q1", "q2", "q3")
        for rater in ("ann", "bob")
        for record in kind.to_records(answer, asked.stamped(item=item, rater=rater))
    ]
    found = json.loads(json.dumps(report(kind, records, resamples=20), allow_nan=False))
    assert found["version"] == 1
    assert found["dimensions"]
    for dimension in found["dimensions"]:
        assert set(dimension) == DIMENSION
        assert len(dimension["matrices"]) == len(kind.MEASURES)
        assert {row["rater"] for row in dimension["raters"]} == {"ann", "bob"}
        assert all(row["value"] in (None, 1) for row in dimension["measures"])  # they always agree


def test_no_records_give_no_dimensions():
    assert report(feedback.get("pairwise"), [])["dimensions"] == []


def test_dimensions_are_apart():
    records = [
        Preference(item=f"q{i}", rater=rater, question="q", dimension=dimension, a="ra", b="rb", outcome=outcome)
        for i in range(10)
        for rater, dimension, outcome in [
            ("ann", "truth", "ab"[i % 2]),
            ("bob", "truth", "ab"[i % 2]),
            ("ann", "style", "ab"[i % 2]),
            ("bob", "style", "ba"[i % 2]),
        ]
    ]
    style, truth = report(feedback.get("pairwise"), records)["dimensions"]
    assert (style["dimension"], truth["dimension"]) == ("style", "truth")
    assert measure(truth, "alpha", "nominal")["value"] == 1
    assert measure(style, "alpha", "nominal")["value"] < 0
    assert measure(style, "percent", "nominal")["value"] == 0


def test_criteria_are_parts_with_their_prevalence():
    records = [
        Check(item=f"q{i}", rater=rater, question="q", response="r", criterion=name, met=met, points=1)
        for i in range(8)
        for rater in ("ann", "bob")
        for name, met in (("cites", i % 2 == 0), ("polite", i != 0 or rater == "ann"))
    ]
    (dimension,) = report(feedback.get("rubric"), records)["dimensions"]
    parts = {part["part"]: part for part in dimension["parts"]}
    assert measure(parts["cites"], "alpha", "nominal")["value"] == 1
    assert {row["category"]: row["share"] for row in parts["cites"]["prevalence"]} == {"met": 0.5, "unmet": 0.5}
    polite = (
        measure(parts["polite"], "percent", "nominal")["value"],
        measure(parts["polite"], "alpha", "nominal")["value"],
    )
    assert polite[0] == pytest.approx(7 / 8)
    assert polite[1] == pytest.approx(0)  # raw agreement misleads where nearly all is met


def test_position_is_told_for_all_together():
    records = [
        Preference(item=f"q{i}", rater="ann", question="q", a="ra", b="rb", outcome="a", shown_first="ra")
        for i in range(4)
    ]
    (dimension,) = report(feedback.get("pairwise"), records)["dimensions"]
    assert dimension["position"]["first_share"] == 1
    assert dimension["position"]["first_low"] < 0.6
    assert dimension["measures"][0]["value"] is None  # one rater agrees with nobody


def test_texts_are_compared_by_distance():
    records = [
        Critique(
            item=f"q{i}", rater=rater, question="q", response="r", text=f"misses point {i} entirely", aspect="weak"
        )
        for i in range(12)
        for rater in ("ann", "bob")
    ]
    (dimension,) = report(feedback.get("critique"), records)["dimensions"]
    assert measure(dimension, "alpha", "text_distance")["value"] == 1
    assert dimension["parts"][0]["part"] == "weak"


@pytest.mark.real_data
def test_published_figures_of_pandalm(pandalm):
    """Cohen's kappas .852, .879, .862 and nominal alpha .864, to three decimals."""
    (dimension,) = report(feedback.get("pairwise"), pandalm)["dimensions"]
    matrix = dimension["matrices"][0]
    one, two, three = (matrix["raters"].index(f"annotator{k}") for k in (1, 2, 3))
    kappas = [matrix["value"][one][two], matrix["value"][one][three], matrix["value"][two][three]]
    assert [round(value, 3) for value in kappas] == [0.852, 0.879, 0.862]
    found = measure(dimension, "alpha", "nominal")
    assert round(found["value"], 3) == 0.864
    assert (found["n_units"], found["n_raters"], found["n_readings"]) == (999, 3, 2997)
    assert 0.83 < found["low"] < 0.85 < 0.88 < found["high"] < 0.9


@pytest.mark.real_data
def test_sixty_nine_thousand_votes_are_quick(real_data):
    with gzip.open(real_data / "convarg" / "pairs.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    records = [
        Preference(
            item=row["id"], rater=vote["rater"], question="q", a="ra", b="rb", outcome=vote["choice"],
            strength=int(vote["choice"] != "tie"), seconds=vote["seconds"], annotation=f"{row['id']} {vote['rater']}",
        )
        for row in rows
        for vote in row["votes"]
    ]  # fmt: skip
    start = time.perf_counter()
    (dimension,) = report(feedback.get("pairwise"), records)["dimensions"]
    assert time.perf_counter() - start < 15
    assert (dimension["n_units"], dimension["n_raters"], dimension["n_readings"]) == (13845, 3799, 69075)
    found = measure(dimension, "alpha", "nominal")
    assert found["value"] == pytest.approx(0.2529, abs=1e-4)  # .2754 over the pairs with a gold label
    assert found["value"] - found["low"] == pytest.approx(0.006, abs=0.001)
    assert measure(dimension, "alpha", "ordinal")["value"] == pytest.approx(0.352, abs=1e-3)
