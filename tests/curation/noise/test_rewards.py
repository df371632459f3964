"""Latent rewards from labels some of which are flipped, on data whose truth is known."""

import numpy as np
import pytest
from scipy.special import expit, ndtr

from curation.noise import kernels, rewards


def generated(flip_rate, *, texts=200, pairs=5000, seed=0):
    """Kernels, the two texts of each pair, the labels, which are flipped, and the true rewards."""
    rng = np.random.default_rng(seed)
    vector_SD = rng.normal(size=(texts, 8))
    reward_S = vector_SD @ rng.normal(size=8) / np.sqrt(8) * 2 + rng.normal(size=texts)
    first_P, second_P = rng.integers(0, texts, (2, pairs))
    second_P = np.where(first_P == second_P, (second_P + 1) % texts, second_P)
    better_P = reward_S[first_P] + rng.normal(size=pairs) > reward_S[second_P]
    flipped_P = rng.random(pairs) < flip_rate
    kernel_CSS = kernels.of_texts(vector_SD, np.zeros(texts, dtype=int))[[0, 1, 3]]
    return kernel_CSS, first_P, second_P, better_P != flipped_P, flipped_P, reward_S


@pytest.mark.parametrize("flip_rate", [0.0, 0.1, 0.25, 0.4])
def test_recovers_the_flip_rate(flip_rate):
    *given, _, _ = generated(flip_rate)
    assert abs(rewards.fit(*given).flip_rate - flip_rate) < 0.03


def test_recovers_rewards_on_their_scale_and_what_explains_them():
    *given, _, reward_S = generated(0.2)
    found = rewards.fit(*given)
    assert np.corrcoef(found.mean_S, reward_S)[0, 1] > 0.95
    assert 0.7 < found.mean_S.std() / reward_S.std() < 1.4
    linear, radial, own = found.variance_C
    assert linear > own > radial


def test_says_how_sure_it_is():
    """Where it says that labels are flipped with some probability, so many are; and so it is with what is better."""
    for seed in range(3):
        *given, flipped_P, reward_S = generated(0.3, seed=seed)
        found = rewards.fit(*given)
        _, first_P, second_P, _ = given
        ahead_P = reward_S[first_P] > reward_S[second_P]
        for said_P, true_P in ((found.wrong_P, flipped_P), (found.ahead_P, ahead_P)):
            bins_P = np.minimum((said_P * 5).astype(int), 4)
            gaps = [abs((said_P - true_P)[bins_P == place].sum()) for place in range(5)]
            assert sum(gaps) / len(said_P) < 0.04  # expected calibration error


def test_what_a_flawless_judge_would_say_does_not_depend_on_the_label_itself():
    kernel_CSS, first_P, second_P, better_P, _, _ = generated(0.2, texts=60, pairs=2000)
    one = rewards.fit(kernel_CSS, first_P, second_P, better_P)
    place = np.abs(one.ahead_P - 0.5).argmin()
    better_P[place] = ~better_P[place]
    other = rewards.fit(kernel_CSS, first_P, second_P, better_P)
    # one label in 2,000 may move flip rate and scale a little
    assert abs(one.leave_out_P[place] - (1 - other.leave_out_P[place])) < 0.02
    assert abs(one.ahead_P[place] - other.ahead_P[place]) > 0.02


def test_flips_are_found_better_by_text_and_graph_together_than_by_either():
    kernel_CSS, *given, flipped_P, _ = generated(0.2)

    def auroc(kernels_CSS):
        doubt_P = rewards.fit(kernels_CSS, *given).leave_out_P
        return np.mean(doubt_P[flipped_P][:, None] > doubt_P[~flipped_P])

    both = auroc(kernel_CSS)
    assert both > auroc(kernel_CSS[[0]]) + 0.005  # features alone
    assert both > auroc(kernel_CSS[[2]]) + 0.005  # comparisons alone


def test_a_flip_rate_that_depends_on_a_trait_is_found():
    kernel_CSS, first_P, second_P, label_P, _, _ = generated(0.0)
    rng = np.random.default_rng(1)
    trait_P1 = rng.normal(size=(len(first_P), 1))
    rate_P = expit(-1.5 + 1.5 * trait_P1[:, 0])
    flipped_P = rng.random(len(first_P)) < rate_P
    told, untold = (
        rewards.fit(kernel_CSS, first_P, second_P, label_P != flipped_P, None, trait_PK)
        for trait_PK in (trait_P1, None)
    )
    assert abs(told.flip_rate - rate_P.mean()) < 0.03
    for found, least in ((told, 0.9), (untold, 0.8)):
        assert np.mean(found.wrong_P[flipped_P][:, None] > found.wrong_P[~flipped_P]) > least
    constant = rewards.fit(kernel_CSS, first_P, second_P, label_P != flipped_P, None, np.ones((len(first_P), 1)))
    np.testing.assert_allclose(constant.wrong_P, untold.wrong_P, atol=1e-6)


def test_verified_labels_are_never_doubted_and_outweigh_others():
    kernel_CSS = np.eye(2)[None]
    first_P, second_P = np.zeros(7, dtype=int), np.ones(7, dtype=int)
    better_P = np.array([True] * 3 + [False] * 4)
    plain = rewards.fit(kernel_CSS, first_P, second_P, better_P)
    assert plain.ahead_P[0] < 0.5
    sure = rewards.fit(kernel_CSS, first_P, second_P, better_P, np.array([True] * 3 + [False] * 4))
    assert sure.ahead_P[0] > plain.ahead_P[0]
    assert sure.wrong_P[:3].tolist() == [0, 0, 0]
    assert (sure.wrong_P[3:] > plain.wrong_P[3:]).all()


def test_mirrored_pairs_give_mirrored_answers():
    kernel_CSS, first_P, second_P, better_P, _, _ = generated(0.2, texts=20, pairs=100)
    one = rewards.fit(kernel_CSS, first_P, second_P, better_P)
    other = rewards.fit(kernel_CSS, second_P, first_P, ~better_P)
    np.testing.assert_allclose(other.ahead_P, 1 - one.ahead_P, atol=1e-8)
    np.testing.assert_allclose(other.wrong_P, one.wrong_P, atol=1e-8)


def test_without_flips_it_is_the_probit_model():
    """With all labels known, the posterior of one pair is that of a single probit observation, in closed form."""
    found = rewards.fit(np.eye(2)[None], np.array([0]), np.array([1]), np.array([True]), np.array([True]))
    variance = 2 * found.variance_C[0]
    # the mean of a Gaussian times a probit, Rasmussen and Williams 2006, eq. 3.85, at z = 0
    expected = variance / np.sqrt(1 + variance) * np.sqrt(2 / np.pi)
    assert found.mean_S[0] - found.mean_S[1] == pytest.approx(expected, rel=0.02)
    assert found.ahead_P[0] > ndtr(0)


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(ValueError, match="two different"):
        rewards.fit(np.eye(2)[None], np.array([1]), np.array([1]), np.array([True]))
    with pytest.raises(ValueError, match="at least one"):
        rewards.fit(np.eye(2)[None], np.array([], int), np.array([], int), np.array([], bool))
