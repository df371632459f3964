"""What trainers' own clients send and read, rewritten as small functions; each names the code that it follows."""

from pathlib import Path
from typing import Any

import openai
import pytest
import requests

from rewardtrain.modeling.backbones import load_tokenizer
from rewardtrain.scoring import Scorer
from tests.rewardtrain.serving.running import Client, running

CONVERSATION = [{"role": "user", "content": "why red"}, {"role": "assistant", "content": "good blue"}]


@pytest.fixture(scope="module")
def templated(served: Path) -> str:
    """The conversation as a client puts it together with the model's tokenizer."""
    return str(load_tokenizer(str(served / "chat")).apply_chat_template(CONVERSATION, tokenize=False))


@pytest.fixture(scope="module")
def reward(served: Path) -> float:
    """What our own scorer gives prompt and response; any client must get the same."""
    return float(Scorer(served / "chat", device="cpu").score(["why red"], ["good blue"])[0])


def openrlhf_remote_rm(url: str, queries: list[str], prompts: list[str], labels: list[str]) -> dict[str, Any]:
    """https://github.com/OpenRLHF/OpenRLHF/blob/main/openrlhf/utils/remote_rm_utils.py (request_api_wrapper)"""
    data = {"query": queries, "prompts": prompts, "labels": labels}
    response = requests.post(url=url, json=data, headers={"Content-Type": "application/json"}, timeout=180)
    response.raise_for_status()
    found = response.json()
    assert "rewards" in found, f"rewards not in {found}"
    return found


def verl_compute_score_disrm(address: str, model: str, disrm_prompt: str, engine: str) -> float:
    """https://github.com/volcengine/verl/blob/main/verl/experimental/reward_loop/reward_loop.py"""
    if engine == "vllm":
        payload = {"model": model, "input": disrm_prompt, "use_activation": False}
        output = requests.post(f"{address}/classify", json=payload, timeout=60).json()
        return output["data"][-1]["probs"][-1]
    payload = {"model": model, "input": disrm_prompt}
    output = requests.post(f"{address}/v1/embeddings", json=payload, timeout=60).json()
    return output["data"][-1]["embedding"][-1]


def vllm_classify(address: str, prompts: list[str]) -> list[float]:
    """https://docs.vllm.ai/en/latest/examples/pooling/classify/ (classification_online)"""
    headers = {"accept": "application/json", "Content-Type": "application/json"}
    models = requests.get(f"{address}/v1/models", headers=headers, timeout=60).json()
    model = next(each["id"] for each in models["data"] if each["id"] == "chat")
    found = requests.post(f"{address}/classify", headers=headers, json={"model": model, "input": prompts}, timeout=60)
    return [each["probs"][0] for each in found.json()["data"]]


def vllm_pooling(address: str, model: str, text: str) -> float:
    """https://docs.vllm.ai/en/latest/examples/pooling/pooling/ (openai_pooling_client)"""
    found = requests.post(f"{address}/pooling", json={"model": model, "input": text}, timeout=60).json()
    assert found["object"] == "list"
    assert found["data"][0]["object"] == "pooling"
    return found["data"][0]["data"][0]


def sglang_reward(address: str, model: str, texts: list[str]) -> list[float]:
    """https://docs.sglang.io/docs/supported-models/reward_models (the launched server, asked at /classify)"""
    responses = requests.post(f"{address}/classify", json={"model": model, "text": texts}, timeout=60).json()
    return [response["embedding"][0] for response in responses]


def tei_predict(address: str, inputs: Any) -> Any:
    """https://github.com/huggingface/text-embeddings-inference/blob/main/router/src/http/types.rs (PredictRequest)"""
    return requests.post(
        f"{address}/predict?model=chat", json={"inputs": inputs, "raw_scores": True}, timeout=60
    ).json()


def trl_reward_function(address: str, model: str) -> Any:
    """https://huggingface.co/docs/trl/main/en/grpo_trainer#using-a-custom-reward-function"""

    def reward_func(prompts: list[Any], completions: list[Any], **columns: Any) -> list[float]:
        body = {"model": model, "prompts": prompts, "responses": completions}
        response = requests.post(f"{address}/v1/score", json=body, timeout=60)
        response.raise_for_status()
        return response.json()["rewards"]

    return reward_func


def test_openrlhf(call: Client, templated: str, reward: float) -> None:
    for path in ("/get_reward", "/"):
        found = openrlhf_remote_rm(f"{call.address}{path}?model=chat", [templated] * 2, ["why red"] * 2, ["", ""])
        assert found["rewards"] == pytest.approx([reward] * 2, abs=1e-5)
        assert found["scores"] == found["rewards"]
        assert isinstance(found["extra_logs"], dict)
    assert openrlhf_remote_rm(f"{call.address}/get_reward?model=chat", [], [], [])["rewards"] == []


def test_openrlhf_sends_padding_and_the_end_along(call: Client, templated: str, reward: float) -> None:
    padded = [f"<pad><pad>{templated}", f"{templated}<pad>", templated.removesuffix("</s>") + "</s></s>"]
    found = openrlhf_remote_rm(f"{call.address}/get_reward?model=chat", padded, [""] * 3, [""] * 3)
    assert found["rewards"] == pytest.approx([reward] * 3, abs=1e-5)


@pytest.mark.parametrize("engine", ["vllm", "sglang"])
def test_verl(call: Client, templated: str, reward: float, engine: str) -> None:
    assert verl_compute_score_disrm(call.address, "chat", templated, engine) == pytest.approx(reward, abs=1e-5)
    assert verl_compute_score_disrm(call.address, "reward", templated, engine) == pytest.approx(reward, abs=1e-5)


def test_verl_names_the_model_by_its_path(call: Client, served: Path, templated: str, reward: float) -> None:
    assert verl_compute_score_disrm(call.address, str(served / "chat"), templated, "vllm") == pytest.approx(
        reward, abs=1e-5
    )


def test_vllm(call: Client, templated: str, reward: float) -> None:
    assert vllm_classify(call.address, [templated, templated]) == pytest.approx([reward] * 2, abs=1e-5)
    assert vllm_pooling(call.address, "chat", templated) == pytest.approx(reward, abs=1e-5)
    for path in ("/classify", "/pooling"):
        status, found = call("POST", path, {"model": "chat", "messages": CONVERSATION})
        assert status == 200
        (data,) = found["data"]
        assert (data.get("probs") or data.get("data")) == pytest.approx([reward], abs=1e-5)
        assert found["usage"]["prompt_tokens"] == found["usage"]["total_tokens"] == 8


def test_sglang(call: Client, templated: str, reward: float) -> None:
    assert sglang_reward(call.address, "chat", [templated] * 3) == pytest.approx([reward] * 3, abs=1e-5)
    assert call("POST", "/classify", {"model": "chat", "text": templated})[1]["embedding"] == pytest.approx(
        [reward], abs=1e-5
    )


def test_openai_embeddings_by_its_own_client(call: Client, templated: str, reward: float) -> None:
    client = openai.OpenAI(base_url=f"{call.address}/v1", api_key="none")
    for format in ({}, {"encoding_format": "float"}):  # its default is base64
        found = client.embeddings.create(model="chat", input=[templated, templated], **format)
        assert [each.embedding for each in found.data] == [pytest.approx([reward], abs=1e-5)] * 2
    assert {each.id for each in client.models.list()} == {"encoder/model", "chat", "reward"}
    with pytest.raises(openai.NotFoundError) as caught:
        client.embeddings.create(model="other", input="x")
    assert caught.value.response.json() == {"error": "There is no model 'other'."}


def test_tei(call: Client, templated: str, reward: float) -> None:
    (single,) = tei_predict(call.address, templated)
    assert single == {"score": pytest.approx(reward, abs=1e-5), "label": "LABEL_0"}
    (pair,) = tei_predict(call.address, ["why red", "good blue"])
    assert pair["score"] == pytest.approx(reward, abs=1e-5)
    batch = tei_predict(call.address, [[templated], ["why red", "good blue"]])
    assert [each[0]["score"] for each in batch] == pytest.approx([reward] * 2, abs=1e-5)


def test_trl_plain_and_conversational(call: Client, reward: float) -> None:
    function = trl_reward_function(call.address, "chat")
    assert function(prompts=["why red"], completions=["good blue"], completion_ids=[[1]]) == pytest.approx(
        [reward], abs=1e-5
    )
    conversational = function(prompts=[CONVERSATION[:1]], completions=[CONVERSATION[1:]], trainer_state=None)
    assert conversational == pytest.approx([reward], abs=1e-5)


def test_a_client_that_can_send_no_header_has_the_token_in_its_address(served: Path, templated: str) -> None:
    with running(served, token="s3cret") as call:
        url = f"http://any:s3cret@127.0.0.1:{call.port}/get_reward?model=chat"
        assert len(openrlhf_remote_rm(url, [templated], [""], [""])["rewards"]) == 1
        client = openai.OpenAI(base_url=f"{call.address}/v1", api_key="s3cret")
        assert client.embeddings.create(model="chat", input=templated).data
        with pytest.raises(openai.AuthenticationError):
            openai.OpenAI(base_url=f"{call.address}/v1", api_key="wrong").embeddings.create(model="chat", input="x")
