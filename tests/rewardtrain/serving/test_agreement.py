"""One text has one reward: alone, in a batch, among other clients' texts, put together here or by the client."""

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from transformers import AutoTokenizer

from rewardtrain.scoring import Scorer
from rewardtrain.serving.limits import Limits
from tests.rewardtrain.conftest import WORDS
from tests.rewardtrain.serving.running import running, save_model

KINDS = [
    (source, side, padding, template)
    for source in ("tiny_encoder", "tiny_decoder")
    for side in ("left", "right")
    for padding in ("own", "none")
    for template in (("chat", "{prompt} {response}") if source == "tiny_decoder" else ("{prompt} {response}",))
]


@pytest.fixture(scope="module", params=KINDS, ids=["-".join(kind) for kind in KINDS])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose tokenizer pads on that side, with or without a token of its own for it."""
    source, side, padding, template = request.param
    root = tmp_path_factory.mktemp("root")
    origin = request.getfixturevalue(source)
    base = root / ".." / f"{root.name}-base"
    base.mkdir()
    for path in origin.iterdir():
        (base / path.name).write_bytes(path.read_bytes())
    tokenizer = AutoTokenizer.from_pretrained(origin)
    tokenizer.padding_side = side
    if padding == "none":
        tokenizer.pad_token = None
    tokenizer.save_pretrained(base)
    return save_model(base, root / "m", head="linear", template=template, max_length=48)


@pytest.fixture(scope="module")
def texts() -> tuple[list[str], list[str]]:
    draw = random.Random(3)

    def some(most: int) -> str:
        return " ".join(draw.choice(WORDS) for _ in range(draw.randint(1, most)))

    return [some(8) for _ in range(40)], [some(20) for _ in range(40)]


def test_batched_single_and_concurrent_scores_are_equal(folder: Path, texts: tuple[list[str], list[str]]) -> None:
    prompts, responses = texts
    scorer = Scorer(folder, device="cpu")
    alone = np.concatenate([scorer.score([p], [r]) for p, r in zip(prompts, responses, strict=True)])
    limits = Limits(round_tokens=200, forward_tokens=100)  # many rounds, so that requests mix
    with running(folder.parent, limits=limits) as call:

        def rewards(which: list[int]) -> list[float]:
            body = {"prompts": [prompts[i] for i in which], "responses": [responses[i] for i in which]}
            status, answer = call("POST", "/v1/score", body)
            assert status == 200, answer
            return answer["rewards"]

        np.testing.assert_allclose(rewards(list(range(40))), alone, atol=1e-5, rtol=0)
        np.testing.assert_allclose([rewards([i])[0] for i in range(6)], alone[:6], atol=1e-5, rtol=0)
        draw = random.Random(5)
        asked = [draw.choices(range(40), k=draw.randint(1, 9)) for _ in range(48)]
        with ThreadPoolExecutor(16) as pool:
            for which, found in zip(asked, pool.map(rewards, asked), strict=True):
                np.testing.assert_allclose(found, alone[which], atol=1e-5, rtol=0)


def test_a_text_put_together_by_the_client_scores_the_same(folder: Path, texts: tuple[list[str], list[str]]) -> None:
    prompts, responses = (part[:12] for part in texts)
    scorer = Scorer(folder, device="cpu")
    expected = scorer.score(prompts, responses)
    whole = [scorer.encoder.text(prompt, response)[0] for prompt, response in zip(prompts, responses, strict=True)]
    tokenizer = scorer.encoder.tokenizer
    decoded = [tokenizer.decode(scorer.encoder.encode([pair]).tokens) for pair in zip(prompts, responses, strict=True)]
    with running(folder.parent) as call:
        for sent in (whole, decoded):  # decoded: special tokens are in the text already
            answer = call("POST", "/get_reward", {"query": sent})[1]
            np.testing.assert_allclose(answer["rewards"], expected, atol=1e-5, rtol=0)
        mixed = call("POST", "/predict", {"inputs": [[whole[0]], [prompts[1], responses[1]]], "raw_scores": True})[1]
        np.testing.assert_allclose([each[0]["score"] for each in mixed], expected[:2], atol=1e-5, rtol=0)


def test_a_whole_text_over_the_maximum_loses_its_beginning(folder: Path) -> None:
    with running(folder.parent) as call:
        tail = "good " * 60
        one, other = call("POST", "/get_reward", {"query": [f"red {tail}", f"blue {tail}"]})[1]["rewards"]
        assert one == pytest.approx(other, abs=1e-5)
        assert call("POST", "/v1/score", {"texts": [f"red {tail}"]})[1]["tokens"] == [48]
