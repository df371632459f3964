"""A version tells who voted, and of every model among them what made its answers."""

import hashlib

import pytest
from django.urls import reverse

from annotate import services as annotate_services
from annotate.models import Annotation
from curation import lineage, services
from curation.judging.services import create_judge, run_judge
from curation.models import JudgeRun
from curation.pairs import content_hash
from tests.curated import PIPELINE, curated_version, trained_model

pytestmark = pytest.mark.django_db


def judged_by_rule(world):
    judge = create_judge(
        organisation=world.organisation, name=world.text("short"), method="length", settings={"most": 7}
    )
    run = JudgeRun.objects.create(judge=judge, project=world.project)
    run_judge(run=JudgeRun.objects.select_related("judge__rater", "project").get(pk=run.pk))
    return judge, run


def answered_by_model(world, model):
    new = [
        annotate_services.NewAnnotation(task=task, rater=model.rater, answers=world.answers(task))
        for task in world.project.tasks.all()
    ]
    annotate_services.add_annotations(form=world.project.form, annotations=new, status=Annotation.Status.UNASKED)


@pytest.fixture
def versions(world):
    """One made of people's answers, and one after a rule and a reward model trained on the first have voted too."""
    first = curated_version(world)
    model = trained_model(world)
    model.rater.metadata |= {"run": model.run_id, "backbone": "minilm", "loss": "bradley_terry"}
    model.rater.save()
    judge, run = judged_by_rule(world)
    answered_by_model(world, model)
    return first, services.curate(dataset=first.dataset, pipeline_yaml=PIPELINE), judge, run, model


def test_the_manifest_names_every_rater_that_is_a_model(world, versions):
    first, second, judge, run, model = versions
    told = first.manifest["lineage"]
    assert [(row["kind"], row["raters"]) for row in told["voters"]] == [("person", 2)]
    assert told["models"] == []
    assert told["guidelines_sha256"] == hashlib.sha256(world.project.guidelines.encode()).hexdigest()
    told = second.manifest["lineage"]
    assert {row["kind"]: row["raters"] for row in told["voters"]} == {"person": 2, "rule": 1, "reward_model": 1}
    assert sum(row["votes"] for row in told["voters"]) == second.manifest["votes"]
    by_name = {entry["name"]: entry for entry in told["models"]}
    rule = by_name[judge.rater.name]
    assert (rule["kind"], rule["judge"], rule["judge_version"], rule["method"]) == ("rule", judge.name, 1, "length")
    assert rule["prompt_hash"] == content_hash([judge.method, judge.prompt, judge.settings])
    assert rule["runs"] == [run.pk]
    reward = by_name[model.rater.name]
    assert (reward["kind"], reward["backbone"], reward["run"]) == ("reward_model", "minilm", model.run_id)


def test_what_a_judge_was_stays_out_of_the_folder_that_projects_share(versions):
    _, second, judge, _, _ = versions
    manifest = (second.path / "manifest.json").read_text()
    assert judge.prompt_hash not in manifest
    assert "voters" not in manifest


def test_the_graph_shows_a_judge_before_the_versions_and_a_trained_model_as_its_training(world, versions):
    first, second, judge, _, _ = versions
    found = lineage.graph(world.project)
    node = next(node for node in found["nodes"] if node["kind"] == "rule")
    assert node["url"] == reverse("judge", args=[world.project.pk, judge.pk])
    assert judge.prompt_hash[:12] in node["note"]
    into = {a for a, b in found["edges"] if b == f"v{second.pk}"}
    assert into == {f"v{first.pk}", node["id"], "r0"}, "the reward model is the training that made it"
    assert (f"v{first.pk}", "r0") in found["edges"]
    places = [node["id"] for node in found["nodes"]]
    assert all(places.index(a) < places.index(b) for a, b in found["edges"])
    third = services.curate(dataset=first.dataset, pipeline_yaml=PIPELINE.replace("seed: 0", "seed: 3"))
    edges = lineage.graph(world.project)["edges"]
    assert [a for a, b in edges if b == f"v{third.pk}"] == [f"v{second.pk}"], "drawn where it comes in"
    assert (
        judge.rater.title
        in world.client(world.owner).get(reverse("version", args=[world.project.pk, second.pk])).content.decode()
    )


def test_a_language_model_judge_tells_the_models_that_answered(world, tmp_path):
    judge, run = judged_by_rule(world)
    Annotation.objects.filter(rater=judge.rater).update(metadata={"model": "one, two", "run": run.pk})
    version = curated_version(world)
    (entry,) = version.manifest["lineage"]["models"]
    assert entry["models"] == ["one", "two"]
