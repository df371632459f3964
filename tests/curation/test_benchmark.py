"""Making a benchmark: pairs that models get wrong and people agree on, exported for RewardBench 1 and 2."""

import json
from collections import Counter

import pyarrow as pa
import pytest
from django.urls import reverse

from curation import exporting, formats, pairing, pairs, pipeline, presets, versions
from curation.agreement import people
from curation.formats import rewardbench, rewardbench2
from curation.reading import open_source
from tests.curation.conftest import make_row, make_vote

TEXT = presets.PIPELINES["benchmark"]["text"].format(method="majority", question="preference", by="prompt")


def votes(said, models=""):
    """People p0, p1 … say ``said``, models m0, m1 … say ``models``."""
    spelled = {"t": "tie", "x": "both_bad"}
    return [
        {**make_vote(f"{kind[0]}{place}", spelled.get(sign, sign)), "kind": kind, "p_a": None}
        for kind, signs in (("person", said), ("language_model", models))
        for place, sign in enumerate(signs)
    ]


def table(*rows):
    words = ["ore", "slate", "marl", "chalk", "flint", "gneiss", "basalt", "loam", "shale", "tuff"]
    made = [
        make_row(number, **{"response_a": f"{words[number % 10]} is {number}", "group": "g"} | row)
        for number, row in enumerate(rows)
    ]
    return pa.Table.from_pylist(made, schema=pairs.SCHEMA)


def test_what_people_agree_on_and_models_miss_stays():
    made = pipeline.run(
        table(
            {"votes": votes("aaaa", "bb")},  # stays
            {"votes": votes("aaaa", "ab")},  # stays: the models are split
            {"votes": votes("aaaa", "aa")},  # easy
            {"votes": votes("aabb", "bb")},  # people are divided
            {"votes": votes("aa", "bb")},  # too few people
            {"votes": votes("tttt", "bb")},  # people find neither better
            {"votes": votes("bbbb", "a")},  # too few models
            {"votes": votes("bbbb", "aaaaaaaa")},  # stays, and models do not outvote people
        ),
        pipeline.parse(TEXT),
    )
    assert {row["item"]: row["p_b"] for row in made.table.to_pylist()} == {"item 0": 0, "item 1": 0, "item 7": 1}
    assert set(made.table["split"].to_pylist()) == {"test"}
    dropped = made.trace.filter(pa.compute.equal(made.trace["action"], "drop"))
    assert Counter(dropped["reason"].to_pylist()) == {
        "easy": 1, "people_divided": 1, "too_few_people": 1, "people_undecided": 1, "too_few_models": 1,
    }  # fmt: skip


@pytest.mark.django_db
def test_the_page_of_a_new_version_offers_it(world):
    page = world.client(world.owner).get(reverse("new_version", args=[world.project.pk]), {"preset": "benchmark"})
    form = page.context["form"]
    assert form.initial["dataset"] == "benchmark"
    stages = [stage.filter for stage in pipeline.parse(form.initial["pipeline"]).stages]
    assert stages[:2] == ["human_consensus", "hard_for_models"]


def test_no_subset_has_more_than_its_share():
    rows = [{"votes": votes("aaa", "bb"), "group": "big" if n < 9 else "small"} for n in range(12)]
    made = pipeline.run(table(*rows), pipeline.parse(TEXT.replace("most: 100", "most: 4")))
    assert Counter(made.table["group"].to_pylist()) == {"big": 4, "small": 3}


def test_models_that_answered_do_not_count_as_people_in_the_agreement():
    agreed = people(table(*({"votes": votes("aab" if n % 2 else "bba", "ab")} for n in range(30))))
    assert [row["group"] for row in agreed] == ["", "g"]
    assert agreed[0]["votes"] == 90
    assert agreed[0]["low"] <= agreed[0]["value"] <= agreed[0]["high"] < 0.3
    assert people(table({"votes": votes("a", "ab")})) == []


def four(prompt="q", **more):
    """Pairs under one prompt: ``best`` beats three others."""
    return [
        {"prompt": prompt, "response_a": "best", "response_b": f"bad {n}", "model_a": "m", **more} for n in range(3)
    ]


def exported(*rows):
    left_out = Counter()
    made = list(rewardbench2.rows([table(*rows)], left_out))
    for row in made:
        assert row["total_completions"] == len(row["chosen"]) + len(row["rejected"]) == len(row["models"])
        parsed = rewardbench.parse(row)
        assert len(parsed.responses) == row["total_completions"], "RewardBench's own reader takes it"
    return made, left_out


def test_best_of_four():
    (row,), left_out = exported(*four(), {"prompt": "q", "response_a": "bad 0", "response_b": "bad 1"})
    assert (row["chosen"], row["num_incorrect"], row["subset"]) == (["best"], 3, "g")
    assert set(row["rejected"]) == {"bad 0", "bad 1", "bad 2"}
    assert left_out == {"not_needed": 1}
    assert exported(*four()[:2]) == ([], {"too_few_worse": 2})


def test_good_answers_that_tie_come_with_a_reference():
    also = [{**row, "response_a": "as good"} for row in four()]
    tie = {"prompt": "q", "response_a": "best", "response_b": "as good", "outcome": "tie"}
    (tied, ref), left_out = exported(*four(), *also, tie, {"outcome": "both_bad"}, {"media_a": ["sha256:1"]})
    assert (tied["chosen"], tied["num_correct"], ref["chosen"]) == (["as good", "best"], 2, ["as good"])
    assert tied["rejected"] == ref["rejected"] == ["bad 0", "bad 1", "bad 2"]
    assert int(tied["id"].removeprefix("tied:")) == int(ref["id"].removeprefix("ref:"))
    assert tied["subset"] == "Ties"
    assert left_out == {"both_bad": 1, "media": 1}


def test_a_version_is_exported_whole_and_every_pair_accounted_for(tmp_path):
    rows = [{**row, "votes": votes("aaa", "bb")} for prompt in ("one", "two") for row in four(prompt)]
    plan = pipeline.parse("consensus: {method: majority}\nsplit: {fractions: {train: 0, validation: 0, test: 1}}")
    version = versions.write(pipeline.run(table(*rows, {"votes": votes("bbb")}), plan), plan, tmp_path)
    counts = exporting.export(version.path, "rewardbench2", {}, tmp_path / "out")
    assert counts["splits"]["test"]["left_out"] == {"too_few_worse": 1}
    lines = [json.loads(line) for line in (tmp_path / "out" / "test.jsonl").read_text().splitlines()]
    assert sorted(line["prompt"] for line in lines) == ["one", "two"]


@pytest.mark.real_data
def test_a_benchmark_from_the_people_of_pandalm(real_data):
    """Two made-up models, one that likes length and one that likes brevity: one is wrong wherever people lean."""
    with open_source(real_data / "pandalm_testset" / "testset-v1.json") as reader:
        rows = [formats.importer("pandalm").parse(row.data) for row in reader]
    found = pairing.table(rows)
    with_models = []
    for row in found.to_pylist():
        longer = "a" if len(row["response_a"]) >= len(row["response_b"]) else "b"
        said = {"long": longer, "short": "b" if longer == "a" else "a"}
        as_model = {"kind": "language_model", "p_a": None}
        models = [{**make_vote(name, outcome), **as_model} for name, outcome in said.items()]
        with_models.append({**row, "votes": row["votes"] + models})
    made = pipeline.run(
        pa.Table.from_pylist(with_models, schema=pairs.SCHEMA), pipeline.parse(TEXT.replace("100", "999"))
    )
    assert 300 < made.table.num_rows < 900
    (agreed,) = people(made.table)[:1]
    assert agreed["value"] > people(found)[0]["value"] > 0.8
    left_out = Counter()
    listed = list(rewardbench.export(made.table, {}, left_out))
    assert len(listed) + left_out.total() == made.table.num_rows
