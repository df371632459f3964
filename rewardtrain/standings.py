"""Reads of the reward lab that set models side by side: comparisons of runs, the leaderboard.

Paired figures are computed from what each model said of every row (`Evaluation.rows_path`) and kept in a file that is
named by the content of those files, so they are computed once and never out of date.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings

from annotate.models import Project
from annotate.workbench import excerpt
from curation import pairs
from curation import selectors as curating
from rewardtrain import charts, comparing, evaluation, selectors
from rewardtrain.cards import flat
from rewardtrain.data import shards
from rewardtrain.models import Evaluation, RewardModel, Run
from rewardtrain.storage import write_json

MOST = 8  # runs side by side


def settings_that_differ(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """[{"name", "values"}]: the dataset version and the settings in which the recipes differ, a value a run."""
    told = [{"dataset version": str(run.version), **flat(run.recipe)} for run in runs]
    names = dict.fromkeys(name for one in told for name in one)
    rows = [{"name": name, "values": [_plain(one.get(name)) for one in told]} for name in names]
    return [row for row in rows if len(set(row["values"])) > 1]


def _plain(value: Any) -> str:
    return "–" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def rows_of(found: Evaluation) -> pa.Table | None:
    """What the model said of each row; None where that was not kept."""
    return pq.read_table(found.rows_path) if found.rows_path.is_file() else None


def paired(evaluations: Sequence[Evaluation]) -> dict[str, Any] | None:
    """`comparing.compare` of some evaluations, computed once; None where the rows of one were not kept."""
    if not all(found.rows_path.is_file() for found in evaluations):
        return None
    content = "".join(hashlib.sha256(found.rows_path.read_bytes()).hexdigest() for found in evaluations)
    kept = Path(settings.RUNS_DIR) / "comparisons" / f"{pairs.content_hash(content)}.json"
    try:
        figures: dict[str, Any] = json.loads(kept.read_text())
    except (OSError, ValueError):
        figures = comparing.compare([pq.read_table(found.rows_path) for found in evaluations])
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_json(kept, figures)
    return figures


@dataclass(frozen=True)
class Side:
    """One run of a comparison with its evaluation on its version's test split, None before there is one."""

    run: Run
    evaluation: Evaluation | None

    @property
    def figures(self) -> Mapping[str, Any]:
        return self.evaluation.figures if self.evaluation else {}

    @property
    def has_rows(self) -> bool:
        return self.evaluation is not None and self.evaluation.rows_path.is_file()


def sides(runs: Sequence[Run]) -> list[Side]:
    return [Side(run, selectors.headline(run)) for run in runs]


def comparison(runs: Sequence[Run]) -> dict[str, Any]:
    """Everything that a comparison of runs shows but the rows themselves, JSON-serialisable.

    Returns
    -------
    {"runs": [{"id", "name", "version", "suite", "data", "accuracy", "clustered", "longer", "calibration"}],
     "settings": as `settings_that_differ`,
     "paired": None, or {"runs": ids of those whose rows were kept, **comparing.compare}}
    """
    found = sides(runs)
    with_rows = [side for side in found if side.has_rows]
    both = paired([side.evaluation for side in with_rows if side.evaluation]) if len(with_rows) > 1 else None
    return {
        "runs": [_told(side) for side in found],
        "settings": settings_that_differ(runs),
        "paired": {"runs": [side.run.pk for side in with_rows], **both} if both else None,
    }


def _told(side: Side) -> dict[str, Any]:
    block = charts.block(side.figures)
    calibration = block.get("calibration") or {}
    return {
        "id": side.run.pk,
        "name": side.run.name,
        "version": side.run.version_id,
        "data": side.evaluation.data if side.evaluation else None,
        "n": side.figures.get("n"),
        "accuracy": side.figures.get("accuracy"),
        "clustered": block.get("clustered"),
        "longer": side.figures.get("baselines", {}).get("longer"),
        "calibration": {key: calibration.get(key) for key in ("ece", "brier", "log_loss")},
    }


class Cases:
    """The pairs on which two runs differ, for a paginator: ordered at once, texts read for a page."""

    def __init__(self, first: Side, second: Side, *, show: str, sort: str) -> None:
        tables = [rows_of(side.evaluation) for side in (first, second) if side.evaluation]
        own = [table for table in tables if table is not None]
        self._version = first.run.version
        self._found = comparing.shared(own) if len(own) == 2 else None
        self._place_R = np.zeros(0, int)
        if self._found is not None:
            self._place_R = comparing.cases(self._found, 0, 1, show=show, sort=sort)

    def __len__(self) -> int:
        return len(self._place_R)

    def __getitem__(self, index: slice) -> list[dict[str, Any]]:
        """Rows with texts, what people say, and what both models say."""
        if self._found is None:
            return []
        place_R = self._place_R[index]
        who_N = comparing.who(self._found, 0, 1)
        told = self._found.table.take(pa.array(place_R)).to_pylist()
        texts = texts_of(self._version.path, [row["row_id"] for row in told])
        return [
            {
                **row,
                **texts.get(row["row_id"], {}),
                "winner": "a" if self._found.winner_N[place] > 0 else "b",
                "who": comparing.BETTER[who_N[place]],
                "margins": self._found.toward_NM[place].tolist(),
                "p_winner": self._found.p_NM[place].tolist(),
            }
            for row, place in zip(told, place_R, strict=True)
        ]


def texts_of(version: Path, row_ids: Sequence[str], split: str = "test") -> dict[str, dict[str, Any]]:
    """Prompt and responses of some rows of a version's split, by row; {"prompt", "excerpt", "response_a", …}."""
    columns = ["row_id", "prompt", "response_a", "response_b", "p_a", "p_tie", "p_b", "gold"]
    found: dict[str, dict[str, Any]] = {}
    for shard in shards(version, split) if row_ids else ():
        for row in pq.read_table(shard, columns=columns, filters=[("row_id", "in", list(row_ids))]).to_pylist():
            found[row["row_id"]] = {**row, "excerpt": _excerpt(row["prompt"])}
    return found


def _excerpt(prompt: str) -> str:
    try:
        return excerpt(json.loads(prompt))
    except (ValueError, AttributeError, TypeError):
        return prompt[:200]


# ---- the leaderboard ----


def leaderboard(project: Project) -> dict[str, Any]:
    """Models by suite and data: {"columns": [...], "rows": [{"model", "cells": one a column, or None}], "people"}.

    A column is {"key", "suite", "title", "data", "people", "paired"}; a cell {"value", "low", "high", "n", "longer",
    "standing"}: "best", "even" (not told apart from the best) or "". ``paired`` says whether all of a column were
    compared with the best on the same rows; else some by whether intervals overlap.
    """
    models = list(RewardModel.objects.filter(run__version__dataset__project=project).select_related("run__version"))
    found = Evaluation.objects.filter(model__in=models).select_related("model__run").order_by("pk")
    by_column: dict[tuple[str, str], dict[int, Evaluation]] = {}
    for one in found:
        if honest(one.figures):
            by_column.setdefault((one.suite, one.data), {})[one.model_id] = one
    people = people_agree(project)
    columns, cells = [], []
    for number, ((suite, data), own) in enumerate(by_column.items()):
        standing, all_paired = _standing(own)
        columns.append(
            {
                "key": str(number), "suite": suite, "data": data, "title": title_of(suite), "paired": all_paired,
                "people": people if suite == "pairs" else None,
            }
        )  # fmt: skip
        cells.append({pk: _cell(one, standing[pk]) for pk, one in own.items()})
    rows = [{"model": model, "cells": [column.get(model.pk) for column in cells]} for model in models]
    return {"columns": columns, "rows": [row for row in rows if any(row["cells"])], "people": people}


def honest(figures: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The accuracy with the interval over groups where there is one, else as it is."""
    found = charts.block(figures).get("clustered") or figures.get("clustered") or figures.get("accuracy")
    return found if found and found.get("value") is not None and found.get("low") is not None else None


def title_of(suite: str) -> str:
    """What people call a suite."""
    return evaluation.get(suite).TITLE if suite in evaluation.names() else suite


def _cell(one: Evaluation, standing: str) -> dict[str, Any]:
    figures = honest(one.figures) or {}
    return {
        **{key: figures[key] for key in ("value", "low", "high")},
        "n": one.figures.get("n"),
        "longer": one.figures.get("baselines", {}).get("longer"),
        "standing": standing,
    }


def _standing(own: Mapping[int, Evaluation]) -> tuple[dict[int, str], bool]:
    """How each model of a column stands to the best, and whether all of it is by the same rows."""
    values = {pk: honest(one.figures) or {} for pk, one in own.items()}
    best = max(values, key=lambda pk: values[pk]["value"])
    found, all_paired = {best: "best"}, True
    for pk, one in own.items():
        if pk == best:
            continue
        figures = paired([own[best], one])
        if figures and figures["rows"]:
            apart = figures["differences"][0][1]["told_apart"]
        else:
            all_paired = False
            apart = values[best]["low"] > values[pk]["high"]
        found[pk] = "" if apart else "even"
    return found, all_paired


def people_agree(project: Project) -> dict[str, Any] | None:
    """How often two people (or other raters of the agreement report) agree, {"value", "low", "high", "question"}."""
    for question in curating.questions(project, pairwise=True):
        report = curating.latest_agreement(project, question.name)
        for dimension in report.figures["dimensions"] if report else []:
            measure = next((row for row in dimension["measures"] if row["name"] == "percent"), None)
            if measure and measure["value"] is not None:
                told = {key: measure[key] for key in ("value", "low", "high")}
                return {**told, "question": question.name, "dimension": dimension["dimension"]}
    return None
