"""The API of the reward lab, its pages, and the scores that it serves."""

import json
import socket

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from annotate.jobs.models import Job
from rewardtrain.models import Run
from tests.curated import curated_version, scoring_server, trained_model

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_runs(settings, tmp_path):
    settings.RUNS_DIR = tmp_path / "runs"


def ask(world, user=None, scopes=(), **body):
    header = world.token(user or world.owner, *scopes)
    given = {"model": trained_model(world).pk, "prompts": ["p"], "responses": ["r"], **body}
    address = reverse("api_score")
    return world.client(None).post(address, json.dumps(given), content_type="application/json", headers=header)


def test_score(world, settings):
    settings.SCORER_URL = scoring_server([1.5])
    answer = ask(world)
    assert (answer.status_code, answer.json()) == (200, {"rewards": [1.5]})


def test_nobody_scores_without_a_token(world):
    assert world.client(None).post(reverse("api_score")).status_code == 401


def test_others_do_not_learn_that_a_model_exists(world, settings):
    settings.SCORER_URL = scoring_server([1.5])
    from annotate.access.services import create_token

    _, plain = create_token(organisation=world.elsewhere, user=world.outsider, name="theirs")
    body = {"model": trained_model(world).pk, "prompts": ["p"], "responses": ["r"]}
    answer = world.client(None).post(
        reverse("api_score"),
        json.dumps(body),
        content_type="application/json",
        headers={"Authorization": f"Bearer {plain}"},
    )
    assert answer.status_code == 404
    assert ask(world, model=10**6).status_code == 404
    assert ask(world, user=world.members["annotator"]).status_code == 404
    assert ask(world, scopes=("label",)).status_code == 404
    assert ask(world, scopes=("view",)).status_code == 200


@pytest.mark.parametrize(
    "body",
    [{"responses": []}, {"prompts": []}, {"prompts": ["p", "p"]}, {"prompts": "p"}, {"model": "x"},
     {"responses": [3.5, {}]}, {"prompts": ["p"] * 513, "responses": ["r"] * 513}],
)  # fmt: skip
def test_requests_that_are_wrong(world, settings, body):
    settings.SCORER_URL = scoring_server([1.5])
    answer = ask(world, **body)
    assert answer.status_code == 400
    assert answer.json()


def test_what_the_scoring_server_refuses_is_told(world, settings):
    settings.SCORER_URL = scoring_server('{"error": "There is no model."}', status=404)
    answer = ask(world)
    assert answer.status_code == 400
    assert "There is no model." in answer.content.decode()


@pytest.mark.parametrize(("said", "status"), [("<h1>gateway</h1>", 502), ("<h1>not ours</h1>", 200), ("[]", 200)])
def test_a_scoring_server_that_is_broken_is_503(world, settings, said, status):
    settings.SCORER_URL = scoring_server(said, status=status)
    assert ask(world).status_code == 503


def test_a_scoring_server_that_is_away_is_503_with_a_reason(world, settings):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings.SCORER_URL = f"http://127.0.0.1:{free.getsockname()[1]}"
        answer = ask(world)
    assert answer.status_code == 503
    assert "does not answer" in answer.json()["detail"]


# ---- runs ----


@pytest.fixture
def api(world):
    def call(method, name, *args, data=None, user=None):
        address = reverse(name, args=[world.project.pk, *args])
        body = {"data": json.dumps(data), "content_type": "application/json"} if data is not None else {}
        return getattr(world.client(None), method)(address, headers=world.token(user or world.owner), **body)

    return call


def test_a_run_by_api(world, api):
    version = curated_version(world)
    made = api("post", "api-run-list", data={"version": version.pk, "name": "by api", "recipe": {"epochs": 1}})
    assert made.status_code == 202
    run = Run.objects.get(pk=made.json()["id"])
    assert (run.recipe["epochs"], run.created_by, run.job.state) == (1, world.owner, "queued")
    assert api("get", "api-run-detail", run.pk).json()["state"] == "queued"
    assert api("get", "api-run-log", run.pk).json() == []


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        ({"epochs": 0}, "epochs"),
        ({"speed": 9}, "speed"),
        ({"loss": "none"}, "bradley_terry"),
        ([], "object"),
        ({"backbone": "/etc"}, "MODELS_DIR"),
        ({"backbone": "../runs"}, "MODELS_DIR"),
        ({"backbone": "tests/rewardtrain"}, "MODELS_DIR"),
        ({"loss": "plackett_luce"}, "a dataset version holds pairs"),
        ({"mixture": {"/etc/passwd": 1}}, "server's disk"),
        ({"augmentation": {"pseudo_labels": {"source": "/etc/passwd"}}}, "server's disk"),
    ],
)
def test_recipes_that_are_wrong(world, api, recipe, message):
    version = curated_version(world)
    answer = api("post", "api-run-list", data={"version": version.pk, "name": "wrong", "recipe": recipe})
    assert answer.status_code == 400
    assert message in answer.content.decode()
    assert not Run.objects.exists()


def test_a_backbone_from_the_servers_own_folder(world, api, settings, tmp_path):
    settings.MODELS_DIR = tmp_path
    (tmp_path / "empty").mkdir()
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "config.json").write_text("{}")
    given = {"version": curated_version(world).pk, "name": "ours"}
    answer = api("post", "api-run-list", data={**given, "recipe": {"backbone": "empty"}})
    assert answer.status_code == 400
    assert "config.json" in answer.content.decode()
    for name, kept in (
        ("ours", str(tmp_path / "ours")),
        (str(tmp_path / "ours"), str(tmp_path / "ours")),
        ("a/b", "a/b"),
    ):
        made = api("post", "api-run-list", data={**given, "recipe": {"backbone": name}})
        assert made.status_code == 202
        assert Run.objects.get(pk=made.json()["id"]).recipe["backbone"] == kept


def test_a_version_of_another_project_is_unknown(world, api):
    version = curated_version(world)
    world.project = world.make_project("Other")
    answer = api("post", "api-run-list", data={"version": version.pk, "name": "wrong"})
    assert answer.status_code == 400
    missing = api("post", "api-run-list", data={"version": 10**6, "name": "wrong"})
    assert missing.status_code == 400


def test_models_curves_and_evaluations(world, api):
    model = trained_model(world)
    assert api("get", "api-model-detail", model.pk).json()["rater"] == model.rater.name
    assert [event["kind"] for event in api("get", "api-run-log", model.run_id).json()] == ["data", "train", "eval"]
    (evaluation,) = api("get", "api-evaluation-list").json()["results"]
    assert evaluation["figures"]["accuracy"]["value"] == 0.7
    made = api("post", "api-evaluation-list", data={"model": model.pk, "split": "train"})
    assert made.status_code == 202
    assert Job.objects.get(pk=made.json()["id"]).params == {"model": model.pk, "suite": "pairs", "split": "train"}
    for wrong in ({"model": 10**6}, {"model": model.pk, "suite": "vibes"}):
        assert api("post", "api-evaluation-list", data=wrong).status_code == 400
    upload = world.client(None).post(
        reverse("api-evaluation-list", args=[world.project.pk]),
        {"model": model.pk, "suite": "rewardbench", "file": SimpleUploadedFile("bench.jsonl", b"{}\n")},
        headers=world.token(world.owner),
    )
    assert Job.objects.get(pk=upload.json()["id"]).params["name"] == "bench.jsonl"


# ---- pages ----


def test_run_page_shows_curves_model_and_how_to_serve_it(world):
    model = trained_model(world)
    page = world.client(world.owner).get(reverse("run", args=[world.project.pk, model.run_id])).content.decode()
    for text in ("Loss", "Accuracy", "Longer wins", "Dashboard", "/api/v1/score"):
        assert text in page
    comparison = world.client(world.owner).get(reverse("runs", args=[world.project.pk])).content.decode()
    assert "Accuracy on held-out pairs" in comparison
    assert model.run.name in comparison


def test_what_needs_a_model_is_404_without(world):
    run = Run.objects.create(version=curated_version(world), name="untrained")
    owner = world.client(world.owner)
    assert owner.get(reverse("run", args=[world.project.pk, run.pk])).status_code == 200
    for name in ("score_project", "evaluate_model"):
        assert owner.post(reverse(name, args=[world.project.pk, run.pk])).status_code == 404


def test_runs_of_other_projects_are_not_found(world):
    model = trained_model(world)
    other = world.make_project("Other")
    assert world.client(world.owner).get(reverse("run", args=[other.pk, model.run_id])).status_code == 404


def test_a_recipe_that_is_wrong_stays_on_the_page(world):
    from rewardtrain.forms import COMMON
    from rewardtrain.recipe import Recipe

    recipe = Recipe().to_dict()
    data = {"version": curated_version(world).pk, "name": "x", **{name: recipe[name] for name in COMMON}}
    owner, page = world.client(world.owner), reverse("new_run", args=[world.project.pk])
    for wrong in (
        {"epochs": 0},
        {"more": "speed: 9"},
        {"more": "- a"},
        {"more": "a: ["},
        {"version": 10**6},
        {"backbone": "/etc"},
    ):
        assert owner.post(page, {**data, **wrong}).status_code == 200
    assert not Run.objects.exists()
    assert owner.post(page, {**data, "more": "warmup: 0.2"}).status_code == 302
    assert Run.objects.get().recipe["warmup"] == 0.2


def test_a_live_page_reloads_once_the_job_has_ended(world):
    model = trained_model(world)
    answer = world.client(world.owner).get(reverse("run_live", args=[world.project.pk, model.run_id]))
    assert answer["HX-Refresh"] == "true"
