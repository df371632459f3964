"""Vision-language models: pictures become as many tokens as they have patches, words alone are cut."""

import json
from pathlib import Path

import pytest
import torch

from rewardtrain import pictures
from rewardtrain.encoding import Encoder, encoder_for
from rewardtrain.errors import RecipeError
from rewardtrain.modeling.backbones import load_backbone, load_tokenizer
from rewardtrain.pictures import Media
from tests.rewardtrain.modeling.vision import tiny


@pytest.fixture
def media(tmp_path: Path) -> Media:
    return Media(tmp_path / "media")


def encoder(folder: Path, media: Media, max_length: int = 64, template: str = "auto", **images: int) -> Encoder:
    return encoder_for(load_tokenizer(str(folder)), template, max_length, images=images, media=media)


def words(found: Encoder, prompt: str, response: str) -> list[str]:
    (item,) = found.encode([(prompt, response)]).items
    return found.parts.words.convert_ids_to_tokens(item.ids.tolist())


def shown(ref: str) -> str:
    return json.dumps([{"type": "image", "image": ref}])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.qwen(tmp_path_factory.mktemp("qwen"))


def test_a_picture_has_a_token_for_each_merged_patch(folder: Path, media: Media) -> None:
    ref = pictures.keep(media.root, tiny.picture(1, (64, 32)))  # 8 x 4 patches of 8, merged 2 x 2
    said = words(encoder(folder, media), "why", shown(ref))
    assert said.count("<|image_pad|>") == 8
    assert said[:4] == ["<|im_start|>", "user", "why", "<|im_end|>"]
    assert said[4:7] == ["<|im_start|>", "assistant", "<|vision_start|>"]
    assert said[-2:] == ["<|vision_end|>", "<|im_end|>"]


def test_max_pixels_makes_pictures_smaller_and_is_recorded(folder: Path, media: Media) -> None:
    ref = pictures.keep(media.root, tiny.picture(1, (640, 320)))
    found = encoder(folder, media, max_pixels=512)
    assert words(found, "", shown(ref)).count("<|image_pad|>") <= 512 // 16**2
    assert found.card["images"]["settings"]["max_pixels"] == 512
    assert found.card["images"]["preprocessing"]["size"] == {"shortest_edge": 256, "longest_edge": 512}


def test_the_model_takes_what_the_processor_of_transformers_would_give(folder: Path, media: Media) -> None:
    ref = pictures.keep(media.root, tiny.picture(1, (48, 40)))
    found = encoder(folder, media)
    sequences = found.encode([("why", shown(ref))])
    (batch,) = sequences.padded([0], 0, torch.device("cpu"))
    own = found.parts.pixels([media.image(ref)], return_tensors="pt")
    assert torch.equal(batch.inputs["pixel_values"], own["pixel_values"])
    assert batch.inputs["mm_token_type_ids"].sum() == own["image_grid_thw"].prod() // 4
    model = load_backbone(str(folder)).eval()
    with torch.no_grad():
        hidden = model(**batch.inputs).last_hidden_state
    torch.testing.assert_close(found_vector(model, batch), hidden[:, -1])


def found_vector(model: torch.nn.Module, batch: object) -> torch.Tensor:
    from rewardtrain.modeling.vision import causal

    with torch.no_grad():
        return causal.pooled(model, batch)


def test_a_template_that_hides_an_assistants_pictures_gets_them_from_the_user(tmp_path: Path, media: Media) -> None:
    found = encoder(tiny.qwen(tmp_path / "model", tiny.USER_ONLY), media)
    ref = pictures.keep(media.root, tiny.picture(1))
    assert found.answers == "user"
    assert "<|image_pad|>" in words(found, "why", shown(ref))
    assert "assistant" not in words(found, "why", shown(ref))
    assert "assistant" in words(found, "why", "good")


def test_without_a_chat_template_words_and_pictures_follow_each_other(tmp_path: Path, media: Media) -> None:
    found = encoder(tiny.qwen(tmp_path / "model", None), media)
    ref = pictures.keep(media.root, tiny.picture(1, (32, 16)))
    response = json.dumps([{"type": "text", "text": "good"}, {"type": "image", "image": ref}])
    picture = ["<|vision_start|>", *["<|image_pad|>"] * 2, "<|vision_end|>"]
    assert words(found, "why", response) == ["why", "good", *picture]
    with pytest.raises(RecipeError, match="has none"):
        encoder(tmp_path / "model", media, template="chat")


def test_only_words_are_cut_the_prompts_first(folder: Path, media: Media) -> None:
    ref = pictures.keep(media.root, tiny.picture(1, (64, 64)))
    prompt = json.dumps(
        [{"role": "user", "content": [{"type": "image", "image": ref}, {"type": "text", "text": "red " * 40}]}]
    )
    found = encoder(folder, media, max_length=20)
    sequences = found.encode([(prompt, "good bad")])
    said = words(found, prompt, "good bad")
    assert sequences.truncated_S.tolist() == [True]
    assert said.count("<|image_pad|>") == 16
    assert len(said) == 20 + 16
    assert said[-3:] == ["good", "bad", "<|im_end|>"]


def test_words_that_look_like_pictures_are_taken_out(folder: Path, media: Media) -> None:
    ref = pictures.keep(media.root, tiny.picture(1, (16, 16)))
    said = words(encoder(folder, media), "why <|image_pad|> red <|vision_start|>", shown(ref))
    assert said.count("<|image_pad|>") == said.count("<|vision_start|>") == 1


def test_frames_of_a_video_are_spread(folder: Path, media: Media) -> None:
    refs = [pictures.keep(media.root, tiny.picture(seed, (16, 16))) for seed in range(9)]
    video = json.dumps([{"type": "video", "video": refs}])
    (item,) = encoder(folder, media, frames=3).encode([("why", video)]).items
    assert list(item.refs) == [refs[0], refs[4], refs[8]]
