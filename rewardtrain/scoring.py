"""Scoring: a saved reward model's rewards of prompts and responses, and MiniLM's sentence vectors.

Each distinct (prompt, response) is encoded once, texts of like length together. In fp32 a reward does not
depend on what else is in the batch, to 1e-5. Shapes: N texts asked for, S distinct sequences, D width.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import torch
from transformers import PreTrainedModel

from rewardtrain.batching import token_batches
from rewardtrain.encoding import Encoder, TokenSequences
from rewardtrain.modeling import losses
from rewardtrain.modeling.backbones import MINILM, load_backbone, load_tokenizer
from rewardtrain.modeling.pooling import pool
from rewardtrain.modeling.reward_model import device_for, load

TOKENS_PER_BATCH = 4096
EMBEDDING_LENGTH = 256


@dataclass(frozen=True)
class Scores:
    """What a model says of N texts: rewards, their deviation if known, and rewards by aspect if there are any."""

    reward_N: np.ndarray
    deviation_N: np.ndarray | None
    aspects: tuple[str, ...]
    aspect_NA: np.ndarray


class Scorer:
    """A reward model ready to score.

    >>> scorer = Scorer("run/model")                                   # doctest: +SKIP
    >>> scorer.score(["Name a colour."], ["Blue."])                    # doctest: +SKIP
    array([0.83])

    Raises
    ------
    RewardModelError
        If the folder is not a reward model.
    """

    def __init__(self, folder: str | Path, *, device: str = "auto", precision: str = "fp32") -> None:
        self.model, tokenizer, self.card = load(folder, device=device, precision=precision)
        self.encoder = Encoder(tokenizer, self.card["template"], self.card["max_length"])

    def score(
        self, prompts: Sequence[str], responses: Sequence[str], *, tokens_per_batch: int = TOKENS_PER_BATCH
    ) -> np.ndarray:
        """Rewards, float64 of shape (N,). A prompt is plain text or JSON messages, as `curation.pairs` stores it."""
        asked = list(zip(prompts, responses, strict=True))
        if not asked:
            return np.zeros(0)
        index = {pair: place for place, pair in enumerate(dict.fromkeys(asked))}
        sequences = self.encoder.encode(list(index))
        reward_S = computed(
            self.model, sequences, self.encoder.pad, self.model.device, tokens_per_batch=tokens_per_batch
        )
        return reward_S.double().cpu().numpy()[[index[pair] for pair in asked]]

    def score_table(self, table: pa.Table) -> tuple[np.ndarray, np.ndarray]:
        """Rewards of responses a and b of a pair table, each of shape (rows,)."""
        prompts, a, b = (table[name].to_pylist() for name in ("prompt", "response_a", "response_b"))
        both = self.score(prompts + prompts, a + b)
        return both[: len(prompts)], both[len(prompts) :]

    def scores(
        self, prompts: Sequence[str], responses: Sequence[str], *, tokens_per_batch: int = TOKENS_PER_BATCH
    ) -> Scores:
        """Rewards with all that the model says beside them."""
        reward_N = self.score(prompts, responses, tokens_per_batch=tokens_per_batch)
        return Scores(reward_N, None, (), np.zeros((len(reward_N), 0)))

    def probabilities(self, delta_P: np.ndarray) -> np.ndarray:
        """(P, 3): what the model says of a wins, tie, b wins, given reward differences."""
        loss = losses.get(self.card["loss"])
        return loss.probabilities(torch.from_numpy(np.asarray(delta_P, float)), self.card["loss_settings"]).numpy()


@torch.no_grad()
def computed(
    compute: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
    sequences: TokenSequences,
    pad: int,
    device: torch.device,
    *,
    tokens_per_batch: int = TOKENS_PER_BATCH,
    check: Callable[[], None] = lambda: None,
) -> torch.Tensor:
    """What ``compute(ids_BL, mask_BL)`` gives for every sequence, shape (S, ...), on ``device``.

    ``check`` is called between batches and may raise.
    """
    batches, found = token_batches(sequences.lengths_S, tokens_per_batch), []
    for members in batches:
        check()
        found.append(compute(*sequences.padded(members, pad, device)))
    return torch.cat(found)[np.argsort(np.concatenate(batches))]


def embed(texts: Sequence[str], *, tokens_per_batch: int = TOKENS_PER_BATCH) -> np.ndarray:
    """Unit vectors of MiniLM, float32 of shape (N, 384): mean over tokens, as sentence-transformers does it."""
    backbone, encoder = _sentence_encoder()
    if not texts:
        return np.zeros((0, backbone.config.hidden_size), np.float32)
    index = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    sequences = encoder.encode([("", text) for text in index])

    def unit(ids_BL: torch.Tensor, mask_BL: torch.Tensor) -> torch.Tensor:
        hidden_BLD = backbone(input_ids=ids_BL, attention_mask=mask_BL).last_hidden_state
        return torch.nn.functional.normalize(pool(hidden_BLD, mask_BL, "mean"), dim=1)

    vector_SD = computed(unit, sequences, encoder.pad, backbone.device, tokens_per_batch=tokens_per_batch)
    return vector_SD.cpu().numpy()[[index[text] for text in texts]]


@lru_cache(maxsize=1)
def _sentence_encoder() -> tuple[PreTrainedModel, Encoder]:
    backbone = load_backbone(MINILM, device=device_for("auto"))
    return backbone.eval(), Encoder(load_tokenizer(MINILM), "{response}", EMBEDDING_LENGTH)
