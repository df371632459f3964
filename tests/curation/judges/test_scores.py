"""Answers from scores: under each of the item's criteria on its own, and for a tournament under other names."""

from annotate import feedback
from annotate.feedback import Asked
from annotate.steps import steps_of
from curation.judges._prompt import _relabelled
from curation.judges._scores import answer_from, dimensions

CRITERIA = ({"name": "short", "text": "Is short."}, {"name": "sources", "text": "Names its sources."})


def test_each_of_the_items_criteria_has_scores_of_its_own():
    settings = feedback.settings_with_defaults("pairwise", {"criteria": "item"})
    asked = Asked("q", settings, ("r1", "r2"), criteria=CRITERIA)
    assert [row["name"] for row in dimensions(asked)] == ["short", "sources"]
    scores = {"short": {"r1": 2.0, "r2": 0.0}, "sources": {"r1": 0.0, "r2": 1.0}}
    answer = answer_from("pairwise", asked, scores)
    feedback.validate("pairwise", answer, asked)
    assert {name: verdict["chosen"] for name, verdict in answer.items()} == {"short": "r1", "sources": "r2"}


def test_other_names_keep_the_seeds_and_the_steps():
    settings = feedback.settings_with_defaults("ranking", {"schedule": "tournament"})
    keys = tuple(f"r{i}" for i in range(8))
    steps = {key: steps_of(f"{key} says", {}, split="lines") for key in keys}
    asked = Asked("q", settings, keys, stamp={"item": "i1", "rater": ""}, steps=steps)
    labels = {key: f"response_{place}" for place, key in enumerate(reversed(keys), 1)}
    renamed = _relabelled(asked, labels)
    assert renamed.drawn == tuple(labels[key] for key in asked.drawn)
    assert renamed.steps["response_1"] == steps["r7"]
