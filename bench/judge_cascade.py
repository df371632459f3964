"""How much dear judging a cheap judge saves, and whether the agreement promised for it is kept.

Data: GPT-4's preferences between text-davinci-003 and other models on 805 instructions (AlpacaEval), in
``TOUCHSTONE_DATA/alpaca_eval_gpt4``. GPT-4 is the dear judge and stands where people would; the cheap judge is a
reward model: a linear head on frozen MiniLM, as the product fits it. Sides are shuffled. Each resampling parts the
instructions anew: on some the head is trained, on some GPT-4's answers test the thresholds
(`curation.judging.cascade`), and the rest are held out. A promise is kept where the cheap judge agrees with GPT-4, on
the held-out pairs that it answers, at least as often as promised; where it answers none, there is nothing to break.
A tie of GPT-4 is never agreed with. Those without an answer of GPT-4 are left out.

The held-out part is a sample too, of some 300 instructions, and shows a kept promise as broken now and then; so the
bar stands at a delta smaller than what it allows to break, and the larger delta is printed beside it. Intervals of
shares and agreements are over resamplings (which share their 805 instructions). "Without a test" takes the threshold at
which agreement on the same labels is as promised, "as if pairs were independent" tests it, but by pairs.
"""

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bench import Figure, Unavailable, script
from curation import pairs
from curation.intervals import wilson
from curation.judging.cascade import Cascade, Judge, Plan, confidence
from rewardtrain import probe
from rewardtrain.encoding import Encoder
from rewardtrain.modeling import heads, losses
from rewardtrain.modeling.backbones import load_backbone, load_tokenizer
from rewardtrain.modeling.reward_model import RewardModel
from rewardtrain.recipe import Recipe
from rewardtrain.scoring import computed

RECIPE = Recipe(tuning="head", layers=4, pooling="mean_sqrt_len", loss="bradley_terry", ridge=1e-3)
TRAINING, LABELLED = 250, 250  # instructions
EVERY = 3  # of the 32 other models, every third, so that the encoding takes minutes on one core
PROMISES, DELTAS = (0.85, 0.9), (0.02, 0.05)
KEPT = 95  # of 100 resamplings


def measure(*, seed: int, quick: bool) -> list[Figure]:
    """Promises kept, shares saved and agreement on held-out instructions, by promise and delta."""
    data = Recorded(seed, every=16 if quick else EVERY)
    runs = [data.resampled(seed * 1000 + draw) for draw in range(5 if quick else 100)]
    figures = [spread("agreement of the reward model with GPT-4 on all held-out pairs", [run.accuracy for run in runs])]
    for promise in PROMISES:
        for delta in DELTAS:
            bar = {"bar": KEPT / 100} if delta == DELTAS[0] and not quick else {}
            figures += kept(runs, promise, f"promise {promise:.0%}, delta {delta}", tested(promise, delta), **bar)
        figures += kept(
            runs, promise, f"promise {promise:.0%}, without a test", lambda run, p=promise: run.cascade.untested(p)
        )
        figures += kept(
            runs, promise, f"promise {promise:.0%}, delta {DELTAS[1]}, as if pairs were independent",
            lambda run, p=promise: run.pairwise.plan(p, DELTAS[1]),
        )  # fmt: skip
    few = [data.resampled(seed * 1000 + draw, labelled=60, each=1) for draw in range(len(runs))]
    figures += kept(few, 0.85, "promise 85%, delta 0.05, 60 labels in all", tested(0.85, 0.05))
    return figures


class Run:
    """One resampling: the cascade, and which pairs are held out."""

    def __init__(
        self, judge: Judge, truth_N: np.ndarray, labels_N: np.ndarray, held_N: np.ndarray, prompt_N: Any
    ) -> None:
        self.said_N, self.truth_N, self.held_N = judge.said_N, truth_N, held_N
        self.cascade = Cascade([judge], labels_N, prompt_N)
        self.pairwise = Cascade([judge], labels_N, np.arange(len(labels_N)))

    @property
    def accuracy(self) -> float:
        return float((self.said_N == self.truth_N)[self.held_N].mean())

    def outcome(self, plan: Plan) -> tuple[float, float]:
        """Share of the held-out pairs that the cheap judge answers, and agreement on them (1 where there are none)."""
        taken_N = self.held_N & (plan.judge_N >= 0)
        right_N = (self.said_N == self.truth_N)[taken_N]
        return float(taken_N.sum() / self.held_N.sum()), float(right_N.mean()) if len(right_N) else 1.0


class Recorded:
    """GPT-4's answers with shuffled sides, and the vectors of all responses."""

    def __init__(self, seed: int, *, every: int) -> None:
        rows = read(every)
        swap_N = np.random.default_rng(seed).random(len(rows)) < 0.5
        texts: dict[tuple[str, str], int] = {}
        prompts = [pairs.canonical_json([{"role": "user", "content": row["instruction"]}]) for row in rows]
        place_2N = np.array(
            [
                [
                    texts.setdefault((prompt, row[f"output_{side}"]), len(texts))
                    for row, prompt in zip(rows, prompts, strict=True)
                ]
                for side in (1, 2)
            ]
        )
        self.a_N, self.b_N = np.where(swap_N, place_2N[::-1], place_2N)
        first_N = np.array([row["preference"] == 1 for row in rows])
        tie_N = np.array([row["preference"] not in (1, 2) for row in rows])
        self.truth_N = np.where(tie_N, 2, np.where(first_N != swap_N, 0, 1))
        _, self.prompt_N = np.unique(prompts, return_inverse=True)
        self.vector_SD = encoded(list(texts))

    def resampled(self, seed: int, *, labelled: int = LABELLED, each: int = 0) -> Run:
        """``each``: so many labelled pairs an instruction; 0: all."""
        draw = np.random.default_rng(seed)
        order = draw.permutation(np.unique(self.prompt_N))
        train_N = np.isin(self.prompt_N, order[:TRAINING])
        label_N = np.isin(self.prompt_N, order[TRAINING : TRAINING + labelled])
        if each:
            turn_N = draw.permutation(len(label_N))
            _, first = np.unique(self.prompt_N[turn_N], return_index=True)
            label_N &= np.isin(np.arange(len(label_N)), turn_N[first])
        held_N = np.isin(self.prompt_N, order[TRAINING + LABELLED :])
        reward_S = self._fitted(train_N)
        p_N = 1 / (1 + np.exp(reward_S[self.b_N] - reward_S[self.a_N]))
        said_N = np.where(p_N >= 0.5, 0, 1)
        rows_N = label_N | held_N
        judge = Judge("reward model", said_N[rows_N], confidence(said_N, p_N)[rows_N])
        labels_N = np.where(label_N, self.truth_N, -1)[rows_N]
        return Run(judge, self.truth_N[rows_N], labels_N, held_N[rows_N], self.prompt_N[rows_N])

    def _fitted(self, use_N: np.ndarray) -> np.ndarray:
        """Rewards of all responses by a head fitted to some of the pairs, as `rewardtrain.training` fits it."""
        a_P, b_P = torch.from_numpy(self.a_N[use_N]), torch.from_numpy(self.b_N[use_N])
        target_P3 = torch.from_numpy(np.eye(3)[np.array([0, 2, 1])[self.truth_N[use_N]]]).float()

        def loss_of(out_SK: torch.Tensor) -> torch.Tensor:
            batch = losses.PairBatch(out_SK[a_P], out_SK[b_P], target_P3, torch.zeros(len(a_P)))
            return losses.get(RECIPE.loss).label_losses(batch, RECIPE.loss_settings).mean()

        head = heads.get(RECIPE.head).build(self.vector_SD.shape[1])
        probe.fit(head, self.vector_SD, loss_of, ridge=RECIPE.ridge)
        with torch.no_grad():
            return head(self.vector_SD)[:, 0].numpy()


def encoded(texts: list[tuple[str, str]]) -> torch.Tensor:
    """The pooled vector of every (prompt, response)."""
    tokenizer = load_tokenizer(RECIPE.backbone)
    backbone = load_backbone(RECIPE.backbone, layers=RECIPE.layers).eval()
    model = RewardModel(backbone, RECIPE.head, RECIPE.pooling, precision="bf16")
    sequences = Encoder(tokenizer, RECIPE.template, RECIPE.max_length).encode(texts)
    with model.autocast():
        return computed(model.pooled, sequences, tokenizer.pad_token_id, model.device).float()


def read(every: int) -> list[dict[str, Any]]:
    """The recorded comparisons that have an answer and two different responses."""
    folder = Path(os.environ.get("TOUCHSTONE_DATA", "")) / "alpaca_eval_gpt4"
    files = sorted(folder.glob("*.annotations.json.gz"))[::every]
    if not files:
        raise Unavailable("Set TOUCHSTONE_DATA to a folder of real annotations that has alpaca_eval_gpt4.")
    rows = [row for path in files for row in json.loads(gzip.decompress(path.read_bytes()))]
    return [row for row in rows if row["preference"] is not None and row["output_1"] != row["output_2"]]


def tested(promise: float, delta: float) -> Callable[[Run], Plan]:
    return lambda run: run.cascade.plan(promise, delta)


def kept(runs: list[Run], promise: float, name: str, plan: Callable[[Run], Plan], **bar: float) -> list[Figure]:
    """How often it was kept, what it saved, and how often nothing was promised."""
    share_R, agreement_R = np.array([run.outcome(plan(run)) for run in runs]).T
    times, n = int((agreement_R >= promise).sum()), len(runs)
    figures = [
        Figure(f"{name}: kept", times / n, *wilson(times, n), n=n, **bar),
        spread(f"{name}: share of dear calls saved", share_R),
        Figure(f"{name}: nothing promised", float((share_R == 0).mean()), n=n),
    ]
    if share_R.any():
        figures.append(spread(f"{name}: agreement on held-out pairs", agreement_R[share_R > 0]))
    return figures


def spread(name: str, values: Any) -> Figure:
    """A mean over resamplings with the middle 95 % of them."""
    low, high = np.quantile(values, [0.025, 0.975])
    return Figure(name, float(np.mean(values)), float(low), float(high), n=len(values))


if __name__ == "__main__":
    script(measure)
