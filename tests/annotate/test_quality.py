"""Shares with their intervals, biases of place and length, and how long answers take."""

import numpy as np
import pytest
from scipy.stats import binomtest

from annotate import quality
from annotate.records import Preference


def preference(outcome, rater="r", item="i", first="a", annotation=None, dimension=""):
    preference.count = getattr(preference, "count", 0) + 1
    return Preference(
        item=item, rater=rater, question="q", a="a", b="b", outcome=outcome, shown_first=first, dimension=dimension,
        annotation=annotation or str(preference.count), strength=int(outcome in "ab"),
    )  # fmt: skip


@pytest.mark.parametrize(("hits", "n"), [(0, 1), (1, 1), (0, 7), (3, 10), (50, 100), (999, 1000)])
def test_wilson_is_scipys(hits, n):
    expected = binomtest(hits, n).proportion_ci(method="wilson")
    assert quality.wilson(hits, n) == pytest.approx((expected.low, expected.high), abs=1e-6)


def test_first_shown_by_hand():
    records = [
        preference("a", "left"), preference("b", "left", first="b"), preference("a", "left"),
        preference("a", "fair"), preference("b", "fair"), preference("tie", "fair"), preference("both_bad", "fair"),
        preference("a", "imported", first=""),
    ]  # fmt: skip
    left, fair = quality.first_shown(quality.verdicts(records))
    assert (left.rater, left.hits, left.n, left.value) == ("left", 3, 3, 1.0)
    assert (fair.rater, fair.hits, fair.n, fair.value) == ("fair", 1, 2, 0.5)


def test_a_bias_that_was_put_in_is_found_and_none_is_not():
    """Simulated raters: one takes the first shown in 70 % of cases, one does not look at the place."""
    rng = np.random.default_rng(7)
    records = []
    for rater, chance in (("swayed", 0.7), ("fair", 0.5)):
        for first_wins in rng.random(800) < chance:
            first = rng.choice(["a", "b"])
            other = {"a": "b", "b": "a"}[first]
            records.append(preference(first if first_wins else other, rater, first=first))
    found = {share.rater: share for share in quality.first_shown(quality.verdicts(records))}
    assert found["swayed"].low < 0.7 < found["swayed"].high
    assert found["swayed"].low > 0.5
    assert found["fair"].low < 0.5 < found["fair"].high


def test_longer_by_hand():
    lengths = {("i", "a"): 10, ("i", "b"): 5, ("j", "a"): 1, ("j", "b"): 2, ("k", "a"): 3, ("k", "b"): 3}
    records = [
        preference("a"), preference("b"), preference("b", item="j"), preference("a", item="k"),
        preference("a", item="unknown"), preference("tie"),
    ]  # fmt: skip
    (share,) = quality.longer(quality.verdicts(records), lengths)
    assert (share.hits, share.n) == (2, 3)


def test_an_answer_by_dimension_counts_once():
    records = [
        preference("a", annotation="1", dimension="style"), preference("b", annotation="1"),
        preference("a", annotation="2", dimension="style"), preference("b", annotation="2", dimension="truth"),
    ]  # fmt: skip
    assert [record.outcome for record in quality.verdicts(records)] == ["b", "a"]


def test_spread():
    spread = quality.spread([0, 4.9, 5, 39, 40, 5000])
    assert spread["counts"] == [2, 1, 0, 1, 1, 0, 0, 0, 1]
    assert (spread["median"], spread["p90"], spread["n"]) == (22, 5000, 6)
    assert quality.spread([]) == {"counts": [0] * 9, "median": None, "p90": None, "n": 0}
