"""The final answer, normalised."""

import pytest

from .conftest import texts_of


@pytest.mark.parametrize(
    "text",
    [
        "Paris",
        "It lies on the Seine.\n\nThe answer is **Paris**.",
        r"So \boxed{\text{no}} … \boxed{paris}",
        "Answer: the  PARIS",
    ],
)
def test_finds_the_answer(judged, text):
    assert judged("exact_answer", texts_of("binary", text), answer="Paris").answer == {"r1": "good"}


@pytest.mark.parametrize("text", ["Paris or London", "", "Paris?\nNo, London", r"\boxed{Paris"])
def test_what_is_not_the_answer_is_wrong(judged, text):
    assert judged("exact_answer", texts_of("binary", text), answer="Paris").answer == {"r1": "bad"}


def test_an_item_may_know_several_answers_or_none(judged):
    case = texts_of("pairwise", "9", "The answer is 7", metadata={"answer": ["seven", 7]})
    assert judged("exact_answer", case, answer="").answer["overall"]["chosen"] == "r2"
    assert judged("exact_answer", texts_of("pairwise", "9", "7"), answer="").answer is None
