"""A small encoder of image edits, trained from scratch: source, edited picture and instruction in, a vector out.

Both pictures, and what the edit changed (edited − source), go through one stack of convolutions; the instruction,
read by a GRU over hashed words, scales and shifts the channels of every layer (FiLM, Perez et al. 2018, arXiv
1709.07871). The vector is made of the mean and the maximum over places, and the instruction.

Take it as ``backbone: small_edit``, with ``tuning: full`` and a learning rate near 1e-3. The prompt's first picture is
the source, the response's last one the edit; other words than the instruction's are hashed with them. For drawings and
icons, not for photographs: nothing in it was trained before.
Shapes as in `rewardtrain.modeling.vision`.
"""

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors import SafetensorError
from torch import nn
from transformers import PreTrainedConfig, PreTrainedModel

from rewardtrain import parts as content
from rewardtrain.errors import DataError, RewardModelError
from rewardtrain.modeling import vision
from rewardtrain.pictures import Media

TITLE = "Small edit encoder"
SUMMARY = "Convolutions on source, edit and their difference, steered by the instruction; trained from scratch."
MODEL_TYPES = ("small_edit",)
TAKES = ("image_size",)
SIDE = 64  # pixels, where the recipe says nothing
_WORD = re.compile(r"\w+")
_MEMORY = 512 << 20  # bytes of pictures kept: 43,000 of them at 64 pixels
_CELL = 8  # pixels a side that count as one token


class Config(PreTrainedConfig):
    """Sizes of the encoder."""

    model_type = "small_edit"

    def __init__(
        self, vocabulary: int = 4096, word_width: int = 64, channels: Sequence[int] = (32, 48, 64, 64),
        hidden_size: int = 128, **others: Any,
    ) -> None:  # fmt: skip
        super().__init__(**others)
        self.vocabulary, self.word_width, self.channels = vocabulary, word_width, list(channels)
        self.hidden_size = hidden_size


class Steered(nn.Module):
    """A convolution whose channels the instruction scales and shifts."""

    def __init__(self, into: int, out: int, words: int, stride: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(into, out, 3, stride=stride, padding=1)
        self.norm = nn.GroupNorm(8, out, affine=False)
        self.steer = nn.Linear(words, 2 * out)

    def forward(self, map_BCHW: torch.Tensor, words_BD: torch.Tensor) -> torch.Tensor:
        scale_BC, shift_BC = self.steer(words_BD).chunk(2, dim=1)
        map_BCHW = self.norm(self.convolution(map_BCHW))
        return torch.relu(map_BCHW * (1 + scale_BC[:, :, None, None]) + shift_BC[:, :, None, None])


class Model(PreTrainedModel):
    """The encoder; ``forward`` gives vector_BD."""

    config_class = Config
    supports_gradient_checkpointing = False

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        width = config.word_width
        self.words = nn.Embedding(config.vocabulary, width, padding_idx=0)
        self.reader = nn.GRU(width, width, batch_first=True)
        sizes = [3 * 3 + 2, *config.channels]  # source, edit, what changed, and where a place lies
        strides = [2, 2, 2, *([1] * len(config.channels))]
        self.layers = nn.ModuleList(
            Steered(into, out, width, stride) for into, out, stride in zip(sizes[:-1], sizes[1:], strides, strict=False)
        )
        self.out = nn.Linear(2 * sizes[-1] + width, config.hidden_size)
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        """Leave what the layers themselves drew."""

    def forward(
        self, source_BCHW: torch.Tensor, edited_BCHW: torch.Tensor, ids_BL: torch.Tensor, length_B: torch.Tensor
    ) -> torch.Tensor:
        """Pixels are bytes; ids are padded on the right with 0."""
        source_BCHW, edited_BCHW = source_BCHW.float() / 255 - 0.5, edited_BCHW.float() / 255 - 0.5
        hidden_BLD, _ = self.reader(self.words(ids_BL))
        words_BD = hidden_BLD[torch.arange(len(ids_BL), device=ids_BL.device), length_B - 1]
        sides = [torch.linspace(-1, 1, n, device=ids_BL.device) for n in source_BCHW.shape[2:]]
        place_2HW = torch.stack(torch.meshgrid(*sides, indexing="ij"))
        seen = [source_BCHW, edited_BCHW, edited_BCHW - source_BCHW, place_2HW.expand(len(ids_BL), -1, -1, -1)]
        map_BCHW = torch.cat(seen, dim=1)
        for layer in self.layers:
            map_BCHW = layer(map_BCHW, words_BD)
        vector_BD: torch.Tensor = torch.relu(
            self.out(torch.cat([map_BCHW.mean(dim=(2, 3)), map_BCHW.amax(dim=(2, 3)), words_BD], dim=1))
        )
        return vector_BD


@dataclass(frozen=True)
class Item:
    """One edit: where its pictures lie, and the ids of its words."""

    source: str
    edited: str
    ids: np.ndarray


@dataclass(frozen=True)
class Batch:
    """What `Model` takes."""

    source_BCHW: torch.Tensor
    edited_BCHW: torch.Tensor
    ids_BL: torch.Tensor
    length_B: torch.Tensor


class Parts:
    """Words are hashed and pictures resized, so there is nothing to save."""

    pad_token_id: int | None = 0
    eos_token_id: int | None = None

    def __init__(self, vocabulary: int) -> None:
        self.vocabulary = vocabulary

    def save_pretrained(self, folder: Path) -> None:
        """Nothing."""

    def picture_encoder(self, template: str, max_length: int, images: Mapping[str, int], media: Media) -> "Encoder":
        return Encoder(self, template, max_length, images, media)


class Encoder(vision.PictureEncoder):
    """Hashed words, and pictures as bytes of one size."""

    title, takes = TITLE, TAKES

    def __init__(self, parts: Parts, template: str, max_length: int, images: Mapping[str, int], media: Media) -> None:
        super().__init__(parts, "auto", max_length, images, media)
        self.vocabulary = parts.vocabulary
        self.side = self.images["image_size"] or SIDE
        self.pixels = lru_cache(maxsize=_MEMORY // (3 * self.side**2))(self._pixels)

    def encoded(self, prompt: str, response: str) -> tuple[Item, int, bool]:
        asked, answer = content.conversation(prompt), content.of_response(response)
        sources = [ref for _, said in asked for ref in content.refs_of(said)]
        edits = content.refs_of(answer)
        if not sources or not edits:
            lacks = "prompt has no source picture" if not sources else "response has no picture"
            raise DataError(f"An edit's {lacks}; small_edit reads one of each.")
        for ref in (sources[0], edits[-1]):
            self.media.size(ref)
        said = " ".join([*(content.text_of(said) for _, said in asked), content.text_of(answer)])
        ids = [1 + zlib.crc32(word.encode()) % (self.vocabulary - 1) for word in _WORD.findall(said.lower())]
        cut = len(ids) > self.max_length
        found = np.array(ids[: self.max_length] or [0], dtype=np.int64)
        return Item(sources[0], edits[-1], found), (self.side // _CELL) ** 2 + len(found), cut

    def collated(self, items: Sequence[Item], device: torch.device) -> Batch:
        length_B = np.array([len(item.ids) for item in items], dtype=np.int64)
        ids_BL = np.zeros((len(items), int(length_B.max())), dtype=np.int64)
        for row, item in enumerate(items):
            ids_BL[row, : length_B[row]] = item.ids
        source, edited = (
            np.stack([self.pixels(ref) for ref in refs])
            for refs in ([item.source for item in items], [item.edited for item in items])
        )
        return Batch(*(torch.from_numpy(value).to(device) for value in (source, edited, ids_BL, length_B)))

    def preprocessing(self) -> dict[str, Any]:
        return {"size": [self.side, self.side], "resample": "bilinear, stretched", "rescale": "value / 255 - 0.5"}

    def _pixels(self, ref: str) -> np.ndarray:
        """(C, H, W) bytes."""
        shown = self.media.image(ref).resize((self.side, self.side), Image.Resampling.BILINEAR)
        return np.ascontiguousarray(np.asarray(shown, dtype=np.uint8).transpose(2, 0, 1))


def load(source: str, *, attention: str = "auto", device: str = "cpu", dropout: float = 0.0) -> PreTrainedModel:
    """The encoder from a folder, or drawn anew (by torch's generator) for its own name."""
    try:
        model = Model(Config()) if source in MODEL_TYPES else Model.from_pretrained(source, use_safetensors=True)
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise RewardModelError(f"{source} cannot be loaded as a model: {error}") from None
    torch.nn.Module.to(model, device)
    return model


def parts(source: str) -> Parts:
    """The size of the vocabulary is all that there is."""
    config = Config() if source in MODEL_TYPES else Config.from_pretrained(source)
    return Parts(config.vocabulary)


def width(config: PreTrainedConfig) -> int:
    """Width of the vector."""
    return int(config.hidden_size)


def pooled(model: PreTrainedModel, batch: Batch, kept: Any = None) -> torch.Tensor:
    """vector_BD of the edits."""
    vector_BD: torch.Tensor = model(batch.source_BCHW, batch.edited_BCHW, batch.ids_BL, batch.length_B)
    return vector_BD.float()
