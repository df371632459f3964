"""Scoring: what saved reward models say of prompts and responses, and MiniLM's sentence vectors.

Each distinct (prompt, response) is encoded once, texts of like length together. In fp32 a reward does not
depend on what else is in the batch, to 1e-5. Shapes: N texts asked for, S distinct
sequences, D width, M members of an ensemble, A aspects, K outputs of the head, U segments.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import torch
from transformers import PreTrainedModel

from rewardtrain import data
from rewardtrain.batching import token_batches
from rewardtrain.encoding import Encoder, TokenSequences, encoder_for
from rewardtrain.errors import RewardModelError
from rewardtrain.keeping import Kept, Store
from rewardtrain.labels.segments import of_response as segmented
from rewardtrain.modeling import losses
from rewardtrain.modeling.aggregate import aggregate
from rewardtrain.modeling.backbones import MINILM, load_backbone, load_tokenizer
from rewardtrain.modeling.objective import Objective
from rewardtrain.modeling.pooling import pool
from rewardtrain.modeling.reward_model import RewardModel, device_for, load, read_card
from rewardtrain.pictures import Media

TOKENS_PER_BATCH = 4096
EMBEDDING_LENGTH = 256


@dataclass(frozen=True)
class Scores:
    """What a model says of N texts.

    Attributes
    ----------
    reward_N : float64; of an ensemble, the members' mean.
    deviation_N : standard deviation of the reward: the model's own, the spread of an ensemble's members, or both
        together; None where the model has neither.
    member_MN : each member's rewards; M is 1 for a model alone.
    aspects, aspect_NA : dimensions by name, and a reward for each; A is 0 where the model knows none.
    """

    reward_N: np.ndarray
    deviation_N: np.ndarray | None
    member_MN: np.ndarray
    aspects: tuple[str, ...]
    aspect_NA: np.ndarray

    def bound(self, k: float) -> np.ndarray:
        """A conservative reward, (N,): ``k`` standard deviations below the mean; the mean where none is known."""
        return self.reward_N if self.deviation_N is None else self.reward_N - k * self.deviation_N

    def penalised(self, weight: float = 0.5) -> np.ndarray:
        """The mean less ``weight`` times the variance, (N,) (Coste et al. 2023, arXiv 2310.02743)."""
        return self.reward_N if self.deviation_N is None else self.reward_N - weight * self.deviation_N**2

    def worst(self) -> np.ndarray:
        """The lowest reward that any member gives, (N,)."""
        return np.asarray(self.member_MN.min(axis=0))


class Scorer:
    """A reward model, or an ensemble of them, ready to score.

    >>> scorer = Scorer("run/model")                                   # doctest: +SKIP
    >>> scorer.score(["Name a colour."], ["Blue."])                    # doctest: +SKIP
    array([0.83])

    Parameters
    ----------
    media : where the pictures are; without it they come as data: URLs.
    store : keeps what a backbone of pictures computed, such as `rewardtrain.keeping.Store`.

    Raises
    ------
    RewardModelError
        If the folder is not a reward model.
    """

    def __init__(
        self, folder: str | Path, *, device: str = "auto", precision: str = "fp32",
        media: Media | None = None, store: Store | None = None,
    ) -> None:  # fmt: skip
        self.card = read_card(folder)
        folders = [Path(folder) / name for name in self.card.get("members", ["."])]
        loaded = [load(member, device=device, precision=precision) for member in folders]
        self.models = [model for model, _, _ in loaded]
        images = self.card.get("images", {})
        self.encoder = encoder_for(
            loaded[0][1], self.card["template"], self.card["max_length"],
            images=images.get("settings"), media=media or Media(None),
        )  # fmt: skip
        if store:
            for model in self.models:
                model.kept = Kept(store, model.backbone, images) if model.vision else None

    @property
    def model(self) -> RewardModel:
        """The model; of an ensemble, the first."""
        return self.models[0]

    def score(
        self, prompts: Sequence[str], responses: Sequence[str], *, tokens_per_batch: int = TOKENS_PER_BATCH
    ) -> np.ndarray:
        """Rewards, float64 of shape (N,). A prompt is plain text or JSON messages, as `curation.pairs` stores it.

        A model that reads pictures takes them as `rewardtrain.parts` says, in prompts and in responses.
        """
        return self.scores(prompts, responses, tokens_per_batch=tokens_per_batch).reward_N

    def scores(
        self, prompts: Sequence[str], responses: Sequence[str], *, tokens_per_batch: int = TOKENS_PER_BATCH
    ) -> Scores:
        """Rewards with all that the model says beside them."""
        if self.reads_segments:
            return self._of_segments(prompts, responses)
        outputs, place_N = self._outputs(prompts, responses, tokens_per_batch)
        rewards, deviations, aspects = [], [], []
        for model, out_SK in zip(self.models, outputs, strict=True):
            rewards.append(_array(model.objective.reward(out_SK))[place_N])
            aspects.append(_array(model.objective.aspects(out_SK))[place_N])
            own = model.objective.deviation(out_SK)
            deviations.append(None if own is None else _array(own)[place_N])
        member_MN = np.array(rewards)
        names = self.model.objective.facts.dimensions if aspects[0].shape[1] else ()
        return Scores(
            member_MN.mean(axis=0), _together(member_MN, deviations), member_MN, names, np.mean(aspects, axis=0)
        )

    def members(self, prompts: Sequence[str], responses: Sequence[str]) -> np.ndarray:
        """Rewards by each member of the ensemble, (M, N)."""
        return self.scores(prompts, responses).member_MN

    def vectors(self, prompts: Sequence[str], responses: Sequence[str]) -> np.ndarray:
        """What the head sees of each text, float32 of shape (N, D); of an ensemble, the first member's."""
        sequences, place_N = self._encoded(prompts, responses)
        vector_SD = computed(self.model.pooled, sequences, self.encoder.pad, self.model.device)
        return vector_SD.cpu().numpy()[place_N]

    def place(self, prompts: Sequence[str], a: Sequence[str], b: Sequence[str], target_P3: np.ndarray) -> np.ndarray:
        """Where a rater stands whom the model has not seen, from a few pairs that they judged; by the first member.

        Parameters
        ----------
        target_P3 : what they said: a is better, tie, b is better; rows sum to 1.

        Raises
        ------
        RewardModelError
            If the model makes no difference between raters.
        """
        objective = self._personal()
        count = len(prompts)
        outputs, place_N = self._outputs([*prompts, *prompts], [*a, *b], TOKENS_PER_BATCH)
        out_NK, target = outputs[0][place_N], torch.from_numpy(np.asarray(target_P3)).float()
        batch = losses.PairBatch(out_NK[:count], out_NK[count:], target, torch.zeros(count))
        return _array(objective.loss.place(batch, objective.settings, objective.learned))

    def score_for(self, prompts: Sequence[str], responses: Sequence[str], vector: np.ndarray) -> np.ndarray:
        """Rewards for a rater who stands at ``vector``, (N,)."""
        objective = self._personal()
        outputs, place_N = self._outputs(prompts, responses, TOKENS_PER_BATCH)
        point = torch.from_numpy(np.asarray(vector)).float()
        with torch.no_grad():
            reward_S = objective.loss.reward_for(outputs[0], point, objective.settings, objective.learned)
        return _array(reward_S)[place_N]

    def _personal(self) -> Objective:
        objective = self.model.objective
        if not hasattr(objective.loss, "place"):
            raise RewardModelError(
                "This model makes no difference between raters. Train with ideal_point or variational."
            )
        return objective

    def score_table(self, table: pa.Table) -> tuple[np.ndarray, np.ndarray]:
        """Rewards of responses a and b of a pair table, each of shape (rows,)."""
        table = self.readable(table)
        prompts, a, b = (table[name].to_pylist() for name in ("prompt", "response_a", "response_b"))
        both = self.score(prompts + prompts, a + b)
        return both[: len(prompts)], both[len(prompts) :]

    def readable(self, table: pa.Table) -> pa.Table:
        """A pair table as this model reads it: with pictures in its responses where it sees any."""
        return data.with_media(table, self.encoder.media) if self.encoder.media else table

    def probabilities(self, delta_P: np.ndarray) -> np.ndarray:
        """(P, 3): what the model says of a wins, tie, b wins, given reward differences, at its own temperature."""
        delta = torch.from_numpy(np.asarray(delta_P, float)) / self.card.get("temperature", 1.0)
        return self.model.objective.probabilities(delta).numpy()

    def segments(self, prompts: Sequence[str], segments: Sequence[Sequence[str]]) -> list[np.ndarray]:
        """What a model of segments says of each: for every text (segments, K), as its loss documents K.

        Segments put together give the response. What was cut off is NaN.

        Raises
        ------
        RewardModelError
            If the model reads whole responses.
        """
        if not self.reads_segments:
            raise RewardModelError("This model reads whole responses. Train one with a loss that learns from segments.")
        texts = [(prompt, "".join(parts)) for prompt, parts in zip(prompts, segments, strict=True)]
        ends = [np.cumsum([len(part) for part in parts]).tolist() for parts in segments]
        sequences, positions = self.encoder.encode_marked(texts, ends)
        found: list[np.ndarray] = [np.zeros((0, self.model.objective.outputs))] * len(texts)
        with torch.no_grad():
            for members in token_batches(sequences.lengths_S, TOKENS_PER_BATCH):
                ids_BL, mask_BL = sequences.padded(members, self.encoder.pad, self.model.device)
                row_U = np.repeat(np.arange(len(members)), [len(positions[s]) for s in members])
                position_U = np.concatenate([positions[s] for s in members]).astype(np.int64)
                out_MUK = [_array(model.outputs(model.at(ids_BL, mask_BL, row_U, position_U))) for model in self.models]
                out_UK = np.mean(out_MUK, axis=0)
                out_UK[position_U < 0] = np.nan
                for row, member in enumerate(members):
                    found[member] = out_UK[row_U == row]
        return found

    def wrong(
        self, prompts: Sequence[str], segments: Sequence[Sequence[str]], names: Sequence[str]
    ) -> list[np.ndarray]:
        """How likely each segment is wrong in each of the named dimensions: for every text (segments, A).

        NaN for what was cut off, and for dimensions that the model does not know.
        """
        known = self.model.objective.facts.dimensions
        place = [known.index(name) if name in known else -1 for name in names]
        found = []
        for out_UK in self.segments(prompts, segments):
            out = torch.from_numpy(out_UK).float()
            aspect_UA = _array(self.model.objective.aspects(out))
            reward_U1 = _array(self.model.objective.reward(out))[:, None]
            wrong_UA = (1 - aspect_UA) / 2 if aspect_UA.shape[1] else 1 - reward_U1
            found.append(np.column_stack([wrong_UA, np.full(len(wrong_UA), np.nan)])[:, place])
        return found

    def _of_segments(self, prompts: Sequence[str], responses: Sequence[str]) -> Scores:
        """The scores of whole responses by a model of their segments; 0 where nothing of a response was read."""
        dimensions = self.model.objective.facts.dimensions
        parts = [segmented(response, dimensions) for response in responses]
        way = self.card["loss_settings"]["aggregate"]
        reward_N = np.zeros(len(responses))
        for at, out_UK in enumerate(self.segments(prompts, parts)):
            reward_U = _array(self.model.objective.reward(torch.from_numpy(out_UK).float()))
            reward_U = reward_U[np.isfinite(reward_U)]
            reward_N[at] = aggregate(reward_U.tolist(), way) if len(reward_U) else 0.0
        return Scores(reward_N, None, reward_N[None], (), np.zeros((len(responses), 0)))

    @property
    def reads_segments(self) -> bool:
        """Whether the model says something of each segment of a response, and not of the whole."""
        return losses.get(self.card["loss"]).LABELS == "segments"

    def _encoded(self, prompts: Sequence[str], responses: Sequence[str]) -> tuple[TokenSequences, np.ndarray]:
        """The distinct texts, and which of them each asked for is."""
        asked = list(zip(prompts, responses, strict=True))
        index = {pair: place for place, pair in enumerate(dict.fromkeys(asked))}
        return self.encoder.encode(list(index)), np.array([index[pair] for pair in asked], dtype=np.int64)

    def _outputs(
        self, prompts: Sequence[str], responses: Sequence[str], tokens_per_batch: int
    ) -> tuple[list[torch.Tensor], np.ndarray]:
        """out_SK of each member for the distinct texts, and which of them each asked for is."""
        sequences, place_N = self._encoded(prompts, responses)
        if not len(sequences):
            empty = torch.zeros((0, self.model.objective.outputs))
            return [empty] * len(self.models), place_N
        found = []
        vector_SD = torch.zeros(0)
        for number, model in enumerate(self.models):
            if not number or not self.one_backbone:
                pad, device = self.encoder.pad, model.device
                vector_SD = computed(model.pooled, sequences, pad, device, tokens_per_batch=tokens_per_batch)
            with torch.no_grad():
                found.append(model.outputs(vector_SD))
        return found, place_N

    @property
    def one_backbone(self) -> bool:
        """Whether all members read the same vectors: their heads alone were trained."""
        return self.card.get("recipe", {}).get("tuning") == "head"


def _array(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().double().cpu().numpy()


def _together(member_MN: np.ndarray, deviations: list[np.ndarray | None]) -> np.ndarray | None:
    """The deviation of an equal mixture of the members."""
    own = [deviation for deviation in deviations if deviation is not None]
    if len(member_MN) < 2 and not own:
        return None
    within = np.mean(np.square(own), axis=0) if own else 0.0
    between = member_MN.var(axis=0, ddof=1) if len(member_MN) > 1 else 0.0
    return np.asarray(np.sqrt(within + between))


@torch.no_grad()
def computed(
    compute: Callable[..., torch.Tensor],
    sequences: TokenSequences,
    pad: int,
    device: torch.device,
    *,
    tokens_per_batch: int = TOKENS_PER_BATCH,
    check: Callable[[], None] = lambda: None,
) -> torch.Tensor:
    """What ``compute``, such as ``compute(ids_BL, mask_BL)``, gives of every sequence, shape (S, ...), on ``device``.

    ``check`` is called between batches and may raise.
    """
    batches, found = token_batches(sequences.lengths_S, tokens_per_batch), []
    for members in batches:
        check()
        found.append(compute(*sequences.padded(members, pad, device)))
    return torch.cat(found)[np.argsort(np.concatenate(batches))]


def embed(texts: Sequence[str], *, tokens_per_batch: int = TOKENS_PER_BATCH) -> np.ndarray:
    """Unit vectors of MiniLM, float32 of shape (N, 384): mean over tokens, as sentence-transformers does it."""
    backbone, encoder = _sentence_encoder()
    if not texts:
        return np.zeros((0, backbone.config.hidden_size), np.float32)
    index = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    sequences = encoder.encode([("", text) for text in index])

    def unit(ids_BL: torch.Tensor, mask_BL: torch.Tensor) -> torch.Tensor:
        hidden_BLD = backbone(input_ids=ids_BL, attention_mask=mask_BL).last_hidden_state
        return torch.nn.functional.normalize(pool(hidden_BLD, mask_BL, "mean"), dim=1)

    vector_SD = computed(unit, sequences, encoder.pad, backbone.device, tokens_per_batch=tokens_per_batch)
    return vector_SD.cpu().numpy()[[index[text] for text in texts]]


@lru_cache(maxsize=1)
def _sentence_encoder() -> tuple[PreTrainedModel, Encoder]:
    backbone = load_backbone(MINILM, device=device_for("auto"))
    return backbone.eval(), Encoder(load_tokenizer(MINILM), "{response}", EMBEDDING_LENGTH)
