"""Every backbone of pictures keeps the contract of `rewardtrain.modeling.vision`, and scores alike however asked."""

from pathlib import Path

import numpy as np
import pytest
import torch

from rewardtrain.encoding import encoder_for
from rewardtrain.errors import DataError, RecipeError, RewardModelError
from rewardtrain.modeling import vision
from rewardtrain.modeling.backbones import load_backbone, load_tokenizer, width
from rewardtrain.modeling.reward_model import RewardModel, read_card, save
from rewardtrain.pictures import Media
from rewardtrain.scoring import Scorer
from tests.rewardtrain.modeling.vision import tiny

CARD = {"template": "auto", "max_length": 64, "loss": "bradley_terry", "loss_settings": {
    "label_smoothing": 0.0, "margin_scale": 0.0, "center": 0.0}}  # fmt: skip


@pytest.fixture(scope="module", params=sorted(tiny.BACKBONES))
def backbone(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tiny.BACKBONES[request.param](tmp_path_factory.mktemp(request.param)))


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Media:
    return Media(tmp_path_factory.mktemp("media"))


@pytest.fixture(scope="module")
def asked(media: Media) -> tuple[list[str], list[str]]:
    return tiny.edits(media.root, 5)


@pytest.fixture(scope="module")
def saved(backbone: str, media: Media, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reward model's folder."""
    folder = tmp_path_factory.mktemp("model")
    torch.manual_seed(0)
    model = RewardModel(load_backbone(backbone), "mlp", "auto").eval()
    parts = load_tokenizer(backbone)
    save(model, parts, folder, CARD | encoder_for(parts, "auto", 64, media=media).card)
    return folder


@pytest.mark.parametrize("name", vision.names())
def test_says_what_it_is(name: str) -> None:
    kind = vision.get(name)
    assert kind.TITLE
    assert kind.SUMMARY
    assert kind.MODEL_TYPES
    assert set(kind.TAKES) <= set(vision.SETTINGS)
    assert all(vision.of_type(model_type) is kind for model_type in kind.MODEL_TYPES)


def test_texts_have_none(tiny_encoder: Path, tiny_decoder: Path) -> None:
    assert vision.of_name(str(tiny_encoder)) is vision.of_name(str(tiny_decoder)) is None


class TestScores:
    def test_are_the_same_in_a_batch_and_alone(self, saved: Path, media: Media, asked: tuple) -> None:
        scorer = Scorer(saved, device="cpu", media=media)
        together = scorer.score(*asked)
        alone = [scorer.score([prompt], [response])[0] for prompt, response in zip(*asked, strict=True)]
        np.testing.assert_allclose(together, alone, atol=1e-5)
        assert len(set(together.round(6))) == len(together)

    def test_are_the_same_after_saving_and_loading(
        self, saved: Path, media: Media, asked: tuple, tmp_path: Path
    ) -> None:
        scorer = Scorer(saved, device="cpu", media=media)
        save(scorer.model, scorer.encoder.tokenizer, tmp_path, scorer.card)
        again = Scorer(tmp_path, device="cpu", media=media)
        np.testing.assert_allclose(again.score(*asked), scorer.score(*asked), atol=1e-5)

    def test_follow_words_source_and_edit(self, saved: Path, media: Media, asked: tuple) -> None:
        scorer = Scorer(saved, device="cpu", media=media)
        (prompt, other, *_), (response, another, *_) = asked
        changed = [
            (prompt, response), (prompt, another), (other, response),
            (prompt.replace('text": "', 'text": "blue '), response),
        ]  # fmt: skip
        assert len(set(scorer.score(*zip(*changed, strict=True)).round(7))) == 4

    def test_do_not_depend_on_how_a_picture_is_given(self, saved: Path, media: Media, asked: tuple) -> None:
        import base64

        scorer = Scorer(saved, device="cpu", media=media)
        (prompt, *_), (response, *_) = asked
        digest = response.split("sha256:")[1][:64]
        url = f"data:image/png;base64,{base64.b64encode(media.read(f'sha256:{digest}')).decode()}"
        forms = [
            response, f'[{{"type": "image", "sha256": "{digest}"}}]', f'[{{"type": "image", "url": "{url}"}}]',
            f'[{{"type": "image_url", "image_url": {{"url": "{url}"}}}}]',
        ]  # fmt: skip
        found = scorer.score([prompt] * 4, forms)
        np.testing.assert_allclose(found, found[0], atol=1e-5)


def test_lengths_count_patches_and_padding_is_the_models(saved: Path, media: Media, asked: tuple) -> None:
    scorer = Scorer(saved, device="cpu", media=media)
    sequences = scorer.encoder.encode(list(zip(*asked, strict=True)))
    assert (sequences.lengths_S > 20).all()
    (batch,) = sequences.padded(np.array([3, 0]), scorer.encoder.pad, torch.device("cpu"))
    assert scorer.model.pooled(batch).shape == (2, width(scorer.model.backbone.config))
    assert scorer.model.pooled(batch).dtype == torch.float32


def test_the_card_says_how_pictures_are_prepared(saved: Path) -> None:
    card = read_card(saved)
    assert card["pooling"] == vision.POOLING
    assert card["scoring_position"] == "the backbone's own vector"
    assert card["loader"] == "touchstone"
    assert card["images"]["preprocessing"]
    assert set(card["images"]["settings"]) <= set(vision.SETTINGS)


def test_every_weight_that_is_read_learns(backbone: str, media: Media, asked: tuple) -> None:
    model = RewardModel(load_backbone(backbone), "linear", "auto").train()
    sequences = encoder_for(load_tokenizer(backbone), "auto", 64, media=media).encode(list(zip(*asked, strict=True)))
    model(*sequences.padded(np.arange(5), 0, torch.device("cpu"))).square().sum().backward()
    idle = {name for name, weight in model.named_parameters() if weight.grad is None}
    assert not {name for name in idle if "logit" not in name and "post_layernorm" not in name}


def test_what_a_backbone_does_not_take_is_refused(backbone: str, media: Media) -> None:
    parts = load_tokenizer(backbone)
    for name in set(vision.SETTINGS) - set(vision.of_name(backbone).TAKES):
        with pytest.raises(RecipeError, match=f"{name} is not for this backbone"):
            encoder_for(parts, "auto", 64, images={**vision.SETTINGS, name: 3}, media=media)
    with pytest.raises(RewardModelError, match="layers"):
        load_backbone(backbone, layers=1)
    with pytest.raises(RecipeError, match="whole responses"):
        encoder_for(parts, "auto", 64, media=media).encode_marked([("a", "b")], [[1]])


def test_a_missing_picture_is_named(saved: Path, media: Media, asked: tuple) -> None:
    scorer = Scorer(saved, device="cpu", media=media)
    with pytest.raises(DataError, match=f"The picture {'0' * 64} is not in"):
        scorer.score([asked[0][0]], [f'[{{"type": "image", "sha256": "{"0" * 64}"}}]'])
