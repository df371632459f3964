"""Training: one loop from pairs to a reward model's folder, exact to resume.

A run folder:

    run.json         recipe, data hash, versions; the same folder takes no other run
    progress.jsonl   one line a log event: {"kind", "step", "steps_total", "epoch", "seconds", ...}
        data         rows, pairs, sequences, tokens, truncated … of each split
        head         sequences that go through the untouched backbone, to fit the head
        train        loss, accuracy, lr, pairs_per_s, tokens_per_s, since the last such line
        eval         loss, accuracy on the validation split, best (whether it is the best so far)
        resume, cancelled, done
    checkpoints/     the latest and the best; gone when the run is done
    model/           the reward model (rewardtrain.modeling.reward_model)
    metrics.json     written last: a run with it is done
    error.json       {"kind", "message"}, written by the command line when a run fails

A step encodes a set of distinct sequences once and compares all pairs among them (rewardtrain.batching). The
whole state is (weights, optimizer, generators, place in the plan), and the plan follows from the seed, so a run
killed at any moment and started again ends with the same weights, to the bit on the CPU at the same number of threads.
"""

import json
import math
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import torch
import transformers

from rewardtrain import checkpoints, data, probe
from rewardtrain.batching import Step, length_groups, plan
from rewardtrain.encoding import Encoder
from rewardtrain.errors import DataError, TrainingError
from rewardtrain.evaluation import get as suite
from rewardtrain.modeling import losses
from rewardtrain.modeling.backbones import load_backbone, load_tokenizer, worthwhile_layers
from rewardtrain.modeling.reward_model import RewardModel, device_for, precision_for, save
from rewardtrain.recipe import Recipe
from rewardtrain.scoring import Scorer, computed
from rewardtrain.storage import Progress, locked, write_folder, write_json

_LEAST_TOKENS = 512  # a forward of fewer tokens leaves the processor idle; then rather pad a little


class Cancelled(Exception):
    """The training was asked to stop; its checkpoint is written."""


def train(
    source: str | Path, out: str | Path, recipe: Recipe, *, stop: Callable[[], bool] = lambda: False
) -> dict[str, Any]:
    """Train a reward model, or resume, or return the metrics of a run already done.

    Parameters
    ----------
    source : a dataset version's folder or a Parquet file (`rewardtrain.data`).
    out : the run's folder, made where it is missing.
    stop : asked between steps; when true a checkpoint is written and `Cancelled` raised.

    Raises
    ------
    LabError
        With a message that says what to change: an empty split, a loss that is not finite, memory running out,
        a folder that holds another run.
    """
    run = Path(out)
    run.mkdir(parents=True, exist_ok=True)
    with locked(run), _readable_memory_errors(recipe):
        identity = {"recipe": recipe.to_dict(), "data": {"source": str(source), "hash": data.content_hash(source)}}
        _claim(run, identity)
        if (run / "metrics.json").exists():
            checkpoints.remove(run)  # where the process died between the two
            return json.loads((run / "metrics.json").read_text(encoding="utf-8"))
        (run / "error.json").unlink(missing_ok=True)
        return _Training(source, run, recipe, identity["data"]["hash"], stop).run_to_end()


def learning_rate(step: int, total: int, recipe: Recipe) -> float:
    """Rate of the update after ``step`` updates: a linear rise over the warm-up, then a linear fall to 0."""
    rise = math.ceil(recipe.warmup * total)
    if step < rise:
        return recipe.lr * (step + 1) / rise
    return recipe.lr * (total - step) / max(1, total - rise)


class _Training:
    """What one process holds while it trains."""

    def __init__(self, source: str | Path, run: Path, recipe: Recipe, data_hash: str, stop: Callable[[], bool]) -> None:
        self.run, self.recipe, self.data_hash, self.stop = run, recipe, data_hash, stop
        self.started = time.monotonic()
        torch.manual_seed(recipe.seed)
        device = device_for(recipe.device)
        tokenizer = load_tokenizer(recipe.backbone)
        self.encoder = Encoder(tokenizer, recipe.template, recipe.max_length)
        self.tables = _tables(source, recipe)
        self.sets: dict[str, data.PairSet] = {
            split: data.prepare(self.tables[split], self.encoder)
            for split in ("train", "validation")
            if split in self.tables
        }
        for split, pairs in self.sets.items():
            if not len(pairs):
                raise TrainingError(f"The {split} split has no usable pair: {_counts(pairs.report)}.")
        backbone = load_backbone(
            recipe.backbone, attention=recipe.attention, device=device, dropout=recipe.dropout,
            layers=recipe.layers or worthwhile_layers(recipe.backbone),
        )  # fmt: skip
        if recipe.gradient_checkpointing:
            enable = (
                getattr(backbone, "activation_checkpointing_enable", None) or backbone.gradient_checkpointing_enable
            )
            enable()  # the first is the later name
        self.model = RewardModel(backbone, recipe.head, recipe.pooling, precision_for(device, recipe.precision)).train()
        matrices = [p for p in self.model.parameters() if p.ndim >= 2]
        others = [p for p in self.model.parameters() if p.ndim < 2]
        self.optimizer = torch.optim.AdamW(
            [{"params": matrices, "weight_decay": recipe.weight_decay}, {"params": others, "weight_decay": 0.0}],
            lr=recipe.lr, fused=True,
        )  # fmt: skip
        self.loss = losses.get(recipe.loss)
        self.steps_total = self._steps_total()
        self.state = checkpoints.restore(run, self.model, self.optimizer)
        self.before = self.state.seconds
        self.progress = Progress(run / "progress.jsonl", self.state.step)
        if self.state.step:
            self._log("resume")
        else:
            self._log("data", splits={split: pairs.report for split, pairs in self.sets.items()})

    def run_to_end(self) -> dict[str, Any]:
        if self.recipe.tuning != "full" and self.state.evaluated < 0 and not self.state.step:
            self._fit_head()
        steps: list[Step] = []
        planned = -1
        while True:
            state = self.state
            self._cancel_if_asked()
            ended = state.step == self.steps_total
            if "validation" in self.sets and state.evaluated < state.step and self._evaluation_due(ended):
                self._evaluate()
                self._checkpoint()
            elif self.recipe.checkpoint_every and state.step and state.step % self.recipe.checkpoint_every == 0:
                self._checkpoint()
            if ended or (self.recipe.patience and state.stale >= self.recipe.patience):
                return self._finish("end" if ended else "early")
            if planned != state.epoch:
                steps, planned = self._plan(state.epoch), state.epoch
            self._update(steps[state.position])
            state.step += 1
            state.position += 1
            if state.position == len(steps):
                state.epoch, state.position = state.epoch + 1, 0
            if state.step % self.recipe.log_every == 0 or state.step == self.steps_total:
                self._log_window()

    def _fit_head(self) -> None:
        """Fit the head to the untouched backbone; exact to repeat, so a run killed in it begins anew."""
        pairs = self.sets["train"]
        self._log("head", sequences=len(pairs.sequences))
        self.model.eval()
        vector_SD = self._computed(self.model.pooled, "train")
        self.model.train()
        weight_P = self._tensor(pairs.weight_P / pairs.weight_P.sum())

        def loss_of(reward_S: torch.Tensor) -> torch.Tensor:
            return self.loss.pair_losses(self._batch("train", reward_S), self.recipe.loss_settings) @ weight_P

        value = probe.fit(self.model.head, vector_SD, loss_of, ridge=self.recipe.ridge)
        if not math.isfinite(value):
            raise TrainingError(f"The fit of the head gave a loss of {value}. Set tuning=full, or precision=fp32.")

    def _computed(self, compute: Callable[..., torch.Tensor], split: str) -> torch.Tensor:
        """``compute`` of every sequence of a split."""
        sequences = self.sets[split].sequences
        return computed(compute, sequences, self.encoder.pad, self.model.device, check=self._cancel_if_asked)

    def _batch(self, split: str, reward_S: torch.Tensor) -> losses.PairBatch:
        """All pairs of a split, given the rewards of its sequences."""
        pairs = self.sets[split]
        return losses.PairBatch(
            reward_S[self._tensor(pairs.first_P)], reward_S[self._tensor(pairs.second_P)],
            self._tensor(pairs.target_P3), self._tensor(pairs.margin_P),
        )  # fmt: skip

    def _update(self, step: Step) -> None:
        """One update of the weights from one set of sequences and the pairs among them."""
        began = time.monotonic()
        pairs, members = self.sets["train"], step.sequences
        place = np.searchsorted(members, np.stack([pairs.first_P[step.pairs], pairs.second_P[step.pairs]]))
        groups = length_groups(pairs.sequences.lengths_S[members], least=_LEAST_TOKENS)
        with self.model.autocast():
            reward_G = torch.cat(
                [self.model(*pairs.sequences.padded(members[g], self.encoder.pad, self.model.device)) for g in groups]
            )
        first_P, second_P = self._tensor(np.argsort(np.concatenate(groups))[place])
        batch = losses.PairBatch(
            reward_G[first_P], reward_G[second_P],
            self._tensor(pairs.target_P3[step.pairs]), self._tensor(pairs.margin_P[step.pairs]),
        )  # fmt: skip
        loss_P = self.loss.pair_losses(batch, self.recipe.loss_settings)
        weight_P = self._tensor(pairs.weight_P[step.pairs])
        loss = (loss_P * weight_P).sum() / weight_P.sum()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.recipe.clip)
        value = loss.item()
        if not (math.isfinite(value) and math.isfinite(norm.item())):
            raise TrainingError(
                f"The loss became {value} with a gradient of {norm.item()} at step {self.state.step + 1}. "
                f"Lower the learning rate (lr, now {self.recipe.lr:g}), or set precision=fp32."
            )
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.state.step, self.steps_total, self.recipe)
        self.optimizer.step()
        self.optimizer.zero_grad()
        right, decided = _agreement((batch.reward_a_P - batch.reward_b_P).detach(), batch.target_P3)
        for key, amount in (
            ("loss", value), ("steps", 1), ("right", right), ("decided", decided), ("pairs", len(step.pairs)),
            ("tokens", int(pairs.sequences.lengths_S[members].sum())), ("seconds", time.monotonic() - began),
        ):  # fmt: skip
            self.state.window[key] = self.state.window.get(key, 0) + amount

    @torch.no_grad()
    def _evaluate(self) -> None:
        """Loss and accuracy on the validation split; remembers the best."""
        pairs, state = self.sets["validation"], self.state
        self.model.eval()
        batch = self._batch("validation", self._computed(self.model, "validation"))
        self.model.train()
        loss_P = self.loss.pair_losses(batch, self.recipe.loss_settings).cpu().numpy()
        loss = float(np.average(loss_P, weights=pairs.weight_P))
        if not math.isfinite(loss):
            raise TrainingError(
                f"The validation loss became {loss}. Lower the learning rate (lr, now {self.recipe.lr:g})."
            )
        right, decided = _agreement(batch.reward_a_P - batch.reward_b_P, batch.target_P3)
        best = state.best_loss is None or loss < state.best_loss
        state.evaluated = state.step
        state.stale = 0 if best else state.stale + 1
        if best:
            state.best_step, state.best_loss = state.step, loss
        self._log("eval", loss=loss, accuracy=right / decided if decided else None, best=best)

    def _finish(self, stopped: str) -> dict[str, Any]:
        """Write the model of the best validation (the last one without any), measure it, write the metrics."""
        state, recipe = self.state, self.recipe
        if state.best_step >= 0:
            checkpoints.restore_weights(self.run, state.best_step, self.model)
        self.model.eval()
        metrics: dict[str, Any] = {
            "stopped": stopped,
            "steps": state.step,
            "steps_total": self.steps_total,
            "best_step": state.best_step if state.best_step >= 0 else state.step,
            "validation_loss": state.best_loss,
            "data": {split: pairs.report for split, pairs in self.sets.items()},
            "evaluations": {},
        }
        card = {
            "backbone": recipe.backbone, "loss": recipe.loss, "loss_settings": recipe.loss_settings,
            "template": self.encoder.template, "max_length": recipe.max_length,
            "ends_with": self.encoder.suffix, "data_hash": self.data_hash, "recipe": recipe.to_dict(),
        }  # fmt: skip

        def fill(folder: Path) -> None:
            save(self.model, self.encoder.tokenizer, folder, card)
            scorer = Scorer(folder, device=self.model.device.type)
            for split in ("validation", "test"):
                if split in self.tables and len(self.tables[split]):
                    if self.stop():  # the checkpoint of the last step stands; the weights in hand may be older
                        raise Cancelled
                    metrics["evaluations"][split] = self._measured(split, scorer)
            metrics["seconds"] = round(self._seconds(), 3)
            save(self.model, self.encoder.tokenizer, folder, {**card, "metrics": _headlines(metrics["evaluations"])})

        write_folder(self.run / "model", fill)
        write_json(self.run / "metrics.json", metrics)
        checkpoints.remove(self.run)
        self._log("done", **_headlines(metrics["evaluations"]))
        self.progress.close()
        return metrics

    def _measured(self, split: str, scorer: Scorer) -> dict[str, Any]:
        try:
            return suite("pairs").evaluate(
                self.tables[split], scorer, seed=self.recipe.seed, train=self.tables["train"]
            )
        except DataError as error:  # such as a split of ties only: the training was still good
            return {"error": str(error)}

    def _cancel(self) -> None:
        if self.state.step:
            self._checkpoint()
        self._log("cancelled")
        raise Cancelled

    def _cancel_if_asked(self) -> None:
        if self.stop():
            self._cancel()

    def _checkpoint(self) -> None:
        self.state.seconds = self._seconds()
        checkpoints.save(self.run, self.state, self.model, self.optimizer)

    def _evaluation_due(self, ended: bool) -> bool:
        if ended or not self.state.step:
            return ended or self.recipe.tuning == "head_first"
        every = self.recipe.eval_every
        return self.state.step % every == 0 if every else self.state.position == 0

    def _plan(self, epoch: int) -> list[Step]:
        pairs, recipe = self.sets["train"], self.recipe
        return plan(
            pairs.sequences.lengths_S, pairs.first_P, pairs.second_P,
            budget=recipe.tokens_per_step, seed=recipe.seed, epoch=epoch,
        )  # fmt: skip

    def _steps_total(self) -> int:
        if self.recipe.tuning == "head":
            return 0
        limit = self.recipe.max_steps or math.inf
        total = 0
        for epoch in range(self.recipe.epochs):
            total += len(self._plan(epoch))
            if total >= limit:
                return int(limit)
        return total

    def _tensor(self, values: np.ndarray) -> torch.Tensor:
        kind = torch.int64 if values.dtype.kind == "i" else torch.float32
        return torch.from_numpy(np.ascontiguousarray(values)).to(self.model.device, kind)

    def _seconds(self) -> float:
        return self.before + time.monotonic() - self.started

    def _log(self, kind: str, **values: Any) -> None:
        self.progress.write(
            kind, step=self.state.step, steps_total=self.steps_total, epoch=self.state.epoch,
            seconds=round(self._seconds(), 3), **values,
        )  # fmt: skip

    def _log_window(self) -> None:
        window = self.state.window
        self._log(
            "train",
            loss=window["loss"] / window["steps"],
            accuracy=window["right"] / window["decided"] if window["decided"] else None,
            lr=self.optimizer.param_groups[0]["lr"],
            pairs_per_s=round(window["pairs"] / window["seconds"], 2),
            tokens_per_s=round(window["tokens"] / window["seconds"], 1),
        )
        self.state.window = {}


def _tables(source: str | Path, recipe: Recipe) -> dict[str, pa.Table]:
    """The splits that there are; validation is held out of train where the data bring none."""
    tables = {split: table for split in data.SPLITS if (table := data.read_split(source, split)) is not None}
    if "train" not in tables:
        raise TrainingError(f"{source} has no train split. Give a dataset version's folder or a Parquet file.")
    if "validation" not in tables and recipe.holdout:
        train, held = data.hold_out(tables["train"], recipe.holdout, recipe.seed)
        if len(train) and len(held):
            tables |= {"train": train, "validation": held}
    if not len(tables["train"]):
        raise TrainingError("The train split is empty. Let the pipeline keep more rows, or give train a larger share.")
    if "validation" in tables and not len(tables["validation"]):
        if recipe.patience:
            raise TrainingError(
                "The validation split is empty, so there is nothing to stop early by. "
                "Give validation a share in the pipeline's split, or set patience=0."
            )
        del tables["validation"]
    return tables


def _claim(run: Path, identity: dict[str, Any]) -> None:
    """Make the folder this run's own, or see that it already is."""
    path = run / "run.json"
    if path.exists():
        try:
            other = json.loads(path.read_text(encoding="utf-8"))
            differs = [key for key, value in identity["recipe"].items() if other["recipe"].get(key) != value]
            differs += ["data"] if other["data"]["hash"] != identity["data"]["hash"] else []
        except (ValueError, KeyError, AttributeError):
            raise TrainingError(f"{path} cannot be read. Choose another folder.") from None
        if differs:
            raise TrainingError(f"{run} holds another run; it differs in {', '.join(differs)}. Choose another folder.")
        return
    versions = {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
    }
    write_json(path, {**identity, "versions": versions, "threads": torch.get_num_threads()})


@contextmanager
def _readable_memory_errors(recipe: Recipe) -> Iterator[None]:
    try:
        yield
    except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
        starved = isinstance(error, torch.OutOfMemoryError | MemoryError) or "allocate memory" in str(error)
        if isinstance(error, TrainingError) or not starved:
            raise
        raise TrainingError(
            f"Memory ran out. Lower tokens_per_step (now {recipe.tokens_per_step}) or max_length (now "
            f"{recipe.max_length}), or set gradient_checkpointing=true; a resumed run needs a new folder for that."
        ) from error


def _agreement(delta_P: torch.Tensor, target_P3: torch.Tensor) -> tuple[float, int]:
    """How many pairs are ordered as believed (equal rewards count half), of how many with a believed winner."""
    lean_P = (target_P3[:, 0] - target_P3[:, 2]).sign()
    right = ((1 + delta_P.sign() * lean_P) / 2)[lean_P != 0].sum().item()
    return right, int((lean_P != 0).sum().item())


def _headlines(evaluations: dict[str, Any]) -> dict[str, Any]:
    return {
        f"{split}_accuracy": result["accuracy"]["value"]
        for split, result in evaluations.items()
        if "accuracy" in result
    }


def _counts(report: dict[str, int]) -> str:
    return ", ".join(f"{value} {key.replace('_', ' ')}" for key, value in report.items())
