"""Best of 33 responses to unseen prompts, by one reward model and by ensembles, with clean and with noisy labels.

Data: GPT-4's preference between text-davinci-003 and 32 models on 805 instructions, in
``TOUCHSTONE_DATA/alpaca_eval_gpt4``. Gold of a response is GPT-4's verdict on it: 1 where it beats davinci's, 0 where
it loses, one half for a tie and for davinci's own. Instructions are split whole: 60 % to train, 10 % to validate and
30 % to test. An ensemble of five two-layer heads on the frozen default backbone is trained by the product's own
training, once on the labels as they are and once with 25 % of them flipped, from several seeds. The curve says what
share of GPT-4's verdicts the best of n wins, exactly over all subsets (`rewardtrain.evaluation.best_of_n`): for one
member alone (averaged), for the mean, the least of the members, and the mean less half the variance; beside the
longest of n.

The fall is gold at the largest n less gold at its peak: 0 where the curve never falls. Its interval is over prompts.
"""

import gzip
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench import Figure, Unavailable, script
from curation import pairs
from rewardtrain.evaluation import best_of_n
from rewardtrain.keeping import Store
from rewardtrain.recipe import Recipe
from rewardtrain.scoring import Scorer
from rewardtrain.training import train

RECIPE = {"tuning": "head", "head": "mlp", "ensemble": 5, "bootstrap": True, "pooling": "mean_sqrt_len", "ridge": 1e-2}
SPLITS = {"train": 0.6, "validation": 0.1, "test": 0.3}
NOISE = (0.0, 0.25)
SEEDS = 3
GOLD = {2: 1.0, 1: 0.0}


def measure(*, seed: int, quick: bool) -> list[Figure]:
    """Accuracy, and the curves at both levels of noise."""
    comparisons = read(every=8 if quick else 1, instructions=60 if quick else None)
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "features.sqlite3")
        for noise in NOISE:
            runs = []
            for at in range(1 if quick else SEEDS):
                target = Path(folder) / f"{noise}-{at}"
                split = write(comparisons, target, noise, seed + at)
                train(target, target / "run", Recipe.from_mapping({**RECIPE, "seed": 100 * (seed + at)}), store=store)
                scorer = Scorer(target / "run" / "model", precision="auto")
                runs.append(best_of_n.evaluate(prompts_of(comparisons, split["test"]), scorer, seed=seed))
                print(f"{noise:.0%} flipped, seed {at}: accuracy {runs[-1]['accuracy']['value']:.3f}", flush=True)
            figures += told(f"{noise:.0%} flipped", runs)
    return figures


def told(where: str, runs: list[dict[str, Any]]) -> list[Figure]:
    """The mean over seeds of accuracies and curves; intervals are the mean of those of each seed, over prompts."""

    def figure(name: str, found: list[dict[str, Any]], **more: Any) -> Figure:
        middle = [float(np.mean([one[key] for one in found])) for key in ("value", "low", "high")]
        return Figure(f"{where}: {name}", *middle, n=runs[0]["n"], **more)

    figures = [
        figure("accuracy within a prompt", [run["accuracy"] for run in runs]),
        figure("accuracy of longer wins", [run["baselines"]["longer"] for run in runs]),
    ]
    for name in ("mean", "worst", "penalty", "single"):
        curves = [run["ensemble"][name] for run in runs]
        for points in zip(*curves, strict=True):
            if points[0]["n"] in (1, 4, 16, points[0]["n"] if points[0] is curves[0][-1] else 1):
                figures.append(figure(f"{name}, gold of best of {points[0]['n']}", [point["gold"] for point in points]))
        falls = [max(point["gold"]["value"] for point in curve) - curve[-1]["gold"]["value"] for curve in curves]
        bar = {"bar": 0.005, "smaller_is_better": True} if name != "single" else {}
        figures.append(Figure(f"{where}: {name}, fall from its peak", float(np.mean(falls)), n=runs[0]["n"], **bar))
    last = [run["curve"][-1] for run in runs]
    figures.append(figure(f"longest, gold of best of {last[0]['n']}", [point["longer"] for point in last]))
    figures.append(figure(f"oracle, gold of best of {last[0]['n']}", [run["oracle"] for run in runs]))
    return figures


def read(*, every: int, instructions: int | None) -> list[dict[str, Any]]:
    """Every comparison that has an answer: instruction, davinci's response, the other's, and its gold."""
    files = sorted((Path(os.environ.get("TOUCHSTONE_DATA", "")) / "alpaca_eval_gpt4").glob("*.annotations.json.gz"))
    if not files:
        raise Unavailable("Set TOUCHSTONE_DATA to a folder of real annotations that has alpaca_eval_gpt4.")
    rows = [row for path in files[::every] for row in json.loads(gzip.decompress(path.read_bytes()))]
    kept = sorted({row["instruction"] for row in rows})[:instructions]
    return [
        {
            "instruction": row["instruction"], "reference": row["output_1"], "response": row["output_2"],
            "gold": GOLD.get(row["preference"], 0.5),
        }
        for row in rows
        if row["preference"] is not None and row["instruction"] in set(kept) and row["output_1"] != row["output_2"]
    ]  # fmt: skip


def write(rows: list[dict[str, Any]], folder: Path, noise: float, seed: int) -> dict[str, set[str]]:
    """A dataset version's folder with train and validation; which instructions stand in which split."""
    rng = np.random.default_rng([seed, 1])
    names = rng.permutation(sorted({row["instruction"] for row in rows})).tolist()
    borders = np.cumsum([round(share * len(names)) for share in SPLITS.values()])
    split = {
        name: set(names[start:end])
        for name, start, end in zip(SPLITS, [0, *borders[:-1]], [*borders[:-1], len(names)], strict=True)
    }
    folder.mkdir()
    for name in ("train", "validation"):
        mine = [row for row in rows if row["instruction"] in split[name]]
        flipped = rng.random(len(mine)) < noise
        turned = rng.random(len(mine)) < 0.5
        made = [_pair(*args) for args in zip(mine, flipped.tolist(), turned.tolist(), strict=True)]
        pq.write_table(pa.Table.from_pylist(made, schema=pairs.SCHEMA), folder / f"{name}.parquet")
    return split


def _pair(row: dict[str, Any], flipped: bool, turned: bool) -> dict[str, Any]:
    prompt = pairs.canonical_json([{"role": "user", "content": row["instruction"]}])
    sides = [row["response"], row["reference"]]
    p = 1 - row["gold"] if flipped else row["gold"]
    a, b = sides[::-1] if turned else sides
    p_a = 1 - p if turned else p
    return {
        "row_id": pairs.row_id(prompt, a, b), "prompt": prompt, "group": row["instruction"], "response_a": a,
        "response_b": b, "p_a": p_a, "p_tie": 0.0, "p_b": 1 - p_a, "p_both_bad": 0.0, "strength": 2 * p_a - 1,
        "margin": 0.0, "weight": 1.0, "metadata": "{}",
    }  # fmt: skip


def prompts_of(rows: list[dict[str, Any]], instructions: set[str]) -> pa.Table:
    """A table for the suite: each instruction with all its responses, and the gold of each."""
    found: dict[str, dict[str, float]] = {}
    for row in rows:
        if row["instruction"] in instructions:
            found.setdefault(row["instruction"], {row["reference"]: 0.5})[row["response"]] = row["gold"]
    most = max(map(len, found.values()))
    made = [
        {
            "prompt": pairs.canonical_json([{"role": "user", "content": instruction}]),
            "responses": list(gold), "gold": list(gold.values()),
        }
        for instruction, gold in found.items()
        if len(gold) >= most - 1
    ]  # fmt: skip
    return pa.Table.from_pylist(made)


if __name__ == "__main__":
    script(measure)
