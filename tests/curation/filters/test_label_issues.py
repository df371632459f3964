"""Labels that a model contradicts which did not learn from them."""

import numpy as np

from curation import filters
from curation.filters import Context, label_issues
from curation.ports import Models
from tests.curation.learners import comparisons, fit, flipped

CONTEXT = Context(Models(fit=fit))


def test_finds_mostly_wrong_labels(pair_table):
    table = pair_table(*comparisons(30, 400, flipped=0.25))
    found = label_issues.decide(table, filters.settings_with_defaults("label_issues", {}), CONTEXT)
    dropped_N = found.action_N == "drop"
    assert flipped(table)[dropped_N].mean() > 0.8
    assert flipped(table)[~dropped_N].mean() < 0.08
    assert found.score_N[dropped_N].max() < 0.5


def test_no_model_learns_from_the_pair_it_judges(pair_table):
    asked = []

    def spy(train, others, settings):
        keys = [{frozenset(pair) for pair in zip(*(part[f"response_{s}"].to_pylist() for s in "ab"), strict=True)}
                for part in (train, others)]  # fmt: skip
        asked.append(len(others))
        assert not keys[0] & keys[1]
        return fit(train, others, settings)

    table = pair_table(*comparisons(12, 200))
    label_issues.decide(table, filters.settings_with_defaults("label_issues", {}), Context(Models(fit=spy)))
    assert sum(asked) == 200


def test_a_dataset_whose_better_response_always_stands_first_has_two_classes_too(pair_table):
    rows = comparisons(30, 300, flipped=0.2)
    for row in rows:
        if row["outcome"] == "b":
            row |= {"response_a": row["response_b"], "response_b": row["response_a"], "outcome": "a"}
    table = pair_table(*rows)
    found = label_issues.decide(table, filters.settings_with_defaults("label_issues", {}), CONTEXT)
    assert flipped(table)[found.action_N == "drop"].mean() > 0.8


def test_the_score_is_the_probability_of_the_label(pair_table):
    rows = comparisons(30, 200)
    table = pair_table(*rows, *({**row, "outcome": "tie"} for row in rows[:3]))
    score_N = label_issues.decide(table, filters.settings_with_defaults("label_issues", {}), CONTEXT).score_N
    assert np.isnan(score_N[200:]).all()
    assert ((score_N[:200] > 0) & (score_N[:200] < 1)).all()
    assert score_N[:200].mean() > 0.6
