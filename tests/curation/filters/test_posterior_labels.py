"""Labels as probabilities, given all labels and how texts resemble each other."""

import numpy as np
import pytest

from curation import applying, filters, pairs
from curation.filters import Context, posterior_labels
from curation.ports import Models
from tests.curation.learners import comparisons, features, flipped

CONTEXT = Context(Models(features=features))


def decided(table, **given):
    settings = filters.settings_with_defaults("posterior_labels", given)
    return posterior_labels.decide(table, settings, CONTEXT)


@pytest.fixture
def table(pair_table):
    return pair_table(*comparisons(40, 600, flipped=0.3, prompts=2))


def truth(table):
    """Whether a has more good in it, and where neither has."""
    lead = [
        a.count("good") - b.count("good")
        for a, b in zip(*(table[f"response_{s}"].to_pylist() for s in "ab"), strict=True)
    ]
    return np.array(lead)


def test_labels_become_what_is_true(table):
    found = decided(table)
    after, _ = applying.apply(table, found, stage=1, filter="posterior_labels")
    lead_N, p_a_N = truth(table), pairs.outcome_probs(after)[:, 0]
    clear_N = np.abs(lead_N) >= 2
    assert ((p_a_N > 0.5) == (lead_N > 0))[clear_N].mean() > 0.97
    assert np.abs(p_a_N[lead_N == 0] - 0.5).mean() < np.abs(p_a_N[clear_N] - 0.5).mean()
    assert set(found.reason_N) == {"posterior"}


@pytest.mark.parametrize("action", ["flip", "drop", "review"])
def test_likely_flips_are_treated(table, action):
    found = decided(table, action=action)
    assert set(found.action_N) == {"keep", action}
    clear_N = np.abs(truth(table)) >= 2
    assert ((found.action_N == action) == flipped(table))[clear_N].mean() > 0.95


def test_weights_fall_with_the_probability_of_a_flip(table):
    found = decided(table, action="reweight")
    np.testing.assert_allclose(found.weight_N, 1 - found.score_N)


def test_gold_is_certain_where_it_is_trusted_and_unread_elsewhere(pair_table):
    rows = comparisons(10, 200, flipped=0.2)
    table = pair_table(*({**row, "gold": {"a": "b", "b": "a"}[row["outcome"]]} for row in rows[:40]), *rows[40:])
    plain = pair_table(*rows)
    np.testing.assert_allclose(decided(table).score_N, decided(plain).score_N)
    found = decided(table, trust_gold=True)
    assert found.score_N[:40].tolist() == [1] * 40
    gold_N = np.array(table["gold"].to_pylist()[:40])
    assert found.label_N4[:40, 0].tolist() == (gold_N == "a").astype(float).tolist()


def test_many_prompts_are_fitted_in_parts(pair_table, monkeypatch):
    """Parts of whole prompts give nearly what all together give."""
    table = pair_table(*comparisons(40, 900, flipped=0.2, prompts=6))
    whole = decided(table).score_N
    sizes = []
    fit = posterior_labels.rewards.fit

    def counted(kernel_CSS, *given):
        sizes.append(kernel_CSS.shape[1])
        return fit(kernel_CSS, *given)

    monkeypatch.setattr(posterior_labels, "TEXTS_AT_ONCE", 80)
    monkeypatch.setattr(posterior_labels.rewards, "fit", counted)
    assert np.corrcoef(decided(table).score_N, whole)[0, 1] > 0.95
    assert len(sizes) == 3
    assert sum(sizes) == len(
        {
            *zip(
                table["prompt"].to_pylist() * 2,
                table["response_a"].to_pylist() + table["response_b"].to_pylist(),
                strict=True,
            )
        }
    )
