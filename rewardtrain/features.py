"""What a head sees of texts: the pooled vectors of a frozen backbone, each computed once and kept.

A vector depends on backbone, settings and text alone, so the store is keyed by their hash, and every filter, pool and
round of a project shares it. The pooling lets length show; an empty prompt gives the vector of the response alone.
Shapes: N texts asked for, S distinct ones that are not in the store, D width.
"""

import hashlib
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
import torch

from curation.pairs import canonical_json
from rewardtrain.encoding import RESPONSE_FIRST, Encoder
from rewardtrain.keeping import Store, kept_or_computed
from rewardtrain.modeling.backbones import load_backbone, load_tokenizer, worthwhile_layers
from rewardtrain.modeling.reward_model import RewardModel, device_for
from rewardtrain.recipe import Recipe
from rewardtrain.scoring import computed

FROZEN = Recipe(tuning="head", pooling="mean_sqrt_len", template=RESPONSE_FIRST)

Vectors = Callable[[Sequence[str], Sequence[str]], np.ndarray]


def vectors(prompts: Sequence[str], responses: Sequence[str], store: Store | None = None) -> np.ndarray:
    """Float32 of shape (N, D)."""
    asked = list(zip(prompts, responses, strict=True))
    distinct = list(dict.fromkeys(asked))
    if not asked:
        return np.zeros((0, _model()[0].backbone.config.hidden_size), np.float32)

    def compute(some_S: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(_computed([distinct[place] for place in some_S]).astype(np.float32))

    keys = [_key(*pair) for pair in distinct]
    found = kept_or_computed(store, keys, compute) if store else compute(np.arange(len(distinct)))
    place = {pair: at for at, pair in enumerate(distinct)}
    return np.asarray(found.numpy()[[place[pair] for pair in asked]])


def _key(prompt: str, response: str) -> bytes:
    what = [FROZEN.backbone, worthwhile_layers(FROZEN.backbone), FROZEN.pooling, FROZEN.template, FROZEN.max_length]
    return hashlib.sha256(canonical_json([what, prompt, response]).encode("utf-8", "surrogatepass")).digest()


def _computed(texts: list[tuple[str, str]]) -> np.ndarray:
    """(S, D)."""
    model, encoder = _model()
    sequences = encoder.encode(texts)
    return np.asarray(computed(model.pooled, sequences, encoder.pad, model.device).float().cpu().numpy())


@lru_cache(maxsize=1)
def _model() -> tuple[RewardModel, Encoder]:
    layers = worthwhile_layers(FROZEN.backbone)
    backbone = load_backbone(FROZEN.backbone, layers=layers, device=device_for(FROZEN.device))
    encoder = Encoder(load_tokenizer(FROZEN.backbone), FROZEN.template, FROZEN.max_length)
    return RewardModel(backbone.eval(), FROZEN.head, FROZEN.pooling), encoder
