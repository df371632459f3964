"""What the first token says."""

from dataclasses import replace

import pytest

from annotate import feedback
from annotate.feedback import Asked
from curation.judges import Completion, JudgeError

from .conftest import Model, case_of


def says(*tokens):
    """First-token probabilities of one request after the other."""
    given = iter(tokens)
    return lambda request, endpoint: (Completion(("yes",), 1, 1, (next(given),)), "h")


def pair():
    asked = Asked("q", feedback.settings_with_defaults("pairwise", {}), ("k", "l"), {"k": "K", "l": "L"})
    return replace(case_of("pairwise"), asked=asked, examples=(), images={})


def test_both_orders_make_one_probability(judged):
    found = judged("yes_probability", pair(), says({" Yes": 0.6, "yes": 0.2, "no": 0.2}, {"No": 0.5, "▁yes": 0.3}))
    p = (0.8 + 1 - 0.375) / 2
    assert found.probs["overall"] == pytest.approx({"k": p, "l": 1 - p})
    assert found.answer == {"overall": {"chosen": "k", "strength": 1}}
    assert found.samples[1].probs == pytest.approx({"l": 0.375, "k": 0.625})


def test_a_judge_that_says_yes_to_everything_has_no_opinion(judged):
    found = judged("yes_probability", pair(), says({"yes": 0.9, "no": 0.1}, {"yes": 0.9, "no": 0.1}))
    assert found.answer == {"overall": {"chosen": "tie", "strength": 0}}


def test_what_is_neither_yes_nor_no_is_no_answer(judged):
    found = judged("yes_probability", pair(), says({"yes": 0.3, "Well": 0.7}, {"no": 1.0}))
    assert found.answer is None
    assert found.samples[0].error == "The first token is neither yes nor no."


def test_a_server_without_probabilities_is_refused_with_what_to_do(judged):
    with pytest.raises(JudgeError, match="logprobs"):
        judged("yes_probability", pair(), Model(logprobs=False))


def test_asks_for_one_token(judged):
    model = Model()
    judged("yes_probability", case_of("rubric"), model)
    assert {(request.max_tokens, request.logprobs, request.schema) for request, _ in model.asked} == {(1, 20, None)}
    assert len(model.asked) == 6  # two responses, three criteria
