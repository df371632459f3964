"""What each way makes, looked at closely."""

import csv
import io
import math
import re

import numpy as np
import pytest
from PIL import Image

from annotate.records import Ranking, Revision, Verdict
from curation import construction
from curation.construction import Item, Material, Response, degraded, image_corruptions
from curation.filters import Context, SettingsError
from curation.ports import PortNotRegistered
from tests.curation.construction.conftest import ITEMS, STAMP, STORY, picture, prompt, rating


def keys(made):
    return sorted((pair.item, pair.better.key, pair.worse.key, round(pair.strength, 3)) for pair in made)


def of(*records, items=ITEMS):
    from curation import pairs

    return Material(pairs.SCHEMA.empty_table(), records, items)


# ---- from records ----


def test_ratings_give_pairs_that_lie_apart(make):
    assert keys(make("ratings", gap=0.5)) == [
        ("i1", "x", "y", 0.5), ("i1", "x", "z", 1.0), ("i1", "y", "z", 0.5),
        ("i2", "x", "z", 0.5), ("i2", "y", "z", 0.5),
    ]  # fmt: skip
    assert keys(make("ratings", gap=0.6)) == [("i1", "x", "z", 1.0)]
    assert make("ratings", question="other") == []


def test_ratings_are_means_over_raters_and_scales(make):
    material = of(
        rating("i1", "x", 5, "r1"), rating("i1", "x", 4, "r2"), rating("i1", "x", 0.875, "r3", low=0, high=1),
        rating("i1", "y", 3, "r1"),
    )  # fmt: skip
    assert keys(make("ratings", material=material)) == [("i1", "x", "y", 0.375)]


def test_the_first_factor_that_tells_two_apart_decides(make):
    def two(right, kind):
        return [
            rating("i1", key, value, dimension=name)
            for name, values in (("right", right), ("kind", kind))
            for key, value in zip("xyz", values, strict=True)
        ]

    material = of(*two((5, 5, 1), (1, 3, 5)))
    factors = {"factors": ["right", "kind"], "gap": 0.5}
    found = make("ordered_factors", material=material, **factors)
    assert keys(found) == [("i1", "x", "z", 1.0), ("i1", "y", "x", 0.5), ("i1", "y", "z", 1.0)]
    assert sorted(pair.note["factor"] for pair in found) == ["kind", "right", "right"]
    turned = make("ordered_factors", material=material, factors=["kind", "right"], gap=0.5)
    assert keys(turned) == [("i1", "y", "x", 0.5), ("i1", "z", "x", 1.0), ("i1", "z", "y", 0.5)]


def test_lengths_are_factors_and_what_no_factor_tells_apart_gives_no_pair(make):
    items = {"i1": Item(prompt("q"), {key: Response("w" * n, (), "m", key) for key, n in (("x", 10), ("y", 5))})}
    material = of(rating("i1", "x", 4), rating("i1", "y", 4), items=items)
    assert keys(make("ordered_factors", material=material, factors=["shorter"])) == [("i1", "y", "x", 0.5)]
    assert make("ordered_factors", material=material, factors=["shorter"], gap=0.6) == []


def test_a_factor_that_nobody_rated_is_named(make):
    with pytest.raises(SettingsError, match="No rating has the dimension 'grace'"):
        make("ordered_factors", material=of(rating("i1", "x", 4, dimension="right")), factors=["grace"])


def test_what_is_missing_or_broken_gives_no_pair(make):
    material = of(
        rating("i1", "x", math.nan), rating("i1", "y", 3, low=3, high=3), rating("i1", "z", 1),
        rating("gone", "x", 5), rating("gone", "y", 1), rating("i2", "no such response", 5), rating("i2", "x", 1),
        Verdict(item="gone", response="x", good=True, **STAMP),
        Revision(item="i1", response="x", text="  ", **STAMP), Revision(item="i1", response="gone", text="t", **STAMP),
        Revision(item="i2", response="x", text=f" {ITEMS['i2'].responses['x'].text}", **STAMP),
        Ranking(item="i3", ranks={"x": 1}, **STAMP), Ranking(item="i2", ranks={"x": 1, "y": 1}, **STAMP),
    )  # fmt: skip
    for name in ("ratings", "verdicts", "rubrics", "rankings", "revisions"):
        assert make(name, material=material) == []


def test_across_prompts_the_conversation_stands_in_the_response(make):
    items = {f"i{n}": Item(prompt(f"Q{n}"), {"x": Response(f"A{n}", key="x")}) for n in range(4)}
    records = [rating(f"i{n}", "x", value) for n, value in enumerate((5, 1, 4, 2))]
    made = make("ratings", material=of(*records, items=items), across=True, gap=0.5)
    assert sorted((p.prompt, p.better.text, p.worse.text, p.item, p.items) for p in made) == [
        ("[]", "Q0\n\nA0", "Q1\n\nA1", "i0", ("i1",)), ("[]", "Q2\n\nA2", "Q3\n\nA3", "i2", ("i3",)),
    ]  # fmt: skip
    assert make("ratings", material=of(*records, items=items), gap=0.5) == []


def test_verdicts_rubrics_and_rankings(make):
    assert keys(make("verdicts")) == [("i1", "x", "y", 1.0)]
    assert keys(make("rubrics", gap=0.5)) == [("i2", "z", "x", 0.667)]
    assert keys(make("rankings")) == [("i3", "x", "y", 1.0), ("i3", "x", "z", 1.0)]


def test_a_revision_beats_its_original_and_what_that_beats(make):
    found = [(pair.better.text[-11:], pair.worse.key, len(pair.sources)) for pair in make("revisions")]
    assert found == [("Better now.", "x", 0), ("Better now.", "w", 1)]
    assert len(make("revisions", beaten=False)) == 1


# ---- from pairs ----


def test_off_prompt_triples(make, material):
    made = make("off_prompt")
    assert len(made) == 3 * 4, "four pairs have a winner"
    prompt_of = {row["row_id"]: row["prompt"] for row in material.table.to_pylist()}
    for pair in made:
        own, foreign = (prompt_of[row_id] for row_id in pair.sources)
        assert own == pair.prompt != foreign
        assert (pair.outcome == "tie") == (pair.note["kind"] == "neutral")
    assert {p.note["kind"] for p in make("off_prompt", winner=False, loser=False)} == {"neutral"}
    one = Material(material.table.slice(0, 1))
    assert make("off_prompt", material=one) == [], "there is no other prompt"


def test_the_same_responses_win_once_under_each_prompt(make, material):
    made = make("counterfactual")
    assert len(made) == 2 * 4, "four pairs have a winner"
    prompt_of = {row["row_id"]: row["prompt"] for row in material.table.to_pylist()}
    for one, other in zip(made[::2], made[1::2], strict=True):
        assert (one.better, one.worse) == (other.worse, other.better)
        assert one.prompt != other.prompt
        assert [prompt_of[pair.sources[0]] for pair in (one, other)] == [one.prompt, other.prompt]
    assert make("counterfactual", material=Material(material.table.slice(0, 1))) == [], "there is no other prompt"


@pytest.mark.parametrize("name", degraded.RULES)
def test_a_rule_makes_a_text_worse(name):
    rule = degraded.RULES[name]
    texts = {rule.apply(STORY, np.random.default_rng(seed)) for seed in range(5)}
    assert len(texts) > 1
    for text in texts:
        assert text != STORY
        words, old = text.split(), STORY.split()
        if name in ("truncate", "drop_sentences"):
            assert set(words) < set(old)
            assert len(words) < len(old)
        elif name == "shuffle_sentences":
            assert sorted(words) == sorted(old)
        elif name == "repeat":
            assert len(words) > len(old)
            assert set(words) == set(old)
        else:
            assert len(text) == len(STORY)
            assert [sorted(w) for w in words] == [sorted(w) for w in old]
    for short in ("", "Yes.", "\n\n", "…"):
        rule.apply(short, np.random.default_rng(0))


def test_degraded_names_its_rule_and_leaves_out_what_cannot_be_worse(make, pair_table):
    made = make("degraded", material=Material(pair_table({"response_a": "Yes."})), share=1)
    assert {pair.note["rule"] for pair in made} == {"repeat"}
    assert made[0].note == {"rule": "repeat", "dimension": "conciseness"}
    assert made[0].better.text == "Yes."


def test_rewriting_is_the_caller_s(make, material):
    asked = []

    def rewrite(prompt, response, instruction):
        asked.append((prompt, instruction))
        return "" if prompt == "And then?" else f"{response}!"

    made = make("rewritten", context=Context(rewrite=rewrite), dimension="tone", share=1)
    assert len(asked) == 4
    assert ("What happened?", "Rewrite the response so that its tone is better, and change nothing else.") in asked
    assert {(pair.better.text, pair.worse.text) for pair in made} >= {(f"{STORY}!", STORY)}
    assert len(made) == 3, "an empty answer gives no pair"
    worse = make("rewritten", context=Context(rewrite=rewrite), dimension="tone", share=1, direction="worse")
    assert {pair.better.text for pair in worse} >= {STORY}
    with pytest.raises(PortNotRegistered, match="Nobody"):
        make("rewritten", context=Context(), dimension="tone", share=1)


def test_mirrored_pairs_say_the_same_of_exchanged_sides(make, material):
    rows = construction.rows(
        make("mirrored"), by="mirrored", question="q", dimension="", known=material.table["row_id"].to_pylist()
    )
    assert rows.num_rows == 5
    winner = {
        row["item"]: (row["response_a"] if row["p_a"] == 1 else row["response_b"], row["strength"])
        for row in material.table.to_pylist()
    }
    for row in rows.to_pylist():
        if row["p_tie"] != 1:
            text, strength = winner[row["item"]]
            assert (row["response_a"] if row["p_a"] == 1 else row["response_b"]) == text
            assert row["strength"] == -strength


@pytest.mark.parametrize("name", image_corruptions.RULES)
def test_a_picture_is_corrupted_and_always_alike(name):
    content = picture(1)
    once, twice, other = (
        image_corruptions.corrupted(content, name, 0.5, np.random.default_rng(seed)) for seed in (0, 0, 1)
    )
    assert once == twice
    assert (once == other) == (name in ("blur", "jpeg")), "the others draw lots"
    before, after = (np.asarray(Image.open(io.BytesIO(c)).convert("RGB"), dtype=float) for c in (content, once))
    assert before.shape == after.shape
    assert np.abs(before - after).mean() > 2
    assert image_corruptions.corrupted(b"no picture", name, 0.5, np.random.default_rng(0)) is None


def test_a_corrupted_picture_is_new_media(make):
    made = make("image_corruptions", share=1)
    assert len(made) == 6
    for pair in made:
        (name,) = pair.files
        assert pair.worse.media == (name,)
        assert pair.better.media == ("sha256:pic",)
        assert re.fullmatch("sha256:[0-9a-f]{64}", name)


@pytest.mark.real_data
def test_real_ratings_of_pictures_give_pairs(make, real_data):
    """16 generated pictures rated by about 24 people each: the mean of the better is the higher."""
    with (real_data / "ai_images" / "ratings.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["scale"] == "range_image_appeal"]
    records = [rating("all", row["image"], float(row["rating"]), row["rater"]) for row in rows]
    pictures = sorted({record.response for record in records})
    items = {"all": Item(prompt("Which is nicer?"), {key: Response("", (key,), "", key) for key in pictures})}
    mean = {key: np.mean([record.value for record in records if record.response == key]) for key in pictures}
    made = make("ratings", material=of(*records, items=items), gap=0.25)
    apart = [(a, b) for a in pictures for b in pictures if mean[a] - mean[b] >= 1 - 1e-6]
    assert sorted((pair.better.key, pair.worse.key) for pair in made) == sorted(apart)
    assert len(apart) > 10
