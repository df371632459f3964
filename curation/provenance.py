"""Who voted on a dataset version, and for every model among them what made its answers."""

from collections import Counter, defaultdict
from hashlib import sha256
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from annotate import selectors as collected
from annotate.models import Project, Rater
from curation.models import Judge

MODELS = (Rater.Kind.LANGUAGE_MODEL, Rater.Kind.REWARD_MODEL, Rater.Kind.RULE)
CARD = ("run", "backbone", "head", "loss", "trained_on")  # what a reward model's rater says of its model


def of(project: Project, table: pa.Table) -> dict[str, Any]:
    """The part of a version's lineage on who made its labels.

    ``voters`` counts raters and votes by kind; ``models`` has an entry for every judge, reward model and rule among the
    raters: name, title, kind, votes, and for judges judge, judge_version, method, endpoint, prompt_hash, models and
    runs, for reward models what their card says; ``guidelines_sha256`` names the guidelines that people saw.
    """
    votes = pc.list_flatten(table["votes"])
    names, kinds = (pc.struct_field(votes, name).to_pylist() for name in ("rater", "kind"))
    counted = Counter(zip(names, (kind or "" for kind in kinds), strict=True))
    raters: dict[str, set[str]] = defaultdict(set)
    by_kind: Counter[str] = Counter()
    for (name, kind), count in counted.items():
        raters[kind].add(name)
        by_kind[kind] += count
    return {
        "voters": [
            {"kind": kind, "raters": len(raters[kind]), "votes": count} for kind, count in sorted(by_kind.items())
        ],
        "models": _models(project, {name: count for (name, kind), count in counted.items() if kind in MODELS}),
        "guidelines_sha256": sha256(project.guidelines.encode()).hexdigest(),
    }


def _models(project: Project, votes: dict[str, int]) -> list[dict[str, Any]]:
    rows = Rater.objects.filter(organisation=project.organisation_id, name__in=votes).select_related("judge")
    return [
        {
            "name": rater.name,
            "title": rater.title,
            "kind": rater.kind,
            "votes": votes[rater.name],
            **(_judge(project, rater.judge) if hasattr(rater, "judge") else _card(rater)),
        }
        for rater in rows.order_by("name")
    ]


def _judge(project: Project, judge: Judge) -> dict[str, Any]:
    """What a judge is, and the models and runs that its answers in this project tell of."""
    answers = collected.current_annotations(project, rater=judge.rater)
    told = answers.order_by().values_list("metadata__model", "metadata__run").distinct()
    models = {part for model, _ in told if isinstance(model, str) for part in model.split(", ") if part}
    return {
        "judge": judge.name,
        "judge_version": judge.version,
        "method": judge.method,
        "endpoint": judge.endpoint,
        "prompt_hash": judge.prompt_hash,
        "models": sorted(models),
        "runs": sorted({run for _, run in told if isinstance(run, int)}),
    }


def _card(rater: Rater) -> dict[str, Any]:
    return {name: rater.metadata[name] for name in CARD if rater.metadata.get(name)}
