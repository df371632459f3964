"""Newman's model: by hand, against evalica, along a chain, and where nothing is shared."""

from dataclasses import replace

import numpy as np
import pytest
from evalica import Winner
from evalica import newman as evalica_newman

from curation.aggregation import NotPairwise, newman


def tournament(votes_of, seed=0, players=6, games=600):
    """Games between players of known strength, with ties."""
    rng = np.random.default_rng(seed)
    strength = rng.normal(0, 1, players)
    rows = []
    for g in range(games):
        i, j = rng.choice(players, 2, replace=False)
        odds = np.exp([(strength[i] - strength[j]) / 2, (strength[j] - strength[i]) / 2, np.log(2 * 0.3)])
        rows.append((f"g{g}", "w", ("a", "b", "tie")[rng.choice(3, p=odds / odds.sum())], f"p{i}", f"p{j}"))
    return rows, votes_of(rows)


def test_without_prior_it_is_evalica_s(votes_of):
    rows, votes = tournament(votes_of)
    fitted = newman.fit(votes, prior=1e-9)
    winners = [{"a": Winner.X, "b": Winner.Y, "tie": Winner.Draw}[row[2]] for row in rows]
    theirs = evalica_newman([r[3] for r in rows], [r[4] for r in rows], winners, tolerance=1e-12, limit=10_000)
    players = list(dict.fromkeys(name for row in rows for name in row[3:]))
    log = np.log(theirs.scores.loc[players].to_numpy())
    np.testing.assert_allclose(fitted.strength_K - fitted.strength_K.mean(), log - log.mean(), atol=1e-3)
    assert fitted.tie == pytest.approx(theirs.v, abs=1e-3)


def test_one_pair_by_hand(votes_of):
    """Three votes for a, one for b and no ties possible: the mode of 3 log s(x) + log s(-x) + 2 log s(x/2) s(-x/2)."""
    votes = votes_of([("q", f"w{i}", "a" if i < 3 else "b") for i in range(4)], ("a", "b"))
    probs = newman.fit(votes).probs_UC[0]
    gaps = np.linspace(-5, 5, 100_001)
    log_s = -np.logaddexp(0, -gaps), -np.logaddexp(0, gaps)
    halves = -np.logaddexp(0, -gaps / 2) - np.logaddexp(0, gaps / 2)  # the prior of s = x/2, and of t = -x/2
    best = gaps[np.argmax(3 * log_s[0] + log_s[1] + 2 * halves)]
    assert probs[0] == pytest.approx(1 / (1 + np.exp(-best)), abs=1e-4)
    assert 0.5 < probs[0] < 0.75


def test_strength_travels_along_the_graph(votes_of):
    rows = [("top", f"w{i}", "a", "best", "middle") for i in range(5)]
    rows += [("low", f"w{i}", "b", "worst", "middle") for i in range(5)]
    votes = votes_of([*rows, ("never", "w0", "tie", "worst", "best")])
    unseen = votes.select(np.arange(10))  # nobody compared worst and best
    a, b, tie = newman.fit(unseen).probs_UC[unseen.units.index(("never", "never-a:never-b", ""))]
    assert b > 0.8
    assert a < tie


def test_separate_pairs_stay_between_their_votes_and_even(votes_of):
    rows = [(f"q{u}", f"w{i}", "a" if i < u else "b") for u in range(6) for i in range(5)]
    p_a = newman.fit(votes_of(rows)).probs_UC[:, 0]
    assert (np.diff(p_a) > 0).all()
    assert 0.05 < p_a[0] < 0.35
    assert 0.65 < p_a[5] < 0.95


def test_further_outcomes_keep_their_share(votes_of):
    rows = [(f"q{u}", f"w{i}", ("a", "b", "tie", "both_bad")[(u + i) % 4]) for u in range(20) for i in range(4)]
    consensus = newman.aggregate(votes_of(rows, ("a", "b", "tie", "both_bad")))
    np.testing.assert_allclose(consensus.probs_UC, 0.25, atol=0.03)


def test_tells_what_the_graph_is(votes_of):
    rows = [("q1", "w", "a", "x", "y"), ("q2", "w", "a", "y", "z"), ("q3", "w", "b", "u", "v")]
    notes = newman.aggregate(votes_of(rows)).notes
    assert (notes["contestants"], notes["parts"]) == (5, 2)


def test_needs_sides(votes_of):
    votes = votes_of([("q1", "ann", "a"), ("q1", "bob", "b")])
    with pytest.raises(NotPairwise, match="compares two sides"):
        newman.aggregate(replace(votes, sides_U2=None))
    with pytest.raises(NotPairwise, match="compares two sides"):
        newman.aggregate(votes_of([("q1", "ann", "met")], ("met", "unmet")))


def test_a_unit_that_is_no_pair_is_judged_as_two_equals(votes_of):
    votes = votes_of([("q1", "ann", "a", "x", "y"), ("q2", "ann", "b", "x", "z"), ("q3", "bob", "a", "y", "z")])
    sides = votes.sides_U2.copy()
    sides[2] = -1
    probs = newman.fit(replace(votes, sides_U2=sides)).probs_UC[2]
    assert probs[0] == pytest.approx(probs[1])
