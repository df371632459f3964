"""One vote a model, however many samples it gives."""

import json
from dataclasses import replace

import pytest

from annotate import feedback
from annotate.feedback import Asked
from curation.judges import Completion

from .conftest import case_of


def test_models_weigh_the_same_and_a_silent_one_nothing(judged):
    asked = Asked("q", feedback.settings_with_defaults("pairwise", {}), ("k", "l"), {"k": "K!", "l": "L!"})
    case = replace(case_of("pairwise"), asked=asked, examples=(), images={})
    likes = {"one": "L!", "two": "K!", "three": "L!", "mute": None}

    def ask(request, endpoint):
        text, liked = request.messages[1]["content"], likes[endpoint]
        if liked is None:
            return Completion(("no",) * request.n, 1, 1), endpoint
        label = "response_1" if text.index(liked) == min(text.index("K!"), text.index("L!")) else "response_2"
        return Completion((json.dumps({"overall": {"chosen": label, "strength": 1}}),) * request.n, 1, 1), endpoint

    found = judged("panel", case, ask, endpoints=list(likes), samples=2)
    assert found.answer == {"overall": {"chosen": "l", "strength": 1}}
    assert found.probs["overall"] == pytest.approx({"l": 2 / 3, "k": 1 / 3})
    assert found.notes["models"]["two"]["answer"]["overall"]["chosen"] == "k"
    assert found.notes["models"]["mute"]["answer"] is None
    assert {sample.call for sample in found.samples} == set(likes)
