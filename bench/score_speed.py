"""How fast a trained reward model scores beside a padded transformers loop, on real texts, in one run.

Texts: responses to instructions as GPT-4 compared them, in ``TOUCHSTONE_DATA/alpaca_eval_gpt4``, at most 256 tokens, in
no order, which is what a loop would be given. The loop pads 16 texts at a time to the longest of them. Both run the
same backbone and head in this process and take turns; the figure is the ratio of the best of the turns. The
scorer also encodes each distinct text once and sorts by length; here all texts are distinct. Where a ratio is below 1,
the loop is faster. The rank correlation is that of bf16 rewards with the loop's fp32 rewards.
"""

import gzip
import json
import os
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from scipy.stats import spearmanr

from bench import Figure, Unavailable, script
from rewardtrain.modeling.reward_model import RewardModel
from rewardtrain.recipe import Recipe
from rewardtrain.scoring import Scorer
from rewardtrain.training import train

TURNS = 3
RECIPE = Recipe(tuning="head", template="{response}", max_length=256, layers=6, holdout=0.0)


def measure(*, seed: int, quick: bool) -> list[Figure]:
    """Texts a second of both, at each precision, and the ratios."""
    texts = read(60 if quick else 600, seed)
    with tempfile.TemporaryDirectory() as folder:
        rows = [{"chosen": a, "rejected": b} for a, b in pairwise(texts[:41])]
        pq.write_table(pa.Table.from_pylist(rows), Path(folder) / "pairs.parquet")
        train(Path(folder) / "pairs.parquet", Path(folder) / "run", RECIPE)
        scorers = {name: Scorer(Path(folder) / "run" / "model", precision=name) for name in ("fp32", "bf16")}
    ways: dict[str, Callable[[], np.ndarray]] = {}
    for name, scorer in scorers.items():
        ways[f"scorer, {name}"] = lambda scorer=scorer: scorer.score([""] * len(texts), texts)
        ways[f"padded loop, {name}"] = lambda scorer=scorer: loop(scorer, texts)
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    found: dict[str, np.ndarray] = {}
    for _ in range(1 if quick else TURNS):
        for name, way in ways.items():
            start = time.perf_counter()
            found[name] = way()
            seconds[name].append(time.perf_counter() - start)
    speed = {name: len(texts) / min(taken) for name, taken in seconds.items()}
    bars = {} if quick else {"same": 1.3, "default": 2.5, "rank": 0.999}
    rank = spearmanr(found["scorer, bf16"], found["padded loop, fp32"]).statistic
    same = {name: speed[f"scorer, {name}"] / speed[f"padded loop, {name}"] for name in scorers}
    return [
        *(Figure(f"scorer / padded loop, both {name}", ratio, bar=bars.get("same")) for name, ratio in same.items()),
        Figure(
            "scorer in bf16 / padded loop in fp32",
            speed["scorer, bf16"] / speed["padded loop, fp32"],
            bar=bars.get("default"),
        ),
        Figure("rank correlation of the two", float(rank), bar=bars.get("rank"), n=len(texts)),
        *(Figure(name, value, unit="texts/s", n=len(texts)) for name, value in speed.items()),
    ]


@torch.no_grad()
def loop(scorer: Scorer, texts: list[str]) -> np.ndarray:
    """Rewards as a plain loop computes them: 16 texts at a time, padded to the longest."""
    model: RewardModel = scorer.model
    found = []
    for start in range(0, len(texts), 16):
        some = scorer.encoder.tokenizer(
            texts[start : start + 16], truncation=True, max_length=256, padding=True, return_tensors="pt"
        )
        found.append(model(some["input_ids"], some["attention_mask"]).numpy())
    return np.concatenate(found)


def read(count: int, seed: int) -> list[str]:
    """Distinct responses, shuffled."""
    files = sorted((Path(os.environ.get("TOUCHSTONE_DATA", "")) / "alpaca_eval_gpt4").glob("*.annotations.json.gz"))
    if not files:
        raise Unavailable("Set TOUCHSTONE_DATA to a folder of real annotations that has alpaca_eval_gpt4.")
    rows = [row for path in files[::8] for row in json.loads(gzip.decompress(path.read_bytes()))]
    texts = sorted({row["output_2"] for row in rows if row["output_2"].strip()})
    return [texts[at] for at in np.random.default_rng(seed).permutation(len(texts))[:count]]


if __name__ == "__main__":
    script(measure)
