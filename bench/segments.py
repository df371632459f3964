"""Whether models of segments find the first wrong step of a chain, and errors by type, on real labels.

Data: 2,186 chains of reasoning with their first wrong step (BIG-Bench Mistake, Tyen et al. 2023, arXiv 2311.08516) and
500 answers with 1,373 marked errors of several types (Fine-Grained RLHF, arXiv 2306.01693), in ``TOUCHSTONE_DATA``.
Five folds leave a fifth of the prompts out; the default backbone stays frozen and a two-layer head reads each
segment's last token. Steps behind the first wrong one have no label. Wrong steps are rare, so a step is called wrong
above a threshold that finds most first wrong steps in the other folds, by models that had not seen those either. Beside
the model stand the commonest answer, and chance: an area under the ROC of one half. Each segment is judged by the model
that was not trained on its prompt; intervals are over prompts.
"""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench import Figure, Unavailable, script
from rewardtrain.evaluation import segments as suite
from rewardtrain.labels import segments
from rewardtrain.recipe import Recipe
from rewardtrain.scoring import Scorer
from rewardtrain.training import train

FOLDS = 5
RECIPE = {
    "tuning": "head",
    "head": "mlp",
    "template": "{prompt}\n\n{response}",
    "max_length": 512,
    "ridge": 1e-2,
    "layers": 6,
}
HOLDOUT = 0.0
THRESHOLDS = np.linspace(0.02, 0.9, 45)


class Together:
    """The answers of all folds' models, each to the texts that it was not trained on."""

    def __init__(self) -> None:
        self.of: dict[tuple[str, tuple[str, ...]], np.ndarray] = {}
        self.fold: dict[tuple[str, tuple[str, ...]], int] = {}
        self.truth: dict[tuple[str, tuple[str, ...]], int] = {}

    def add(self, table: pa.Table, scorer: Scorer, names: list[str], fold: int) -> None:
        prompts, parts = table["prompt"].to_pylist(), table["segments"].to_pylist()
        found = scorer.wrong(prompts, parts, names)
        for prompt, part, one, said in zip(prompts, parts, found, table["labels"].to_pylist(), strict=True):
            key = prompt, tuple(part)
            self.of[key], self.fold[key] = one, fold
            self.truth[key] = first([label.get(segments.STEP) == -1 for label in json.loads(said)])

    def call(self) -> None:
        """Let one half be the threshold that finds most first wrong steps in the other folds."""
        moved = {}
        for fold in set(self.fold.values()):
            others = [key for key in self.of if self.fold[key] != fold]
            right = [np.mean([first(self.of[k][:, 0] > t) == self.truth[k] for k in others]) for t in THRESHOLDS]
            threshold = THRESHOLDS[int(np.argmax(right))]
            for key in (key for key in self.of if self.fold[key] == fold):
                odds = self.of[key] / (1 - self.of[key]) * (1 - threshold) / threshold
                moved[key] = odds / (1 + odds)
        self.of = moved

    def wrong(self, prompts: list[str], parts: list[list[str]], names: list[str]) -> list[np.ndarray]:
        return [self.of[prompt, tuple(part)] for prompt, part in zip(prompts, parts, strict=True)]


def measure(*, seed: int, quick: bool) -> list[Figure]:
    """The first wrong step, and the area under the curve of each type of error."""
    figures = []
    for name, loss, rows in (("steps", "step", chains()), ("errors", "span", answers())):
        table = segments.normalised(pa.Table.from_pylist(rows[: 80 if quick else None]))
        result = folds(table, loss, seed, 2 if quick else FOLDS)
        majority = result["baselines"]["majority"]
        if name == "steps":
            found, gain = result["clustered"], majority["difference"]
            bar = {} if quick else {"bar": majority["value"]}
            figures += [
                Figure("first wrong step found", found["value"], found["low"], found["high"], n=result["n"], **bar),
                Figure("commonest answer", majority["value"], majority["low"], majority["high"], n=result["n"]),
                Figure("gain", gain["value"], gain["low"], gain["high"], n=result["n"]),
            ]
        for kind in result["types"]:
            area = kind["auroc"]
            if area["value"] is not None:
                bar = {} if quick else {"bar": 0.5}
                label = f"{name}: {kind['name']}, area under the ROC"
                figures.append(Figure(label, area["value"], area["low"], area["high"], n=kind["n"], **bar))
                figures.append(Figure(f"{name}: {kind['name']}, base rate", kind["base_rate"], n=kind["n"]))
    return figures


def folds(table: pa.Table, loss: str, seed: int, count: int) -> dict[str, Any]:
    """Figures over the whole table, each row judged by a model that was trained without its prompt."""
    prompt_N = np.array(table["prompt"].to_pylist())
    order = np.random.default_rng(seed).permutation(np.unique(prompt_N))
    names = sorted({key for text in table["labels"].to_pylist() for label in json.loads(text) for key in label})
    together = Together()
    for fold in range(count):
        test_N = np.isin(prompt_N, order[fold::count])
        with tempfile.TemporaryDirectory() as folder:
            source, run = Path(folder) / "train.parquet", Path(folder) / "run"
            pq.write_table(table.filter(pa.array(~test_N)), source)
            train(source, run, Recipe.from_mapping({**RECIPE, "loss": loss, "holdout": HOLDOUT, "seed": seed}))
            together.add(table.filter(pa.array(test_N)), Scorer(run / "model", precision="auto"), names, fold)
        print(f"{loss}, fold {fold + 1}", flush=True)
    if loss == "step":
        together.call()
    return suite.evaluate(table, together, seed=seed)  # type: ignore[arg-type]


def first(wrong: Any) -> int:
    """The first that is wrong; -1 where none is."""
    places = np.flatnonzero(wrong)
    return int(places[0]) if len(places) else -1


def chains() -> list[dict[str, Any]]:
    """One row a chain; steps behind the first wrong one have no label."""
    rows = []
    for path in sorted(_folder("big_bench_mistake").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            at = row["mistake_index"]
            said = [None if at is not None and step > at else step != at for step in range(len(row["steps"]))]
            rows.append({"prompt": row["input"], "completions": row["steps"], "labels": said})
    return [rows[at] for at in np.random.default_rng(0).permutation(len(rows))]


def answers() -> list[dict[str, Any]]:
    """One row an answer, with its errors as spans."""
    made = []
    for row in json.loads((_folder("finegrained_rlhf") / "dev_feedback.json").read_text(encoding="utf-8")):
        response = row["prediction 1"]
        errors = [error for error in row["feedback"]["errors"] if 0 <= error["start"] < error["end"] <= len(response)]
        spans = [{"start": e["start"], "end": e["end"], "category": e["error type"]} for e in errors]
        read = "\n\n".join(" ".join(map(str, part)) for part in row["passages"])
        made.append({"prompt": f"{read}\n\n{row['question']}", "response": response, "spans": spans})
    return made


def _folder(name: str) -> Path:
    folder = Path(os.environ.get("TOUCHSTONE_DATA", "")) / name
    if not folder.is_dir():
        raise Unavailable(f"Set TOUCHSTONE_DATA to a folder of real annotations that has {name}.")
    return folder


if __name__ == "__main__":
    script(measure)
