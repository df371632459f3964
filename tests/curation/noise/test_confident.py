"""Confident learning, held against the package of the paper's authors."""

import numpy as np
import pytest

from curation.noise import confident


def noisy(rows, classes, rate, seed):
    rng = np.random.default_rng(seed)
    truth_N = rng.integers(0, classes, rows)
    score_NK = rng.normal(size=(rows, classes)) + 2 * np.eye(classes)[truth_N]
    prob_NK = np.exp(score_NK) / np.exp(score_NK).sum(axis=1, keepdims=True)
    wrong_N = rng.random(rows) < rate
    return np.where(wrong_N, (truth_N + rng.integers(1, classes, rows)) % classes, truth_N), prob_NK, wrong_N


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("classes", "rate"), [(2, 0.1), (2, 0.35), (3, 0.2)])
def test_is_what_cleanlab_does(classes, rate, seed):
    cleanlab = pytest.importorskip("cleanlab")
    label_N, prob_NK, _ = noisy(800, classes, rate, seed)
    theirs_KK = cleanlab.count.compute_confident_joint(label_N, prob_NK)
    np.testing.assert_allclose(confident.joint(label_N, prob_NK), theirs_KK, atol=1)  # theirs is rounded
    # n_jobs: processes forked from one with threads may never end
    theirs_N = cleanlab.filter.find_label_issues(label_N, prob_NK, n_jobs=1)
    assert (confident.issues(label_N, prob_NK) != theirs_N).mean() < (0.001 if classes == 2 else 0.01)


@pytest.mark.parametrize("rate", [0.1, 0.3])
def test_estimates_the_share_of_wrong_labels_and_finds_them(rate):
    label_N, prob_NK, wrong_N = noisy(5000, 2, rate, 1)
    assert abs(confident.noise_rate(confident.joint(label_N, prob_NK)) - rate) < 0.06
    found_N = confident.issues(label_N, prob_NK)
    assert wrong_N[found_N].mean() > 2 * rate


@pytest.mark.parametrize("labels", [[], [0], [0, 0, 0], [0, 1]])
def test_few_rows_and_missing_classes_are_no_fault(labels):
    label_N = np.array(labels, dtype=int)
    prob_NK = np.full((len(labels), 2), 0.5)
    assert not confident.issues(label_N, prob_NK).any()
    assert 0 <= confident.noise_rate(confident.joint(label_N, prob_NK)) <= 1
