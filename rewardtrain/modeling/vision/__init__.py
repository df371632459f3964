"""Backbones that read pictures: one file each, found by discovery; prompts and responses in, one vector each out.

The contract that every module here fulfils (tests/rewardtrain/modeling/vision/test_contract.py holds it):

    TITLE, SUMMARY : str
    MODEL_TYPES : tuple[str, ...]        ``model_type`` in the config.json of the models that it reads
    TAKES : tuple[str, ...]              which of a recipe's `SETTINGS` it takes
    load(source, *, attention, device, dropout) -> PreTrainedModel      in float32, or made anew for its own name
    width(config) -> int                 D
    parts(source) -> Parts               what turns words and pixels into numbers, and makes the encoder
    pooled(model, batch, kept=None) -> vector_BD, float32

A backbone's name decides: its config's model type, or for what is trained from scratch the module's own name. An
encoder has what `rewardtrain.encoding.Encoder` has, and the pictures; its sequences' ``padded`` gives the one
``batch`` that ``pooled`` takes, and their lengths count the patches of pictures, so that budgets of tokens hold.

    encode([(prompt, response), …]) -> Sequences          prompts and responses as in `rewardtrain.parts`

Shapes: S sequences, B of a batch, I pictures of a batch, T texts, L positions, D width, C H W of a picture.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Protocol, cast

import numpy as np
import torch
from transformers import PreTrainedConfig, PreTrainedModel

from annotate import discovery
from rewardtrain.encoding import TokenSequences
from rewardtrain.errors import RecipeError
from rewardtrain.pictures import Media

SETTINGS = {"image_size": 0, "max_pixels": 0, "frames": 8}  # of a recipe, with their defaults
POOLING = "own"  # recorded in a card: the backbone's own vector


class Parts(Protocol):
    """Tokenizer and image processor of a backbone, as one thing to save and to encode with."""

    pad_token_id: int | None
    eos_token_id: int | None

    def save_pretrained(self, folder: Path) -> Any: ...
    def picture_encoder(
        self, template: str, max_length: int, images: Mapping[str, int], media: Media
    ) -> "PictureEncoder": ...


class Sequences(Protocol):
    """What an encoder gives; `Listed` is one."""

    truncated_S: np.ndarray

    @property
    def lengths_S(self) -> np.ndarray: ...
    def __len__(self) -> int: ...
    def padded(self, members: np.ndarray, pad: int, device: torch.device) -> tuple[Any, ...]: ...


@dataclass(frozen=True)
class Listed:
    """Sequences one by one, put together into a batch where they are needed.

    Attributes
    ----------
    items : one of each sequence.
    lengths_S, truncated_S : tokens with patches, and whether words were cut.
    collate : makes a batch, on a device, of some items.
    """

    items: Sequence[Any]
    lengths_S: np.ndarray
    truncated_S: np.ndarray
    collate: Callable[[Sequence[Any], torch.device], Any]

    def __len__(self) -> int:
        return len(self.items)

    def padded(self, members: np.ndarray, pad: int, device: torch.device) -> tuple[Any, ...]:
        """The batch of some sequences."""
        return (self.collate([self.items[member] for member in members], device),)


class PictureEncoder(ABC):
    """What encoders of pictures share; each adds how one sequence is made, and how several make a batch.

    Attributes
    ----------
    tokenizer : the backbone's `Parts`.
    media : where the pictures are.
    images : how pictures are prepared: the settings that this backbone takes.
    title, takes : the backbone's TITLE and TAKES.
    """

    suffix: list[int] = []
    pad = 0
    title: ClassVar[str]
    takes: ClassVar[tuple[str, ...]]

    def __init__(self, parts: Any, template: str, max_length: int, images: Mapping[str, int], media: Media) -> None:
        for name, value in images.items():
            if name not in self.takes and value != SETTINGS.get(name):
                raise RecipeError(f"{name} is not for this backbone ({self.title}).", setting=name)
        self.tokenizer: Any = parts
        self.template, self.max_length, self.media = template, max_length, media
        self.images = {name: int(images.get(name, SETTINGS[name])) for name in self.takes}

    def encode(self, pairs: Sequence[tuple[str, str]]) -> Listed:
        """Sequences of (prompt, response) pairs, in order."""
        found = [self.encoded(*pair) for pair in pairs]
        lengths_S = np.array([length for _, length, _ in found], dtype=np.int64)
        truncated_S = np.array([cut for _, _, cut in found], dtype=bool)
        return Listed([item for item, _, _ in found], lengths_S, truncated_S, self.collated)

    def encode_marked(
        self, pairs: Sequence[tuple[str, str]], ends: Sequence[Sequence[int]] = ()
    ) -> tuple[TokenSequences, list[np.ndarray]]:
        """Segments are of texts alone."""
        raise RecipeError("A backbone of pictures reads whole responses. Take a loss that learns from pairs.")

    @property
    def card(self) -> dict[str, Any]:
        """What a model's card says of the pictures."""
        return {"images": {"settings": self.images, "preprocessing": self.preprocessing()}}

    @abstractmethod
    def encoded(self, prompt: str, response: str) -> tuple[Any, int, bool]:
        """One sequence, its length, and whether it was cut."""

    @abstractmethod
    def collated(self, items: Sequence[Any], device: torch.device) -> Any:
        """Several sequences as the batch that ``pooled`` takes."""

    @abstractmethod
    def preprocessing(self) -> dict[str, Any]:
        """How a picture becomes numbers, as plain data."""


class Kind(Protocol):
    """The contract above, for type checkers."""

    TITLE: str
    SUMMARY: str
    MODEL_TYPES: tuple[str, ...]
    TAKES: tuple[str, ...]

    def load(self, source: str, *, attention: str, device: str, dropout: float) -> PreTrainedModel: ...
    def width(self, config: PreTrainedConfig) -> int: ...
    def parts(self, source: str) -> Parts: ...
    def pooled(self, model: PreTrainedModel, batch: Any, kept: Any = None) -> torch.Tensor: ...


def names() -> tuple[str, ...]:
    """Identifiers of all backbones of pictures."""
    return discovery.names(__name__)


def get(name: str) -> Kind:
    """The one called ``name``; `discovery.UnknownPlugin` lists those that exist."""
    return cast(Kind, discovery.load(__name__, name))


def of_type(model_type: str) -> Kind | None:
    """What reads models of a config's type; None for models of text."""
    return next((get(name) for name in names() if model_type in get(name).MODEL_TYPES), None)


def of_name(source: str) -> Kind | None:
    """What reads a model by its folder, its name on the hub, or, to train it from scratch, its own name."""
    return of_type(source if source in names() else _model_type(source))


def _model_type(source: str) -> str:
    path = Path(source) / "config.json"
    if path.is_file():
        try:
            return str(json.loads(path.read_text(encoding="utf-8")).get("model_type", ""))
        except (OSError, ValueError, AttributeError):
            return ""
    return "" if Path(source).exists() else _hub_type(source)


@cache
def _hub_type(name: str) -> str:
    try:
        return str(PreTrainedConfig.get_config_dict(name)[0].get("model_type", ""))
    except (OSError, ValueError):
        return ""  # whoever loads it will say what is wrong
