"""The mean of several models, and silence where they disagree."""

from dataclasses import replace

import numpy as np
import pytest

from annotate import feedback
from annotate.feedback import Asked
from curation import judges
from curation.judges import Tools

from .conftest import case_of

REWARDS = {"1": {"K": 2.0, "L": 0.0}, "2": {"K": 1.0, "L": 0.0}, "3": {"K": -3.0, "L": 0.0}}


def judged(models, **settings):
    asked = Asked("q", feedback.settings_with_defaults("pairwise", {}), ("k", "l"), {"k": "K", "l": "L"})
    filled = judges.settings_with_defaults("reward_ensemble", {"models": models, **settings})
    tools = Tools(filled, score=lambda model, prompts, texts: np.array([REWARDS[model][text] for text in texts]))
    return judges.get("reward_ensemble").judge(replace(case_of("pairwise"), asked=asked), tools)


def test_models_that_agree_answer_by_their_mean():
    found = judged(["1", "2"])
    assert found.answer == {"overall": {"chosen": "k", "strength": 1}}
    assert found.notes["scores"] == {"k": 1.5, "l": 0.0}
    assert found.notes["deviation"]["k"] == pytest.approx(0.5**0.5)
    assert found.probs["overall"]["k"] == pytest.approx((1 / (1 + np.exp(-2)) + 1 / (1 + np.exp(-1))) / 2)


def test_models_that_disagree_do_not():
    assert judged(["1", "3"]).answer == {"overall": {"chosen": "tie", "strength": 0}}
    assert judged(["1", "3"], undecided="none").answer is None
    assert judged(["1", "3"], most_deviation=9).answer["overall"]["chosen"] == "l"
