"""Helpers of the tests of feedback kinds: a question with defaults, answers to records and readings."""

import pytest

from annotate import feedback


@pytest.fixture
def ask():
    """``ask("pairwise", tie=False)``: that question about responses r1, r2 (or others), defaults filled in."""

    def asked(kind, responses=("r1", "r2"), texts=None, criteria=(), **settings):
        return feedback.Asked(
            question="q",
            settings=feedback.settings_with_defaults(kind, settings),
            responses=tuple(responses),
            texts=texts or {key: f"text of {key}" for key in responses},
            criteria=tuple(criteria),
            stamp={"item": "i1", "rater": "ann"},
        )

    return asked


@pytest.fixture
def refused():
    """``refused(kind, answer, asked)``: the path and the message of its refusal; fails if it is accepted."""

    def error(kind, answer, asked):
        with pytest.raises(feedback.InvalidAnswer) as caught:
            feedback.validate(kind, answer, asked)
        return caught.value.path, str(caught.value)

    return error
