"""The commands of curation, as a shell sees them: one JSON object, or one sentence on what is wrong."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from tests.curated import PIPELINE, answer_everything, curated_version

pytestmark = pytest.mark.django_db


def run(*arguments):
    out = io.StringIO()
    call_command(*map(str, arguments), "--json", stdout=out)
    return json.loads(out.getvalue())


def test_import_items(world, tmp_path):
    (tmp_path / "a.jsonl").write_text('{"prompt": "P", "response_a": "A", "response_b": "B"}\n')
    made = run("import_items", world.project.pk, tmp_path / "a.jsonl", "--format", "votes")
    assert (made["rows"], made["items"]) == (1, 1)
    with pytest.raises(CommandError, match="hh_rlhf"):
        run("import_items", world.project.pk, tmp_path / "a.jsonl", "--format", "nonsense")
    with pytest.raises(CommandError, match="cannot be opened"):
        run("import_items", world.project.pk, tmp_path / "none.jsonl", "--format", "votes")
    with pytest.raises(CommandError, match="no project"):
        run("import_items", "Nowhere", tmp_path / "a.jsonl", "--format", "votes")


def test_agreement_and_consensus(world):
    with pytest.raises(CommandError, match="Nobody has answered"):
        run("consensus", world.project.name)
    answer_everything(world)
    figures = run("agreement", world.project.name)
    assert (figures["question"], figures["dimensions"][0]["n_raters"]) == ("preference", 2)
    estimate = run("consensus", world.project.name, "--method", "majority")
    assert estimate["runs"][0]["units"] == 6
    assert estimate["runs"][0]["gold"]["n"] == 6
    with pytest.raises(CommandError, match="It has: preference, reason"):
        run("agreement", world.project.name, "--question", "colour")
    with pytest.raises(CommandError, match="majority"):
        run("consensus", world.project.name, "--method", "oracle")


def test_curate_and_export(world, tmp_path):
    answer_everything(world)
    (tmp_path / "pipeline.yaml").write_text(PIPELINE)
    preview = run("curate", world.project.pk, tmp_path / "pipeline.yaml", "--preview")
    assert preview["summary"][-1]["rows_out"] == 6
    made = run("curate", world.project.pk, tmp_path / "pipeline.yaml")
    assert sum(made["rows"].values()) == 6
    out = run("export_dataset", made["hash"][:10], tmp_path / "out", "--format", "jsonl")
    assert out["version"] == made["hash"]
    assert sum(1 for path in (tmp_path / "out").glob("*.jsonl") for _ in path.open()) == 6
    (tmp_path / "pipeline.yaml").write_text("stages: [{filter: magic}]")
    with pytest.raises(CommandError, match="exact_duplicates"):
        run("curate", world.project.pk, tmp_path / "pipeline.yaml")
    with pytest.raises(CommandError, match="no pipeline file"):
        run("curate", world.project.pk, tmp_path / "none.yaml")


def test_export_says_what_is_wrong(world, tmp_path):
    version = curated_version(world)
    with pytest.raises(CommandError, match="No dataset version"):
        run("export_dataset", "zzz", tmp_path / "out")
    with pytest.raises(CommandError, match="trl"):
        run("export_dataset", version.hash, tmp_path / "out", "--format", "pdf")
    with pytest.raises(CommandError):
        run("export_dataset", version.hash, tmp_path / "out", "--options", "{")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("keep")
    with pytest.raises(CommandError, match="other files"):
        run("export_dataset", version.hash, tmp_path / "out")


def test_import_by_a_mapping(world, tmp_path):
    (tmp_path / "a.csv").write_text("q,x,y\nWhy?,A,B\n")
    (tmp_path / "map.yaml").write_text("prompt: q\nresponses: [{text: x}, {text: y}]\n")
    made = run("import_items", world.project.pk, tmp_path / "a.csv", "--mapping", tmp_path / "map.yaml")
    assert (made["items"], made["rejected"]) == (1, 0)
    with pytest.raises(CommandError, match="llmbar"):  # those that come with the product
        run("import_items", world.project.pk, tmp_path / "a.csv", "--mapping", "no such")
    made = run("import_items", world.project.pk, tmp_path / "a.csv", "--mapping", "llmbar")
    assert made["rejected"] == 1


def test_a_project_there_and_back(world, tmp_path):
    answer_everything(world)
    told = run("export_project", world.project.name, tmp_path / "out")
    assert (told["items"], told["media"]) == (6, 1)
    made = run("import_project", tmp_path / "out", "--organisation", world.organisation.name, "--name", "Copy")
    assert (made["name"], made["items"], made["answers"], made["left_out"]) == ("Copy", 6, told["answers"], {})
    with pytest.raises(CommandError, match="There is no form"):
        run("import_project", tmp_path, "--organisation", world.organisation.name)
    with pytest.raises(CommandError, match="no_such"):
        run("export_project", world.project.name, tmp_path / "out", "--options", '{"no_such": 1}')
