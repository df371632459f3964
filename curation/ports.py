"""What curation needs of models, by name; rewardtrain registers what fulfils it when the app is ready.

Imports run one way (rewardtrain -> curation), so the need is named here and met from there.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

# (reward model identifier, prompts as the pair table stores them or plain text, responses) -> rewards, shape (N,)
Score = Callable[[str, Sequence[str], Sequence[str]], np.ndarray]
# texts -> unit vectors, shape (N, D)
Embed = Callable[[Sequence[str]], np.ndarray]
# (prompts as above or "", responses) -> what the head of a reward model sees of each text, shape (N, D)
Features = Callable[[Sequence[str], Sequence[str]], np.ndarray]
# (pairs to learn from, pairs to predict, settings) -> reward of a less that of b of the latter, shape (E, M, N): after
# each of E moments of the training, by each of M members of an ensemble. Both tables are `curation.pairs.SCHEMA`.
# Settings, all with a default: mode ("head": a linear head on the features, seconds; "recipe": a whole training),
# members (each learns from a resampling of the pairs, where there are several), epochs (0: to convergence, and E is 1;
# else E; of heads only), seed, sees_prompt (whether the features are those of prompt and response), recipe (settings
# of the training; of "recipe" only). Rows are taken in the order given; those without a usable label teach nothing.
Fit = Callable[[pa.Table, pa.Table, Mapping[str, Any]], np.ndarray]
# (local causal language model, prompts, continuations) -> log-likelihood of each continuation in nats, and the number
# of its tokens, both of shape (N,). A prompt is plain text, or JSON messages as the pair table stores them: then the
# continuation is the assistant's next turn, or what the last message says where that is empty. NaN where a continuation
# is longer than the model reads.
Likelihood = Callable[[str, Sequence[str], Sequence[str]], tuple[np.ndarray, np.ndarray]]
# () -> texts of benchmarks by the name of their file
Benchmarks = Callable[[], Mapping[str, Sequence[str]]]
# (prompt, response, instruction) -> the response, rewritten
Rewrite = Callable[[str, str, str], str]
# name of a file ("sha256:…") -> its content
ReadMedia = Callable[[str], bytes]

# (primary key of a dataset version, recipe, name) -> identifier of the reward model trained on it, as `Score` takes it;
# the same name on the same version again is the same model
Train = Callable[[int, Mapping[str, Any], str], str]


class PortNotRegistered(RuntimeError):
    """Something was asked for, a model or benchmarks, where there is none."""


def no_benchmarks() -> Mapping[str, Sequence[str]]:
    raise PortNotRegistered("There are no benchmark files here to compare with; ask the operator for BENCHMARKS_DIR.")


def no_rewrite(prompt: str, response: str, instruction: str) -> str:
    raise PortNotRegistered("Nobody is registered here to rewrite responses; pass a function that does.")


def no_media(name: str) -> bytes:
    raise PortNotRegistered("Files cannot be read here; run this step in the app or pass a function that reads them.")


def _no_score(model: str, prompts: Sequence[str], responses: Sequence[str]) -> np.ndarray:
    raise PortNotRegistered("No reward-model scorer is registered here; run this step in the app or pass one.")


def _no_embed(texts: Sequence[str]) -> np.ndarray:
    raise PortNotRegistered("No text encoder is registered here; run this step in the app or pass one.")


def _no_features(prompts: Sequence[str], responses: Sequence[str]) -> np.ndarray:
    raise PortNotRegistered("No reward-model backbone is registered here; run this step in the app or pass one.")


def _no_fit(train: pa.Table, others: pa.Table, settings: Mapping[str, Any]) -> np.ndarray:
    raise PortNotRegistered("No trainer is registered here; run this step in the app or pass one.")


def _no_likelihood(model: str, prompts: Sequence[str], continuations: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    raise PortNotRegistered("No causal language model is registered here; run this step in the app or pass one.")


def _no_train(version: int, recipe: Mapping[str, Any], name: str) -> str:
    raise PortNotRegistered("No trainer of reward models is registered here; run this step in the app or pass one.")


@dataclass(frozen=True)
class Models:
    """The models that curation may call."""

    score: Score = _no_score
    embed: Embed = _no_embed
    features: Features = _no_features
    fit: Fit = _no_fit
    likelihood: Likelihood = _no_likelihood
    train: Train = _no_train


# organisation (primary key) -> its models: nobody's pipeline reaches another organisation's
_models_of: Callable[[int], Models] = lambda organisation: Models()  # noqa: E731


def register(models_of: Callable[[int], Models]) -> None:
    """Called once by the app that owns the models."""
    global _models_of
    _models_of = models_of


def models_of(organisation: int) -> Models:
    """The models that an organisation's pipelines may call."""
    return _models_of(organisation)


@dataclass(frozen=True)
class Trained:
    """A training on a dataset version: what lineage and comparisons of versions show of it.

    ``recipe`` is the same for two runs of the same recipe; ``accuracy`` on the version's own test split is a dict of
    value, low and high, None where there is none yet; ``rater`` is the name that its model votes under, "" without one.
    """

    version: int
    title: str
    url: str
    recipe: str
    accuracy: Mapping[str, float] | None
    rater: str = ""


# primary keys of dataset versions -> the trainings on them
_trained_on: Callable[[Sequence[int]], list[Trained]] = lambda versions: []  # noqa: E731


def register_trainings(trained_on: Callable[[Sequence[int]], list[Trained]]) -> None:
    """Called once by the app that trains."""
    global _trained_on
    _trained_on = trained_on


def trained_on(versions: Sequence[int]) -> list[Trained]:
    """The trainings on these dataset versions, oldest first."""
    return _trained_on(versions)
