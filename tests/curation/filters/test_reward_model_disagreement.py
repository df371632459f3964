"""Labels that a reward model contradicts."""

import numpy as np
import pytest

from curation import filters, pairs
from curation.filters import Context, reward_model_disagreement
from curation.ports import Models, PortNotRegistered


class Scorer:
    """Rewards by text, remembering what was asked."""

    def __init__(self, rewards):
        self.rewards, self.asked = rewards, []

    def __call__(self, model, prompts, responses):
        self.asked.append((model, list(prompts), list(responses)))
        return np.array([self.rewards[response] for response in responses])


@pytest.mark.parametrize("action", ["drop", "flip", "review"])
def test_only_a_clear_lead_of_the_loser_counts(pair_table, action):
    common = {"prompt": "q", "response_a": "low", "response_b": "high"}
    table = pair_table(
        common, {**common, "outcome": "b"}, {**common, "outcome": "tie"}, {**common, "response_b": "mid"}
    )
    scorer = Scorer({"low": 0.0, "mid": 0.9, "high": 3.0})
    settings = filters.settings_with_defaults("reward_model_disagreement", {"model": "rm-1", "action": action})
    found = reward_model_disagreement.decide(table, settings, Context(models=Models(score=scorer)))
    assert found.action_N.tolist() == [action, "keep", "keep", "keep"]
    assert found.score_N[[0, 1, 3]].tolist() == [-3, 3, -0.9]
    assert np.isnan(found.score_N[2])
    ((model, prompts, responses),) = scorer.asked
    assert model == "rm-1"
    assert sorted(responses) == ["high", "low", "mid"]  # each once
    assert set(prompts) == {pairs.canonical_json([{"role": "user", "content": "q"}])}


def test_rewards_that_are_no_numbers_decide_nothing(pair_table):
    settings = filters.settings_with_defaults("reward_model_disagreement", {"model": "m"})
    scorer = Scorer({"first answer 0": np.nan, "second answer 0": 1.0})
    found = reward_model_disagreement.decide(pair_table({}), settings, Context(models=Models(score=scorer)))
    assert found.action_N.tolist() == ["keep"]


def test_without_a_model_it_says_so(pair_table):
    settings = filters.settings_with_defaults("reward_model_disagreement", {"model": "m"})
    with pytest.raises(PortNotRegistered):
        reward_model_disagreement.decide(pair_table({}), settings, Context())
