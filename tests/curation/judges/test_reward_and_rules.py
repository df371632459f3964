"""Rewards and rules added up, each with its weight."""

from dataclasses import replace

import numpy as np
import pytest

from annotate import feedback
from annotate.feedback import Asked
from curation import judges
from curation.judges import JudgeError, Tools

from .conftest import case_of

TEXTS = {"k": "7", "l": "42"}
REWARDS = {"k": 1.0, "l": 0.0}


def judged(*rules, **settings):
    asked = Asked("q", feedback.settings_with_defaults("pairwise", {}), ("k", "l"), TEXTS)
    filled = judges.settings_with_defaults("reward_and_rules", {"model": "1", "rules": list(rules), **settings})
    rewards = {TEXTS[key]: reward for key, reward in REWARDS.items()}
    tools = Tools(filled, score=lambda model, prompts, texts: np.array([rewards[text] for text in texts]))
    return judges.get("reward_and_rules").judge(replace(case_of("pairwise"), asked=asked, metadata={}), tools)


def test_a_rule_outweighs_the_reward_by_its_weight():
    right = {"rule": "exact_answer", "settings": {"answer": "42"}}
    assert judged({**right, "weight": 0.5}).answer["overall"]["chosen"] == "k"
    found = judged(
        {**right, "weight": 3}, {"rule": "length", "weight": 0.5, "settings": {"unit": "characters", "most": 1}}
    )
    assert found.answer["overall"]["chosen"] == "l"
    assert found.notes["scores"] == {"k": 1.5, "l": 3.0}
    assert found.notes["rules"] == [{"k": 0.0, "l": 1.0}, {"k": 1.0, "l": 0.0}]
    assert found.probs["overall"]["l"] == pytest.approx(1 / (1 + np.exp(-1.5)))


def test_a_rule_without_anything_to_check_adds_nothing_and_says_so():
    found = judged({"rule": "keywords", "weight": 5})
    assert found.notes["scores"] == REWARDS
    assert "name keywords" in found.samples[0].error


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"rule": "magic"}, "magic"),
        ({"rule": "pairwise"}, "no rule"),
        ({"rule": "length", "settings": {"colour": 1}}, "colour"),
    ],
)
def test_what_is_no_rule_is_told(rule, message):
    with pytest.raises(JudgeError, match=message):
        judged({**rule, "weight": 1})
