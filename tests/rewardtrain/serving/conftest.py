"""One server over a few models, shared by the tests that do it no harm."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rewardtrain.serving.running import Client, running, save_model


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, tiny_encoder: Path, tiny_decoder: Path) -> Path:
    """A root with an encoder and a chat decoder; the encoder has a reference sample."""
    root = tmp_path_factory.mktemp("served")
    encoder = save_model(tiny_encoder, root / "encoder" / "model")
    save_model(tiny_decoder, root / "chat", head="linear", template="chat")
    (encoder / "reference_rewards.json").write_text(json.dumps([-1.0, -0.5, 0.0, 0.5, 1.0]))
    return root


@pytest.fixture(scope="session")
def call(served: Path) -> Iterator[Client]:
    with running(served, default="encoder/model", aliases={"reward": "chat"}) as client:
        yield client
