"""What the reward lab does for curation: scores and embeddings, computed in subprocesses."""

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

    return Models(score=score, embed=embed, likelihood=likelihood, train=train)


def embed(texts: Sequence[str]) -> np.ndarray:
    """Unit vectors of the default encoder, shape (N, 384)."""
    from rewardtrain.launch import environment
    from rewardtrain.supervision import supervise

    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "in.parquet", Path(folder) / "out.parquet"
        pq.write_table(pa.table({"text": list(texts)}), source)
        argv = [sys.executable, "-m", "rewardtrain", "embed", str(source), str(out)]
        supervise(argv, environment(), error_file=Path(folder) / "error.json")
        return np.stack(pq.read_table(out)["embedding"].to_numpy())


def likelihood(model: str, prompts: Sequence[str], continuations: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Log-likelihoods in nats and numbers of tokens, both (N,), by a folder of MODELS_DIR or a model of the hub.

    Raises
    ------
    PortNotRegistered
        If there is no such model.
    """
    from rewardtrain.launch import environment
    from rewardtrain.selectors import model_source
    from rewardtrain.supervision import supervise

    try:
        name = model_source(model)
    except ValueError as error:
        raise PortNotRegistered(str(error)) from error
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "in.parquet", Path(folder) / "out.parquet"
        pq.write_table(pa.table({"prompt": list(prompts), "continuation": list(continuations)}), source)
        argv = [sys.executable, "-m", "rewardtrain", "likelihood", name, str(source), str(out)]
        supervise(argv, environment(), error_file=Path(folder) / "error.json")
        found = pq.read_table(out)
        return found["log_likelihood"].to_numpy(), found["tokens"].to_numpy()
