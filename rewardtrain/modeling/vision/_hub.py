"""Models of transformers and their parts, loaded with messages that say what is wrong.

Only safetensors are read and no remote code is run, as in `rewardtrain.modeling.backbones`.
"""

from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import AutoConfig, AutoImageProcessor, AutoModel, AutoTokenizer, PreTrainedConfig, PreTrainedModel

from rewardtrain.errors import RewardModelError


def model(source: str, *, attention: str, device: str, dropout: float) -> PreTrainedModel:
    """The bare model in float32, whatever head its checkpoint carries.

    Raises
    ------
    RewardModelError
        If it cannot be loaded, or lacks weights.
    """
    try:
        config = AutoConfig.from_pretrained(source)
        for inner in (config, *(getattr(config, part, None) for part in ("text_config", "vision_config"))):
            if isinstance(inner, PreTrainedConfig):
                _set_dropout(inner, dropout)
        if attention == "auto":
            attention = "eager" if device == "cpu" else "sdpa"
        found, report = AutoModel.from_pretrained(
            source, config=config, dtype=torch.float32, use_safetensors=True, attn_implementation=attention,
            output_loading_info=True,
        )  # fmt: skip
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise RewardModelError(f"{source} cannot be loaded as a model: {_first_line(error)}") from None
    if missing := sorted(report["missing_keys"]):  # transformers would draw them at random
        raise RewardModelError(f"{source} lacks {len(missing)} weights of its model, {missing[0]} for one.")
    ready: PreTrainedModel = found.to(device)
    return ready


class Parts:
    """Tokenizer and image processor; pictures are prepared by Pillow everywhere, so a score is the same anywhere."""

    def __init__(self, source: str) -> None:
        try:
            self.words: Any = AutoTokenizer.from_pretrained(source)
            self.pixels: Any = AutoImageProcessor.from_pretrained(source, backend="pil")
        except (OSError, ValueError, KeyError, TypeError, ImportError) as error:
            raise RewardModelError(f"{source} has no tokenizer and image processor: {_first_line(error)}") from None
        if len(self.words) <= len(self.words.all_special_tokens):
            raise RewardModelError(f"{source} has no tokenizer: its vocabulary is empty.")
        if self.words.pad_token_id is None:
            self.words.pad_token = self.words.eos_token or self.words.unk_token
        self.pad_token_id: int | None = self.words.pad_token_id
        self.eos_token_id: int | None = self.words.eos_token_id
        self.config = AutoConfig.from_pretrained(source)

    def save_pretrained(self, folder: Path) -> None:
        """Write both beside the model."""
        self.words.save_pretrained(folder)
        self.pixels.save_pretrained(folder)


def plain(pixels: Any) -> dict[str, Any]:
    """An image processor's settings as plain data, without those that are not set."""
    return {name: value for name, value in pixels.to_dict().items() if value is not None}


def _set_dropout(config: PreTrainedConfig, dropout: float) -> None:
    for key, value in config.to_dict().items():
        if isinstance(value, float) and ("dropout" in key or key.endswith("_pdrop")):
            setattr(config, key, dropout)


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0]
