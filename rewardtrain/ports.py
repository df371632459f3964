"""What the reward lab does for curation: scores and embeddings, computed in subprocesses."""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from curation.ports import Models


def score(model: str, prompts: Sequence[str], responses: Sequence[str]) -> np.ndarray:
    """Rewards by the registered model with the primary key ``model``, shape (N,)."""
    from rewardtrain import services
    from rewardtrain.models import RewardModel

    return services.score(model=RewardModel.objects.get(pk=model), prompts=prompts, responses=responses)


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


MODELS = Models(score=score, embed=embed)
