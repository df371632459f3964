"""The recipe: everything that a training is to do, as plain data that a file, a form or a flag can give.

    backbone: minilm
    loss: bradley_terry
    loss_settings: {label_smoothing: 0.05}
    lr: 3.0e-5

Read from YAML or JSON. Knows neither torch nor Django, so pages can show and check recipes.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import yaml

from annotate.discovery import UnknownPlugin
from rewardtrain import augmentation, settings
from rewardtrain.errors import RecipeError
from rewardtrain.modeling import heads, losses, penalties

_JSON_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean", dict: "object"}


def _setting(default: Any, title: str, description: str, **rules: Any) -> Any:
    metadata = {"title": title, "description": description, **rules}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What a training is to do; the defaults suit tens of thousands of pairs on an encoder.

    Raises
    ------
    RecipeError
        For a value of the wrong type or out of range, an unknown head, loss or loss setting.
    """

    backbone: str = _setting(
        "minilm", "Backbone",
        "minilm (comes with the lab), a local model folder, or a name on the Hugging Face hub: of a model of texts, an "
        "image-text encoder (CLIP, SigLIP) or a vision-language model (Qwen-VL). small_edit: a small encoder of image "
        "edits, trained from scratch.",
    )  # fmt: skip
    layers: int = _setting(
        0, "Layers",
        "How many of the backbone's layers are kept, counted from the input; 0: all, of minilm the lower four. "
        "Fewer are faster.",
        minimum=0,
    )  # fmt: skip
    pooling: str = _setting(
        "auto", "Pooling",
        "The vector that the head sees: mean over tokens; mean_sqrt_len: their sum over the root of their number, so "
        "that length shows; last token; auto: mean for models that read both ways, else last.",
        enum=["auto", "mean", "mean_sqrt_len", "last"],
    )  # fmt: skip
    head: str = _setting("linear", "Head", "What turns the pooled vector into a reward.")
    tuning: str = _setting(
        "head_first", "Tuning",
        "head_first: the head is fitted to the untouched backbone, then all weights are trained; full: all weights, "
        "from a random head; head: the head only; lora: the head, and low-rank updates of the backbone's linear maps.",
        enum=["head_first", "full", "head", "lora"],
    )  # fmt: skip
    lora_rank: int = _setting(16, "LoRA rank", "Rank of the updates where tuning is lora.", minimum=1, maximum=1024)
    ridge: float = _setting(
        1e-3, "Ridge", "Penalty on the weights of the head while it is fitted to the untouched backbone.", minimum=0
    )
    loss: str = _setting("bradley_terry", "Loss", "What is asked of the rewards of a pair.")
    loss_settings: dict[str, Any] = field(
        default_factory=dict, metadata={"title": "Loss settings", "description": "Settings of the loss; see the loss."}
    )
    penalties: dict[str, Any] = field(
        default_factory=dict,
        metadata={
            "title": "Penalties",
            "description": "What is asked of the rewards beside the loss: a name and its settings each, such as "
            "`prior_constraint: {weight: 0.5}`.",
        },
    )
    augmentation: dict[str, Any] = field(
        default_factory=dict,
        metadata={
            "title": "Augmentation",
            "description": "Rows added to the train split: a name and its settings each, such as `off_prompt: {}`.",
        },
    )
    mixture: dict[str, Any] = field(
        default_factory=dict,
        metadata={
            "title": "Mixture",
            "description": "Further data to learn from, a dataset version's folder or a file each, with the factor on "
            "their weights: `{other/pairs.parquet: 0.5}`. Validation and test stay those of the run's own data.",
        },
    )
    criterion: str = _setting(
        "", "Criterion",
        "Where the criterion that a pair was judged by is found: dimension, or a key of the rows' metadata. It is put "
        "before the prompt, so that one model judges by any criterion.",
    )  # fmt: skip
    reference: str = _setting(
        "", "Reference", "Key of the rows' metadata that holds a reference answer, which is put before the prompt."
    )
    template: str = _setting(
        "auto", "Template",
        "How prompt and response are put together: chat (the tokenizer's own), or text with {prompt} and {response}; "
        "auto: chat where the tokenizer has one; else prompt, blank line, response for models that read left to "
        "right, and response, blank line, prompt for those that read both ways.",
    )  # fmt: skip
    max_length: int = _setting(
        256, "Maximum length", "Tokens of prompt and response; what is cut is counted.", minimum=8
    )
    image_size: int = _setting(
        0, "Image size", "Side in pixels to which small_edit brings pictures; 0: 64.", minimum=0, maximum=1024
    )
    max_pixels: int = _setting(
        0, "Maximum pixels",
        "Of one picture as a vision-language model sees it; larger ones are made smaller. 0: the backbone's limit.",
        minimum=0,
    )  # fmt: skip
    frames: int = _setting(8, "Frames", "Of a video, evenly spaced.", minimum=1, maximum=256)
    epochs: int = _setting(2, "Epochs", "How often every pair is used.", minimum=1)
    max_steps: int = _setting(0, "Maximum steps", "Stop after so many steps; 0: no limit.", minimum=0)
    tokens_per_step: int = _setting(
        2048, "Tokens per step", "Budget of distinct tokens encoded for one update; each response counts once.",
        minimum=8,
    )  # fmt: skip
    lr: float = _setting(2e-5, "Learning rate", "Peak, reached after the warm-up.", exclusiveMinimum=0)
    warmup: float = _setting(
        0.1, "Warm-up", "Share of the steps in which the rate rises.", minimum=0, exclusiveMaximum=1
    )
    weight_decay: float = _setting(0.01, "Weight decay", "On matrices; never on biases and norms.", minimum=0)
    clip: float = _setting(1.0, "Gradient clipping", "Largest norm of the gradient.", exclusiveMinimum=0)
    dropout: float = _setting(0.0, "Dropout", "In the backbone.", minimum=0, exclusiveMaximum=1)
    precision: str = _setting(
        "auto", "Precision", "bf16 autocast or fp32; auto: bf16 where the processor computes in it.",
        enum=["auto", "bf16", "fp32"],
    )  # fmt: skip
    device: str = _setting("auto", "Device", "auto: CUDA if present, else the CPU.", enum=["auto", "cpu", "cuda"])
    attention: str = _setting(
        "auto", "Attention", "Implementation in transformers; auto: the one measured fastest for the device.",
        enum=["auto", "eager", "sdpa"],
    )  # fmt: skip
    gradient_checkpointing: bool = _setting(
        False, "Gradient checkpointing", "Saves memory, costs about a third of the speed.",
    )  # fmt: skip
    ensemble: int = _setting(
        1, "Ensemble", "How many models are trained, each from the next seed; their mean is the reward.",
        minimum=1, maximum=20,
    )  # fmt: skip
    bootstrap: bool = _setting(
        False, "Bootstrap",
        "Each training draws as many labels as there are, with replacement, so that members of an ensemble differ even "
        "where their heads would not (bagging, Breiman 1996).",
    )  # fmt: skip
    seed: int = _setting(0, "Seed", "Of initial head, order and dropout.", minimum=0, maximum=2**32 - 1)
    eval_every: int = _setting(0, "Evaluate every", "Steps between validations; 0: after every epoch.", minimum=0)
    patience: int = _setting(
        0, "Patience", "Stop after so many validations without a lower loss; 0: never stop early.", minimum=0,
    )  # fmt: skip
    checkpoint_every: int = _setting(50, "Checkpoint every", "Steps between checkpoints; 0: at validations.", minimum=0)
    log_every: int = _setting(10, "Log every", "Steps between lines of progress.", minimum=1)
    holdout: float = _setting(
        0.1, "Held-out share",
        "Share of prompts (or groups) kept for validation where the data bring no validation split; 0: none.",
        minimum=0, exclusiveMaximum=1,
    )  # fmt: skip

    def __post_init__(self) -> None:
        checked = settings.complete(self.schema(), asdict(self), "The recipe")
        try:
            heads.get(self.head)
            loss = losses.get(self.loss)
            checked["penalties"] = _each(self.penalties, penalties, "The penalty")
            checked["augmentation"] = _each(self.augmentation, augmentation, "The augmentation")
        except UnknownPlugin as error:
            raise RecipeError(str(error)) from None
        checked["loss_settings"] = settings.complete(loss.SETTINGS, self.loss_settings, f"The loss {self.loss}")
        for name, factor in self.mixture.items():
            if isinstance(factor, bool) or not isinstance(factor, int | float) or not 0 < factor < float("inf"):
                raise RecipeError(f"The recipe: the factor of {name} in mixture must be a number above 0.", "mixture")
        if self.ensemble > 1 and self.tuning == "head" and not self.bootstrap:
            raise RecipeError(
                "The members of this ensemble would be the same: heads on an untouched backbone end at one best fit "
                "from any seed. Set bootstrap=true, or another tuning.", "ensemble",
            )  # fmt: skip
        if loss.LABELS != "pairs" and (self.penalties or self.augmentation or self.criterion or self.reference):
            raise RecipeError(
                f"The loss {self.loss} learns from {loss.LABELS}; penalties, augmentation, criterion and reference "
                "are for pairs."
            )
        if self.template not in ("auto", "chat") and "{response}" not in self.template:
            raise RecipeError(f"The recipe: template must be auto, chat or hold {{response}}, not {self.template!r}.")
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """JSON Schema of a recipe: every property with title, description and default."""
        properties = {}
        for item in fields(cls):
            default = {} if item.default is MISSING else item.default
            properties[item.name] = {"type": _JSON_TYPES[type(default)], "default": default, **item.metadata}
        properties["head"]["enum"], properties["loss"]["enum"] = list(heads.names()), list(losses.names())
        return {"type": "object", "additionalProperties": False, "properties": properties}

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> "Recipe":
        """A recipe from plain data; what is not given takes its default."""
        return cls(**settings.complete(cls.schema(), values, "The recipe"))

    @classmethod
    def read(cls, path: str | Path) -> "Recipe":
        """A recipe from a YAML or JSON file."""
        try:
            values = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise RecipeError(f"The recipe {path} cannot be read: {error}") from None
        if not isinstance(values, dict):
            raise RecipeError(f"The recipe {path} must be a mapping of settings, such as `lr: 3.0e-5`.")
        return cls.from_mapping(values)

    def changed(self, assignments: Iterable[str]) -> "Recipe":
        """The recipe after ``key=value`` assignments; values are YAML, ``loss_settings.k=3`` reaches inside."""
        values = asdict(self)
        for assignment in assignments:
            name, equals, text = assignment.partition("=")
            if not equals:
                raise RecipeError(f"{assignment!r} is not of the form key=value.")
            try:
                value = yaml.safe_load(text) if text else ""
            except yaml.YAMLError:
                raise RecipeError(f"The value of {assignment!r} cannot be read.") from None
            if self.schema()["properties"].get(name, {}).get("type") == "string" and not isinstance(value, str):
                value = text  # {response} is a template, not a mapping
            if name == "loss":
                values["loss_settings"] = {}  # those of another loss mean nothing to this one
            group, _, inner = name.partition(".")
            if inner and group in ("penalties", "augmentation"):
                plugin, _, own = inner.partition(".")
                given = {**values[group].get(plugin, {}), own: value} if own else value
                values[group] = {**values[group], plugin: given}
            elif inner and group == "loss_settings":
                values[group] = {**values[group], inner: value}
            else:
                values[name] = value
        return Recipe.from_mapping(values)

    def assignments(self) -> list[str]:
        """The ``key=value`` strings that `changed` needs to make this recipe from the defaults."""
        default = replace(Recipe(), loss=self.loss, loss_settings={})
        plain = {name: value for name, value in asdict(self).items() if value != asdict(default)[name]}
        if self.loss != Recipe().loss:
            plain = {"loss": self.loss, **plain}
        return [f"{name}={json.dumps(value)}" for name, value in plain.items()]

    def to_dict(self) -> dict[str, Any]:
        """Plain data, JSON-serialisable."""
        return asdict(self)


def _each(given: Mapping[str, Any], package: Any, where: str) -> dict[str, Any]:
    """Complete settings of several plug-ins by name."""
    found = {}
    for name, own in given.items():
        if not isinstance(own, dict | None):
            raise RecipeError(f"{where} {name} takes settings, such as {{}}.")
        found[name] = settings.complete(package.get(name).SETTINGS, own or {}, f"{where} {name}")
    return found
