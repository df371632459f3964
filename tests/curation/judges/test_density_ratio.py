"""The implicit judges, with likelihoods that are known."""

import json

import numpy as np
import pytest

from curation import judges
from curation.judges import Tools

from .conftest import texts_of


def judged(name, case, likelihood, **settings):
    judge = judges.get(name)
    return judge.judge(case, Tools(judges.settings_with_defaults(name, settings), judge.PROMPT, likelihood=likelihood))


def test_the_ratio_is_the_implicit_reward_of_dpo():
    nats = {("strong", "K"): -10.0, ("weak", "K"): -30.0, ("strong", "LL"): -20.0, ("weak", "LL"): -30.0}

    def likelihood(model, prompts, texts):
        assert json.loads(prompts[0]) == [{"role": "user", "content": "How much?"}]
        return np.array([nats[model, text] for text in texts]), np.array([len(text) for text in texts])

    models = {"strong": "strong", "weak": "weak"}
    found = judged("density_ratio", texts_of("pairwise", "K", "LL"), likelihood, **models)
    assert found.notes["scores"] == pytest.approx({"r1": 2.0, "r2": 1.0})
    assert found.probs["overall"]["r1"] == pytest.approx(1 / (1 + np.exp(-1)))
    per_token = judged("density_ratio", texts_of("pairwise", "K", "LL"), likelihood, per_token=True, **models)
    assert per_token.notes["scores"] == pytest.approx({"r1": 2.0, "r2": 0.5})


def test_the_prompt_is_measured_after_each_response():
    def likelihood(model, prompts, texts):
        assert texts == ["How much?"] * 2
        heard = [json.loads(prompt)[0]["content"] for prompt in prompts]
        return np.array([-3.0 if "200 mg" in one else -9.0 for one in heard]), np.array([3, 3])

    found = judged("prompt_likelihood", texts_of("pairwise", "Hello.", "200 mg."), likelihood, model="m")
    assert found.notes["scores"] == {"r1": -3.0, "r2": -1.0}
    assert found.answer["overall"]["chosen"] == "r2"
    assert found.probs == {}


def test_pleased_follow_ups_count_for_and_displeased_against():
    def likelihood(model, prompts, texts):
        said = [json.loads(prompt) for prompt in prompts]
        assert all(turns[-1] == {"role": "user", "content": ""} for turns in said)
        fits = [
            (turns[-2]["content"] == "good") == (text == "Thanks!") for turns, text in zip(said, texts, strict=True)
        ]
        return np.where(fits, -2.0, -8.0), np.full(len(texts), 2)

    settings = {"model": "m", "pleased": ["Thanks!"], "displeased": ["No.", "Wrong."]}
    found = judged("followup_likelihood", texts_of("pairwise", "good", "poor"), likelihood, **settings)
    assert found.notes["scores"] == {"r1": 3.0, "r2": -3.0}


def test_a_text_that_no_model_can_read_has_no_answer():
    def likelihood(model, prompts, texts):
        return np.full(len(texts), np.nan), np.ones(len(texts))

    found = judged("density_ratio", texts_of("pairwise", "K", "L"), likelihood, strong="a", weak="b")
    assert (found.answer, found.probs) == (None, {})
