"""Backbones by name and folder; what is no model is refused in words."""

import json
from pathlib import Path

import pytest
import torch
from transformers import T5Config

from rewardtrain.errors import RewardModelError
from rewardtrain.modeling.backbones import is_decoder, load_backbone, load_tokenizer, resolve


def test_minilm_comes_without_a_download() -> None:
    backbone = load_backbone("minilm")
    assert (Path(resolve("minilm")) / "model.safetensors").is_file()
    assert backbone.config.hidden_size == 384
    assert backbone.dtype == torch.float32
    assert backbone.pooler is None
    assert not is_decoder(backbone.config)


def test_encoders_and_decoders_are_told_apart(tiny_encoder: Path, tiny_decoder: Path) -> None:
    assert not is_decoder(load_backbone(str(tiny_encoder)).config)
    assert is_decoder(load_backbone(str(tiny_decoder)).config)


def test_dropout_is_what_the_recipe_says(tiny_encoder: Path) -> None:
    ids = torch.randint(1, 20, (2, 9))
    still = load_backbone(str(tiny_encoder)).train()
    assert torch.equal(still(ids).last_hidden_state, still(ids).last_hidden_state)
    noisy = load_backbone(str(tiny_encoder), dropout=0.3).train()
    assert not torch.equal(noisy(ids).last_hidden_state, noisy(ids).last_hidden_state)


def test_the_lower_layers_alone(tiny_encoder: Path, tiny_decoder: Path, tmp_path: Path) -> None:
    ids = torch.randint(1, 20, (2, 9))
    for folder in (tiny_encoder, tiny_decoder):
        whole, half = load_backbone(str(folder)).eval(), load_backbone(str(folder), layers=1).eval()
        states = whole(ids, output_hidden_states=True).hidden_states
        found = half(ids, output_hidden_states=True).hidden_states
        assert len(found) == 2
        assert torch.equal(found[0], states[0])
        assert sum(p.numel() for p in half.parameters()) < sum(p.numel() for p in whole.parameters())
        half.save_pretrained(tmp_path)
        assert torch.equal(load_backbone(str(tmp_path)).eval()(ids).last_hidden_state, half(ids).last_hidden_state)
    torch.testing.assert_close(
        load_backbone(str(tiny_encoder), layers=1).eval()(ids).last_hidden_state,
        load_backbone(str(tiny_encoder)).eval()(ids, output_hidden_states=True).hidden_states[1],
    )
    with pytest.raises(RewardModelError, match="has 2 layers; 3 were asked for"):
        load_backbone(str(tiny_encoder), layers=3)


def test_a_tokenizer_without_padding_gets_some(tiny_decoder: Path, tmp_path: Path) -> None:
    tokenizer = load_tokenizer(str(tiny_decoder))
    tokenizer.pad_token = None
    tokenizer.save_pretrained(tmp_path)
    (tmp_path / "config.json").write_text((tiny_decoder / "config.json").read_text())
    assert load_tokenizer(str(tmp_path)).pad_token == "</s>"


class TestRefusals:
    def test_a_folder_without_a_config(self, tmp_path: Path) -> None:
        with pytest.raises(RewardModelError, match=r"not a model folder: it has no config.json"):
            load_backbone(str(tmp_path))

    def test_a_path_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(RewardModelError, match="is not a model folder"):
            load_backbone(str(tmp_path / "nothing"))

    def test_a_config_of_nothing_known(self, tmp_path: Path) -> None:
        (tmp_path / "config.json").write_text(json.dumps({"model_type": "abacus"}))
        with pytest.raises(RewardModelError, match="cannot be loaded as a model"):
            load_backbone(str(tmp_path))

    def test_a_folder_without_weights(self, tmp_path: Path, tiny_encoder: Path) -> None:
        (tmp_path / "config.json").write_text((tiny_encoder / "config.json").read_text())
        with pytest.raises(RewardModelError, match="cannot be loaded as a model"):
            load_backbone(str(tmp_path))

    def test_pickled_weights(self, tmp_path: Path, tiny_encoder: Path) -> None:
        (tmp_path / "config.json").write_text((tiny_encoder / "config.json").read_text())
        torch.save(load_backbone(str(tiny_encoder)).state_dict(), tmp_path / "pytorch_model.bin")
        with pytest.raises(RewardModelError, match="cannot be loaded as a model"):
            load_backbone(str(tmp_path))

    def test_weights_cut_short(self, tmp_path: Path, tiny_encoder: Path) -> None:
        (tmp_path / "config.json").write_text((tiny_encoder / "config.json").read_text())
        (tmp_path / "model.safetensors").write_bytes((tiny_encoder / "model.safetensors").read_bytes()[:500])
        with pytest.raises(RewardModelError, match="cannot be loaded as a model"):
            load_backbone(str(tmp_path))

    def test_weights_of_another_model(self, tmp_path: Path, tiny_encoder: Path, tiny_decoder: Path) -> None:
        (tmp_path / "config.json").write_text((tiny_encoder / "config.json").read_text())
        (tmp_path / "model.safetensors").write_bytes((tiny_decoder / "model.safetensors").read_bytes())
        with pytest.raises(RewardModelError, match="lacks 37 weights"):
            load_backbone(str(tmp_path))

    def test_an_encoder_decoder(self, tmp_path: Path) -> None:
        T5Config().save_pretrained(tmp_path)
        with pytest.raises(RewardModelError, match="encoder-decoder"):
            load_backbone(str(tmp_path))

    def test_a_model_without_a_tokenizer(self, tmp_path: Path, tiny_encoder: Path) -> None:
        (tmp_path / "config.json").write_text((tiny_encoder / "config.json").read_text())
        with pytest.raises(RewardModelError, match="no tokenizer"):
            load_tokenizer(str(tmp_path))
