"""The loop: one process from labels to a reward model's folder.

A step encodes a set of distinct sequences once and takes all labels about them (rewardtrain.batching). The
whole state is (weights, optimizer, generators, place in the plan), and the plan follows from the seed, so a run
killed at any moment and started again ends with the same weights, to the bit on the CPU at the same number of threads.
"""

import json
import math
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch

from rewardtrain import checkpoints, labels, members, pictures, probe, splits
from rewardtrain.batching import Step, length_groups, token_batches
from rewardtrain.errors import TrainingError
from rewardtrain.keeping import Kept
from rewardtrain.measuring import headlines, measured
from rewardtrain.modeling import penalties
from rewardtrain.modeling.backbones import load_backbone, width, worthwhile_layers
from rewardtrain.modeling.objective import Objective
from rewardtrain.modeling.reward_model import RewardModel, device_for, precision_for, save
from rewardtrain.recipe import Recipe
from rewardtrain.scoring import TOKENS_PER_BATCH, Scorer
from rewardtrain.storage import Progress, write_folder, write_json
from rewardtrain.team import Team

_LEAST_TOKENS = 512  # a forward of fewer tokens leaves the processor idle; then rather pad a little


class Cancelled(Exception):
    """The training was asked to stop; its checkpoint is written."""


def learning_rate(step: int, total: int, recipe: Recipe) -> float:
    """Rate of the update after ``step`` updates: a linear rise over the warm-up, then a linear fall to 0."""
    rise = math.ceil(recipe.warmup * total)
    if step < rise:
        return recipe.lr * (step + 1) / rise
    return recipe.lr * (total - step) / max(1, total - rise)


class Loop:
    """What one process holds while it trains.

    Parameters
    ----------
    seen : where pictures are, and what keeps the vectors of untouched backbones: "media" and "store".
    also_log : is told every line of progress, too.
    """

    def __init__(
        self, source: str | Path, run: Path, recipe: Recipe, data_hash: str, stop: Callable[[], bool],
        also_log: members.Log = lambda kind, line: None, seen: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        self.run, self.recipe, self.data_hash, self.stop, self.also_log = run, recipe, data_hash, stop, also_log
        self.seen = seen or {"media": pictures.media_of(source), "store": None}
        self.team = Team.join()
        self.started = time.monotonic()
        torch.manual_seed(recipe.seed)
        device = device_for(recipe.device)
        self.encoder = splits.encoder_of(recipe, self.seen["media"])
        self.splits = splits.read(source, recipe, self.encoder)
        self.sets = self.splits.sets
        backbone = load_backbone(
            recipe.backbone, attention=recipe.attention, device=device, dropout=recipe.dropout,
            layers=recipe.layers or worthwhile_layers(recipe.backbone),
        )  # fmt: skip
        if recipe.gradient_checkpointing:
            enable = (
                getattr(backbone, "activation_checkpointing_enable", None) or backbone.gradient_checkpointing_enable
            )
            enable()  # the first is the later name
        if recipe.tuning == "lora":
            backbone = lora(backbone, recipe.lora_rank)
        objective = Objective(recipe.loss, recipe.loss_settings, self.sets["train"].facts, width(backbone.config))
        precision = precision_for(device, recipe.precision)
        self.model = RewardModel(backbone, recipe.head, recipe.pooling, precision, objective).train()
        if self.seen["store"] and self.model.vision:
            self.model.kept = Kept(self.seen["store"], backbone, self.encoder.card["images"])
        weights = [p for p in self.model.parameters() if p.requires_grad]
        matrices, others = [p for p in weights if p.ndim >= 2], [p for p in weights if p.ndim < 2]
        self.optimizer = torch.optim.AdamW(
            [{"params": matrices, "weight_decay": recipe.weight_decay}, {"params": others, "weight_decay": 0.0}],
            lr=recipe.lr, fused=True,
        )  # fmt: skip
        self.steps_total = self._steps_total()
        self.state = checkpoints.restore(run, self.model, self.optimizer)
        self.before = self.state.seconds
        self.team.wait()  # all have read the checkpoint before the first may write another
        self.progress = Progress(run / "progress.jsonl", self.state.step) if self.team.writes else None
        if self.state.step:
            self._log("resume")
        else:
            self._log("data", splits=self.splits.reports)

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
        found = self.sets["train"]
        self._log("head", sequences=len(found.sequences))
        vector_UD = self._vectors("train")

        def loss_of(out_UK: torch.Tensor) -> torch.Tensor:
            whole, _, _ = self._whole(found, out_UK, vector_UD)
            return whole + self._own_loss(vector_UD)

        also = list(self.model.objective.parameters())
        value = probe.fit(self.model.head, vector_UD, loss_of, ridge=self.recipe.ridge, also=also)
        if not math.isfinite(value):
            raise TrainingError(f"The fit of the head gave a loss of {value}. Set tuning=full, or precision=fp32.")

    def _whole(
        self, found: labels.LabelSet, out_UK: torch.Tensor, vector_UD: torch.Tensor
    ) -> tuple[torch.Tensor, float, int]:
        """The loss of all labels of a set, and its agreement; in portions, for losses that compare within a batch."""
        total, right, decided = torch.zeros((), device=out_UK.device), 0.0, 0
        for some in found.portions:
            batch = found.batch(some, found.place_LM[some], out_UK, vector_UD, self._tensor)
            share = found.weight_L[some].sum() / max(found.weight_L.sum(), 1e-12)
            total = total + self._loss(batch, found.weight_L[some]) * share
            if not torch.is_grad_enabled():
                agreed, of = found.agreement(batch, self.model.objective.reward)
                right, decided = right + agreed, decided + of
        return total, right, decided

    @torch.no_grad()
    def _vectors(self, split: str) -> torch.Tensor:
        """vector_UD of every unit of a split, as the model is now."""
        found = self.sets[split]
        if self.seen["store"] and found.starts_S1 is None and not self.model.vision:  # which keeps its own
            read = {"pooling": self.model.pooling, "precision": self.model.precision}
            kept = Kept(self.seen["store"], self.model.backbone, read)
            contents = [found.sequences.tokens[a:b].tobytes() for a, b in pairwise(found.sequences.starts_S1.tolist())]
            return kept.vectors(contents, lambda some_S: self._computed(found, some_S))
        return self._computed(found, np.arange(len(found.sequences)))

    def _computed(self, found: labels.LabelSet, some_S: np.ndarray) -> torch.Tensor:
        """vector_UD of the units of some sequences, in their order."""
        batches = [some_S[batch] for batch in token_batches(found.sequences.lengths_S[some_S], TOKENS_PER_BATCH)]
        vectors = []
        self.model.eval()
        for some in batches:
            self._cancel_if_asked()
            vectors.append(found.vectors(self.model, some, self.encoder.pad))
        self.model.train()
        return torch.cat(vectors)[np.argsort(np.concatenate([found.units(some) for some in batches]))]

    def _loss(self, batch: Any, weight_L: np.ndarray) -> torch.Tensor:
        """The weighted mean of the labels' losses, and the penalties."""
        loss_L, weight = self.model.objective.label_losses(batch), self._tensor(weight_L)
        if not self.recipe.penalties:
            return (loss_L * weight).sum() / weight.sum().clamp_min(1e-12)
        reward_a_P, reward_b_P = (self.model.objective.reward(out) for out in (batch.out_a_PK, batch.out_b_PK))
        learnt_P, extra_P = torch.ones_like(weight), torch.zeros_like(weight)
        for name, chosen in self.recipe.penalties.items():
            penalty = penalties.get(name)
            extra_P = extra_P + penalty.penalty(batch, chosen, reward_a_P, reward_b_P)
            if hasattr(penalty, "alone"):  # pairs that are there for the penalty, and teach the loss nothing
                learnt_P = learnt_P * (1 - penalty.alone(batch).float())
        learnt = (loss_L * weight * learnt_P).sum() / (weight * learnt_P).sum().clamp_min(1e-12)
        return learnt + (extra_P * weight).sum() / weight.sum().clamp_min(1e-12)

    def _own_loss(self, vector_UD: torch.Tensor) -> torch.Tensor | float:
        """What the head must learn beside the labels."""
        own = getattr(self.model.head, "own_loss", None)
        return own(vector_UD).mean() if own else 0.0

    def _part(self, step: Step) -> tuple[float, float, int]:
        """Gradients of this process's part of a step; its share of the loss, and its agreement."""
        found, part = self.sets["train"], self.team.part(step, self.sets["train"])
        if not len(part.labels):
            return 0.0, 0.0, 0
        texts, weight_L = part.sequences, found.weight_L[part.labels]
        groups = [texts[g] for g in length_groups(found.sequences.lengths_S[texts], least=_LEAST_TOKENS)]
        with self.model.autocast():
            vector_UD = torch.cat([found.vectors(self.model, group, self.encoder.pad) for group in groups])
        out_UK = self.model.outputs(vector_UD)
        place_LM = _places(found.place_LM[part.labels], np.concatenate([found.units(group) for group in groups]))
        batch = found.batch(part.labels, place_LM, out_UK, vector_UD, self._tensor)
        share = weight_L.sum() / max(found.weight_L[step.labels].sum(), 1e-12)
        loss = (self._loss(batch, weight_L) + self._own_loss(vector_UD)) * share
        loss.backward()
        with torch.no_grad():
            return loss.item(), *found.agreement(batch, self.model.objective.reward)

    def _update(self, step: Step) -> None:
        """One update of the weights from one set of sequences and the labels about them."""
        began = time.monotonic()
        tokens = int(self.sets["train"].sequences.lengths_S[step.sequences].sum())
        value, right, decided = self.team.total(list(self._part(step)), self.model.device)
        self.team.add_up(self.model.parameters())
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.recipe.clip)
        if not (math.isfinite(value) and math.isfinite(norm.item())):
            raise TrainingError(
                f"The loss became {value} with a gradient of {norm.item()} at step {self.state.step + 1}. "
                f"Lower the learning rate (lr, now {self.recipe.lr:g}), or set precision=fp32."
            )
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.state.step, self.steps_total, self.recipe)
        self.optimizer.step()
        self.optimizer.zero_grad()
        for key, amount in (
            ("loss", value), ("steps", 1), ("right", right), ("decided", decided), ("pairs", len(step.labels)),
            ("tokens", tokens), ("seconds", time.monotonic() - began),
        ):  # fmt: skip
            self.state.window[key] = self.state.window.get(key, 0) + amount

    @torch.no_grad()
    def _evaluate(self) -> None:
        """Loss and accuracy on the validation split; remembers the best."""
        found, state = self.sets["validation"], self.state
        vector_UD = self._vectors("validation")
        whole, right, decided = self._whole(found, self.model.outputs(vector_UD), vector_UD)
        loss = whole.item()
        if not math.isfinite(loss):
            raise TrainingError(
                f"The validation loss became {loss}. Lower the learning rate (lr, now {self.recipe.lr:g})."
            )
        best = state.best_loss is None or loss < state.best_loss
        state.evaluated = state.step
        state.stale = 0 if best else state.stale + 1
        if best:
            state.best_step, state.best_loss = state.step, loss
        self._log("eval", loss=loss, accuracy=right / decided if decided else None, best=best)

    def _finish(self, stopped: str) -> dict[str, Any]:
        """Write the model of the best validation (the last one without any), measure it, write the metrics."""
        state, recipe = self.state, self.recipe
        if not self.team.writes:  # the first has what all have
            self.team.wait()
            found: dict[str, Any] = json.loads((self.run / "metrics.json").read_text(encoding="utf-8"))
            return found
        if state.best_step >= 0:
            checkpoints.restore_weights(self.run, state.best_step, self.model)
        self.model.eval()
        if recipe.tuning == "lora":
            adapted: Any = self.model.backbone
            self.model.backbone = adapted.merge_and_unload()
        metrics: dict[str, Any] = {
            "stopped": stopped,
            "steps": state.step,
            "steps_total": self.steps_total,
            "best_step": state.best_step if state.best_step >= 0 else state.step,
            "validation_loss": state.best_loss,
            "data": self.splits.reports,
            "evaluations": {},
        }
        card = {
            "backbone": recipe.backbone, "loss": recipe.loss, "loss_settings": recipe.loss_settings,
            "template": self.encoder.template, "max_length": recipe.max_length, "temperature": 1.0,
            "ends_with": self.encoder.suffix, "data_hash": self.data_hash, "recipe": recipe.to_dict(),
            **self.encoder.card,
        }  # fmt: skip

        def fill(folder: Path) -> None:
            save(self.model, self.encoder.tokenizer, folder, card)
            scorer = Scorer(folder, device=self.model.device.type, **self.seen)
            metrics["evaluations"] = measured(self.splits, scorer, recipe.seed, check=self._stop_now)
            card["temperature"] = scorer.card["temperature"]
            metrics["seconds"] = round(self._seconds(), 3)
            save(self.model, self.encoder.tokenizer, folder, {**card, "metrics": headlines(metrics["evaluations"])})

        write_folder(self.run / "model", fill)
        write_json(self.run / "metrics.json", metrics)
        checkpoints.remove(self.run)
        self._log("done", **headlines(metrics["evaluations"]))
        if self.progress:
            self.progress.close()
        self.team.wait()
        return metrics

    def _stop_now(self) -> None:
        """Leave without a checkpoint: that of the last step stands, and the weights in hand may be older."""
        if self.stop():
            raise Cancelled

    def _cancel(self) -> None:
        if self.state.step:
            self._checkpoint()
        self._log("cancelled")
        raise Cancelled

    def _cancel_if_asked(self) -> None:
        (asked,) = self.team.total([float(self.stop())], self.model.device)  # all stop at the same step
        if asked:
            self._cancel()

    def _checkpoint(self) -> None:
        self.state.seconds = self._seconds()
        if self.team.writes:
            checkpoints.save(self.run, self.state, self.model, self.optimizer)
        self.team.wait()

    def _evaluation_due(self, ended: bool) -> bool:
        if ended or not self.state.step:
            return ended or self.recipe.tuning == "head_first"
        every = self.recipe.eval_every
        return self.state.step % every == 0 if every else self.state.position == 0

    def _plan(self, epoch: int) -> list[Step]:
        recipe = self.recipe
        return self.sets["train"].plan(budget=recipe.tokens_per_step, seed=recipe.seed, epoch=epoch)

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
        line = {
            "step": self.state.step, "steps_total": self.steps_total, "epoch": self.state.epoch,
            "seconds": round(self._seconds(), 3), **values,
        }  # fmt: skip
        if self.progress:
            self.progress.write(kind, **line)
            self.also_log(kind, line)

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


def _places(unit_LM: np.ndarray, units: np.ndarray) -> np.ndarray:
    """Where units stand in ``units``; -1 stays."""
    order = np.argsort(units)
    return np.where(unit_LM < 0, -1, order[np.searchsorted(units, np.maximum(unit_LM, units.min()), sorter=order)])


def lora(backbone: Any, rank: int) -> Any:
    """The backbone with low-rank updates of all its linear maps, which alone are trained (Hu et al., 2106.09685)."""
    from peft import LoraConfig, get_peft_model

    return get_peft_model(backbone, LoraConfig(r=rank, lora_alpha=2 * rank, target_modules="all-linear"))
