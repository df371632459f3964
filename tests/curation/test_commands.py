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
