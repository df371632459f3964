"""Rows of raters: agreement with the others, leniency, time and position, all by hand."""

import json

import pytest

from annotate.feedback import Reading
from annotate.records import Check, Preference
from curation.agreement import raters


def row_of(rows, rater):
    return next(row for row in rows if row["rater"] == rater)


def preference(item, rater, outcome, first="", seconds=None, annotation=""):
    return Preference(
        item=item, rater=rater, question="q", a="ra", b="rb", outcome=outcome, shown_first=first, seconds=seconds,
        annotation=annotation,
    )  # fmt: skip


def test_agreement_is_with_the_majority_of_the_others(table):
    rows = raters(table([list("ppq"), list("ppp"), list("pqp"), list("pqq")]))
    # w0: others say p p p; p q q; p p q -> majority p (hit), q (miss), p (miss)
    assert row_of(rows, "w0")["agreement"] == pytest.approx(1 / 3)
    assert row_of(rows, "w0")["n_compared"] == 3
    assert row_of(rows, "w0")["agreement_low"] < 1 / 3 < row_of(rows, "w0")["agreement_high"]


def test_tied_majorities_share_the_credit(table):
    rows = raters(table([["p"], ["p"], ["q"]]))
    assert row_of(rows, "w0")["agreement"] == 0.5  # the others are p and q
    assert row_of(rows, "w2")["agreement"] == 0


def test_kappa_is_corrected_for_chance(table):
    rows = raters(table([list("pqpqpqpp"), list("pqpqpqpp"), list("pqpqpqpp"), list("pppppppp")]))
    assert row_of(rows, "w0")["kappa"] == 1
    assert row_of(rows, "w3")["agreement"] == pytest.approx(5 / 8)
    assert row_of(rows, "w3")["kappa"] == pytest.approx(0)  # who always says p knows nothing


def test_offset_is_leniency(table):
    rows = raters(table([[1, 2, 3], [2, 3, 4], [2, 3, 4]], "level"))
    assert row_of(rows, "w0")["offset"] == pytest.approx(-1)
    assert row_of(rows, "w1")["offset"] == pytest.approx(0.5)
    assert row_of(rows, "w0")["agreement"] is None


def test_position_counts_decided_preferences_whose_order_is_known():
    records = [
        preference("q1", "ann", "a", "ra"),
        preference("q2", "ann", "b", "ra"),
        preference("q3", "ann", "b", "rb"),
        preference("q4", "ann", "tie", "ra"),
        preference("q5", "ann", "a"),
    ]
    row = raters([Reading(r.item, "ra:rb", "", "ann", r.outcome) for r in records], records)[0]
    assert (row["n"], row["n_decided"]) == (5, 3)
    assert row["first_share"] == pytest.approx(2 / 3)
    assert 0 < row["first_low"] < 2 / 3 < row["first_high"] < 1
    assert (row["n_compared"], row["agreement"], row["kappa"]) == (0, None, None)


def test_seconds_count_once_an_annotation():
    def check(item, criterion, seconds):
        return Check(
            item=item, rater="ann", question="q", annotation=f"of {item}", seconds=seconds, response="r",
            criterion=criterion, met=True, points=1,
        )  # fmt: skip

    records = [check("q1", name, 10) for name in ("x", "y", "z")] + [check("q2", "x", 40), check("q3", "x", 100)]
    row = raters([Reading("q1", "r#x", "", "ann", "met")], records)[0]
    assert (row["seconds_mean"], row["seconds_median"]) == (50, 40)


def test_the_busiest_come_first_and_nothing_is_nan(table):
    rows = raters(table([["p"], list("pq"), list("pqp")]))
    assert [row["rater"] for row in rows] == ["w2", "w1", "w0"]
    json.dumps(rows, allow_nan=False)
    assert raters([]) == []
