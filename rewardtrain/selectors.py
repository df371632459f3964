"""Reads of the reward lab."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from annotate.models import Project
from curation.pairs import content_hash
from curation.ports import Trained
from rewardtrain import augmentation
from rewardtrain.errors import RecipeError
from rewardtrain.modeling import losses
from rewardtrain.models import Evaluation, RewardModel, Run
from rewardtrain.recipe import Recipe
from rewardtrain.supervision import events


def project_runs(project: Project) -> QuerySet[Run]:
    """Runs on versions of a project's datasets, newest first."""
    return Run.objects.filter(version__dataset__project=project).select_related(
        "version__dataset__project", "job", "model"
    )


def offered(recipe: Recipe) -> Recipe:
    """A recipe that came over the web: its backbone is the default, a folder below MODELS_DIR, or a hub's name.

    Raises
    ------
    RecipeError
        If it names anything else, or a file of the server (who is signed in must not probe its disk), or learns from
        labels that no dataset version holds.
    """
    learns_from = losses.get(recipe.loss).LABELS
    if learns_from != "pairs":
        raise RecipeError(
            f"The loss {recipe.loss} learns from {learns_from}, and a dataset version holds pairs: train on a file "
            "with `python -m rewardtrain train`.", "loss",
        )  # fmt: skip
    source = model_source(recipe.backbone)
    if recipe.mixture:
        raise RecipeError(
            "A mixture takes files from the server's disk: train with `python -m rewardtrain train` there, or put the "
            "rows into one dataset.", "mixture",
        )  # fmt: skip
    for name, own in recipe.augmentation.items():
        rules = augmentation.get(name).SETTINGS["properties"]
        if paths := [key for key, value in own.items() if value and rules[key].get("format") == "path"]:
            raise RecipeError(
                f"The augmentation {name} takes {paths[0]} from the server's disk: "
                "train with `python -m rewardtrain train` there.", "augmentation",
            )  # fmt: skip
    return recipe if source == recipe.backbone else recipe.changed([f"backbone={source}"])


def model_source(name: str) -> str:
    """Where a model that was named over the web comes from: its folder below MODELS_DIR, or its name on the hub.

    Raises
    ------
    RecipeError
        If it is anything else.
    """
    inside = Path(settings.MODELS_DIR)
    folder = (inside / name).resolve()  # an absolute name stands for itself
    if folder.is_relative_to(inside) and folder.is_dir():
        if not (folder / "config.json").is_file():
            raise RecipeError(f"{name} is not a model folder: it has no config.json.", "backbone")
        return str(folder)
    if not re.fullmatch(r"[\w.-]+(/[\w.-]+)?", name) or name.startswith(".") or Path(name).exists():
        raise RecipeError(
            f"{name} is neither minilm, nor a folder in the server's MODELS_DIR, nor a name on the hub.", "backbone"
        )
    return name


def log(run: Run) -> list[dict[str, Any]]:
    """Every event of a run's log, as far as it is written."""
    return events(run.folder / "progress.jsonl")


def headline(run: Run) -> Evaluation | None:
    """The evaluation on the version's own test split."""
    return run.model.evaluations.filter(suite="pairs").order_by("pk").first() if hasattr(run, "model") else None


def data_report(run: Run) -> dict[str, Any]:
    """Rows, distinct sequences and truncation by split, as the run's log tells; empty before it began."""
    found = [event for event in log(run) if event["kind"] == "data"]
    return found[-1]["splits"] if found else {}


def card_facts(model: RewardModel, base: str = "") -> dict[str, Any]:
    """What `rewardtrain.cards` writes of; ``base`` stands before the addresses of pages."""
    run = model.run
    version = run.version
    manifest, project = version.manifest, version.dataset.project_id
    lineage = manifest.get("lineage", {})
    own = f"{version}, "
    return {
        "name": run.name,
        "backbone": model.card.get("backbone") or run.recipe.get("backbone", ""),
        "loss": model.card.get("loss") or run.recipe.get("loss", ""),
        "recipe": run.recipe,
        "card": model.card,
        "data": {
            "name": str(version),
            "hash": version.hash,
            "rows": manifest["rows"],
            **{key: manifest.get(key, 0) for key in ("votes", "raters", "gold")},
            **{key: lineage.get(key) for key in ("agreement", "license", "notice")},
            "url": base + reverse("version", args=[project, version.pk]),
            "lineage_url": base + reverse("lineage", args=[project]),
        },
        "splits": data_report(run),
        "evaluations": [
            {"suite": row.suite, "data": row.data, "figures": row.figures, "own": row.data.startswith(own)}
            for row in model.evaluations.order_by("pk")
        ],
    }


def trained_on(versions: Sequence[int]) -> list[Trained]:
    """The runs on these dataset versions, oldest first, as `curation.ports` asks for them."""
    rows = Run.objects.filter(version__in=versions).select_related("version__dataset", "model__rater").order_by("pk")
    found = []
    for run in rows:
        evaluation = headline(run)
        accuracy = evaluation.figures.get("accuracy") if evaluation else None
        url = reverse("run", args=[run.version.dataset.project_id, run.pk])
        recipe = content_hash({name: value for name, value in run.recipe.items() if name != "seed"})
        rater = run.model.rater.name if hasattr(run, "model") else ""
        found.append(Trained(run.version_id, run.name, url, recipe, accuracy, rater))
    return found
