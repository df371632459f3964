"""Dawid and Skene's model against their own data, crowd-kit, and a biased rater."""

import numpy as np
import pytest

from curation.aggregation import dawid_skene
from curation.aggregation.dawid_skene import fit

# Dawid and Skene 1979, table 1: 45 patients; observer 1 three times, observers 2 to 5 once each.
PATIENTS = """
1111111 3334334 1122122 2223121 2223222 2223322 1222111 3333433 2222223 2322223 4444444 2223343 1111111
2223212 1211111 1112111 1111111 1111111 2222221 2221322 2222222 2222221 2223222 2212222 1111111 1111111
2322222 1111111 1111111 1121121 1111111 3333233 1111111 2222222 2223232 4334343 2212232 2323233 3333432
1111111 1111111 1212111 2322222 1211111 2222222
"""


@pytest.fixture(scope="module")
def patients(votes_of):
    rows = [
        (f"patient {p}", f"observer {max(1, place - 2)}", grade)
        for p, grades in enumerate(PATIENTS.split(), 1)
        for place, grade in enumerate(grades, 1)
    ]
    return votes_of(rows, ("1", "2", "3", "4"))


def test_the_paper_s_own_answer(patients):
    probs_UC, reliability_R, _ = fit(patients, shrink=0)
    np.testing.assert_allclose(probs_UC.mean(axis=0), [0.40, 0.42, 0.11, 0.07], atol=0.005)
    np.testing.assert_allclose(probs_UC[6], [0.981, 0.019, 0, 0], atol=1e-3)
    np.testing.assert_allclose(probs_UC[34], [0, 0.948, 0.052, 0], atol=1e-3)
    np.testing.assert_allclose(probs_UC[37], [0, 0.0212, 0.9788, 0], atol=1e-3)
    diagonals = np.array([[0.89, 0.88, 0.66, 0.44], [0.83, 0.63, 1, 1], [1, 0.79, 0.2, 0.33]])
    np.testing.assert_allclose(reliability_R[:3], diagonals @ [0.40, 0.42, 0.11, 0.07], atol=0.01)


@pytest.mark.filterwarnings("ignore")  # crowd-kit uses what pandas will drop
def test_is_crowd_kit_s_model_without_shrinking(crowd):
    from crowdkit.aggregation import DawidSkene
    from pandas import DataFrame

    votes = crowd.votes
    frame = DataFrame({"task": votes.unit_V, "worker": votes.rater_V, "label": votes.category_V})
    theirs = DawidSkene(n_iter=20, tol=-1e9).fit(frame).probas_.sort_index().sort_index(axis=1)
    ours = fit(votes, shrink=0, limit=20, tolerance=0)[0]
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_understands_a_rater_who_always_confuses_two_labels(votes_of):
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 200)
    swap = {"a": "b", "b": "a"}
    rows = []
    for u, t in enumerate(truth):
        label = "ab"[t]
        rows += [(f"q{u}", f"good{r}", label if rng.random() < 0.8 else swap[label]) for r in range(3)]
        rows.append((f"q{u}", "contrary", swap[label]))
    votes = votes_of(rows, ("a", "b"))
    consensus = dawid_skene.aggregate(votes)
    assert (consensus.probs_UC.argmax(axis=1) == truth).mean() > 0.98  # three good raters alone: .9
    assert consensus.reliability_R[votes.raters.index("contrary")] < 0.05


def test_one_vote_moves_a_rater_little_from_the_average(votes_of):
    rows = [(f"q{u}", f"w{r}", "ab"[u % 2]) for u in range(20) for r in range(4)]
    votes = votes_of([*rows, ("q0", "new", "b")], ("a", "b"))  # q0 is a
    new = votes.raters.index("new")
    assert fit(votes, shrink=0)[1][new] == pytest.approx(0.5, abs=0.01)  # taken to say b whatever is true
    assert fit(votes)[1][new] > 0.75


@pytest.mark.real_data
def test_beats_the_plain_model_on_arguments(convarg):
    """.890 elsewhere."""
    known = convarg.gold_U >= 0
    winner = fit(convarg.votes)[0].argmax(axis=1)
    assert (winner[known] == convarg.gold_U[known]).mean() > 0.895
