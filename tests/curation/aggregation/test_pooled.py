"""The default method: MACE's labels, and a forecast that uses the graph where there is one."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize

from curation.aggregation import mace, pooled
from curation.aggregation._predict import one_vote_a_unit


def loss(forecast_UC, votes, held_H):
    return -np.log(forecast_UC[votes.unit_V[held_H], votes.category_V[held_H]])


def best_smoothed(counts_UC, votes, held_H):
    """Shares with the additive smoothing that is best for these very held-out votes: more than fair to them."""

    def smoothed(log_k):
        pseudo_UC = counts_UC + np.exp(log_k)
        return pseudo_UC / pseudo_UC.sum(axis=1, keepdims=True)

    found = minimize(
        lambda x: loss(smoothed(x), votes, held_H).mean(), np.zeros(counts_UC.shape[1]), method="Nelder-Mead"
    )
    return smoothed(found.x)


def split(votes, seed=0):
    held_H = one_vote_a_unit(votes, np.random.default_rng(seed))
    return held_H, votes.select(np.delete(np.arange(len(votes.unit_V)), held_H))


def round_robin(votes_of, players=14, raters=4):
    rng = np.random.default_rng(5)
    strength = rng.normal(0, 1.5, players)
    rows = []
    for i in range(players):
        for j in range(i):
            chance = 1 / (1 + np.exp(strength[j] - strength[i]))
            rows += [
                (f"{i}-{j}", f"w{rng.integers(30)}/{v}", "a" if rng.random() < chance else "b", f"p{i}", f"p{j}")
                for v in range(raters)
            ]
    return votes_of(rows, ("a", "b"))


def test_labels_are_mace_s(crowd):
    consensus, fitted = pooled.aggregate(crowd.votes), mace.fit(crowd.votes)
    np.testing.assert_array_equal(consensus.probs_UC, fitted.probs_UC)
    np.testing.assert_array_equal(consensus.reliability_R, fitted.knows_R)


def test_the_graph_is_used_where_responses_meet_again(votes_of):
    votes = round_robin(votes_of)
    held_H, rest = split(votes)
    with_graph, without = pooled.aggregate(rest), pooled.aggregate(replace(rest, sides_U2=None))
    assert with_graph.notes["pool"]["graph"] > with_graph.notes["pool"]["shares"]
    assert "graph" not in without.notes["pool"]
    gain = loss(without.predictive_UC, votes, held_H) - loss(with_graph.predictive_UC, votes, held_H)
    assert gain.mean() > 0.03


def test_forecasts_better_than_shares_in_a_crowd(crowd):
    held_H, rest = split(crowd.votes)
    shares = best_smoothed(rest.counts_UC, crowd.votes, held_H)
    ours = pooled.aggregate(rest).predictive_UC
    assert loss(ours, crowd.votes, held_H).mean() < loss(shares, crowd.votes, held_H).mean() - 0.01


@pytest.mark.real_data
def test_the_bars_on_arguments(convarg):
    known = convarg.gold_U >= 0
    winner = pooled.aggregate(convarg.votes).probs_UC.argmax(axis=1)
    assert (winner[known] == convarg.gold_U[known]).mean() > 0.93  # the bar is .905
    held_H, rest = split(convarg.votes)
    ours = loss(pooled.aggregate(rest).predictive_UC, convarg.votes, held_H)
    shares = loss(best_smoothed(rest.counts_UC, convarg.votes, held_H), convarg.votes, held_H)
    assert shares.mean() == pytest.approx(0.947, abs=0.003)
    assert ours.mean() < 0.87


@pytest.mark.real_data
def test_forecasts_better_than_shares_on_arguments_even_without_the_graph(convarg):
    held_H, rest = split(convarg.votes)
    alone = pooled.aggregate(replace(rest, sides_U2=None)).predictive_UC
    shares = best_smoothed(rest.counts_UC, convarg.votes, held_H)
    gain = loss(shares, convarg.votes, held_H) - loss(alone, convarg.votes, held_H)
    assert gain.mean() - 1.96 * gain.std() / len(gain) ** 0.5 > 0
