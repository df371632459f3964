"""How another process starts a training: the command and the environment it needs. Imports no torch.

    argv, env = training_command(data, out, recipe)
    process = subprocess.Popen(argv, env=env, stdin=subprocess.PIPE)   # SIGTERM cancels, closing stdin ends it

The allocator's settings must stand in the environment before the process starts, which is why they live here:
with them a training on the CPU keeps its large blocks instead of returning and faulting them in anew every step.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from rewardtrain.recipe import Recipe

ALLOCATOR = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "8589934592"}


def environment(base: Mapping[str, str] | None = None) -> dict[str, str]:
    """``base`` (the present environment by default) with what `python -m rewardtrain` needs on top."""
    env = dict(os.environ if base is None else base)
    root = str(Path(__file__).resolve().parent.parent)
    paths = [root, *filter(None, env.get("PYTHONPATH", "").split(os.pathsep))]
    return {
        **env,
        **ALLOCATOR,
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)),
        "PYTHONUNBUFFERED": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "TRANSFORMERS_VERBOSITY": "error",  # its reports of layers that are left out on purpose would bury our words
    }


def training_command(
    data: str | Path,
    out: str | Path,
    recipe: Recipe | str | Path | None = None,
    *,
    nice: int = 15,
    store: Path | None = None,
) -> tuple[list[str], dict[str, str]]:
    """Command and environment of a supervised training.

    Parameters
    ----------
    data : dataset-version folder or Parquet file.
    out : run folder; the same command on the same folder resumes.
    recipe : a recipe, the path of one, or None for the defaults.
    nice : how far the process steps back behind others, 0 to 19.
    store : where what untouched backbones computed is kept.

    The process ends when its standard input closes, so give it a pipe and keep that open.
    Exit codes: 0 done, 2 failed (`error.json` in ``out``), 130 cancelled by SIGTERM.
    """
    argv = [sys.executable, "-m", "rewardtrain", "train", str(data), str(out), "--supervised", "--nice", str(nice)]
    if store:
        argv += ["--store", str(store)]
    if isinstance(recipe, Recipe):
        for assignment in recipe.assignments():
            argv += ["--set", assignment]
    elif recipe is not None:
        argv += ["--recipe", str(recipe)]
    return argv, environment()
