"""What a project's filters may use comes from the operator's settings."""

import pytest

from annotate.jobs.registry import JobError
from curation import contexts, services
from curation.ports import PortNotRegistered
from tests.curated import answer_everything

pytestmark = pytest.mark.django_db
CONTAMINATION = "stages: [{filter: contamination, n: 5}]"


def test_a_pipeline_compares_with_the_operator_s_benchmarks(world, settings, tmp_path):
    answer_everything(world)
    settings.BENCHMARKS_DIR = tmp_path / "benchmarks"
    with pytest.raises(JobError, match=r"stages/0: contamination: .*BENCHMARKS_DIR"):
        services.plan(project=world.project, pipeline_yaml=CONTAMINATION)
    settings.BENCHMARKS_DIR.mkdir()
    (settings.BENCHMARKS_DIR / "suite.jsonl").write_text(
        '{"prompt": "This is what was asked"}\n{"prompt": "Question 3"}\n'
    )
    _, result = services.plan(project=world.project, pipeline_yaml=CONTAMINATION)
    assert result.summary[1]["notes"] == {"compared_with": {"suite.jsonl": 2}, "found": []}, "two words tell nothing"


def test_the_operator_s_list_of_words(world, settings, tmp_path):
    answer_everything(world)
    settings.TOXIC_WORDS = str(tmp_path / "words.txt")
    with pytest.raises(PortNotRegistered, match="cannot be read"):
        contexts.toxic_words()
    (tmp_path / "words.txt").write_text("# remarks\n\nfirst 3\nsecond 3\n")
    _, result = services.plan(
        project=world.project, pipeline_yaml="stages: [{filter: toxicity, look_in: either, action: drop}]"
    )
    assert [row["rows"] for row in result.summary[1]["reasons"]] == [1]
