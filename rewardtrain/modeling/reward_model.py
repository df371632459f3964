"""A reward model: backbone, pooling and head as one module, and its folder on disk.

    config.json, model.safetensors, tokenizer*    the backbone, as transformers writes it
    head.safetensors                              the head, and what the loss learned beside it
    reward.json                                   the card: how the texts are put together, where the score is read

Where the head is one linear map on the last token of a decoder, `model.safetensors` also holds it as `score`,
so that AutoModelForSequenceClassification, TRL and vLLM load the folder as it is; the card's ``loader`` says so.
Nothing is pickled. Shapes: B texts, L positions.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from transformers import AutoModelForSequenceClassification, PreTrainedModel

from annotate.discovery import UnknownPlugin
from rewardtrain.errors import RewardModelError
from rewardtrain.modeling import heads, vision
from rewardtrain.modeling.backbones import is_decoder, load_backbone, load_tokenizer, width
from rewardtrain.modeling.losses import Facts
from rewardtrain.modeling.objective import Objective, plain
from rewardtrain.modeling.pooling import POOLINGS, pool

CARD = "reward.json"
MODEL_CARD = "MODEL_CARD.md"  # for people, where the app has written one
CARD_FORMAT = 1
LEARNED = "objective."  # before the names of the weights that belong to the loss


class RewardModel(torch.nn.Module):
    """Texts in, one reward each out; only the pooled vector goes through the head, in float32.

    Attributes
    ----------
    pooling : one of `rewardtrain.modeling.pooling.POOLINGS`.
    head_name : which head of `rewardtrain.modeling.heads`.
    precision : "fp32" or "bf16" (autocast of the backbone).
    objective : what the head's outputs mean; by default one reward.
    vision : how a backbone of pictures is read; None for texts.
    kept : what a frozen backbone of pictures has computed before (`rewardtrain.modeling.vision`); None: nothing.
    """

    def __init__(
        self, backbone: PreTrainedModel, head_name: str, pooling: str, precision: str = "fp32",
        objective: Objective | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.vision = vision.of_type(backbone.config.model_type)
        self.kept: Any = None
        if self.vision:
            pooling = vision.POOLING
        elif pooling == "auto":
            pooling = "last" if is_decoder(backbone.config) else "mean"
        self.backbone = backbone
        self.backbone.config.use_cache = False
        self.head_name = head_name
        self.objective = (objective or plain()).to(backbone.device)
        self.head = heads.get(head_name).build(width(backbone.config), self.objective.outputs).to(backbone.device)
        self.pooling = pooling
        self.precision = precision

    @property
    def device(self) -> torch.device:
        return self.backbone.device

    @property
    def loads_in_transformers(self) -> bool:
        """Whether AutoModelForSequenceClassification can hold this model as it is."""
        one_map = (
            heads.get(self.head_name).NATIVE and self.objective.outputs == 1 and not self.objective.facts.dimensions
        )
        return self.pooling == "last" and one_map and is_decoder(self.backbone.config)

    def autocast(self) -> torch.autocast:
        """The context in which the backbone computes; held around several forwards, it casts the weights once."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.precision == "bf16")

    def forward(self, *inputs: Any) -> torch.Tensor:
        """reward_B of texts, given as to `pooled`."""
        return self.objective.reward(self.outputs(self.pooled(*inputs)))

    def outputs(self, vector_UD: torch.Tensor) -> torch.Tensor:
        """out_UK: what the head makes of pooled vectors, in float32."""
        with torch.autocast(self.device.type, enabled=False):
            out_UK: torch.Tensor = self.head(vector_UD)
            return out_UK

    def pooled(self, *inputs: Any) -> torch.Tensor:
        """pooled_BD in float32: what the head sees.

        Parameters
        ----------
        inputs : what an encoder's ``padded`` gives: ids_BL and mask_BL of texts padded on the right, the mask 1 where
            there is text; of a backbone of pictures its batch.
        """
        with self.autocast():
            if self.vision:
                return self.vision.pooled(self.backbone, inputs[0], self.kept)
            ids_BL, mask_BL = inputs
            hidden_BLD = self.backbone(input_ids=ids_BL, attention_mask=mask_BL).last_hidden_state
            return pool(hidden_BLD, mask_BL, self.pooling)

    def at(
        self, ids_BL: torch.Tensor, mask_BL: torch.Tensor, row_U: np.ndarray, position_U: np.ndarray
    ) -> torch.Tensor:
        """vector_UD in float32: the hidden vectors of some positions of some texts, for heads that read segments."""
        with self.autocast():
            hidden_BLD = self.backbone(input_ids=ids_BL, attention_mask=mask_BL).last_hidden_state
        return hidden_BLD[torch.from_numpy(row_U), torch.from_numpy(position_U)].float()


def precision_for(device: str, wanted: str = "auto") -> str:
    """ "bf16" or "fp32"; auto takes bf16 where the processor has instructions for it."""
    if wanted != "auto":
        return wanted
    if device == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    capable = any(value is True for name, value in torch.cpu.get_capabilities().items() if "bf16" in name)
    return "bf16" if capable else "fp32"


def device_for(wanted: str = "auto") -> str:
    """ "cuda" or "cpu"."""
    if wanted == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if wanted == "cuda" and not torch.cuda.is_available():
        raise RewardModelError("The device cuda was asked for, but this machine has none. Choose device=auto.")
    return wanted


def save(model: RewardModel, tokenizer: Any, folder: Path, card: Mapping[str, Any]) -> None:
    """Write the model's folder; ``card`` is completed with what the model itself knows."""
    folder.mkdir(parents=True, exist_ok=True)
    head = {name: tensor.detach().cpu().contiguous() for name, tensor in model.head.state_dict().items()}
    learned = {f"{LEARNED}{name}": t.detach().cpu().contiguous() for name, t in model.objective.state_dict().items()}
    if model.loads_in_transformers:
        _as_classifier(model, tokenizer, head).save_pretrained(folder)
    else:
        model.backbone.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    save_file(head | learned, folder / "head.safetensors")
    own = {
        "format": CARD_FORMAT,
        "loader": "transformers" if model.loads_in_transformers else "touchstone",
        "head": model.head_name,
        "pooling": model.pooling,
        "facts": model.objective.facts.to_dict(),
        "scoring_position": _position(model.pooling),
        "pad_token_id": tokenizer.pad_token_id,
        "eos_token_id": tokenizer.eos_token_id,
    }
    (folder / CARD).write_text(json.dumps({**own, **card}, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _position(pooling: str) -> str:
    if pooling == vision.POOLING:
        return "the backbone's own vector"
    return "last attended token" if pooling == "last" else f"{pooling} of attended tokens"


def read_card(folder: str | Path) -> dict[str, Any]:
    """The card of a reward model's folder.

    Raises
    ------
    RewardModelError
        If the folder is not one that `save` wrote.
    """
    path = Path(folder) / CARD
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RewardModelError(f"{folder} is not a reward model: it has no {CARD}.") from None
    except (OSError, ValueError) as error:
        raise RewardModelError(f"The card {path} cannot be read: {error}") from None
    kinds = {"head": str, "pooling": str, "template": str, "max_length": int, "loss": str, "loss_settings": dict}
    if not isinstance(card, dict) or card.get("format") != CARD_FORMAT:
        raise RewardModelError(f"The card {path} is not of format {CARD_FORMAT}.")
    for key, kind in kinds.items():
        if not isinstance(card.get(key), kind):
            raise RewardModelError(f"The card {path} lacks {key!r}.")
    if card["pooling"] not in (*POOLINGS, vision.POOLING):
        raise RewardModelError(f"The card {path} names no pooling that exists: {', '.join(POOLINGS)}.")
    return card


def load(
    folder: str | Path, *, device: str = "auto", precision: str = "fp32", attention: str = "auto"
) -> tuple[RewardModel, Any, dict[str, Any]]:
    """A saved model, its tokenizer and card, ready to score.

    Raises
    ------
    RewardModelError
        If the folder is not a reward model, or its parts do not fit together.
    """
    card = read_card(folder)
    device = device_for(device)
    backbone = load_backbone(str(folder), attention=attention, device=device)
    try:
        facts = Facts.of(card["facts"]) if "facts" in card else Facts()
        objective = Objective(card["loss"], card["loss_settings"], facts, width(backbone.config))
        model = RewardModel(backbone, card["head"], card["pooling"], precision_for(device, precision), objective)
        weights = load_file(Path(folder) / "head.safetensors", device=device)
        learned = {name: weights.pop(name) for name in list(weights) if name.startswith(LEARNED)}
        model.head.load_state_dict(weights)
        model.objective.load_state_dict({name.removeprefix(LEARNED): weight for name, weight in learned.items()})
    except (UnknownPlugin, OSError, RuntimeError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise RewardModelError(f"The head in {folder} cannot be loaded: {error}") from None
    return model.eval(), load_tokenizer(str(folder)), card


def _as_classifier(model: RewardModel, tokenizer: Any, head: Mapping[str, torch.Tensor]) -> PreTrainedModel:
    """The same weights as transformers' own classifier with one label."""
    config = type(model.backbone.config).from_dict(model.backbone.config.to_dict())
    config.num_labels, config.pad_token_id = 1, tokenizer.pad_token_id
    with torch.device("meta"):
        classifier = AutoModelForSequenceClassification.from_config(config)
    setattr(classifier, classifier.base_model_prefix, model.backbone)
    (weight,) = head.values()
    classifier.score = torch.nn.Linear(weight.shape[1], 1, bias=False)
    classifier.score.weight = torch.nn.Parameter(weight)
    return classifier
