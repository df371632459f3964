"""Behaviours of a judge, from samples whose behaviour is known."""

import math

import numpy as np
import pytest

from curation.judges import Sample
from curation.judging.measures import behaviour, consistency, fairness, no_answer, stability


def case(first, second):
    """Samples that saw k first, and samples that saw l first; "?" gave no answer, "t" a tie."""
    answers = {"k": chose("k"), "l": chose("l"), "t": chose("tie"), "?": None}
    return [
        Sample(order, "", answers[choice], error="refused" if choice == "?" else "")
        for order, choices in ((("k", "l"), first), (("l", "k"), second))
        for choice in choices
    ]


def chose(choice):
    return {"overall": {"chosen": choice, "strength": int(choice != "tie")}}


@pytest.mark.parametrize(
    ("first", "second", "consistent", "fair", "stable", "silent"),
    [
        ("k", "k", 1, 0, None, 0),
        ("k", "l", 0, -1, None, 0),
        ("l", "k", 0, 1, None, 0),
        ("t", "t", 1, 0, None, 0),
        ("k", "t", 0, -0.5, None, 0),
        ("kkl", "kk", 2 / 3, 1 / 3, 2 / 3, 0),
        ("k?", "?k", 1, 0, None, 0.5),
        ("kk", "??", None, None, 1, 0.5),
    ],
)
def test_of_one_case(first, second, consistent, fair, stable, silent):
    samples = case(first, second)
    checks = ((consistency, consistent), (fairness, fair), (stability, stable), (no_answer, silent))
    for measure, expected in checks:
        value = measure(samples)
        assert math.isnan(value) if expected is None else value == pytest.approx(expected)


def test_over_cases_with_an_interval_that_holds_the_truth():
    rng = np.random.default_rng(0)

    def drawn(p):
        return "".join(rng.choice(["k", "l"], 3, p=[p, 1 - p]))

    found = behaviour([case(drawn(0.9), drawn(0.6)) for _ in range(400)], seed=1)
    assert found.position_consistency.low < 0.9 * 0.6 + 0.1 * 0.4 < found.position_consistency.high
    assert found.preference_fairness.low < -0.3 < found.preference_fairness.high
    assert found.repetition_stability.low < (0.82 + 0.52) / 2 < found.repetition_stability.high
    assert found.no_answer.value == 0
    assert found.position_consistency.n == 400
    assert math.isnan(behaviour([]).no_answer.value)
