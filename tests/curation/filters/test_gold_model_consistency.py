"""Stage two of Skywork's pipeline: a label must agree with the gold model, and with the judges or the best model."""

import itertools

import numpy as np
import pytest

from curation import filters
from curation.filters import Context, gold_model_consistency
from curation.ports import Models
from tests.curation.learners import comparisons, fit, flipped

CASES = list(itertools.product([True, False], [True, False, None], [True, False]))  # gold, judges (None: no vote), best


def case_table(pair_table):
    rows = []
    for place, (_, judges, _) in enumerate(CASES * 2):
        vote = {"rater": "j", "kind": "language_model", "outcome": "a" if judges else "b"}
        people = {"rater": "p", "kind": "person", "outcome": "b"}  # no judge: does not count
        rows.append({"response_a": f"a{place}", "votes": [people, *([vote] if judges is not None else [])]})
    return pair_table(*rows)


def score(model, prompts, responses):
    """Rewards by which the gold and the best model agree with "a wins" as the cases say."""
    column = {"gold": 0, "best": 2}[model]
    return np.array(
        [(1 if (CASES * 2)[int(text[1:])][column] else -1) if text.startswith("a") else 0 for text in responses]
    )


@pytest.mark.parametrize("action", ["drop", "review", "flip"])
def test_the_rule(pair_table, action):
    settings = {"gold_model": "gold", "best_model": "best", "action": action}
    settings = filters.settings_with_defaults("gold_model_consistency", settings)
    found = gold_model_consistency.decide(case_table(pair_table), settings, Context(Models(score=score)))
    for (gold, judges, best), got, reason in zip(CASES * 2, found.action_N, found.reason_N, strict=True):
        kept = gold and (judges is True or best)
        turned = not gold and (judges is False or not best)  # the other side agrees with both
        expected = action if action != "flip" else "flip" if turned else "drop"
        assert got == ("keep" if kept else expected)
        assert reason == ("" if kept else "judges_and_best" if gold else "gold_model")


def test_models_are_fitted_where_none_is_named_and_verified_pairs_stay(pair_table):
    rows = comparisons(40, 400, flipped=0.3)
    for row in rows[:60]:
        row["gold"] = {"a": "b", "b": "a"}[row["outcome"]] if '"flipped":true' in row["metadata"] else row["outcome"]
    table = pair_table(*rows)
    settings = filters.settings_with_defaults("gold_model_consistency", {})
    found = gold_model_consistency.decide(table, settings, Context(Models(fit=fit)))
    dropped_N = found.action_N == "drop"
    assert not dropped_N[:60].any()
    assert flipped(table)[dropped_N].mean() > 0.7
    assert flipped(table)[60:][~dropped_N[60:]].mean() < 0.1


def test_without_gold_nothing_is_decided(pair_table):
    settings = filters.settings_with_defaults("gold_model_consistency", {})
    found = gold_model_consistency.decide(pair_table(*comparisons(9, 40)), settings, Context())
    assert set(found.action_N) == {"keep"}
