"""Pairwise preference: scales, ties, dimensions, canonical order, scores."""

import math

import pytest

from annotate import feedback
from annotate.feedback import pairwise
from annotate.records import Preference


def preference(outcome, **more):
    return Preference(item="i1", rater="ann", question="q", a="r1", b="r2", outcome=outcome, **more)


def test_a_verdict_names_the_response_not_its_place(ask):
    asked = ask("pairwise", labels=["slightly better", "better", "much better"])
    (record,) = pairwise.to_records({"overall": {"chosen": "r2", "strength": 3}}, asked)
    assert (record.a, record.b, record.outcome, record.strength, record.scale) == ("r1", "r2", "b", 3, 3)
    assert record.level == -3
    assert record.dimension == ""


@pytest.mark.parametrize("neither", ["tie", "both_bad"])
def test_neither_has_no_strength(ask, refused, neither):
    asked = ask("pairwise", both_bad=True)
    feedback.validate("pairwise", {"overall": {"chosen": neither, "strength": 0}}, asked)
    path, _ = refused("pairwise", {"overall": {"chosen": neither, "strength": 1}}, asked)
    assert path == "overall/strength"


@pytest.mark.parametrize(
    ("verdict", "path"),
    [
        ({"chosen": "r3", "strength": 1}, "overall/chosen"),
        ({"chosen": "a", "strength": 1}, "overall/chosen"),
        ({"chosen": "both_bad", "strength": 0}, "overall/chosen"),
        ({"chosen": "r1", "strength": 0}, "overall/strength"),
        ({"chosen": "r1", "strength": 2}, "overall/strength"),
        ({"chosen": "r1", "strength": 1.5}, "overall/strength"),
        ({"chosen": "r1", "strength": True}, "overall/strength"),
        ({"chosen": "r1", "strength": "1"}, "overall/strength"),
        ({"chosen": "r1"}, "overall"),
    ],
)
def test_what_is_off_the_scale_is_refused(ask, refused, verdict, path):
    assert refused("pairwise", {"overall": verdict}, ask("pairwise"))[0] == path


def test_a_forced_choice_has_no_tie(ask, refused):
    asked = ask("pairwise", **pairwise.PRESETS["llama2"])
    for strength in (1, 2, 3, 4):
        feedback.validate("pairwise", {"overall": {"chosen": "r1", "strength": strength}}, asked)
    assert refused("pairwise", {"overall": {"chosen": "tie", "strength": 0}}, asked)[0] == "overall/chosen"


def test_each_dimension_has_its_own_verdict(ask, refused):
    asked = ask("pairwise", **pairwise.PRESETS["videoreward"])
    answer = {
        "VQ": {"chosen": "r1", "strength": 1},
        "MQ": {"chosen": "tie", "strength": 0},
        "TA": {"chosen": "r2", "strength": 1},
    }
    feedback.validate("pairwise", answer, asked)
    made = list(pairwise.to_records(answer, asked))
    assert [(r.dimension, r.outcome) for r in made] == [("VQ", "a"), ("MQ", "tie"), ("TA", "b")]
    assert pairwise.from_records(made, asked) == answer
    assert "'TA' is a required property" in refused("pairwise", {k: answer[k] for k in ("VQ", "MQ")}, asked)[1]


def test_overall_among_the_dimensions_is_the_whole(ask):
    asked = ask("pairwise", dimensions=[{"name": "fluency"}, {"name": "overall"}])
    verdict = {"chosen": "r1", "strength": 1}
    made = pairwise.to_records({"fluency": verdict, "overall": verdict}, asked)
    assert [record.dimension for record in made] == ["fluency", ""]


def test_readings_keep_the_items_order_whoever_is_chosen():
    readings = list(pairwise.readings([preference("b", strength=2, scale=3), preference("both_bad", strength=0)]))
    assert [(r.subject, r.category, r.level) for r in readings] == [("r1:r2", "b", -2), ("r1:r2", "both_bad", 0)]


@pytest.mark.parametrize(
    ("strength", "scale", "steps", "expected"),
    [(1, 1, 3, 3), (3, 3, 1, 1), (1, 3, 1, 1), (2, 3, 3, 2), (1, 4, 2, 1), (4, 4, 2, 2)],
)
def test_imported_strength_is_brought_to_this_scale(ask, strength, scale, steps, expected):
    asked = ask("pairwise", labels=["better"] * steps)
    answer = pairwise.from_records([preference("a", strength=strength, scale=scale)], asked)
    assert answer == {"overall": {"chosen": "r1", "strength": expected}}


def test_imported_pair_in_the_other_order(ask):
    record = Preference(item="i1", rater="ann", question="q", a="r2", b="r1", outcome="a")
    assert pairwise.from_records([record], ask("pairwise")) == {"overall": {"chosen": "r2", "strength": 1}}


def test_an_imported_tie_that_the_form_lacks_is_reported(ask, refused):
    asked = ask("pairwise", tie=False)
    answer = pairwise.from_records([preference("tie", strength=0)], asked)
    assert refused("pairwise", answer, asked)[0] == "overall/chosen"


def test_the_higher_score_wins(ask):
    asked = ask("pairwise")
    assert pairwise.from_scores({"r1": -1.0, "r2": 2.0}, asked) == {"overall": {"chosen": "r2", "strength": 1}}
    assert pairwise.from_scores({"r1": 0.5, "r2": 0.5}, asked) == {"overall": {"chosen": "tie", "strength": 0}}
    assert pairwise.from_scores({"r1": 0.5}, asked) is None
    assert pairwise.from_scores({"r1": math.inf, "r2": 0.0}, asked) is None


def test_scores_within_the_margin_tie_unless_the_choice_is_forced(ask):
    scores = {"r1": 1.0, "r2": 1.3}
    tied = {"overall": {"chosen": "tie", "strength": 0}}
    assert pairwise.from_scores(scores, ask("pairwise", tie_margin=0.5)) == tied
    forced = pairwise.from_scores(scores, ask("pairwise", tie_margin=0.5, tie=False))
    assert forced == {"overall": {"chosen": "r2", "strength": 1}}
    assert pairwise.from_scores({"r1": 1.0, "r2": 1.0}, ask("pairwise", tie=False)) is None


def test_strength_follows_the_chance_of_being_better(ask):
    asked = ask("pairwise", labels=["slightly", "better", "much"])

    def strength(probability):
        logit = math.log(probability / (1 - probability))
        return pairwise.from_scores({"r1": logit, "r2": 0.0}, asked)["overall"]["strength"]

    assert [strength(p) for p in (0.51, 0.66, 0.68, 0.82, 0.84, 0.999999)] == [1, 1, 2, 2, 3, 3]


def test_the_schema_tells_a_judge_what_steps_and_dimensions_mean(ask):
    labels = ["slightly better", "much better"]
    asked = ask("pairwise", labels=labels, dimensions=[{"name": "vq", "title": "Visual quality", "help": "sharp"}])
    row = pairwise.schema(asked)["properties"]["vq"]
    assert row["description"] == "Visual quality: sharp"
    strength = row["properties"]["strength"]
    assert strength["description"] == "How much better: 1 slightly better, 2 much better; 0 with tie"


@pytest.mark.parametrize("bad", [{"labels": []}, {"labels": ["x"] * 6}, {"tie": "yes"}, {"tie_margin": -1}])
def test_bad_settings_are_refused(bad):
    with pytest.raises(feedback.InvalidAnswer):
        feedback.settings_with_defaults("pairwise", bad)


# ---- presets, and the item's own criteria ----

SCALES = {
    "plain": (1, False, 1), "arena": (1, True, 1), "llama2": (4, False, 1), "llama3": (4, False, 1),
    "helpsteer2": (3, True, 1), "helpsteer3": (3, True, 1), "editreward": (3, True, 2), "videoreward": (1, True, 3),
    "mm_rlhf": (3, True, 8), "omni_reward": (1, True, 1),
}  # fmt: skip
CRITERIA = ({"name": "short", "text": "Says it in one sentence."}, {"name": "sources", "text": "Names its sources."})


def test_every_preset_is_the_protocols_scale():
    assert pairwise.PRESETS.keys() == SCALES.keys()
    for name, (steps, tie, rows) in SCALES.items():
        settings = feedback.settings_with_defaults("pairwise", pairwise.PRESETS[name])
        asked = feedback.Asked("q", settings, ("r1", "r2"))
        found = (len(asked.settings["labels"]), asked.settings["tie"], len(pairwise.rows(asked)))
        assert found == (steps, tie, rows), name


@pytest.fixture
def under_criteria():
    settings = feedback.settings_with_defaults("pairwise", {"criteria": "item"})
    return feedback.Asked("q", settings, ("r1", "r2"), criteria=CRITERIA, stamp={"item": "i1", "rater": "ann"})


def test_the_same_pair_under_several_criteria_with_opposite_answers(under_criteria):
    answer = {"short": {"chosen": "r1", "strength": 1}, "sources": {"chosen": "r2", "strength": 1}}
    feedback.validate("pairwise", answer, under_criteria)
    made = list(pairwise.to_records(answer, under_criteria))
    assert [(r.dimension, r.outcome) for r in made] == [("short", "a"), ("sources", "b")]
    assert pairwise.from_records(made, under_criteria) == answer
    assert [(r.dimension, r.category) for r in pairwise.readings(made)] == [("short", "a"), ("sources", "b")]


def test_every_criterion_has_a_tie_of_its_own_and_needs_an_answer(under_criteria, refused):
    tie = {"chosen": "tie", "strength": 0}
    feedback.validate("pairwise", {"short": tie, "sources": {"chosen": "r2", "strength": 1}}, under_criteria)
    assert "'sources' is a required" in refused("pairwise", {"short": tie}, under_criteria)[1]
    assert refused("pairwise", {"overall": tie}, under_criteria)[0] == ""


def test_an_item_without_criteria_is_judged_as_a_whole(under_criteria):
    without = feedback.Asked("q", under_criteria.settings, ("r1", "r2"))
    assert [row["name"] for row in pairwise.rows(without)] == ["overall"]
