"""Image-text dual encoders: CLIP, SigLIP and SigLIP 2, by folder or name, such as openai/clip-vit-base-patch32.

Three unit vectors are read: of the response's pictures (several, or the frames of a video: their mean), of the words
of prompt and response, and of the prompt's pictures (the source of an edit). The head sees all three and the products
of each two, scaled so that a linear head on one product is the cosine of the two; what is absent is zero.

Radford et al. 2021 (arXiv 2103.00020), Zhai et al. 2023 (2303.15343), Tschannen et al. 2025 (2502.14786). Words beyond
what the text tower reads are cut and counted; pictures have the size that the backbone was made for.
Shapes as in `rewardtrain.modeling.vision`; E width of a tower's vector, K pixel tensors of the image processor.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from transformers import PreTrainedConfig, PreTrainedModel

from rewardtrain import parts as content
from rewardtrain import pictures
from rewardtrain.keeping import Kept, through
from rewardtrain.modeling import vision
from rewardtrain.modeling.vision import _hub
from rewardtrain.pictures import Media

TITLE = "Image-text dual encoder"
SUMMARY = "CLIP, SigLIP and SigLIP 2: the vectors of pictures and words, and their products."
MODEL_TYPES = ("clip", "siglip", "siglip2")
TAKES = ("frames",)
_BLOCKS = 6  # three vectors and three products
_AT_ONCE = 64  # pictures in one forward


@dataclass(frozen=True)
class Item:
    """One sequence: its words, and the pictures of response and prompt."""

    text: str
    response_refs: tuple[str, ...]
    prompt_refs: tuple[str, ...]


@dataclass(frozen=True)
class Batch:
    """Some sequences, and how to compute what a frozen backbone may already have kept.

    Attributes
    ----------
    items : the B sequences.
    encoder : prepares words and pixels when they are needed.
    device : where tensors go.
    """

    items: Sequence[Item]
    encoder: "Encoder"
    device: torch.device


class Parts(_hub.Parts):
    """Tokenizer and image processor."""

    def picture_encoder(self, template: str, max_length: int, images: Mapping[str, int], media: Media) -> "Encoder":
        return Encoder(self, template, max_length, images, media)


class Encoder(vision.PictureEncoder):
    """Words to ids and pictures to pixels, each when a forward needs them."""

    title, takes = TITLE, TAKES

    def __init__(self, parts: Parts, template: str, max_length: int, images: Mapping[str, int], media: Media) -> None:
        super().__init__(parts, "auto", max_length, images, media)
        self.parts = parts
        text, sight = parts.config.text_config, parts.config.vision_config
        self.room = min(max_length, text.max_position_embeddings)
        # SigLIP reads its text at the last position, as it was trained: padded to the full length
        self.padding = "longest" if parts.config.model_type == "clip" else "max_length"
        side = getattr(sight, "image_size", None)
        patches = getattr(sight, "num_patches", None) or (side // sight.patch_size) ** 2
        self.patches = int(patches) + 1

    def encoded(self, prompt: str, response: str) -> tuple[Item, int, bool]:
        frames = self.images["frames"]
        asked = [content.spread(said, frames) for _, said in content.conversation(prompt)]
        answer = content.spread(content.of_response(response), frames)
        text = "\n".join(filter(None, [*map(content.text_of, asked), content.text_of(answer)]))
        item = Item(text, tuple(content.refs_of(answer)), tuple(ref for said in asked for ref in content.refs_of(said)))
        for ref in item.response_refs + item.prompt_refs:
            self.media.size(ref)
        words = len(self.parts.words(text, verbose=False)["input_ids"]) if text else 0
        shown = len(item.response_refs) + len(item.prompt_refs)
        length = min(words, self.room) + shown * self.patches
        return item, max(1, length), words > self.room

    def collated(self, items: Sequence[Item], device: torch.device) -> Batch:
        return Batch(items, self, device)

    def words(self, texts: Sequence[str], device: torch.device) -> dict[str, torch.Tensor]:
        """What the text tower takes, (T, L)."""
        length = self.room if self.padding == "longest" else self.parts.config.text_config.max_position_embeddings
        found = self.parts.words(
            list(texts), padding=self.padding, truncation=True, max_length=length, return_tensors="pt", verbose=False,
        )  # fmt: skip
        names = ("input_ids", "attention_mask") if self.padding == "longest" else ("input_ids",)
        return {name: found[name].to(device) for name in names}

    def pixels(self, refs: Sequence[str], device: torch.device) -> dict[str, torch.Tensor]:
        """What the image tower takes, (I, …)."""
        found = self.parts.pixels([self.media.image(ref) for ref in refs], return_tensors="pt")
        return {name: value.to(device) for name, value in found.items()}

    def preprocessing(self) -> dict[str, Any]:
        return _hub.plain(self.parts.pixels)


def load(source: str, *, attention: str = "auto", device: str = "cpu", dropout: float = 0.0) -> PreTrainedModel:
    """Both towers."""
    return _hub.model(source, attention=attention, device=device, dropout=dropout)


def parts(source: str) -> Parts:
    """Tokenizer and image processor."""
    return Parts(source)


def width(config: PreTrainedConfig) -> int:
    """Six times the width of a tower's vector."""
    return _BLOCKS * _tower(config)


def pooled(model: PreTrainedModel, batch: Batch, kept: Kept | None = None) -> torch.Tensor:
    """vector_BD: three unit vectors and their three products."""
    towers: Any = model
    encoder, device, size = batch.encoder, batch.device, _tower(model.config)

    def of_images(some: np.ndarray) -> torch.Tensor:
        chosen = [list(refs)[place] for place in some]
        return torch.cat(
            [
                towers.get_image_features(**encoder.pixels(chosen[start : start + _AT_ONCE], device)).pooler_output
                for start in range(0, len(chosen), _AT_ONCE)
            ]
        )

    def of_texts(some: np.ndarray) -> torch.Tensor:
        found: torch.Tensor = towers.get_text_features(
            **encoder.words([list(texts)[place] for place in some], device)
        ).pooler_output
        return found

    refs = {
        ref: place
        for place, ref in enumerate(
            dict.fromkeys(ref for item in batch.items for ref in item.response_refs + item.prompt_refs)
        )
    }
    texts = {text: at for at, text in enumerate(dict.fromkeys(item.text for item in batch.items if item.text))}
    none = torch.zeros((0, size), device=device)
    image_IE = through(kept, [f"image {pictures.key(ref)}".encode() for ref in refs], of_images) if refs else none
    text_TE = (
        through(kept, [f"text {text}".encode("utf-8", "surrogatepass") for text in texts], of_texts) if texts else none
    )
    with torch.autocast(device.type, enabled=False):
        image_IE, text_TE = _unit(image_IE.float()), _unit(text_TE.float())
        answer_BE = _means(image_IE, [[refs[ref] for ref in item.response_refs] for item in batch.items])
        source_BE = _means(image_IE, [[refs[ref] for ref in item.prompt_refs] for item in batch.items])
        words_BE = _means(text_TE, [[texts[item.text]] if item.text else [] for item in batch.items])
        scale = math.sqrt(size)
        products = (answer_BE * words_BE, answer_BE * source_BE, words_BE * source_BE)
        return torch.cat([answer_BE, words_BE, source_BE, *(scale * product for product in products)], dim=1)


def _tower(config: Any) -> int:
    """E."""
    return int(config.projection_dim if config.model_type == "clip" else config.vision_config.hidden_size)


def _unit(vector_NE: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.normalize(vector_NE, dim=1)


def _means(vector_NE: torch.Tensor, places: Sequence[Sequence[int]]) -> torch.Tensor:
    """(B, E): the mean of some vectors for each; zero of none."""
    weight_BN = np.zeros((len(places), len(vector_NE)), dtype=np.float32)
    for row, some in enumerate(places):
        for place in some:
            weight_BN[row, place] += 1 / len(some)
    return torch.from_numpy(weight_BN).to(vector_NE.device) @ vector_NE
