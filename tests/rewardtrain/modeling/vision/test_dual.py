"""Dual encoders: the vector is made of three unit vectors and their products, and a frozen tower computes once."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from rewardtrain import pictures
from rewardtrain.encoding import encoder_for
from rewardtrain.keeping import Kept, Store
from rewardtrain.modeling.backbones import load_backbone, load_tokenizer
from rewardtrain.modeling.reward_model import RewardModel
from rewardtrain.pictures import Media
from tests.rewardtrain.modeling.vision import tiny


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tiny.clip(tmp_path_factory.mktemp("clip")))


@pytest.fixture
def media(tmp_path: Path) -> Media:
    return Media(tmp_path / "media")


def vectors(model: RewardModel, folder: str, media: Media, pairs: list[tuple[str, str]]) -> torch.Tensor:
    encoder = encoder_for(load_tokenizer(folder), "auto", 16, media=media)
    with torch.no_grad():
        return model.pooled(*encoder.encode(pairs).padded(np.arange(len(pairs)), 0, torch.device("cpu")))


def test_the_vector_is_that_of_transformers_own_features(folder: str, media: Media) -> None:
    (prompt,), (response,) = tiny.edits(media.root, 1)
    model = RewardModel(load_backbone(folder), "linear", "auto").eval()
    answer, words, source, answer_words, answer_source, _ = vectors(model, folder, media, [(prompt, response)]).chunk(
        6, 1
    )
    parts = load_tokenizer(folder)
    said = json.loads(prompt)[0]["content"]
    with torch.no_grad():
        image = model.backbone.get_image_features(
            **parts.pixels(
                [media.image(json.loads(response)[0]["image"]), media.image(said[0]["image"])], return_tensors="pt"
            )
        ).pooler_output
        text = model.backbone.get_text_features(
            **{k: v for k, v in parts.words([said[1]["text"]], return_tensors="pt").items() if k != "token_type_ids"}
        ).pooler_output
    unit = torch.nn.functional.normalize
    torch.testing.assert_close(torch.cat([answer, source]), unit(image))
    torch.testing.assert_close(words, unit(text))
    torch.testing.assert_close(answer_words.sum() / 12**0.5, (unit(image[:1]) * unit(text)).sum())
    torch.testing.assert_close(answer_source.sum() / 12**0.5, (unit(image[:1]) * unit(image[1:])).sum())


def test_what_is_absent_is_zero_and_several_pictures_are_their_mean(folder: str, media: Media) -> None:
    one, two = (pictures.keep(media.root, tiny.picture(seed)) for seed in (1, 2))
    model = RewardModel(load_backbone(folder), "linear", "auto").eval()
    response = [json.dumps([{"type": "image", "image": ref}]) for ref in (one, two)]
    video = json.dumps([{"type": "video", "video": [one, two]}])
    found = vectors(model, folder, media, [("", response[0]), ("", response[1]), ("", video), ("red", "")])
    torch.testing.assert_close(found[2, :12], (found[0, :12] + found[1, :12]) / 2)
    assert not found[:3, 12:].any()
    assert not torch.cat([found[3, :12], found[3, 24:]]).any()


def test_words_beyond_the_text_tower_are_cut_and_counted(folder: str, media: Media) -> None:
    encoder = encoder_for(load_tokenizer(folder), "auto", 256, media=media)
    found = encoder.encode([("red " * 30, ""), ("red", "")])
    assert found.truncated_S.tolist() == [True, False]
    assert found.lengths_S.tolist() == [16, 1]


class TestKept:
    def test_each_picture_and_text_is_computed_once_for_all_runs(
        self, folder: str, media: Media, tmp_path: Path
    ) -> None:
        prompts, responses = tiny.edits(media.root, 4)
        pairs = [*zip(prompts, responses, strict=True), (prompts[0], responses[1])]
        model = RewardModel(load_backbone(folder), "linear", "auto").eval()
        plain = vectors(model, folder, media, pairs)
        computed = []
        for _ in range(2):
            model.kept = Kept(Store(tmp_path / "store.sqlite"), model.backbone, {})
            torch.testing.assert_close(vectors(model, folder, media, pairs), plain)
            computed.append(model.kept.computed)
        assert computed == [8 + 4, 0]

    def test_other_weights_and_other_preparation_share_nothing(self, folder: str, media: Media, tmp_path: Path) -> None:
        pairs = list(zip(*tiny.edits(media.root, 1), strict=True))
        model = RewardModel(load_backbone(folder), "linear", "auto").eval()
        store = Store(tmp_path / "store.sqlite")
        computed = []
        for preparation, change in (({}, 0.0), ({"size": 3}, 0.0), ({}, 0.1)):
            with torch.no_grad():
                next(model.backbone.parameters()).add_(change)
            model.kept = Kept(store, model.backbone, preparation)
            vectors(model, folder, media, pairs)
            computed.append(model.kept.computed)
        assert computed == [3, 3, 3]

    def test_nothing_is_kept_while_it_trains(self, folder: str, media: Media, tmp_path: Path) -> None:
        pairs = list(zip(*tiny.edits(media.root, 1), strict=True))
        model = RewardModel(load_backbone(folder), "linear", "auto")
        model.kept = Kept(Store(tmp_path / "store.sqlite"), model.backbone, {})
        encoder = encoder_for(load_tokenizer(folder), "auto", 16, media=media)
        model(*encoder.encode(pairs).padded(np.arange(1), 0, torch.device("cpu"))).sum().backward()
        assert model.kept.computed == 0
        assert model.backbone.visual_projection.weight.grad is not None
