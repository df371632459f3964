"""An encoder of tiny vocabulary."""

from pathlib import Path

import pytest

from rewardtrain.encoding import Encoder
from rewardtrain.modeling.backbones import load_tokenizer


@pytest.fixture(scope="module")
def encoder(tiny_encoder: Path) -> Encoder:
    return Encoder(load_tokenizer(str(tiny_encoder)), "{prompt} {response}", 32)
