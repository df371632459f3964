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


def upload(world):
    from django.core.files.uploadedfile import SimpleUploadedFile

    return {"file": SimpleUploadedFile("pairs.jsonl", b"{}\n", "application/jsonl"), "suite": "pairs"}


PAGES = [
    {"url": "runs", "need": VIEW, "args": project},
    {"url": "new_run", "need": MANAGE, "args": project},
    {"url": "new_run", "need": MANAGE, "args": project, "method": "post", "data": whole_form},
    {"url": "run", "need": VIEW, "args": run},
    {"url": "run_live", "need": VIEW, "args": run},
    {"url": "resume_run", "need": MANAGE, "args": run, "method": "post"},
    {"url": "score_project", "need": MANAGE, "args": run, "method": "post"},
    {"url": "evaluate_model", "need": MANAGE, "args": run, "method": "post", "data": upload},
]

API = [
    {"url": "api-run-list", "need": VIEW, "args": project},
    {"url": "api-run-list", "need": MANAGE, "args": project, "method": "post", "json": new_run},
    {"url": "api-run-detail", "need": VIEW, "args": run},
    {"url": "api-run-log", "need": VIEW, "args": run},
    {"url": "api-model-list", "need": VIEW, "args": project},
    {"url": "api-model-detail", "need": VIEW, "args": model},
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
