"""Rating: scales, levels with descriptions, what does not apply, values brought from other scales."""

import json
from itertools import pairwise

import pytest
from django.utils import translation

from annotate import feedback
from annotate.feedback import rating
from annotate.feedback.rating import Point, scale
from annotate.records import Check, Rating
from tests.annotate.feedback.test_contract import Page, rendered

FIVE = [{"name": f"level_{n}", "text": f"Describes {n}.", "points": 0, "category": "level"} for n in range(1, 6)]


def scale_of(criteria=(), **settings):
    return scale(feedback.settings_with_defaults("rating", settings), criteria)


def given(response="r1", value=3.0, low=1.0, high=5.0, **more):
    return Rating(item="i1", rater="ann", question="q", response=response, value=value, low=low, high=high, **more)


@pytest.mark.parametrize(
    ("settings", "size", "high", "is_slider"),
    [
        ({}, 5, 5, False),
        ({"low": 0, "high": 5}, 6, 5, False),
        ({"high": 4}, 4, 4, False),
        ({"low": -3, "high": 3}, 7, 3, False),
        ({"low": 0, "high": 1, "step": 0.1}, 11, 1, False),
        ({"low": 0, "high": 100}, 101, 100, True),
        ({"low": 0, "high": 20}, 21, 20, False),
        ({"widget": "slider"}, 5, 5, True),
        ({"low": 0, "high": 10, "step": 4}, 3, 8, False),
        ({"low": 5, "high": 1}, 2, 6, False),
        ({"low": 0.5, "high": 5, "step": 0.5}, 10, 5, False),
    ],
)
def test_scales(settings, size, high, is_slider):
    of = scale_of(**settings)
    assert (of.size, of.high, of.is_slider) == (size, high, is_slider)
    if not is_slider:
        assert len(of.points) == size
        assert of.points[-1].value == high


def test_a_value_of_each_dimension(ask):
    asked = ask("rating", low=0, high=4, dimensions=[{"name": "truth"}, {"name": "style"}])
    answer = {"r1": {"truth": 4, "style": 0}, "r2": {"truth": 2, "style": 3}}
    feedback.validate("rating", answer, asked)
    made = list(rating.to_records(answer, asked))
    assert [(r.response, r.dimension, r.value, r.low, r.high) for r in made[:2]] == [
        ("r1", "truth", 4, 0, 4),
        ("r1", "style", 0, 0, 4),
    ]
    assert [(r.subject, r.dimension, r.level) for r in rating.readings(made)][3] == ("r2", "style", 3)


@pytest.mark.parametrize(("value", "fault"), [(6, "maximum"), (0, "minimum"), (2.5, "integer"), ("3", "integer")])
def test_values_off_the_scale_are_refused(ask, refused, value, fault):
    path, message = refused("rating", {"r1": {"overall": value}, "r2": {"overall": 1}}, ask("rating"))
    assert path == "r1/overall"
    assert fault in message


def test_values_between_the_steps_are_refused(ask, refused):
    asked = ask("rating", ("r1",), low=0, high=1, step=0.1)
    for value in (0, 0.3, 0.7, 1):
        feedback.validate("rating", {"r1": {"overall": value}}, asked)
    path, message = refused("rating", {"r1": {"overall": 0.35}}, asked)
    assert (path, message) == ("r1/overall", "0.35 is not on the scale, which goes from 0 to 1 in steps of 0.1.")


def test_untouched_is_no_value_and_null_only_where_it_may_not_apply(ask, refused):
    assert "required" in refused("rating", {"r1": {"overall": 3}, "r2": {}}, ask("rating"))[1]
    assert refused("rating", {"r1": {"overall": None}, "r2": {"overall": 1}}, ask("rating"))[0] == "r1/overall"


def test_what_does_not_apply_is_kept_and_weighs_nothing(ask):
    asked = ask("rating", not_applicable=True)
    answer = {"r1": {"overall": None}, "r2": {"overall": None}}
    feedback.validate("rating", answer, asked)
    made = list(rating.to_records(answer, asked))
    assert [(type(r), r.met, r.points) for r in made] == [(Check, None, 0)] * 2
    assert rating.from_records(made, asked) == answer
    assert list(rating.readings(made)) == []


@pytest.mark.parametrize(
    ("low", "high", "value", "brought"), [(0, 4, 3, 4), (0, 100, 100, 5), (0, 100, 30, 2), (1, 5, 2, 2), (-1, 1, 0, 3)]
)
def test_values_of_another_scale_are_brought_to_this_one(ask, low, high, value, brought):
    answer = rating.from_records([given(value=value, low=low, high=high)], ask("rating"))
    assert answer == {"r1": {"overall": brought}}


def test_a_value_of_this_scale_is_not_mended(ask):
    assert rating.from_records([given(value=2.4)], ask("rating")) == {"r1": {"overall": 2.4}}


def test_described_levels_make_the_scale(ask):
    asked = ask("rating", **rating.PRESETS["ordinal_five_levels"])
    of = scale(asked.settings)
    assert (of.low, of.high) == (1, 5)
    assert of.points[0] == Point(1, "Useless", "Does not answer what was asked, or does harm.")
    meaning = rating.schema(asked)["properties"]["r1"]["properties"]["overall"]["description"]
    assert "1 is Useless: Does not answer" in meaning


def test_the_items_own_levels_come_first(ask):
    criteria = [{"name": "q", "text": "Is it possible?", "points": 0, "category": "question"}, *FIVE[:3]]
    asked = ask("rating", criteria=criteria, item_levels=True)
    assert [point.description for point in scale(asked.settings, criteria).points] == [
        "Describes 1.",
        "Describes 2.",
        "Describes 3.",
    ]
    assert rating.question(asked.settings, criteria) == "Is it possible?"
    answer = {"r1": {"overall": 3}, "r2": {"overall": 1}}
    feedback.validate("rating", answer, asked)
    assert {(r.low, r.high) for r in rating.to_records(answer, asked)} == {(1, 3)}
    other = ask("rating", criteria=criteria)
    assert scale(other.settings, criteria).size == 5, "only where they are asked for"
    none = ask("rating", item_levels=True, levels=[{"title": "bad"}, {"title": "good"}])
    assert [point.label for point in scale(none.settings, none.criteria).points] == ["bad", "good"]


def test_every_rubric_of_biggen_bench_has_its_five_levels(real_data):
    rubrics = json.loads((real_data / "biggen_bench_rubrics" / "sample_responses.json").read_text())
    assert len(rubrics) == 765
    settings = feedback.settings_with_defaults("rating", rating.PRESETS["biggen"])
    for row in rubrics.values():
        texts = [row["score_rubric"][f"score{n}_description"] for n in range(1, 6)]
        criteria = [{"name": f"l{n}", "text": text, "category": "level"} for n, text in enumerate(texts)]
        of = scale(settings, criteria)
        assert [(point.value, point.description) for point in of.points] == list(enumerate(texts, 1))


def test_even_and_odd_presets():
    sizes = {name: scale_of(**preset).size for name, preset in rating.PRESETS.items()}
    assert sizes == {
        **{"helpsteer2": 5, "likert5": 5, "likert7": 7, "even4": 4, "mos5": 5, "rewardedit": 6, "tifa": 5},
        **{"meta_critique": 5, "ordinal_five_levels": 5, "biggen": 5, "slider100": 101},
    }
    assert [d["name"] for d in rating.PRESETS["helpsteer2"]["dimensions"]] == [
        *("helpfulness", "correctness", "coherence", "complexity", "verbosity")
    ]


def test_a_reward_model_answers_only_where_its_scores_are_on_the_scale(ask):
    assert rating.from_scores({"r1": 3.2, "r2": 9}, ask("rating")) is None
    fits = ask("rating", scores_fit=True)
    assert rating.from_scores({"r1": 3.2, "r2": 9}, fits) == {"r1": {"overall": 3}, "r2": {"overall": 5}}
    assert rating.from_scores({"r1": 3.2, "r2": float("inf")}, fits) is None


@pytest.mark.parametrize("name", rating.PRESETS)
def test_every_value_of_every_preset_goes_to_records_and_back(ask, name):
    asked = ask("rating", criteria=FIVE, not_applicable=True, **rating.PRESETS[name])
    of = scale(asked.settings, asked.criteria)
    values = [*(rating.plain(of.low + place * of.step) for place in range(of.size)), None]
    for one, other in pairwise(values):
        names = [row["name"] for row in rating.rows(asked)]
        answer = {"r1": dict.fromkeys(names, one), "r2": dict.fromkeys(names, other)}
        feedback.validate("rating", answer, asked)
        assert rating.from_records(rating.to_records(answer, asked), asked) == answer


@pytest.mark.parametrize("responses", [("r1",), ("r1", "r2", "r3")])
@pytest.mark.parametrize("name", rating.PRESETS)
def test_every_preset_shows_a_control_for_every_value(ask, name, responses):
    asked = ask("rating", responses, criteria=FIVE, **rating.PRESETS[name])
    page = Page(rendered("rating", asked))
    of = scale(asked.settings, asked.criteria)
    inputs = [attrs for tag, attrs in page.tags if tag == "input"]
    controls = len(responses) * len(rating.rows(asked))
    assert len(inputs) == controls * (1 if of.is_slider else of.size)
    assert {attrs["type"] for attrs in inputs} == {"range" if of.is_slider else "radio"}
    ids = page.all("id")
    assert len(ids) == len(set(ids))


def test_a_scale_is_written_for_scripts_whatever_the_language(ask, settings):
    settings.USE_THOUSAND_SEPARATOR = True
    asked = ask("rating", ("r1",), low=0, high=2000, step=0.5, widget="slider")
    with translation.override("de"):
        (tag,) = [attrs for tag, attrs in Page(rendered("rating", asked)).tags if tag == "input"]
    assert (tag["min"], tag["max"], tag["step"]) == ("0", "2000", "0.5")
