"""CROWDLAB: as cleanlab's, and what it is for: a pair with one vote is decided by a model that is worth it."""

import warnings

import numpy as np
import pytest

from curation.aggregation import Votes, crowdlab, majority


def judged(U=300, R=12, votes=3, right=0.75, model=0.85, seed=0):
    """People of one quality and a model of another on pairs with a known winner."""
    rng = np.random.default_rng(seed)
    truth_U = rng.integers(0, 2, U)
    unit_V = np.repeat(np.arange(U), votes)
    rater_V = np.concatenate([rng.choice(R, votes, replace=False) for _ in range(U)])
    said_V = np.where(rng.random(len(unit_V)) < right, truth_U[unit_V], 1 - truth_U[unit_V])
    knows_U = rng.random(U) < model
    p_U = np.where(knows_U == (truth_U == 0), rng.uniform(0.6, 0.95, U), rng.uniform(0.05, 0.4, U))
    units = tuple((f"u{u}", "x:y", "") for u in range(U))
    raters = (*(f"w{r}" for r in range(R)), "model")
    with_model = Votes(
        units, raters, ("a", "b"), np.concatenate([unit_V, np.arange(U)]), np.concatenate([rater_V, np.full(U, R)]),
        np.concatenate([said_V, (p_U < 0.5).astype(int)]), None,
        np.concatenate([np.full(len(unit_V), np.nan), p_U]),
    )  # fmt: skip
    return with_model, truth_U, p_U


@pytest.mark.parametrize("votes", [1, 2, 3, 5])
def test_is_cleanlab_s(votes):
    multiannotator = pytest.importorskip("cleanlab.multiannotator")
    import pandas as pd

    table, _, p_U = judged(votes=3)
    keep_V = np.ones(len(table.unit_V), dtype=bool)
    rng = np.random.default_rng(votes)
    if votes < 3:  # some units have fewer
        drop = rng.random(900) < (0.5 if votes == 1 else 0.2)
        drop[::3] = False
        keep_V[:900] = ~drop
    table = table.select(keep_V)
    wide = np.full((300, 12), np.nan)
    people_V = np.isnan(table.belief_V)
    wide[table.unit_V[people_V], table.rater_V[people_V]] = table.category_V[people_V]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = multiannotator.get_label_quality_multiannotator(
            pd.DataFrame(wide), np.column_stack([p_U, 1 - p_U]), verbose=False, return_weights=True,
            consensus_method="majority_vote",
        )  # fmt: skip
    probs_UC, reliability_R, weights = crowdlab.fit(table)
    label_U = theirs["label_quality"]["consensus_label"].to_numpy()
    quality_U = theirs["label_quality"]["consensus_quality_score"].to_numpy()
    np.testing.assert_allclose(probs_UC[np.arange(300), label_U], quality_U, atol=1e-6)
    assert weights["model"] == pytest.approx(theirs["model_weight"], abs=1e-5)
    assert reliability_R.shape == (13,)


def test_a_good_model_helps_where_votes_are_few_and_a_useless_one_does_no_harm():
    votes, truth_U, _ = judged(votes=2, right=0.7, model=0.95)
    ours, counted = (method(votes).probs_UC.argmax(axis=1) for method in (crowdlab.aggregate, majority.aggregate))
    people = majority.aggregate(votes.select(np.isnan(votes.belief_V))).probs_UC.argmax(axis=1)
    assert (ours == truth_U).mean() > max((people == truth_U).mean(), (counted == truth_U).mean()) + 0.03
    votes, truth_U, _ = judged(votes=3, right=0.9, model=0.5)
    people = majority.aggregate(votes.select(np.isnan(votes.belief_V))).probs_UC.argmax(axis=1)
    assert (crowdlab.aggregate(votes).probs_UC.argmax(axis=1) == people).mean() > 0.99


def test_a_model_may_be_silent_on_some_pairs_and_say_a_tie_between():
    votes, _, _ = judged(U=20)
    some = votes.select(~((votes.rater_V == 12) & (votes.unit_V < 10)))
    assert np.isfinite(crowdlab.aggregate(some).probs_UC).all()
    tied = Votes(
        votes.units,
        votes.raters,
        ("a", "b", "tie"),
        votes.unit_V,
        votes.rater_V,
        votes.category_V,
        None,
        votes.belief_V,
    )
    np.testing.assert_allclose(crowdlab.aggregate(tied).probs_UC.sum(axis=1), 1)
    believed = crowdlab._beliefs(tied)["model"]
    p_U = votes.belief_V[votes.rater_V == 12]
    np.testing.assert_allclose(believed[:, 0] + believed[:, 2] / 2, p_U)
    assert (believed >= 0).all()


def test_in_a_pipeline_models_votes_carry_their_probability(pair_table):
    from curation import labels
    from tests.curation.conftest import make_vote

    model = [make_vote("m", "a") | {"kind": "reward_model", "p_a": 0.9}]
    rows = [{"votes": [make_vote("r1", "a"), make_vote("r2", "a"), *model]} for _ in range(20)]
    other = [make_vote("m", "b") | {"p_a": 0.2}]
    rows += [{"votes": [make_vote("r1", "b"), make_vote("r2", "b"), *other]} for _ in range(9)]
    rows += [{"votes": [make_vote("r1", "a"), make_vote("r2", "b"), *model]}]
    found = labels.consensus(pair_table(*rows), "crowdlab")
    assert found.probs_N4[-1, 0] > 0.65, "two people differ, and the model decides"
    assert found.reliability["m"] == 1
