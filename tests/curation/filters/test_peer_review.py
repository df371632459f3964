"""Two models that choose for each other what to learn from."""

import numpy as np
import pytest

from curation import filters
from curation.filters import Context, peer_review
from curation.ports import Models
from tests.curation.learners import comparisons, fit, flipped


class Spy:
    """`fit`, remembering from how many rows each model learnt, and how many of their labels were flipped."""

    def __init__(self):
        self.learnt = []

    def __call__(self, train, others, settings):
        self.learnt.append((len(train), flipped(train).mean()))
        return fit(train, others, settings)


def decided(table, spy, **given):
    settings = filters.settings_with_defaults("peer_review", given)
    return peer_review.decide(table, settings, Context(Models(fit=spy)))


def test_each_learns_from_ever_more_of_what_the_other_finds_clear(pair_table):
    table = pair_table(*comparisons(40, 400, flipped=0.3))
    spy = Spy()
    found = decided(table, spy, rounds=2, rate=0.3)
    sizes = [size for size, _ in spy.learnt]
    # halves, then 75 % and 100 % of the 70 %; equal pairs share their fate
    assert sizes == pytest.approx([200, 200, 210, 210, 280, 280], abs=8)
    assert all(share < 0.1 for _, share in spy.learnt[2:])
    assert (found.action_N == "drop").sum() == pytest.approx(120, abs=8)
    assert flipped(table)[found.action_N == "drop"].mean() > 0.8


def test_the_control_judges_each_half_once_by_the_model_of_the_other(pair_table):
    table = pair_table(*comparisons(40, 400, flipped=0.3))
    spy = Spy()
    found = decided(table, spy, rounds=0)
    assert len(spy.learnt) == 2
    assert flipped(table)[found.action_N == "drop"].mean() > 0.8


@pytest.mark.parametrize("rate", [0.1, 0.3])
def test_the_rate_is_estimated(pair_table, rate):
    table = pair_table(*comparisons(60, 800, flipped=rate))
    dropped = (decided(table, fit).action_N == "drop").mean()
    assert abs(dropped - flipped(table).mean()) < 0.08


def test_a_single_copy_of_a_pair_never_judges_its_twin(pair_table):
    rows = comparisons(20, 60)
    table = pair_table(*rows, *rows)
    found = decided(table, fit, rounds=0, rate=0.2)
    assert np.array_equal(found.action_N[:60], found.action_N[60:])
