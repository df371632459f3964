"""Our own dialects: vectors, deviation, bounds, shaping, steps and the best of n, checked by hand."""

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from rewardtrain.scoring import Scorer
from tests.rewardtrain.serving.running import Client, running, save_model


class Ensemble:
    """Stands in for `Scorer`: the reward is the number of words, its deviation the number of "loud" among them."""

    def __init__(self, folder: Path, **given: Any) -> None:
        self.encoder = Scorer(folder, **given).encoder

    def scores(self, prompts: list[str], responses: list[str], **given: Any) -> Any:
        self.encoder.encode(list(zip(prompts, responses, strict=True)))
        reward_N = np.array([float(len(text.split())) for text in responses])
        deviation_N = np.array([float(text.split().count("loud")) for text in responses])
        aspects = np.stack([reward_N * 2, -reward_N], axis=1)
        return SimpleNamespace(
            reward_N=reward_N, deviation_N=deviation_N, aspects=("help", "brevity"), aspect_NA=aspects
        )


@pytest.fixture(scope="module")
def ensemble(tmp_path_factory: pytest.TempPathFactory, tiny_encoder: Path) -> Iterator[Client]:
    root = tmp_path_factory.mktemp("ensemble")
    save_model(tiny_encoder, root / "m")
    (root / "m" / "reference_rewards.json").write_text(json.dumps([1, 2, 3, 4]))
    with running(root, scorer=Ensemble) as client:
        yield client


def ask(call: Client, responses: list[str], **more: Any) -> dict[str, Any]:
    status, answer = call("POST", "/v1/score", {"prompts": ["why"] * len(responses), "responses": responses, **more})
    assert status == 200, answer
    return answer


def test_vectors_deviation_and_bound(ensemble: Client) -> None:
    answer = ask(ensemble, ["good", "good loud loud"])
    assert answer == {
        "model": "m", "rewards": [1, 3], "deviation": [0, 2], "conservative": [1, 1],
        "aspects": {"help": [2, 6], "brevity": [-1, -3]}, "tokens": [2, 4],
    }  # fmt: skip
    logs = ensemble("POST", "/get_reward", {"query": ["good loud"]})[1]["extra_logs"]
    assert logs == {"help": [4], "brevity": [-2], "deviation": [1], "conservative": [1]}


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ({"conservative": 0.5}, [1, 2]),
        ({"reference": 2}, [-1, 1]),
        ({"reference": ["good good", "good"]}, [-1, 2]),
        ({"reference": ["good good", "good good good"], "sigmoid": True}, [1 / (1 + np.e), 0.5]),
        ({"sigmoid": True}, [1 / (1 + np.exp(-1)), 1 / (1 + np.exp(-3))]),
        ({"quantiles": True}, [1 / 8, 5 / 8]),
        ({"quantiles": [0, 2]}, [1 / 2, 1]),
        ({"conservative": 1, "quantiles": [0, 2]}, [1 / 2, 1 / 2]),
        ({"clip": [1.5, 2]}, [1.5, 2]),
        ({"reference": 1, "clip": [-1, 1]}, [0, 1]),
    ],
)
def test_shaping(ensemble: Client, shape: dict[str, Any], expected: list[float]) -> None:
    answer = ask(ensemble, ["good", "good loud loud"], shape=shape)
    assert answer["rewards"] == [1, 3], "the raw rewards stay"
    assert answer["shaped"] == pytest.approx(expected)


def test_a_chain_of_steps_is_worth_its_worst_prefix(call: Client, served: Path) -> None:
    steps = [["good red", "bad", "fine"], ["dull"]]
    body = {"model": "encoder/model", "prompts": ["why", "say"], "steps": steps, "shape": {"reference": 1.0}}
    answer = call("POST", "/v1/score", body)[1]
    prefixes = ["good red", "good red\n\nbad", "good red\n\nbad\n\nfine", "dull"]
    expected = Scorer(served / "encoder" / "model", device="cpu").score(["why"] * 3 + ["say"], prefixes)
    np.testing.assert_allclose(answer["steps"][0], expected[:3], atol=1e-5)
    np.testing.assert_allclose(answer["rewards"], [expected[:3].min(), expected[3]], atol=1e-5)
    np.testing.assert_allclose(answer["shaped"], np.array(answer["rewards"]) - 1, atol=1e-9)


def test_conversations_and_prompts_of_messages_score_the_same(call: Client) -> None:
    turns = [
        {"role": "user", "content": "why"},
        {"role": "assistant", "content": "red"},
        {"role": "user", "content": "say"},
    ]
    answer = {"role": "assistant", "content": "good blue"}
    parts = {"role": "assistant", "content": [{"type": "text", "text": "good blue"}]}
    bodies = [
        {"prompts": [turns], "responses": ["good blue"]},
        {"messages": [[*turns, answer]]},
        {"messages": [[*turns, parts]]},
        {"prompts": [json.dumps(turns)], "responses": [[answer]]},
    ]
    rewards = [call("POST", "/v1/score", {"model": "chat", **body})[1]["rewards"] for body in bodies]
    assert all(each == pytest.approx(rewards[0], abs=1e-5) for each in rewards)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"prompts": ["a"]}, "responses must be a list"),
        ({"prompts": ["a"], "responses": ["b"], "texts": ["c"]}, "Send one of"),
        ({"prompts": ["a"], "responses": ["b"], "shade": {}}, "There is no field 'shade'"),
        ({"prompts": ["a"], "responses": ["b"], "shape": {"sigmoid": "yes"}}, "true or false"),
        ({"prompts": ["a"], "responses": ["b"], "shape": {"clip": [1]}}, "two numbers"),
        ({"prompts": ["a"], "responses": ["b"], "shape": {"clip": [2, 1]}}, "lower one first"),
        ({"prompts": ["a"], "responses": ["b"], "shape": {"reference": ["x", "y"]}}, "one response for each"),
        ({"prompts": ["a"], "responses": ["b"], "shape": {"quantiles": True, "sigmoid": True}}, "need no reference"),
        ({"prompts": ["a"], "responses": ["b"], "shape": {"conservative": True}}, "must be a number"),
        ({"prompts": ["a"], "responses": ["b"], "shape": {"conservative": 1.0}}, "not an ensemble"),
        ({"prompts": ["a"], "responses": ["b"], "shape": {"quantiles": []}}, "list of numbers"),
        ({"prompts": ["a"], "steps": [[]]}, "at least one text"),
        ({"messages": [[{"role": "user", "content": "x"}]]}, "must be the assistant's"),
        ({"messages": [[{"role": "assistant", "content": [{"type": "image_url"}]}]]}, "only text can be scored"),
        ({"prompts": [[{"role": 3}]], "responses": ["x"]}, "role and content"),
    ],
)
def test_mistakes_are_named(call: Client, body: dict[str, Any], message: str) -> None:
    status, answer = call("POST", "/v1/score", {"model": "encoder/model", **body})
    assert status == 400
    assert message in answer["error"]


def test_quantiles_need_a_sample(call: Client) -> None:
    body = {"prompts": ["a"], "responses": ["b"], "shape": {"quantiles": True}}
    assert call("POST", "/v1/score", {"model": "encoder/model", **body})[0] == 200
    status, answer = call("POST", "/v1/score", {"model": "chat", **body})
    assert status == 400
    assert "reference_rewards.json" in answer["error"]


def test_the_best_of_n_by_mean_and_by_bound(ensemble: Client) -> None:
    responses = ["good", "good loud loud", "good good", "red red"]
    body = {"prompt": "why", "responses": responses}
    answer = ensemble("POST", "/v1/best-of-n", body)[1]
    assert (answer["best"], answer["order"]) == (1, [1, 2, 3, 0])
    careful = ensemble("POST", "/v1/best-of-n", {**body, "by": "conservative", "k": 1.0})[1]
    assert (careful["best"], careful["order"]) == (2, [2, 3, 0, 1])
    assert careful["conservative"] == [1, 1, 2, 2]


def test_a_bound_needs_an_ensemble(call: Client) -> None:
    body = {"model": "chat", "prompt": "why", "responses": ["a"], "by": "conservative"}
    status, answer = call("POST", "/v1/best-of-n", body)
    assert status == 400
    assert "not an ensemble" in answer["error"]


def test_a_real_ensemble_gives_deviation_and_bound(tmp_path: Path, tiny_decoder: Path) -> None:
    members = [f"member-{seed}" for seed in range(3)]
    for seed, member in enumerate(members):
        save_model(tiny_decoder, tmp_path / "root" / "e" / member, seed=seed, head="linear", template="chat")
    card = json.loads((tmp_path / "root" / "e" / "member-0" / "reward.json").read_text())
    (tmp_path / "root" / "e" / "reward.json").write_text(json.dumps(card | {"members": members}))
    scorer: Any = Scorer(tmp_path / "root" / "e", device="cpu")
    expected = scorer.scores(["why"], ["good"])
    with running(tmp_path / "root") as call:
        body = {"prompts": ["why"], "responses": ["good"], "shape": {"conservative": 2.0}}
        answer = call("POST", "/v1/score", body)[1]
        assert answer["rewards"] == pytest.approx(expected.reward_N.tolist(), abs=1e-5)
        assert answer["shaped"] == pytest.approx(expected.bound(2.0).tolist(), abs=1e-5)
        logs = call("POST", "/get_reward", {"query": [scorer.encoder.text("why", "good")[0]]})[1]["extra_logs"]
        assert logs["conservative"] == pytest.approx(expected.bound(1.0).tolist(), abs=1e-5)
