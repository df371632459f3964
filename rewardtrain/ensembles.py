"""Several small trainings on one table and what they say of another: the port `fit` of `curation.ports`.

Members differ by their seed and, where there are several, by the pairs that they learn from: each draws as many as
there are, with replacement, as weights. In the mode "head" a linear head is fitted to frozen features, to convergence
or for some epochs, after each of which it is asked; in the mode "recipe" each member is a whole training.
Shapes: E moments, M members, N pairs asked about, P pairs learnt from, S distinct texts, D width.
"""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch

from curation import pairs
from rewardtrain import features, probe, settings
from rewardtrain.data import outcome_columns
from rewardtrain.errors import TrainingError
from rewardtrain.modeling import heads, losses
from rewardtrain.recipe import Recipe

BATCH = 16, 256  # pairs in one update of a head that is trained by epochs: a 32nd of all, within these
RATE = 0.02  # of those updates

SETTINGS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "mode": {"type": "string", "enum": ["head", "recipe"], "default": "head"},
        "members": {"type": "integer", "minimum": 1, "maximum": 50, "default": 1},
        "epochs": {"type": "integer", "minimum": 0, "maximum": 100, "default": 0},
        "seed": {"type": "integer", "minimum": 0, "maximum": 2**32 - 1, "default": 0},
        "sees_prompt": {"type": "boolean", "default": False},
        "recipe": {"type": "object", "default": {}},
    },
}


def margins(
    train: pa.Table, others: pa.Table, given: Mapping[str, Any], vectors: features.Vectors = features.vectors
) -> np.ndarray:
    """Reward of a less that of b of each pair in ``others``, (E, M, N).

    Parameters
    ----------
    train, others : `curation.pairs.SCHEMA`.
    given : settings as `SETTINGS` says.
    vectors : what the heads see of prompts and responses.

    Raises
    ------
    LabError
        For a bad setting, or where no pair of ``train`` has a usable label.
    """
    chosen = settings.complete(SETTINGS, given, "The fit")
    if chosen["mode"] == "recipe":
        return _trained(train, others, chosen)
    learnt, asked = _Compared.of([train, others], chosen["sees_prompt"], vectors)
    use_P = _usable(train, learnt)
    if not use_P.any():
        raise TrainingError("No pair to learn from has two different responses, a label and a weight.")
    prob_P4 = pairs.outcome_probs(train)[use_P]
    target_P3 = [outcome_columns(prob_P4, names) for names in (("a",), ("tie", "both_bad"), ("b",))]
    taught = losses.PairBatch(  # the rewards are put in by each update
        *(torch.from_numpy(text_N[use_P]) for text_N in (learnt.first_N, learnt.second_N)),
        torch.from_numpy(np.column_stack(target_P3)).float(),
        torch.from_numpy(train["margin"].to_numpy()[use_P]).float(),
    )
    weight_P = train["weight"].to_numpy()[use_P]
    found = []
    for member in range(chosen["members"]):
        rng = np.random.default_rng([chosen["seed"], member])
        drawn_P = rng.multinomial(len(weight_P), np.full(len(weight_P), 1 / len(weight_P)))
        own_P = weight_P * drawn_P if chosen["members"] > 1 else weight_P
        torch.manual_seed(int(rng.integers(2**63)))
        head = heads.get(Recipe().head).build(learnt.vector_SD.shape[1])
        moments = _moments(head, learnt.vector_SD, taught, torch.from_numpy(own_P).float(), chosen["epochs"], rng)
        found.append([reward_S[asked.first_N] - reward_S[asked.second_N] for reward_S in moments])
    return np.array(found).transpose(1, 0, 2)


@dataclass(frozen=True)
class _Compared:
    """The texts that the rows of a table compare; the vectors are those of all tables together."""

    vector_SD: torch.Tensor
    first_N: np.ndarray
    second_N: np.ndarray

    @classmethod
    def of(cls, tables: list[pa.Table], sees_prompt: bool, vectors: features.Vectors) -> list["_Compared"]:
        index: dict[tuple[str, str], int] = {}
        places = []
        for table in tables:
            prompts = table["prompt"].to_pylist() if sees_prompt else [""] * len(table)
            for side in "ab":
                said = (text or "" for text in table[f"response_{side}"].to_pylist())
                places.append([index.setdefault(key, len(index)) for key in zip(prompts, said, strict=True)])
        asked, said = zip(*index, strict=True) if index else ((), ())
        vector_SD = torch.from_numpy(np.array(vectors(asked, said), dtype=np.float32))
        sides = [np.array(place, dtype=np.int64) for place in places]
        return [cls(vector_SD, *sides[start : start + 2]) for start in range(0, len(sides), 2)]


def _usable(table: pa.Table, compared: _Compared) -> np.ndarray:
    prob_P4, weight_P = pairs.outcome_probs(table), table["weight"].to_numpy()
    sound_P = np.isfinite(prob_P4).all(axis=1) & np.isfinite(table["margin"].to_numpy())
    return sound_P & (weight_P > 0) & (compared.first_N != compared.second_N)


def _moments(
    head: torch.nn.Module, vector_SD: torch.Tensor, taught: losses.PairBatch, weight_P: torch.Tensor, epochs: int,
    rng: np.random.Generator,
) -> Iterator[np.ndarray]:  # fmt: skip
    """Rewards of all texts after each moment of the training of one head; the sides of ``taught`` are texts."""
    recipe = Recipe()
    loss = losses.get(recipe.loss)

    def loss_of(out_SK: torch.Tensor, some: Any = slice(None)) -> torch.Tensor:
        first, second, target, margin = (
            part[some] for part in (taught.out_a_PK, taught.out_b_PK, taught.target_P3, taught.margin_P)
        )
        batch = losses.PairBatch(out_SK[first], out_SK[second], target, margin)
        share = weight_P[some] / weight_P[some].sum().clamp_min(1e-12)
        return loss.label_losses(batch, recipe.loss_settings) @ share

    if not epochs:
        probe.fit(head, vector_SD, loss_of, ridge=recipe.ridge)
        yield _rewards(head, vector_SD)
        return
    scaled_SD = (vector_SD - vector_SD.mean(dim=0)) / vector_SD.var(dim=0, correction=0).sum().sqrt().clamp_min(1e-12)
    optimizer = torch.optim.AdamW(head.parameters(), lr=RATE, weight_decay=recipe.ridge)
    batch = min(max(len(weight_P) // 32, BATCH[0]), BATCH[1])
    for _ in range(epochs):
        order_P = torch.from_numpy(rng.permutation(len(weight_P)))
        for some in order_P.split(batch):
            optimizer.zero_grad()
            loss_of(head(scaled_SD), some).backward()
            optimizer.step()
        yield _rewards(head, scaled_SD)


@torch.no_grad()
def _rewards(head: torch.nn.Module, vector_SD: torch.Tensor) -> np.ndarray:
    return np.asarray(head(vector_SD)[:, 0].double().numpy())


def _trained(train: pa.Table, others: pa.Table, chosen: Mapping[str, Any]) -> np.ndarray:
    """One moment, the end, of whole trainings."""
    from rewardtrain.scoring import Scorer
    from rewardtrain.training import train as run

    found = []
    for member in range(chosen["members"]):
        rng = np.random.default_rng([chosen["seed"], member])
        drawn = rng.multinomial(len(train), np.full(len(train), 1 / max(len(train), 1)))
        weight = train["weight"].to_numpy() * drawn if chosen["members"] > 1 else train["weight"].to_numpy()
        recipe = Recipe.from_mapping({"seed": int(rng.integers(2**32)), **chosen["recipe"]})
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "train.parquet"
            pq.write_table(pairs.with_columns(train, {"weight": weight}), source)
            run(source, Path(folder) / "run", recipe)
            reward_a, reward_b = Scorer(Path(folder) / "run" / "model").score_table(others)
        found.append(reward_a - reward_b)
    return np.array(found)[None]
