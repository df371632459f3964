"""A reward model's folder: what is written, who can load it, and what is refused."""

import json
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForSequenceClassification

from rewardtrain.encoding import Encoder
from rewardtrain.errors import RewardModelError
from rewardtrain.modeling.backbones import load_backbone, load_tokenizer
from rewardtrain.modeling.reward_model import RewardModel, device_for, load, precision_for, read_card, save

CARD = {"template": "{prompt} {response}", "max_length": 32, "loss": "bradley_terry", "loss_settings": {}}
TEXTS = [("why", "good red"), ("say", "bad"), ("why", "good bad fine dull red blue green loud")]


def saved(source: Path, folder: Path, head: str, pooling: str) -> RewardModel:
    torch.manual_seed(1)
    model = RewardModel(load_backbone(str(source)), head, pooling).eval()
    save(model, load_tokenizer(str(source)), folder, CARD)
    return model


def rewards(model: RewardModel, encoder: Encoder) -> torch.Tensor:
    sequences = encoder.encode(TEXTS)
    with torch.no_grad():
        return model(*sequences.padded(range(len(TEXTS)), encoder.pad, model.device))


@pytest.mark.parametrize("head", ["linear", "mlp"])
@pytest.mark.parametrize("pooling", ["mean", "last"])
@pytest.mark.parametrize("source", ["tiny_encoder", "tiny_decoder"])
def test_what_is_loaded_scores_as_what_was_saved(
    source: str, head: str, pooling: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    model = saved(request.getfixturevalue(source), tmp_path, head, pooling)
    again, tokenizer, card = load(tmp_path, device="cpu")
    encoder = Encoder(tokenizer, card["template"], card["max_length"])
    torch.testing.assert_close(rewards(again, encoder), rewards(model, encoder), atol=1e-6, rtol=0)
    native = source == "tiny_decoder" and head == "linear" and pooling == "last"
    assert card["loader"] == ("transformers" if native else "touchstone")


def test_nothing_is_pickled(tmp_path: Path, tiny_encoder: Path) -> None:
    saved(tiny_encoder, tmp_path, "mlp", "mean")
    assert {path.suffix for path in tmp_path.iterdir()} <= {".json", ".safetensors", ".jinja", ".txt"}


def test_a_linear_head_on_a_decoder_loads_in_transformers(tmp_path: Path, tiny_decoder: Path) -> None:
    """The score is read at the same position, padded or alone."""
    model = saved(tiny_decoder, tmp_path, "linear", "last")
    classifier = AutoModelForSequenceClassification.from_pretrained(tmp_path).eval()
    encoder = Encoder(load_tokenizer(str(tmp_path)), CARD["template"], CARD["max_length"])
    sequences = encoder.encode(TEXTS)
    expected = rewards(model, encoder)
    with torch.no_grad():
        ids_BL, mask_BL = sequences.padded(range(3), encoder.pad, model.device)
        torch.testing.assert_close(classifier(ids_BL, attention_mask=mask_BL).logits[:, 0], expected, atol=1e-5, rtol=0)
        for row in range(3):
            alone = classifier(sequences.padded([row], encoder.pad, model.device)[0]).logits[0, 0]
            torch.testing.assert_close(alone, expected[row], atol=1e-5, rtol=0)


def test_auto_pooling_follows_the_backbone(tiny_encoder: Path, tiny_decoder: Path) -> None:
    assert RewardModel(load_backbone(str(tiny_encoder)), "mlp", "auto").pooling == "mean"
    assert RewardModel(load_backbone(str(tiny_decoder)), "mlp", "auto").pooling == "last"


def test_bf16_leaves_the_head_in_float32(tiny_encoder: Path) -> None:
    model = RewardModel(load_backbone(str(tiny_encoder)), "mlp", "mean", "bf16")
    seen = []
    model.head.register_forward_hook(lambda _, inputs, output: seen.extend([inputs[0].dtype, output.dtype]))
    with model.autocast():  # as training holds it around several forwards
        model(torch.ones(1, 3, dtype=torch.int64), torch.ones(1, 3, dtype=torch.int64))
    assert seen == [torch.float32, torch.float32]


def test_precision_and_device() -> None:
    assert precision_for("cpu", "fp32") == "fp32"
    assert precision_for("cpu", "bf16") == "bf16"
    assert precision_for("cpu") in ("bf16", "fp32")
    assert device_for("cpu") == "cpu"
    if not torch.cuda.is_available():
        assert device_for() == "cpu"
        with pytest.raises(RewardModelError, match="device=auto"):
            device_for("cuda")


class TestRefusals:
    def test_a_folder_without_a_card(self, tiny_encoder: Path) -> None:
        with pytest.raises(RewardModelError, match=r"is not a reward model: it has no reward.json"):
            load(tiny_encoder)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"format": 9}, "not of format 1"),
            ({"template": None}, "lacks 'template'"),
            ({"pooling": "first"}, "no pooling that exists: mean, mean_sqrt_len, last"),
            ({"head": "cubic"}, "no 'cubic' in heads"),
            ({"head": "../linear"}, "head in"),
            ({"head": "linear"}, "cannot be loaded"),
        ],
    )
    def test_a_card_that_fits_nothing(self, tmp_path: Path, tiny_encoder: Path, change: dict, message: str) -> None:
        saved(tiny_encoder, tmp_path, "mlp", "mean")
        card = json.loads((tmp_path / "reward.json").read_text())
        (tmp_path / "reward.json").write_text(json.dumps({**card, **change}))
        with pytest.raises(RewardModelError, match=message):
            load(tmp_path, device="cpu")

    @pytest.mark.parametrize("text", ["", "[]", "{", "\udcff"])
    def test_a_card_that_is_none(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "reward.json").write_text(text, errors="surrogateescape")
        with pytest.raises(RewardModelError, match="card"):
            read_card(tmp_path)

    def test_a_head_that_is_missing_or_broken(self, tmp_path: Path, tiny_encoder: Path) -> None:
        saved(tiny_encoder, tmp_path, "mlp", "mean")
        (tmp_path / "head.safetensors").write_bytes(b"broken")
        with pytest.raises(RewardModelError, match="head in"):
            load(tmp_path, device="cpu")
        (tmp_path / "head.safetensors").unlink()
        with pytest.raises(RewardModelError, match="head in"):
            load(tmp_path, device="cpu")
