"""The remedies for pairs whose winner an ensemble hardly prefers."""

import numpy as np
import pytest

from curation import applying, filters, pairs
from curation.filters import Context, ensemble_strength
from curation.ports import Models
from tests.curation.learners import comparisons, fit, flipped


@pytest.fixture
def table(pair_table):
    return pair_table(*comparisons(30, 200, flipped=0.2))


def decided(table, **given):
    settings = filters.settings_with_defaults("ensemble_strength", given)
    return ensemble_strength.decide(table, settings, Context(Models(fit=fit), seed=1))


def test_the_lowest_share_is_turned_round(table):
    found = decided(table)
    weak_N = found.action_N == "flip"
    assert weak_N.sum() == 40
    assert found.score_N[weak_N].max() < found.score_N[~weak_N].min()
    assert flipped(table)[weak_N].mean() > 3 * flipped(table)[~weak_N].mean()


def test_smoothing_makes_a_weak_label_less_sure_and_no_other(table):
    found = decided(table, action="smooth", smoothing=0.2)
    after, _ = applying.apply(table, found, stage=1, filter="ensemble_strength")
    weak_N = found.action_N == "relabel"
    np.testing.assert_allclose(pairs.outcome_probs(after)[weak_N].max(axis=1), 0.8)
    assert (pairs.outcome_probs(after)[~weak_N].max(axis=1) == 1).all()
    assert pairs.winner(after).tolist() == pairs.winner(table).tolist()


def test_the_margin_is_the_mean_lead_seen_from_a(table):
    found = decided(table, action="margin", members=3)
    after, _ = applying.apply(table, found, stage=1, filter="ensemble_strength")
    seen = Context(Models(fit=fit), seed=1).models.fit(table, table, {"seed": 1, "members": 3})[-1].mean(axis=0)
    assert np.corrcoef(after["margin"].to_numpy(), seen)[0, 1] > 0.99
    assert pairs.outcome_probs(after).tolist() == pairs.outcome_probs(table).tolist()
