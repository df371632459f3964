"""Servers that speak OpenAI's chat completions: OpenAI, vLLM, SGLang, llama.cpp, `transformers serve` and others.

Source: https://platform.openai.com/docs/api-reference/chat and /batch. A schema goes as `response_format`, which vLLM
and SGLang take too. Some servers pass over fields that they do not know (`transformers serve`: the schema, n and
logprobs); an endpoint's ``without`` names them, and an answer with too few texts is an error that says so.
"""

import json
import math
import time
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import openai

from curation.clients import OPTIONAL, Completion, Endpoint, Request, ServerError, takes
from curation.clients import _http as http

TITLE = "OpenAI-compatible"
SUMMARY = "Chat completions, as OpenAI, vLLM, SGLang, llama.cpp and transformers serve offer them."
TAKES = OPTIONAL
_OVER = {"completed", "failed", "expired", "cancelled"}


def complete(endpoint: Endpoint, request: Request) -> Completion:
    """One request.

    Raises
    ------
    ServerError
        Whatever the reason; it says whether to try again and whether it may have been charged for.
    """
    began = time.monotonic()
    create = _client(endpoint).chat.completions.with_streaming_response.create
    asked = _body(endpoint, request)
    with http.failures(endpoint), create(**asked, extra_body=dict(endpoint.options)) as response:
        body = http.received(response, endpoint, began)
    return _completion(http.parsed(body, endpoint), endpoint, request, time.monotonic() - began)


def submit_batch(endpoint: Endpoint, requests: Mapping[str, Request]) -> str:
    """Upload the requests as a file and start a batch on it; its id."""
    lines = []
    for name, request in requests.items():
        body = _body(endpoint, request) | dict(endpoint.options)
        lines.append({"custom_id": name, "method": "POST", "url": "/v1/chat/completions", "body": body})
    content = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines).encode("utf-8", "surrogatepass")
    with http.failures(endpoint):
        client = _client(endpoint)
        file = client.files.create(file=("batch.jsonl", content), purpose="batch")
        batch = client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h")
    return batch.id


def poll_batch(
    endpoint: Endpoint, batch: str, requests: Mapping[str, Request]
) -> dict[str, Completion | ServerError] | None:
    """What has become of each request once the batch is over; None before."""
    with http.failures(endpoint):
        found = _client(endpoint).batches.retrieve(batch)
    if found.status not in _OVER:
        return None
    results: dict[str, Completion | ServerError] = {
        name: ServerError(f"The batch {batch} ended ({found.status}) without this request.", retry=True)
        for name in requests
    }
    for file in filter(None, (found.output_file_id, found.error_file_id)):
        for line in _lines(endpoint, file):
            name, response = str(line.get("custom_id")), line.get("response") or {}
            if name not in requests:
                continue
            try:
                if response.get("status_code") != 200:
                    said = response.get("body") or line.get("error")
                    raise http.refused(int(response.get("status_code") or 500), said, endpoint)
                results[name] = _completion(response.get("body") or {}, endpoint, requests[name], 0.0)
            except ServerError as error:
                results[name] = error
    return results


def _lines(endpoint: Endpoint, file: str) -> Iterator[dict[str, Any]]:
    began = time.monotonic()
    with http.failures(endpoint), _client(endpoint).files.with_streaming_response.content(file) as response:
        body = http.received(response, endpoint, began, http.MAX_BATCH_BYTES)
    yield from (http.parsed(line, endpoint) for line in body.splitlines() if line.strip())


@lru_cache(maxsize=64)
def _made(url: str, key: str, timeout: float) -> openai.OpenAI:
    return openai.OpenAI(
        base_url=url,
        api_key=key or "none",
        max_retries=0,
        timeout=openai.Timeout(timeout, connect=min(timeout, http.CONNECT_SECONDS)),
        http_client=openai.DefaultHttpxClient(follow_redirects=False),
    )


def _client(endpoint: Endpoint) -> openai.OpenAI:
    """The SDK's client of a server, which keeps its connections; safe to share between threads."""
    return _made(endpoint.url, endpoint.api_key, endpoint.timeout)


def _body(endpoint: Endpoint, request: Request) -> dict[str, Any]:
    most = "max_completion_tokens" if takes(endpoint, "max_completion_tokens") else "max_tokens"
    body: dict[str, Any] = {"model": endpoint.model, "messages": list(request.messages), most: request.max_tokens}
    if takes(endpoint, "temperature"):
        body["temperature"] = request.temperature
    if request.n > 1 and takes(endpoint, "n"):
        body["n"] = request.n
    if request.seed is not None and takes(endpoint, "seed"):
        body["seed"] = request.seed
    if request.schema is not None and takes(endpoint, "schema"):
        schema = {"name": "answer", "strict": True, "schema": dict(request.schema)}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    if request.logprobs and takes(endpoint, "logprobs"):
        body |= {"logprobs": True, "top_logprobs": request.logprobs}
    return body


def _completion(body: Mapping[str, Any], endpoint: Endpoint, request: Request, seconds: float) -> Completion:
    try:
        choices = sorted(body["choices"], key=lambda choice: choice.get("index") or 0)
        messages = [choice["message"] for choice in choices]
        texts = tuple(str(message.get("content") or message.get("refusal") or "") for message in messages)
        first = tuple(_first_tokens(choice.get("logprobs")) for choice in choices)
        usage = body.get("usage") or {}
        counted = [http.whole(usage.get(name)) for name in ("prompt_tokens", "completion_tokens")]
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise http.unreadable(endpoint, f"no chat completion: {str(body)[:80]}") from error
    if len(texts) != request.n:
        raise ServerError(
            f"{endpoint.name} gave {len(texts)} texts instead of {request.n}; if it does not know n, put it into the "
            "endpoint's `without`.",
            retry=False,
            billed=True,
        )
    most = request.most_tokens(endpoint)
    used_in, used_out = (bound if given is None else given for given, bound in zip(counted, most, strict=True))
    return Completion(texts, used_in, used_out, first, seconds, str(body.get("model") or endpoint.model))


def _first_tokens(logprobs: Any) -> dict[str, float] | None:
    """Probabilities of the likeliest first tokens; equal texts of several tokens add up."""
    content = (logprobs or {}).get("content") or []
    if not content:
        return None
    found: dict[str, float] = {}
    for token in content[0].get("top_logprobs") or [content[0]]:
        p = math.exp(min(0.0, float(token["logprob"])))
        if math.isfinite(p):
            found[str(token["token"])] = found.get(str(token["token"]), 0.0) + p
    return found
