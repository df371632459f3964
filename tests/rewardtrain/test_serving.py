"""The scoring server over real HTTP: rewards, refusals, and what lies outside its folder."""

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from rewardtrain import serving
from rewardtrain.modeling.backbones import load_backbone, load_tokenizer
from rewardtrain.modeling.reward_model import RewardModel, save
from rewardtrain.scoring import Scorer

Call = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, tiny_encoder: Path) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    card = {"template": "{prompt} {response}", "max_length": 32, "loss": "bradley_terry", "loss_settings": {}}
    for number in range(3):
        torch.manual_seed(number)
        model = RewardModel(load_backbone(str(tiny_encoder)), "mlp", "mean").eval()
        save(model, load_tokenizer(str(tiny_encoder)), folder / "models" / f"run-{number}", card)
    save(model, load_tokenizer(str(tiny_encoder)), folder / "secret", card)
    (folder / "models" / "link").symlink_to(folder / "secret")
    (folder / "models" / "empty").mkdir()
    return folder / "models"


@pytest.fixture(scope="module")
def call(root: Path) -> Iterator[Call]:
    with serving.server(root, 0, device="cpu") as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()

        def send(
            method: str, path: str, body: Any = None, *, raw: bytes | None = None, headers: dict[str, str] | None = None
        ) -> tuple[int, dict[str, Any]]:
            connection = http.client.HTTPConnection("127.0.0.1", running.server_address[1], timeout=30)
            payload = raw if raw is not None else json.dumps(body).encode() if body is not None else None
            connection.request(method, path, payload, {"Content-Type": "application/json", **(headers or {})})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())

        yield send
        running.shutdown()
        thread.join()


def request(model: str = "run-0", prompts: Any = ("why",), responses: Any = ("good",)) -> dict[str, Any]:
    return {"model": model, "prompts": list(prompts), "responses": list(responses)}


def test_answers_as_the_scorer_does(call: Call, root: Path) -> None:
    prompts, responses = ["why", "say", "why"], ["good red", "bad", "bad"]
    status, answer = call("POST", "/score", request("run-1", prompts, responses))
    assert status == 200
    np.testing.assert_allclose(
        answer["rewards"], Scorer(root / "run-1", device="cpu").score(prompts, responses), atol=1e-6
    )


def test_models_differ_and_the_last_two_are_kept(call: Call) -> None:
    rewards = {name: call("POST", "/score", request(name))[1]["rewards"][0] for name in ("run-0", "run-1", "run-2")}
    assert len(set(rewards.values())) == 3
    assert call("GET", "/healthz") == (200, {"status": "ok", "models": ["run-1", "run-2"]})


def test_nothing_scores_nothing(call: Call) -> None:
    assert call("POST", "/score", request(prompts=[], responses=[])) == (200, {"rewards": []})


@pytest.mark.parametrize("model", ["../secret", "link", "nothing", "", "empty", "/etc", "run-0/reward.json"])
def test_only_models_below_the_root(call: Call, model: str) -> None:
    status, answer = call("POST", "/score", request(model))
    assert status == 404
    assert "error" in answer


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ([], "must be an object"),
        ({**request(), "model": 3}, "model must be a text"),
        ({**request(), "prompts": "why"}, "lists of texts"),
        ({**request(), "responses": [3]}, "lists of texts"),
        (request(prompts=["a", "b"]), "2 prompts for 1 responses"),
        ({**request(), "model": "a\0b"}, "model must be a text"),
    ],
)
def test_a_wrong_request_is_explained(call: Call, body: Any, message: str) -> None:
    status, answer = call("POST", "/score", body)
    assert status == 400
    assert message in answer["error"]


def test_what_is_no_json_or_too_much_is_refused(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    assert call("POST", "/score", raw=b"{")[0] == 400
    assert call("POST", "/score", raw=b"[" * 100_000)[0] == 400
    assert call("POST", "/score", request(), headers={"Content-Type": "text/plain"})[0] == 415
    assert call("POST", "/other", request())[0] == 404
    assert call("GET", "/score")[0] == 404
    monkeypatch.setattr(serving, "MAX_BODY", 10)
    assert call("POST", "/score", request())[0] == 413


def test_many_at_once(call: Call) -> None:
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(call("POST", "/score", request()))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert len({json.dumps(answer) for answer in answers}) == 1
