"""Vision-language causal models by folder or name, such as Qwen/Qwen2.5-VL-3B-Instruct: Qwen2-VL, 2.5-VL and 3-VL.

The conversation and the response are put together by the model's own chat template (without one: words and pictures
one after another); the vector is the hidden state of the last token of the last layer, which has seen everything, as
in Skywork-VL Reward (arXiv 2505.07263) and EditReward (2509.26346). A response that holds pictures is the assistant's
turn where the template shows an assistant's pictures, else the user's. The frames of a video are pictures in order.

Only words are cut at the maximum length, never pictures: their number of tokens follows from ``max_pixels``.
Wang et al. 2024 (arXiv 2409.12191). Shapes as in `rewardtrain.modeling.vision`; N patches of all pictures of a batch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from transformers import PreTrainedConfig, PreTrainedModel

from rewardtrain import parts as content
from rewardtrain.encoding import shortened
from rewardtrain.errors import DataError, RecipeError, RewardModelError
from rewardtrain.modeling import vision
from rewardtrain.modeling.vision import _hub
from rewardtrain.pictures import Media, name

TITLE = "Vision-language causal model"
SUMMARY = "Qwen2-VL, Qwen2.5-VL and Qwen3-VL: the hidden state of the last token."
MODEL_TYPES = ("qwen2_vl", "qwen2_5_vl", "qwen3_vl")
TAKES = ("max_pixels", "frames")


@dataclass(frozen=True)
class Item:
    """One sequence: ids with as many image tokens as its pictures have patches, and the pictures in order."""

    ids: np.ndarray
    refs: tuple[str, ...]


@dataclass(frozen=True)
class Batch:
    """What the model takes, padded on the right.

    Attributes
    ----------
    inputs : input_ids and attention_mask (B, L), mm_token_type_ids (B, L: 1 at image tokens), and where there are
        pictures pixel_values (N, …) and image_grid_thw (I, 3).
    """

    inputs: dict[str, torch.Tensor]


class Parts(_hub.Parts):
    """Tokenizer and image processor."""

    def __init__(self, source: str) -> None:
        super().__init__(source)
        if self.pad_token_id is None:
            raise RewardModelError(f"The tokenizer of {source} has no token to pad with.")

    def picture_encoder(self, template: str, max_length: int, images: Mapping[str, int], media: Media) -> "Encoder":
        return Encoder(self, template, max_length, images, media)


class Encoder(vision.PictureEncoder):
    """Conversation and response as one sequence of words and image tokens."""

    title, takes = TITLE, TAKES

    def __init__(self, parts: Parts, template: str, max_length: int, images: Mapping[str, int], media: Media) -> None:
        has_template = bool(parts.words.chat_template)
        if template not in ("auto", "chat", "plain"):
            raise RecipeError(f"A vision-language model takes the template auto or chat, not {template!r}.")
        if template == "chat" and not has_template:
            raise RecipeError("The template chat was asked for, but the tokenizer has none. Choose template=auto.")
        chosen = "chat" if has_template and template != "plain" else "plain"
        super().__init__(parts, chosen, max_length, images, media)
        self.parts, config = parts, parts.config
        self.image_id = int(config.image_token_id)
        self.image_token, start, end = parts.words.convert_ids_to_tokens(
            [config.image_token_id, config.vision_start_token_id, config.vision_end_token_id]
        )
        self.picture = f"{start}{self.image_token}{end}"
        self.special = [self.image_token, start, end]
        if limit := self.images["max_pixels"]:
            least = min(int(parts.pixels.size["shortest_edge"]), limit)
            parts.pixels.size = {"shortest_edge": least, "longest_edge": limit}
        self.answers = "assistant" if chosen == "plain" or self._shows("assistant") else "user"

    def encoded(self, prompt: str, response: str) -> tuple[Item, int, bool]:
        frames = self.images["frames"]
        asked = [(role, content.spread(said, frames)) for role, said in content.conversation(prompt)]
        answer = content.spread(content.of_response(response), frames)
        refs = [ref for _, said in asked for ref in content.refs_of(said)] + content.refs_of(answer)
        whole, begin, end = self._text(asked, answer)
        if whole.count(self.image_token) != len(refs):
            raise DataError(f"The chat template shows {whole.count(self.image_token)} of {len(refs)} pictures.")
        counts = [self._tokens(ref) for ref in refs]
        ids, place = self._ids(whole, begin, end)
        at_image = np.array([token == self.image_id for token in ids], dtype=bool)
        word_places = np.flatnonzero(~at_image)
        cut = len(word_places) > self.max_length
        if cut:
            inside = slice(*np.searchsorted(word_places, [place.start, place.stop]).tolist())
            kept = shortened(list(range(len(word_places))), inside, self.max_length)
            chosen = np.sort(np.concatenate([word_places[kept], np.flatnonzero(at_image)]))
            ids = [ids[at] for at in chosen]
        spread = iter(counts)
        full = [token for one in ids for token in ([one] * next(spread) if one == self.image_id else [one])]
        full = full or [int(self.parts.pad_token_id or 0)]
        return Item(np.array(full, dtype=np.int64), tuple(refs)), len(full), cut

    def collated(self, items: Sequence[Item], device: torch.device) -> Batch:
        longest = max(len(item.ids) for item in items)
        ids_BL = np.full((len(items), longest), self.parts.pad_token_id, dtype=np.int64)
        mask_BL = np.zeros_like(ids_BL)
        for row, item in enumerate(items):
            ids_BL[row, : len(item.ids)], mask_BL[row, : len(item.ids)] = item.ids, 1
        inputs = {
            "input_ids": torch.from_numpy(ids_BL), "attention_mask": torch.from_numpy(mask_BL),
            "mm_token_type_ids": torch.from_numpy((ids_BL == self.image_id) * mask_BL).int(),
        }  # fmt: skip
        if refs := [ref for item in items for ref in item.refs]:
            found = self.parts.pixels([self.media.image(ref) for ref in refs], return_tensors="pt")
            inputs |= {key: found[key] for key in ("pixel_values", "image_grid_thw")}
        return Batch({key: value.to(device) for key, value in inputs.items()})

    def preprocessing(self) -> dict[str, Any]:
        return _hub.plain(self.parts.pixels) | {"answers_as": self.answers}

    def _tokens(self, ref: str) -> int:
        """Image tokens of one picture."""
        width, height = self.media.size(ref)
        try:
            patches = self.parts.pixels.get_number_of_image_patches(height, width)
        except ValueError as error:
            raise DataError(f"{name(ref)} has a shape that the backbone does not read: {error}") from None
        return int(patches) // int(self.parts.pixels.merge_size) ** 2

    def _text(self, asked: Sequence[content.Message], answer: Sequence[content.Part]) -> tuple[str, int, int]:
        """The whole text with one image token a picture, and where the words of the response begin and end."""
        if self.template == "chat":
            turns = [{"role": role, "content": self._turn(said)} for role, said in asked]
            role = self.answers if content.refs_of(answer) else "assistant"
            before = len(self._chat(turns)) if turns else 0
            whole = self._chat([*turns, {"role": role, "content": self._turn(answer)}])
            words = [said for part in answer if (said := self._clean(part.text).strip())]
            begin = max(whole.find(words[0], min(before, len(whole))), 0) if words else len(whole)
            return whole, begin, max(whole.rfind(words[-1]) + len(words[-1]), begin) if words else len(whole)
        head = "\n\n".join(self._line(said) for _, said in asked)
        head += "\n\n" if head and answer else ""
        tail = self._line(answer)
        return head + tail, len(head), len(head) + len(tail)

    def _turn(self, said: Sequence[content.Part]) -> str | list[dict[str, str]]:
        """A message's content as chat templates take it: a text where it holds no picture."""
        if not content.refs_of(said):
            return self._clean(content.text_of(said))
        found: list[dict[str, str]] = []
        for part in said:
            found += [{"type": "text", "text": self._clean(part.text)}] if part.text else []
            found += [{"type": "image"}] * len(part.refs)
        return found

    def _line(self, said: Sequence[content.Part]) -> str:
        return "\n".join(self._clean(part.text) if part.text else self.picture * len(part.refs) for part in said)

    def _clean(self, text: str) -> str:
        """Words that nobody can take for a picture."""
        for token in self.special:
            text = text.replace(token, "")
        return text

    def _chat(self, turns: Sequence[Mapping[str, Any]]) -> str:
        return str(self.parts.words.apply_chat_template(list(turns), tokenize=False))

    def _shows(self, role: str) -> bool:
        """Whether the chat template shows the pictures of this role."""
        asked = {"role": "user", "content": "a"}
        return self.image_token in self._chat([asked, {"role": role, "content": [{"type": "image"}]}])

    def _ids(self, whole: str, begin: int, end: int) -> tuple[list[int], slice]:
        """Token ids, and which of them are the response's words."""
        words = self.parts.words
        if not words.is_fast:
            ids = words(whole, add_special_tokens=False, verbose=False)["input_ids"]
            return ids, slice(0, len(ids))
        found = words(whole, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
        offset_L = np.array([first for first, _ in found["offset_mapping"]], dtype=np.int64)
        return found["input_ids"], slice(*np.searchsorted(offset_L, [begin, end]).tolist())


def load(source: str, *, attention: str = "auto", device: str = "cpu", dropout: float = 0.0) -> PreTrainedModel:
    """The model without its language-modelling head."""
    return _hub.model(source, attention=attention, device=device, dropout=dropout)


def parts(source: str) -> Parts:
    """Tokenizer and image processor."""
    return Parts(source)


def width(config: PreTrainedConfig) -> int:
    """Width of the language model."""
    return int(config.get_text_config().hidden_size)


def pooled(model: PreTrainedModel, batch: Batch, kept: Any = None) -> torch.Tensor:
    """vector_BD: the last hidden state of the last token."""
    hidden_BLD = model(**batch.inputs, use_cache=False).last_hidden_state
    last_B = batch.inputs["attention_mask"].sum(dim=1) - 1
    vector_BD: torch.Tensor = hidden_BLD[torch.arange(len(last_B), device=last_B.device), last_B].float()
    return vector_BD
