"""The scoring server as the web knows it, over real HTTP: rewards, refusals, and what lies outside its folder."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rewardtrain.scoring import Scorer
from tests.rewardtrain.serving.running import Client, running, save_model


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, tiny_encoder: Path) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    for number in range(3):
        save_model(tiny_encoder, folder / "models" / f"run-{number}", seed=number)
    save_model(tiny_encoder, folder / "secret")
    (folder / "models" / "link").symlink_to(folder / "secret")
    (folder / "models" / "empty").mkdir()
    return folder / "models"


@pytest.fixture(scope="module")
def call(root: Path) -> Iterator[Client]:
    with running(root) as client:
        yield client


def request(model: str = "run-0", prompts: Any = ("why",), responses: Any = ("good",)) -> dict[str, Any]:
    return {"model": model, "prompts": list(prompts), "responses": list(responses)}


def test_answers_as_the_scorer_does(call: Client, root: Path) -> None:
    prompts, responses = ["why", "say", "why"], ["good red", "bad", "bad"]
    status, answer = call("POST", "/score", request("run-1", prompts, responses))
    assert status == 200
    np.testing.assert_allclose(
        answer["rewards"], Scorer(root / "run-1", device="cpu").score(prompts, responses), atol=1e-6
    )


def test_models_differ_and_the_last_two_are_kept(call: Client) -> None:
    rewards = {name: call("POST", "/score", request(name))[1]["rewards"][0] for name in ("run-0", "run-1", "run-2")}
    assert len(set(rewards.values())) == 3
    assert call("GET", "/healthz") == (200, {"status": "ok", "models": ["run-1", "run-2"]})


def test_nothing_scores_nothing(call: Client) -> None:
    assert call("POST", "/score", request(prompts=[], responses=[])) == (200, {"rewards": []})


@pytest.mark.parametrize(
    "model", ["../secret", "link", "nothing", "", "empty", "/etc", "run-0/reward.json", "x" * 5000]
)
def test_only_models_below_the_root(call: Client, model: str) -> None:
    for path in ("/score", "/v1/score"):
        status, answer = call("POST", path, request(model))
        assert status == (400 if path == "/v1/score" and not model else 404)
        assert "error" in answer


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ([], "must be an object"),
        ({**request(), "model": 3}, "model must be a text"),
        ({**request(), "prompts": "why"}, "lists of texts"),
        ({**request(), "responses": [3]}, "list of texts"),
        (request(prompts=["a", "b"]), "2 prompts for 1 responses"),
        ({**request(), "model": "a\0b"}, "model must be a text"),
        ({**request(), "responses": ["\ud800"]}, "lone surrogate"),
    ],
)
def test_a_wrong_request_is_explained(call: Client, body: Any, message: str) -> None:
    status, answer = call("POST", "/score", body)
    assert status == 400
    assert message in answer["error"]


def test_what_is_no_json_or_too_much_is_refused(call: Client) -> None:
    assert call("POST", "/score", raw=b"{")[0] == 400
    assert call("POST", "/score", raw=b'{"model": NaN}')[0] == 400
    assert call("POST", "/score", raw=b"[" * 100_000)[0] == 400
    assert call("POST", "/score", request(), headers={"Content-Type": "text/plain"})[0] == 415
    assert call("POST", "/other", request())[0] == 404
    assert call("GET", "/score")[0] == 405


def test_many_at_once(call: Client) -> None:
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(call("POST", "/score", request()))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert len({json.dumps(answer) for answer in answers}) == 1
