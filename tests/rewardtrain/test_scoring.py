"""Scoring: the same reward whatever the batch, and unit vectors of sentences."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch

from rewardtrain.errors import RewardModelError
from rewardtrain.modeling.backbones import load_backbone, load_tokenizer
from rewardtrain.modeling.reward_model import RewardModel, save
from rewardtrain.scoring import Scorer, embed


@pytest.fixture(scope="module", params=[("tiny_encoder", "mlp"), ("tiny_decoder", "linear"), ("minilm", "mlp")])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    source, head = request.param
    name = source if source == "minilm" else str(request.getfixturevalue(source))
    torch.manual_seed(2)
    target = tmp_path_factory.mktemp("model")
    card = {
        "template": "{prompt} {response}",
        "max_length": 32,
        "loss": "bradley_terry_ties",
        "loss_settings": {"k": 5.0},
    }
    save(RewardModel(load_backbone(name), head, "auto").eval(), load_tokenizer(name), target, card)
    return target


PROMPTS = ["why", "say", "why", "why", ""]
RESPONSES = ["good red", "bad " * 40, "good bad fine dull red blue", "good red", "one"]


def test_batched_single_and_reloaded_agree(folder: Path) -> None:
    scorer = Scorer(folder, device="cpu")
    batched = scorer.score(PROMPTS, RESPONSES)
    single = np.concatenate([scorer.score([p], [r]) for p, r in zip(PROMPTS, RESPONSES, strict=True)])
    small = scorer.score(PROMPTS, RESPONSES, tokens_per_batch=1)
    reloaded = Scorer(folder, device="cpu").score(PROMPTS, RESPONSES)
    for other in (single, small, reloaded):
        np.testing.assert_allclose(other, batched, atol=1e-5, rtol=0)
    assert batched[0] == batched[3]
    assert len(set(batched.tolist())) == 4


def test_nothing_scores_nothing(folder: Path) -> None:
    assert Scorer(folder, device="cpu").score([], []).shape == (0,)


def test_unequal_lists_are_refused(folder: Path) -> None:
    with pytest.raises(ValueError, match="shorter"):
        Scorer(folder, device="cpu").score(["a"], [])


def test_a_table_is_scored_by_side(folder: Path, make_table: Callable[..., pa.Table]) -> None:
    scorer, table = Scorer(folder, device="cpu"), make_table(2, 3)
    reward_a, reward_b = scorer.score_table(table)
    prompts, a, b = (table[name].to_pylist() for name in ("prompt", "response_a", "response_b"))
    np.testing.assert_allclose(reward_a, scorer.score(prompts, a), atol=1e-5)
    np.testing.assert_allclose(reward_b, scorer.score(prompts, b), atol=1e-5)


def test_the_loss_in_the_card_gives_the_probabilities(folder: Path) -> None:
    prob_P3 = Scorer(folder, device="cpu").probabilities(np.array([0.0, 3.0]))
    assert prob_P3[0] == pytest.approx([1 / 6, 4 / 6, 1 / 6])
    assert prob_P3[1, 0] > prob_P3[1, 2]


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RewardModelError, match="is not a reward model"):
        Scorer(tmp_path)


def test_sentence_vectors_are_of_unit_length_and_mean_something() -> None:
    vectors = embed(
        ["A cat sits on the mat.", "A kitten is on the rug.", "Taxes rise next year.", "A cat sits on the mat."]
    )
    assert vectors.shape == (4, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(vectors[0], vectors[3])
    assert vectors[0] @ vectors[1] > 0.5 > vectors[0] @ vectors[2]
    np.testing.assert_allclose(embed(["Taxes rise next year."])[0], vectors[2], atol=1e-5)
    assert embed([]).shape == (0, 384)
