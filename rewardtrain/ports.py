"""What the reward lab does for curation: scores, embeddings, features and small trainings, in subprocesses."""

import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from curation.ports import Models, PortNotRegistered


def models_of(organisation: int) -> Models:
    """The models of one organisation, by primary key, and the default encoder."""

    def score(model: str, prompts: Sequence[str], responses: Sequence[str]) -> np.ndarray:
        from rewardtrain import services
        from rewardtrain.models import RewardModel

        mine = RewardModel.objects.filter(rater__organisation=organisation)
        found = mine.filter(pk=model).first() if model.isdecimal() else None
        if found is None:
            known = ", ".join(f"{row.pk} ({row.run.name})" for row in mine.select_related("run")[:20]) or "none yet"
            raise PortNotRegistered(f"There is no reward model {model!r}. Those that exist: {known}.")
        return services.score(model=found, prompts=prompts, responses=responses)

    def train(version: int, recipe: Mapping[str, Any], name: str) -> str:
        from curation.models import DatasetVersion
        from rewardtrain import services
        from rewardtrain.models import Run

        mine = DatasetVersion.objects.filter(dataset__project__organisation=organisation)
        found = mine.filter(pk=version).first()
        if found is None:
            raise PortNotRegistered(f"There is no dataset version {version} in this organisation.")
        run = Run.objects.filter(version=found, name=name).first()
        run = run or services.create_run(version=found, name=name, recipe=recipe)
        return str((run.model if hasattr(run, "model") else services.train(run=run)).pk)

    return Models(score=score, embed=embed, features=features, fit=fit, likelihood=likelihood, train=train)


def embed(texts: Sequence[str]) -> np.ndarray:
    """Unit vectors of the default encoder, shape (N, 384)."""
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "in.parquet", Path(folder) / "out.parquet"
        pq.write_table(pa.table({"text": list(texts)}), source)
        _run("embed", str(source), str(out))
        return np.stack(pq.read_table(out)["embedding"].to_numpy())


def features(prompts: Sequence[str], responses: Sequence[str]) -> np.ndarray:
    """What the head of a reward model sees of each text, shape (N, 384); kept, so computed once."""
    if not len(responses):
        return np.zeros((0, 384), np.float32)
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "in.parquet", Path(folder) / "out.parquet"
        pq.write_table(pa.table({"prompt": list(prompts), "response": list(responses)}), source)
        _run("features", str(source), str(out), "--store", str(feature_store()))
        return np.stack(pq.read_table(out)["vector"].to_numpy())


def fit(train: pa.Table, others: pa.Table, settings: Mapping[str, Any]) -> np.ndarray:
    """Margins of ``others`` by small trainings on ``train``; the settings are those of `rewardtrain.ensembles`."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("train.parquet", "others.parquet")]
        for path, table in zip(paths, (train, others), strict=True):
            pq.write_table(table, path)
        out = Path(folder) / "margins.npy"
        _run(
            "fit", *map(str, paths), str(out), "--settings", json.dumps(dict(settings)), "--store", str(feature_store())
        )
        return np.asarray(np.load(out))


def likelihood(model: str, prompts: Sequence[str], continuations: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Log-likelihoods in nats and numbers of tokens, both (N,), by a folder of MODELS_DIR or a model of the hub.

    Raises
    ------
    PortNotRegistered
        If there is no such model.
    """
    from rewardtrain.selectors import model_source

    try:
        name = model_source(model)
    except ValueError as error:
        raise PortNotRegistered(str(error)) from error
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "in.parquet", Path(folder) / "out.parquet"
        pq.write_table(pa.table({"prompt": list(prompts), "continuation": list(continuations)}), source)
        _run("likelihood", name, str(source), str(out))
        found = pq.read_table(out)
        return found["log_likelihood"].to_numpy(), found["tokens"].to_numpy()


def _run(*arguments: str) -> None:
    from rewardtrain.launch import environment
    from rewardtrain.supervision import supervise

    with tempfile.TemporaryDirectory() as folder:
        argv = [sys.executable, "-m", "rewardtrain", *arguments]
        supervise(argv, environment(), error_file=Path(folder) / "error.json")


def feature_store() -> Path:
    """The file that keeps what untouched backbones make of texts."""
    from django.conf import settings

    return Path(settings.DATA_DIR) / "features.sqlite3"
