"""The main job, headless: the whole path on made-up votes with a tiny model, and agreement on real ones."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from annotate.models import Annotation
from rewardtrain import main_job
from tests.curated import write_votes

pytestmark = pytest.mark.django_db


def run(*arguments):
    out = io.StringIO()
    call_command("main_job", *map(str, arguments), "--json", stdout=out)
    return json.loads(out.getvalue())


@pytest.fixture(autouse=True)
def own_data(settings, tmp_path):
    settings.RUNS_DIR = tmp_path / "runs"
    settings.EXPORTS_DIR = tmp_path / "exports"


def left_out(report):
    return {entry["stage"]: entry["why"] for entry in report["left_out"]}


@pytest.mark.slow
def test_the_whole_path(tiny_encoder, tmp_path, monkeypatch):
    monkeypatch.setattr(main_job, "LEAST_PAIRS", 20)
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(f"{{backbone: '{tiny_encoder}', epochs: 1, tokens_per_step: 128, max_length: 48, device: cpu}}")
    source = write_votes(tmp_path / "votes.jsonl")
    report = run(source, "--format", "votes", "--group-by", "topic", "--recipe", recipe)
    assert report["left_out"] == []
    assert (report["import"]["rows"], report["import"]["items"], report["import"]["answers"]) == (120, 120, 360)
    assert report["agreement"]["dimensions"][0]["n_raters"] == 3
    methods = ("dawid_skene", "mace", "majority", "newman", "pooled")
    assert {name: report["consensus_accuracy"][name]["n"] for name in methods} == dict.fromkeys(methods, 120)
    assert report["consensus_accuracy"]["pooled"]["accuracy"] > 0.8
    assert sum(report["version"]["rows"].values()) <= 120
    assert {"accuracy", "baselines"} <= report["model"].keys()
    assert report["model_as_rater"]["tasks"] == 120
    assert report["export"]["written"] > 0
    assert {"import", "agreement", "training", "total"} <= report["seconds"].keys()

    # Once more: nothing comes twice, and the version is the same.
    again = run(source, "--format", "votes", "--group-by", "topic", "--no-train")
    assert (again["import"]["items"], again["import"]["answers"]) == (0, 0)
    assert Annotation.objects.filter(status="counted").count() == 360
    assert left_out(again) == {"training": "Not asked for."}


def test_what_the_data_do_not_carry_is_left_out_with_the_reason(tmp_path):
    source = tmp_path / "few.jsonl"
    vote = {"rater": "ann", "choice": "a"}
    rows = [{"prompt": f"P{n}", "response_a": f"A{n}", "response_b": f"B{n}", **vote} for n in range(5)]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    report = run(source, "--format", "votes")
    assert "no gold" in left_out(report)["consensus"]
    assert "to train on" in left_out(report)["training"]
    assert "model" not in report
    assert report["export"]["written"] == 5


def test_a_file_without_votes_is_imported_and_no_more(tmp_path):
    source = tmp_path / "silent.jsonl"
    source.write_text('{"prompt": "P", "response_a": "A", "response_b": "B"}\n')
    report = run(source, "--format", "votes")
    assert report["import"]["items"] == 1
    assert {"consensus", "curation"} <= left_out(report).keys()


def test_a_file_of_which_nothing_can_be_imported(tmp_path):
    (tmp_path / "bad.jsonl").write_text("nothing\nof\nuse\n{}\n")
    with pytest.raises(CommandError, match=r"could be imported; .*rejected\.csv says why"):
        run(tmp_path / "bad.jsonl", "--format", "votes")


@pytest.mark.real_data
@pytest.mark.slow
def test_published_agreement_on_pandalm(real_data):
    report = run(real_data / "pandalm_testset" / "testset-v1.json", "--format", "pandalm", "--no-train")
    assert (report["import"]["items"], report["import"]["rejected"]) == (999, 0)
    (dimension,) = report["agreement"]["dimensions"]
    alpha = next(row for row in dimension["measures"] if row["name"] == "alpha" and row["measure"] == "nominal")
    assert round(alpha["value"], 3) == 0.864
    matrix = next(entry for entry in dimension["matrices"] if entry["measure"] == "nominal")
    place = {name: i for i, name in enumerate(matrix["raters"])}
    pairs = [("annotator1", "annotator2"), ("annotator1", "annotator3"), ("annotator2", "annotator3")]
    assert [round(matrix["value"][place[a]][place[b]], 3) for a, b in pairs] == [0.852, 0.879, 0.862]
    assert left_out(report).keys() == {"consensus", "training"}
