"""A vote weighs what the meta judge thinks of its critique."""

import json
from dataclasses import replace

import pytest

from annotate import feedback
from annotate.feedback import Asked
from curation.judges import Completion

from .conftest import case_of


def case():
    asked = Asked("q", feedback.settings_with_defaults("pairwise", {}), ("k", "l"), {"k": "K!", "l": "L!"})
    return replace(case_of("pairwise"), asked=asked, examples=(), images={})


def model(ratings):
    """Three samples an order: two with poor critiques for k, one with a sound critique for l."""

    def ask(request, endpoint):
        text = request.messages[1]["content"]
        if "rating" in request.schema["properties"]:
            assert endpoint == "meta"
            rating = ratings["sound" if "sound" in text else "poor"]
            return Completion((json.dumps({"rating": rating}) if rating is not None else "?",), 1, 1), "meta"
        k, other = ("response_1", "response_2") if text.index("K!") < text.index("L!") else ("response_2", "response_1")
        said = [("poor", k), ("poor", k), ("sound", other)]
        verdicts = [
            json.dumps({"critique": words, "verdict": {"overall": {"chosen": label, "strength": 1}}})
            for words, label in said
        ]
        return Completion(tuple(verdicts), 1, 1), "own"

    return ask


@pytest.mark.parametrize(
    ("ratings", "chosen", "share"),
    [
        ({"poor": 2, "sound": 9}, "l", 9 / 13),
        ({"poor": 5, "sound": 5}, "k", 1 / 3),
        ({"poor": None, "sound": 1}, "l", 1),
    ],
)
def test_votes_weigh_their_ratings(judged, ratings, chosen, share):
    found = judged("meta_weighted", case(), model(ratings), samples=3, meta_endpoint="meta")
    assert found.answer["overall"]["chosen"] == chosen
    assert found.probs["overall"]["l"] == pytest.approx(share)
    assert found.notes["ratings"] == [ratings["poor"], ratings["poor"], ratings["sound"]] * 2
    assert len(found.samples) == 12


def test_no_sound_critique_no_answer(judged):
    assert (
        judged("meta_weighted", case(), model({"poor": 0, "sound": 0}), samples=3, meta_endpoint="meta").answer is None
    )
