"""Smoothed shares and pools: by hand, and with experts whose worth is known."""

import numpy as np
import pytest

from curation.aggregation import Votes
from curation.aggregation._predict import one_vote_a_unit, pooled_forecast, smoothed_shares


def simulated(U=400, n=4, seed=0):
    """Votes drawn from known distributions, one for each unit."""
    rng = np.random.default_rng(seed)
    truth_UC = rng.dirichlet([0.7, 0.7, 0.7], U)
    category_V = np.concatenate([rng.choice(3, n, p=p) for p in truth_UC])
    units = tuple((f"u{u}", "r", "") for u in range(U))
    unit_V, rater_V = np.repeat(np.arange(U), n), np.tile(np.arange(n), U)
    return truth_UC, Votes(units, tuple("wxyz"[:n]), ("p", "q", "r"), unit_V, rater_V, category_V)


def test_finds_the_concentration_that_the_votes_were_drawn_with():
    _, votes = simulated(U=3000)
    shares_UC, k = smoothed_shares(votes)
    assert k == pytest.approx(2.1, rel=0.15)  # Dirichlet(.7, .7, .7)
    base_C = (votes.counts_UC.sum(axis=0) + 1) / (len(votes.unit_V) + 3)
    np.testing.assert_allclose(shares_UC[0], (votes.counts_UC[0] + k * base_C) / (4 + k))


def test_without_two_votes_a_unit_the_concentration_is_near_one():
    _, votes = simulated(n=1)
    assert smoothed_shares(votes)[1] == pytest.approx(1, abs=0.05)


def test_an_expert_who_knows_gets_the_weight_and_noise_gets_none():
    truth_UC, votes = simulated()
    noise_UC = np.random.default_rng(1).dirichlet([1, 1, 1], len(truth_UC))
    forecast_UC, weights = pooled_forecast(votes, lambda some: {"knows": truth_UC, "noise": noise_UC}, seed=0)
    assert weights["knows"] > 0.7
    assert weights["noise"] < 0.1
    np.testing.assert_allclose(forecast_UC.sum(axis=1), 1)


def test_a_few_votes_leave_the_shares_alone():
    _truth_UC, votes = simulated(U=2)
    forecast_UC, weights = pooled_forecast(votes, lambda some: {"other": np.full((2, 3), 1 / 3)}, seed=0)
    assert weights["shares"] == pytest.approx(1, abs=0.2)
    np.testing.assert_allclose(forecast_UC, smoothed_shares(votes)[0], atol=0.1)


def test_experts_never_see_the_votes_that_weigh_them():
    _, votes = simulated(U=50)
    sizes = []

    def believe(some):
        sizes.append(len(some.unit_V))
        return {"other": np.full((50, 3), 1 / 3)}

    pooled_forecast(votes, believe, seed=0)
    assert sizes[0] == 200
    assert set(sizes[1:]) == {150}


def test_holds_out_one_vote_of_units_that_have_two():
    units = tuple((str(u), "r", "") for u in range(3))
    votes = Votes(units, ("w",), ("p",), np.array([0, 1, 1, 2, 2, 2]), np.zeros(6, int), np.zeros(6, int))
    draws = [one_vote_a_unit(votes, np.random.default_rng(seed)) for seed in range(50)]
    assert all(votes.unit_V[held].tolist() == [1, 2] for held in draws)
    assert {int(held[1]) for held in draws} == {3, 4, 5}
