"""How well a reward model judges debates it never saw.

Data: 13,845 pairs of arguments with five votes each, on 13 debates (Habernal and Gurevych 2016), in
``TOUCHSTONE_DATA/convarg``. Labels are what the default consensus says of the next vote, as in `main_job`.
Five folds leave whole debates out; each trains on the others in the very process that the product starts, and is
tested against the released gold of the debates left out (wins only). Beside it stands the share of pairs that the
longer argument wins. The interval of the mean is over debates: each is drawn whole.

The head alone is trained, on the arguments without their prompts (a debate and a side, of which training has few).
How many of MiniLM's layers are kept, and how their vectors are pooled, is chosen anew for each fold, within its
training debates: by the agreement with their consensus of heads that saw the other training debates. So the debates
left out have no part in that choice. They had one in the ridge and in what the candidates are.
"""

import json
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import torch

from bench import Figure, script
from bench._convarg import read
from rewardtrain import probe
from rewardtrain.data import PairSet, prepare
from rewardtrain.encoding import Encoder
from rewardtrain.launch import training_command
from rewardtrain.modeling import losses
from rewardtrain.modeling.backbones import load_backbone, load_tokenizer
from rewardtrain.modeling.reward_model import RewardModel
from rewardtrain.recipe import Recipe
from rewardtrain.scoring import computed

FOLDS = 5
RECIPE = {"tuning": "head", "template": "{response}", "holdout": 0.0}
LAYERS, POOLINGS = (3, 4, 5, 6), ("mean", "mean_sqrt_len")
RESAMPLES = 2000


def measure(*, seed: int, quick: bool) -> list[Figure]:
    """Accuracy of each fold and their mean, beside *longer wins*, and the seconds of a fold."""
    table = read(seed, label="forecast")
    topics = np.random.default_rng(seed).permutation(sorted(set(table["group"].to_pylist())))
    recipes = [Recipe(**RECIPE, layers=layers, pooling=how, seed=seed) for layers in LAYERS for how in POOLINGS]
    figures, subsets, longer, seconds = [], [], [], []
    for fold in range(1 if quick else FOLDS):
        held_out = topics[fold::FOLDS].tolist()
        start = time.perf_counter()
        recipe = recipes[0] if quick else choose(recipes, without(table, held_out), seed)
        chosen = time.perf_counter()
        found = train(table, held_out, recipe)
        seconds.append(time.perf_counter() - chosen)
        print(
            f"fold {fold + 1}: {recipe.layers} layers, {recipe.pooling}, chosen in {chosen - start:.0f} s", flush=True
        )
        subsets += found["subsets"]
        longer.append(found["baselines"]["longer"]["value"])
        accuracy = found["clustered"]
        figures.append(Figure(f"fold {fold + 1}: accuracy", accuracy["value"], unit="", n=found["n"]))
        figures.append(Figure(f"fold {fold + 1}: longer wins", longer[-1], n=found["n"]))
    values = np.array([figure.value for figure in figures[::2]])
    low, high = interval_of_debates(subsets, seed)
    bar = {} if quick else {"bar": 0.80}
    return [
        Figure("mean accuracy over folds", float(values.mean()), low, high, n=sum(s["n"] for s in subsets), **bar),
        Figure("longer wins, mean over folds", float(np.mean(longer))),
        Figure("gain over longer wins", float(values.mean() - np.mean(longer)), bar=None if quick else 0.0),
        *figures,
        Figure("slowest fold", max(seconds), unit="s", **({} if quick else {"bar": 600, "smaller_is_better": True})),
    ]


def without(table: pa.Table, topics: list[str]) -> pa.Table:
    """The pairs of all other debates."""
    return table.filter(pc.invert(pc.is_in(table["group"], pa.array(topics))))


def choose(recipes: list[Recipe], table: pa.Table, seed: int) -> Recipe:
    """The recipe whose heads agree best with the consensus on debates of ``table`` that they were not fitted to."""
    table = table.filter(pc.not_equal(table["response_a"], table["response_b"]))  # `prepare` leaves the others out
    group_P = np.array(table["group"].to_pylist())
    topics = np.random.default_rng(seed).permutation(np.unique(group_P))
    scores = []
    for recipe in recipes:
        tokenizer = load_tokenizer(recipe.backbone)
        model = RewardModel(load_backbone(recipe.backbone, layers=recipe.layers).eval(), recipe.head, recipe.pooling)
        pairs_ = prepare(table, Encoder(tokenizer, recipe.template, recipe.max_length))
        vector_SD = computed(model.pooled, pairs_.sequences, tokenizer.pad_token_id, model.device)
        half_P = pairs_.target_P3[:, 0] + pairs_.target_P3[:, 1] / 2
        right = 0
        for fold in range(FOLDS):
            test_P = np.isin(group_P, topics[fold::FOLDS])
            reward_S = fitted(model.head, recipe, vector_SD, pairs_, ~test_P)
            ahead_P = (reward_S[pairs_.first_P] > reward_S[pairs_.second_P])[test_P]
            right += int((ahead_P == (half_P[test_P] > 0.5))[half_P[test_P] != 0.5].sum())
        scores.append(right)
    return recipes[int(np.argmax(scores))]


def fitted(
    head: torch.nn.Module, recipe: Recipe, vector_SD: torch.Tensor, pairs_: PairSet, use_P: np.ndarray
) -> np.ndarray:
    """Rewards of all sequences by a head fitted to some of the pairs, as `rewardtrain.training` fits it."""
    first_P, second_P = (torch.from_numpy(place_P[use_P]) for place_P in (pairs_.first_P, pairs_.second_P))
    target_P3, margin_P = (torch.from_numpy(values[use_P]) for values in (pairs_.target_P3, pairs_.margin_P))

    def loss_of(out_SK: torch.Tensor) -> torch.Tensor:
        batch = losses.PairBatch(out_SK[first_P], out_SK[second_P], target_P3.float(), margin_P.float())
        return losses.get(recipe.loss).label_losses(batch, recipe.loss_settings).mean()

    probe.fit(head, vector_SD, loss_of, ridge=recipe.ridge)
    with torch.no_grad():
        return head(vector_SD)[:, 0].numpy()


def interval_of_debates(subsets: list[dict[str, Any]], seed: int) -> tuple[float, float]:
    """95 % interval of the accuracy over debates, each drawn whole."""
    rng = np.random.default_rng(seed)
    right_T = np.array([subset["value"] * subset["n"] for subset in subsets])
    n_T = np.array([subset["n"] for subset in subsets])
    draws = rng.integers(0, len(subsets), (RESAMPLES, len(subsets)))
    low, high = np.quantile(right_T[draws].sum(axis=1) / n_T[draws].sum(axis=1), [0.025, 0.975])
    return float(low), float(high)


def train(table: pa.Table, held_out: list[str], recipe: Recipe) -> dict[str, Any]:
    """Figures against gold on the debates in ``held_out`` of a model trained on the others."""
    with tempfile.TemporaryDirectory() as folder:
        test = np.isin(np.array(table["group"].to_pylist()), held_out)
        (Path(folder) / "data").mkdir()
        for split, rows in (("train", ~test), ("test", test)):
            pq.write_table(table.filter(pa.array(rows)), Path(folder) / "data" / f"{split}-00000-of-00001.parquet")
        run = Path(folder) / "run"
        argv, env = training_command(folder, run, recipe, nice=0)
        # The pipe stays open while it trains: closing it would end the training.
        with subprocess.Popen(argv, env=env, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
            if process.wait() != 0:
                raise RuntimeError(f"The training of a fold ended with {process.returncode}.")
        figures = json.loads((run / "metrics.json").read_text())["evaluations"]["test"]["against"]["gold"]
        return figures


if __name__ == "__main__":
    script(measure)
