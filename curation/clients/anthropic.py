"""Anthropic's messages. A schema goes as `output_config.format`; there are no seeds and no token probabilities.

Source: the SDK as installed (its `messages.create` has no temperature either: what an older model takes goes into the
endpoint's ``options``), and https://platform.claude.com/docs/en/build-with-claude/batch-processing. One request has
one answer, so several samples are several requests.
"""

import re
import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import anthropic

from curation.clients import Completion, Endpoint, Request, ServerError, takes
from curation.clients import _http as http

TITLE = "Anthropic"
SUMMARY = "Anthropic's own messages API, with structured output and batches."
TAKES = frozenset({"schema"})
_DATA_URL = re.compile(r"data:(image/[a-z+.-]+);base64,", re.IGNORECASE)


def complete(endpoint: Endpoint, request: Request) -> Completion:
    """One request, for one sample.

    Raises
    ------
    ServerError
        Whatever the reason; it says whether to try again and whether it may have been charged for.
    """
    began = time.monotonic()
    create = _client(endpoint).messages.with_streaming_response.create
    asked = _body(endpoint, request)
    with http.failures(endpoint), create(**asked, extra_body=dict(endpoint.options)) as response:
        body = http.received(response, endpoint, began)
    return _completion(http.parsed(body, endpoint), endpoint, request, time.monotonic() - began)


def submit_batch(endpoint: Endpoint, requests: Mapping[str, Request]) -> str:
    """Start a batch; its id."""
    asked: list[Any] = [
        {"custom_id": name, "params": _body(endpoint, request) | dict(endpoint.options)}
        for name, request in requests.items()
    ]
    with http.failures(endpoint):
        return _client(endpoint).messages.batches.create(requests=asked).id


def poll_batch(
    endpoint: Endpoint, batch: str, requests: Mapping[str, Request]
) -> dict[str, Completion | ServerError] | None:
    """What has become of each request once the batch is over; None before."""
    began = time.monotonic()
    batches = _client(endpoint).messages.batches
    with http.failures(endpoint):
        if batches.retrieve(batch).processing_status != "ended":
            return None
        with batches.with_streaming_response.results(batch) as response:
            body = http.received(response, endpoint, began, http.MAX_BATCH_BYTES)
    results: dict[str, Completion | ServerError] = {
        name: ServerError(f"The batch {batch} ended without this request.", retry=True) for name in requests
    }
    for line in body.splitlines():
        found = http.parsed(line, endpoint) if line.strip() else {}
        name, result = str(found.get("custom_id")), found.get("result") or {}
        if name not in requests:
            continue
        try:
            results[name] = _completion(_succeeded(result, endpoint), endpoint, requests[name], 0.0)
        except ServerError as error:
            results[name] = error
    return results


def _succeeded(result: Mapping[str, Any], endpoint: Endpoint) -> Mapping[str, Any]:
    """The message of a batch's result; none of the others is charged for (Anthropic, batch processing)."""
    if result.get("type") == "succeeded":
        return result.get("message") or {}
    inner = (result.get("error") or {}).get("error") or result.get("error") or {}
    said = inner.get("message") or result.get("type")
    wrong = inner.get("type") == "invalid_request_error"
    raise ServerError(f"{endpoint.name} did not answer in a batch: {said}", retry=not wrong)


@lru_cache(maxsize=64)
def _made(url: str, key: str, timeout: float) -> anthropic.Anthropic:
    return anthropic.Anthropic(
        base_url=url,
        api_key=key or "none",
        max_retries=0,
        timeout=anthropic.Timeout(timeout, connect=min(timeout, http.CONNECT_SECONDS)),
        http_client=anthropic.DefaultHttpxClient(follow_redirects=False),
    )


def _client(endpoint: Endpoint) -> anthropic.Anthropic:
    """The SDK's client of a server, which keeps its connections; safe to share between threads."""
    return _made(endpoint.url, endpoint.api_key, endpoint.timeout)


def _body(endpoint: Endpoint, request: Request) -> dict[str, Any]:
    if request.n != 1:
        raise ValueError("Anthropic's messages have one answer each; ask once for each sample.")
    system = [_text(message["content"]) for message in request.messages if message["role"] == "system"]
    body: dict[str, Any] = {
        "model": endpoint.model,
        "max_tokens": request.max_tokens,
        "messages": [
            {"role": "assistant" if message["role"] == "assistant" else "user", "content": _content(message["content"])}
            for message in request.messages
            if message["role"] != "system"
        ],
    }
    if system:
        body["system"] = "\n\n".join(system)
    if request.schema is not None and takes(endpoint, "schema"):
        schema = anthropic.transform_schema(dict(request.schema))  # limits of lengths and numbers become descriptions
        body["output_config"] = {"format": {"type": "json_schema", "schema": schema}}
    return body


def _text(content: str | Sequence[Mapping[str, Any]]) -> str:
    return content if isinstance(content, str) else "\n".join(part.get("text") or "" for part in content)


def _content(content: str | Sequence[Mapping[str, Any]]) -> Any:
    """Text as it is; parts with their pictures as Anthropic names them."""
    if isinstance(content, str):
        return content
    return [_picture(part) if part.get("type") == "image_url" else dict(part) for part in content]


def _picture(part: Mapping[str, Any]) -> dict[str, Any]:
    url = part["image_url"]["url"]
    if found := _DATA_URL.match(url):
        return {
            "type": "image",
            "source": {"type": "base64", "media_type": found[1].lower(), "data": url[found.end() :]},
        }
    return {"type": "image", "source": {"type": "url", "url": url}}


def _completion(body: Mapping[str, Any], endpoint: Endpoint, request: Request, seconds: float) -> Completion:
    try:
        text = "".join(str(part["text"]) for part in body["content"] if part["type"] == "text")
        usage = body["usage"]
        cached = [http.whole(usage.get(f"cache_{what}_input_tokens")) or 0 for what in ("creation", "read")]
        counted = [http.whole(usage[name]) for name in ("input_tokens", "output_tokens")]
    except (KeyError, TypeError, AttributeError) as error:
        raise http.unreadable(endpoint, f"no message: {str(body)[:80]}") from error
    most = request.most_tokens(endpoint)
    used_in, used_out = (bound if given is None else given for given, bound in zip(counted, most, strict=True))
    return Completion(
        (text,), used_in + sum(cached), used_out, (None,), seconds, str(body.get("model") or endpoint.model)
    )
