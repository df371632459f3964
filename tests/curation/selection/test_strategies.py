"""What each strategy goes for, against answers worked out by hand or by trying everything."""

from itertools import combinations, permutations

import numpy as np
import pytest

from curation import selection
from curation.selection import error_driven
from curation.selection._measures import chance_wrong, mutual_information, sigmoid
from tests.curation.selection.conftest import evidence
from tests.curation.selection.test_contract import choose


def nobody(count):
    return np.zeros(count, dtype=bool)


def test_random_draws_every_row_as_often(pairs_of):
    table, given = pairs_of(10), evidence(10, asked_N=nobody(10))
    counts = np.bincount(np.concatenate([choose("random", table, given, 3, seed).place_K for seed in range(600)]))
    # 180 expected, standard deviation 11
    assert counts.min() > 135
    assert counts.max() < 225


def test_margin_takes_the_evenest(pairs_of):
    given = evidence(4, asked_N=nobody(4), margin_MN=np.array([[3.0, 0.1, -1.0, 0.0], [3.0, 0.1, -1.0, 0.0]]))
    choice = choose("margin", pairs_of(4), given, 4)
    assert choice.place_K.tolist() == [3, 1, 2, 0]
    assert choice.score_K[0] == pytest.approx(1)


def test_bald_is_nothing_where_members_agree_and_one_bit_where_they_are_sure_of_the_contrary():
    agree, contrary = np.array([[0.0, 1.2, -4.0]] * 5), np.array([[40.0], [-40.0]])
    np.testing.assert_allclose(mutual_information(agree), 0, atol=1e-12)
    assert mutual_information(contrary)[0] == pytest.approx(1, abs=1e-6)
    p = sigmoid(np.array([1.0, -2.0]))
    entropy = lambda q: -(q * np.log2(q) + (1 - q) * np.log2(1 - q))  # noqa: E731
    expected = entropy(p.mean()) - entropy(p).mean()
    assert mutual_information(np.array([[1.0], [-2.0]]))[0] == pytest.approx(expected)


def test_bal_pm_passes_over_near_duplicates_of_what_was_asked(pairs_of):
    # Three prompts that are nearly the same carry most information; two others lie far away.
    margin = np.array([[3.0, 3.0, 2.9, 2.0, 1.9], [-3.0, -3.0, -2.9, -2.0, -1.9]])
    prompt = np.array([[1.0, 0], [1.0, 1e-6], [1.0, 2e-6], [0, 1.0], [-1.0, 0]])
    given = evidence(5, asked_N=nobody(5), margin_MN=margin, prompt_ND=prompt)
    plain = choose("bald", pairs_of(5), given, 3)
    spread = choose("bal_pm", pairs_of(5), given, 3, entropy_weight=0.2)
    assert set(plain.place_K.tolist()) == {0, 1, 2}
    assert len(set(spread.place_K.tolist()) & {0, 1, 2}) == 1
    assert set(spread.place_K.tolist()) >= {3, 4}
    unweighted = choose("bal_pm", pairs_of(5), given, 3, entropy_weight=0)
    assert set(unweighted.place_K.tolist()) == {0, 1, 2}


def test_bal_pm_keeps_away_from_what_was_asked_before(pairs_of):
    given = evidence(
        3, asked_N=np.array([True, False, False]), margin_MN=np.array([[2.0, 2, 2], [-2.0, -2, -2]]),
        prompt_ND=np.array([[1.0, 0], [1.0, 0.01], [0, 1]]),
    )  # fmt: skip
    assert choose("bal_pm", pairs_of(3), given, 1).place_K.tolist() == [2]


def log_det(delta, weights, rows, ridge):
    information = ridge * np.eye(delta.shape[1])
    for row in rows:
        information += weights[row] * np.outer(delta[row], delta[row])
    return np.linalg.slogdet(information)[1]


@pytest.mark.parametrize("seed", range(5))
def test_d_optimal_takes_greedy_steps_and_comes_near_the_best_batch(seed, pairs_of):
    count, size = 9, 3
    given = evidence(count, seed, asked_N=nobody(count))
    choice = choose("d_optimal", pairs_of(count), given, size)
    delta = given.feature_N2D[:, 0] - given.feature_N2D[:, 1]
    p = sigmoid(given.margin_MN).mean(axis=0)
    weights = p * (1 - p)
    ridge = (weights * (delta**2).sum(axis=1)).mean()
    value = lambda rows: log_det(delta, weights, rows, ridge)  # noqa: E731
    best_first = max(range(count), key=lambda row: value([row]))
    assert choice.place_K[0] == best_first
    for turn in range(size):
        before, after = choice.place_K[:turn].tolist(), choice.place_K[: turn + 1].tolist()
        tried = max(value([*before, row]) for row in range(count) if row not in before)
        assert value(after) == pytest.approx(tried)
        assert choice.score_K[turn] == pytest.approx(value(after) - value(before))
    everything = max(value(rows) for rows in combinations(range(count), size))
    empty = value([])
    assert value(choice.place_K.tolist()) - empty >= (1 - 1 / np.e) * (everything - empty)


def test_infomax_and_delta_ucb_are_their_formulas(pairs_of):
    reward = np.array([[[2.0, 0.0], [0.0, 0.0], [1.0, 0.9]], [[2.0, 1.0], [4.0, -2.0], [1.0, 1.1]]])
    given = evidence(3, asked_N=nobody(3), reward_MN2=reward)
    low, high = reward.mean(axis=0) - 2 * reward.std(axis=0), reward.mean(axis=0) + 2 * reward.std(axis=0)
    infomax = choose("infomax", pairs_of(3), given, 3, width=2)
    delta = choose("delta_ucb", pairs_of(3), given, 3, width=2)
    for row in range(3):
        (low_a, low_b), (high_a, high_b) = low[row], high[row]
        wide = sigmoid(high_a - low_b) - sigmoid(low_a - high_b)
        assert infomax.score_K[infomax.place_K.tolist().index(row)] == pytest.approx(wide)
        gap = max(high_a - low_b, high_b - low_a)
        assert delta.score_K[delta.place_K.tolist().index(row)] == pytest.approx(gap)
    # Without any width only what the means say is left, and InfoMax has nothing to go by.
    np.testing.assert_allclose(choose("infomax", pairs_of(3), given, 3, width=0).score_K, 0, atol=1e-12)


def test_drts_without_width_is_the_gap_and_with_it_a_draw(pairs_of):
    reward = np.array([[[1.0, 0], [3, 0], [0, 2]], [[1.0, 0], [3, 0], [0, 2]]]) + np.array([[[0.5]], [[-0.5]]])
    given = evidence(3, asked_N=nobody(3), reward_MN2=reward)
    assert choose("drts", pairs_of(3), given, 3, width=0).place_K.tolist() == [1, 2, 0]
    firsts = [int(choose("drts", pairs_of(3), given, 3, seed, width=2).place_K[0]) for seed in range(100)]
    assert len(set(firsts)) == 3
    assert firsts.count(1) > firsts.count(0)


@pytest.mark.parametrize(
    ("p", "count"), [(0.0, 8), (0.5, 8), (0.51, 4), (0.75, 2), (0.875, 1), (0.9, 1), (0.99, 1), (1.0, 0)]
)
def test_an_error_calls_for_as_many_neighbours_as_skywork_says(p, count):
    assert error_driven.wanted(p) == count


def test_error_driven_asks_the_neighbours_of_errors_the_worst_first(pairs_of):
    # Rows 0 and 1 are verified: of 0 the model is wrong (p = .02), of 1 it is nearly sure and right (p = .98).
    count = 12
    margin = np.full((1, count), 5.0)
    margin[0, :2] = [-4, 4]
    verified = np.full(count, np.nan)
    verified[:2] = 1
    prompt = np.eye(2)[[0, 1, *[0] * 5, *[1] * 5]] + np.arange(count)[:, None] * 1e-3
    given = evidence(count, asked_N=np.arange(count) < 2, margin_MN=margin, verified_N=verified, prompt_ND=prompt)
    choice = choose("error_driven", pairs_of(count), given, 7, neighbours=4)
    assert set(choice.place_K[:4].tolist()) < {2, 3, 4, 5, 6}
    assert choice.reason_K.tolist() == ["near_error"] * 5 + ["close"] * 2
    assert choice.place_K[4] in {7, 8, 9, 10, 11}, "the other calls for one, ⌈4 · .02⌉"
    assert (np.diff(choice.score_K) <= 0).all()


def test_suspicion_asks_no_text_over_and_over(pair_table):
    # One response stands in four of six pairs, the most suspicious ones.
    table = pair_table(
        *({"prompt": "P", "response_a": "again", "response_b": f"other {row}"} for row in range(4)), {}, {}
    )
    given = evidence(6, asked_N=nobody(6), suspicion_N=np.array([0.9, 0.8, 0.7, 0.6, 0.2, np.nan]))
    assert choose("suspicion", table, given, 3, most_a_text=2).place_K.tolist() == [0, 1, 4]
    assert choose("suspicion", table, given, 3, most_a_text=0).place_K.tolist() == [0, 1, 2]
    assert choose("suspicion", table, given, 9, most_a_text=1).place_K.tolist() == [0, 4, 1, 2, 3]


def test_influence_is_the_doubt_times_what_mending_moved(pairs_of):
    given = evidence(
        4, asked_N=nobody(4), label_N=np.array([1.0, 1.0, 0.0, np.nan]), suspicion_N=np.array([0.8, 0.1, 0.5, np.nan]),
        present_N=np.array([1.0, 1.0, -2.0, 0.0]), mended_N=np.array([-2.0, 2.0, 2.0, 0.0]),
    )  # fmt: skip
    choice = choose("influence", pairs_of(4), given, 4)
    # (mended - present) (q - label): -3 · -.8, 1 · -.1, 4 · .5; a row without a label has none
    assert choice.place_K.tolist() == [0, 2, 1]
    np.testing.assert_allclose(choice.score_K, [2.4, 2.0, -0.1])


@pytest.mark.parametrize("share", [0.1, 0.3, 0.4])
def test_wrong_labels_are_told_by_how_far_the_members_contradict_them(share):
    rng = np.random.default_rng(int(share * 10))
    count = 20_000
    margin = rng.normal(0, 1, count)
    truth = rng.random(count) < sigmoid(3 * margin)
    turned = rng.random(count) < share
    label = (truth != turned).astype(float)
    label[:10] = [0.5, np.nan] * 5
    wrong, found = chance_wrong(np.stack([margin - 1, margin + 1]), label)
    assert found == pytest.approx(share, abs=0.04), "the share that was turned, unknown to it"
    assert np.isnan(wrong[:10]).all()
    # Of the rows that it finds as likely wrong as this, so many are.
    for low in (0.1, 0.3, 0.5, 0.7):
        own = (wrong >= low) & (wrong < low + 0.2)
        if share < 0.4 and own.sum() > 300:
            assert turned[own].mean() == pytest.approx(wrong[own].mean(), abs=0.1)
    assert chance_wrong(margin[None, :3], np.full(3, np.nan))[1] == 0


def test_lots_are_even_and_belong_to_the_row(pairs_of):
    table = pairs_of(500)
    lots = selection.lots(table, 3)
    assert abs(lots.mean() - 0.5) < 0.06
    assert lots.tolist() == selection.lots(table, 3).tolist() != selection.lots(table, 4).tolist()
    draws = selection.normals(table, 3, 2)
    assert abs(draws.mean()) < 0.15
    assert abs(draws.std() - 1) < 0.1


def test_best_does_not_care_for_the_last_digits():
    for order in permutations(range(3)):
        gains, lot = np.array([1.0, 1.0 + 1e-13, 0.2])[list(order)], np.array([0.1, 0.9, 0.0])[list(order)]
        assert order[selection.best(gains, lot)] == 0


def test_unknown_suspicion_is_not_asked(pairs_of):
    given = evidence(3, asked_N=nobody(3), suspicion_N=np.array([np.nan, 0.5, np.nan]))
    assert choose("suspicion", pairs_of(3), given, 3).place_K.tolist() == [1]
