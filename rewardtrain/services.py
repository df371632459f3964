"""Writes of the reward lab: start runs, train, evaluate, and let a model answer tasks as one more rater."""

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from annotate import feedback
from annotate.access.models import User
from annotate.jobs.models import Job
from annotate.jobs.registry import JobError, Progress, silent
from annotate.jobs.services import enqueue
from annotate.models import Annotation, Project, Rater, Response, Task
from annotate.services import NewAnnotation, add_annotations
from curation import pairs
from curation.models import DatasetVersion
from rewardtrain import cards, nearest, ports, selectors
from rewardtrain.errors import RecipeError
from rewardtrain.launch import environment, training_command
from rewardtrain.models import Evaluation, RewardModel, Run
from rewardtrain.ports import feature_store
from rewardtrain.recipe import Recipe
from rewardtrain.supervision import ProgressFile, supervise

CHUNK = 1000


@transaction.atomic
def create_run(
    *,
    version: DatasetVersion,
    name: str,
    recipe: Mapping[str, Any] | None = None,
    user: User | None = None,
    sweep: str = "",
) -> Run:
    """A run that waits to be trained.

    Raises
    ------
    ValidationError
        Beside "recipe", if the recipe is wrong.
    """
    try:
        whole = Recipe.from_mapping(recipe or {})
    except RecipeError as error:
        raise ValidationError({"recipe": str(error)}) from error
    run = Run(version=version, name=name, sweep=sweep, recipe=whole.to_dict(), created_by=user)
    run.full_clean(exclude=["recipe"])
    run.save()
    return run


@transaction.atomic
def create_sweep(
    *, version: DatasetVersion, name: str, recipes: Sequence[tuple[str, Mapping[str, Any]]], user: User | None = None
) -> list[Run]:
    """A run for each (label, recipe), under one name; they wait to be started."""
    return [
        create_run(version=version, name=f"{name}: {label}"[:120], recipe=recipe, user=user, sweep=name)
        for label, recipe in recipes
    ]


@transaction.atomic
def start(*, run: Run) -> Job:
    """Enqueue a run's training; a run that failed or was cancelled goes on from its last checkpoint."""
    from rewardtrain.tasks import train_reward

    if run.job is not None and run.job.is_live:
        return run.job
    run.job = enqueue(
        train_reward,
        organisation=run.project.organisation,
        project=run.project,
        user=run.created_by,
        title=f"Train {run.name}",
        run=run.pk,
    )
    run.save(update_fields=["job"])
    return run.job


def train(*, run: Run, progress: Progress = silent) -> RewardModel:
    """Train a run in a subprocess, to the end; on a folder with checkpoints it resumes from the last one."""
    run.folder.mkdir(parents=True, exist_ok=True)
    recipe = Recipe.from_mapping(run.recipe)
    argv, env = training_command(run.version.path, run.folder, recipe, store=feature_store())
    log = ProgressFile(run.folder / "progress.jsonl")
    last: dict[str, Any] = {}

    def watch() -> None:
        for event in log.new():
            last.update(event)
        total = last.get("steps_total")
        progress(int(last.get("step", 0)), int(total) if total else None, _describe(last))

    supervise(argv, env, error_file=run.folder / "error.json", watch=watch)
    return _register(run)


def _describe(event: Mapping[str, Any]) -> str:
    if "step" not in event:
        return "loading data and backbone"
    if event["kind"] == "head":
        return f"fitting the head to {event['sequences']:,} texts"
    parts = [f"step {event['step']}"]
    if event.get("loss") is not None:
        parts.append(f"loss {event['loss']:.3f}")
    if event.get("accuracy") is not None:
        parts.append(f"accuracy {event['accuracy']:.3f}")
    return ", ".join(parts)


@transaction.atomic
def _register(run: Run) -> RewardModel:
    """The trained model as a row and a rater; again for the same run changes nothing."""
    card = json.loads((run.folder / "model" / "reward.json").read_text())
    rater, _ = Rater.objects.get_or_create(
        organisation=run.project.organisation,
        name=f"reward-model-{run.pk}",
        defaults={"kind": Rater.Kind.REWARD_MODEL, "metadata": {"run": run.pk, "title": run.name}},
    )
    told = {name: card[name] for name in ("backbone", "head", "loss") if card.get(name)}
    rater.metadata |= {**told, "trained_on": run.version.hash}  # what a dataset version's lineage says of its raters
    rater.save(update_fields=["metadata"])
    model, _ = RewardModel.objects.update_or_create(run=run, defaults={"rater": rater, "card": card})
    write_card(model=model)
    return model


def evaluate(
    *,
    model: RewardModel,
    suite: str = "pairs",
    data: Path | None = None,
    name: str = "",
    split: str = "test",
    progress: Progress = silent,
) -> Evaluation:
    """Evaluate a model on its own version's split, or on a pair file, and keep the figures."""
    source = data or model.run.version.path
    name = name or (data.name if data else f"{model.run.version}, {split}")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "figures.json"
        argv = [sys.executable, "-m", "rewardtrain", "evaluate", str(model.folder), str(source), str(out)]
        rows = Path(folder) / "rows.parquet"
        argv += ["--suite", suite, "--split", split, "--rows", str(rows)]
        progress(0, 1, f"evaluating on {name}")
        supervise(
            argv,
            environment(),
            error_file=Path(folder) / "error.json",
            watch=lambda: progress(0, 1, f"evaluating on {name}"),
        )
        figures = json.loads(out.read_text())
        evaluation, _ = Evaluation.objects.update_or_create(
            model=model, suite=suite, data=name[:200], defaults={"figures": figures}
        )
        if rows.exists():
            _keep(rows, evaluation.rows_path)
    write_card(model=model)
    return evaluation


def _keep(source: Path, target: Path) -> None:
    """Move a file beside a run, in one step for whoever reads it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target.with_suffix(".partial"))
    target.with_suffix(".partial").replace(target)


def write_card(*, model: RewardModel) -> None:
    """MODEL_CARD.md beside the model, as its page shows it."""
    model.folder.mkdir(parents=True, exist_ok=True)
    (model.folder / "MODEL_CARD.md").write_text(cards.markdown(selectors.card_facts(model)), encoding="utf-8")


def score(
    *, model: RewardModel, prompts: Sequence[str], responses: Sequence[str], progress: Progress = silent
) -> np.ndarray:
    """Rewards of (prompt, response) texts, computed in a subprocess; shape (N,)."""
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "in.parquet", Path(folder) / "out.parquet"
        pq.write_table(pa.table({"prompt": list(prompts), "response": list(responses)}), source)
        argv = [sys.executable, "-m", "rewardtrain", "score", str(model.folder), str(source), str(out)]
        total = len(responses)
        supervise(
            argv,
            environment(),
            error_file=Path(folder) / "error.json",
            watch=lambda: progress(0, total, f"scoring {total:,} responses"),
        )
        return np.asarray(pq.read_table(out)["reward"].to_numpy())


def nearest_pairs(
    *, model: RewardModel, prompt: str, responses: Sequence[str], progress: Progress = silent
) -> list[dict[str, Any]]:
    """The pairs of a model's train split that are nearest to some texts; see `rewardtrain.nearest`."""
    version = model.run.version
    kept = Path(settings.DATA_DIR) / "nearest" / f"{version.hash}.npy"
    progress(0, None, "reading" if kept.is_file() else "reading the version’s pairs, once")
    return nearest.nearest(version.path, prompt, responses, embed=ports.embed, kept=kept)


def score_project(*, model: RewardModel, project: Project, progress: Progress = silent) -> dict[str, int]:
    """Let a model answer every task of a project that it can answer, as the rater that it is.

    Its answers are "unasked": they take no place in a task's overlap. Tasks that it has answered are left alone.
    """
    if project.organisation_id != model.rater.organisation_id:
        raise JobError("The model belongs to another organisation.")
    questions = list(project.form.questions.all())
    rows = list(Response.objects.filter(item__project=project).values_list("item_id", "key", "item__prompt", "text"))
    if not rows:
        raise JobError("The project has no responses to score yet.")
    # The same text under the same prompt is scored once, in however many items it stands.
    texts = [(pairs.canonical_json(prompt), text) for _, _, prompt, text in rows]
    distinct = {text: i for i, text in enumerate(dict.fromkeys(texts))}
    prompts, responses = zip(*distinct, strict=True)
    rewards = score(model=model, prompts=prompts, responses=responses, progress=progress)
    reward_of = {
        (item, key): float(rewards[distinct[text]]) for (item, key, _, _), text in zip(rows, texts, strict=True)
    }
    answered = 0
    for tasks in _chunks(project):
        annotations = []
        for task in tasks:
            if any((task.item_id, key) not in reward_of for key in task.responses):
                continue  # it came while the others were scored
            scores = {key: reward_of[task.item_id, key] for key in task.responses}
            answers = {}
            for question in questions:
                settings = feedback.settings_with_defaults(question.kind, question.settings)
                asked = feedback.Asked(question.name, settings, tuple(task.responses))
                answer = feedback.get(question.kind).from_scores(scores, asked)
                if answer is not None:
                    answers[question.name] = answer
            if answers:
                metadata = {"scores": scores}
                annotations.append(NewAnnotation(task=task, rater=model.rater, answers=answers, metadata=metadata))
        answered += add_annotations(form=project.form, annotations=annotations, status=Annotation.Status.UNASKED)
        progress(answered, None, f"{answered:,} tasks answered")
    return {"responses": len(distinct), "tasks": answered}


def _chunks(project: Project) -> Iterator[list[Task]]:
    last = 0
    while tasks := list(project.tasks.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        last = tasks[-1].pk
        yield tasks


def delete_run(*, run: Run) -> None:
    """Delete a run that made no model, files and all."""
    if hasattr(run, "model"):
        raise ValidationError("This run has made a model; its answers and figures refer to it.")
    folder = run.folder
    run.delete()
    shutil.rmtree(folder, ignore_errors=True)
