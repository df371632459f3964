"""Who may open what of the reward lab; tests/test_permissions.py reads this table (see there for what a row says)."""

from annotate.access.policy import Permission
from tests.curated import curated_version, scoring_server, trained_model

_, VIEW, _, MANAGE, _ = Permission


def project(world, *more):
    return [world.project.pk, *more]


def run(world):
    return project(world, trained_model(world).run_id)


def model(world):
    return project(world, trained_model(world).pk)


def new_run(world):
    return {"version": curated_version(world).pk, "name": "another"}


def whole_form(world):
    from rewardtrain.forms import COMMON
    from rewardtrain.recipe import Recipe

    recipe = Recipe().to_dict()
    return {**new_run(world), **{name: recipe[name] for name in COMMON}}


def two_runs(world):
    return {"run": [trained_model(world, name=name).run_id for name in ("first run", "second run")]}


def scorer():
    return {"SCORER_URL": scoring_server([0.5, 0.2, 0.1, 0.3])}


def pasted(world):
    return {"prompt": world.text("Which?"), "response": [world.text("One. Two."), world.text("Three.")]}


def nearest_job(world):
    from annotate.jobs.models import Job

    found = trained_model(world)
    params = {"model": found.pk, "prompt": "p", "responses": ["a", "b"]}
    made = Job.objects.create(
        organisation=world.organisation, project=world.project, handler="nearest_pairs", title="near", params=params
    )
    return project(world, found.run_id, made.pk)


def upload(world):
    from django.core.files.uploadedfile import SimpleUploadedFile

    return {"file": SimpleUploadedFile("pairs.jsonl", b"{}\n", "application/jsonl"), "suite": "pairs"}


PAGES = [
    {"url": "runs", "need": VIEW, "args": project},
    {"url": "new_run", "need": MANAGE, "args": project},
    {"url": "new_run", "need": MANAGE, "args": project, "method": "post", "data": whole_form},
    {"url": "run", "need": VIEW, "args": run},
    {"url": "run_live", "need": VIEW, "args": run},
    {"url": "count_sweep", "need": MANAGE, "args": project, "method": "post", "data": whole_form},
    {"url": "compare_runs", "need": VIEW, "args": project, "query": two_runs},
    {"url": "leaderboard", "need": VIEW, "args": project},
    {"url": "model_dashboard", "need": VIEW, "args": run},
    {"url": "model_card", "need": VIEW, "args": run},
    {"url": "download_card", "need": VIEW, "args": run},
    {"url": "try_model", "need": VIEW, "args": run},
    {"url": "try_model", "need": VIEW, "args": run, "method": "post", "data": pasted, "settings": scorer},
    {"url": "nearest_pairs", "need": VIEW, "args": run, "method": "post", "data": pasted},
    {"url": "nearest_state", "need": VIEW, "args": nearest_job},
    {"url": "resume_run", "need": MANAGE, "args": run, "method": "post"},
    {"url": "score_project", "need": MANAGE, "args": run, "method": "post"},
    {"url": "evaluate_model", "need": MANAGE, "args": run, "method": "post", "data": upload},
]

API = [
    {"url": "api-run-list", "need": VIEW, "args": project},
    {"url": "api-run-list", "need": MANAGE, "args": project, "method": "post", "json": new_run},
    {"url": "api-run-detail", "need": VIEW, "args": run},
    {"url": "api-run-compare", "need": VIEW, "args": project, "query": two_runs},
    {"url": "api-run-log", "need": VIEW, "args": run},
    {"url": "api-model-list", "need": VIEW, "args": project},
    {"url": "api-model-detail", "need": VIEW, "args": model},
    {"url": "api-model-card", "need": VIEW, "args": model},
    {"url": "api-model-answer", "need": MANAGE, "args": model, "method": "post"},
    {"url": "api-evaluation-list", "need": VIEW, "args": project},
    {
        "url": "api-evaluation-list",
        "need": MANAGE,
        "args": project,
        "method": "post",
        "json": lambda world: {"model": trained_model(world).pk},
    },
    {
        "url": "api-evaluation-detail",
        "need": VIEW,
        "args": lambda world: project(world, trained_model(world).evaluations.get().pk),
    },
]

API.append(
    {
        "url": "api_score",
        "need": VIEW,
        "method": "post",
        "json": lambda world: {"model": trained_model(world).pk, "prompts": ["p"], "responses": ["r"]},
        "settings": lambda: {"SCORER_URL": scoring_server([0.5])},
        "hidden": True,
    }
)

ROWS = [*PAGES, *({"api": True, **row} for row in API)]
