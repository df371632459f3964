"""A language-model server whose behaviour is a function of the test's, on a real socket of the loopback.

    def behave(call: Call) -> Act: ...
    with JudgeServer(behave) as server:
        endpoint = Endpoint("scripted", "openai_compatible", server.url, "scripted")
        ...
        assert server.bill.requests == 3

It speaks OpenAI's chat completions, files and batches, and Anthropic's messages and message batches, and writes a
bill: what it charged for, as a provider would. `behave` sees each request as a `Call` and says what happens:

    Say(texts)               an answer; ``first`` are probabilities of first tokens, by text
    Fail(429, after=2)       an error; ``billed``: charged all the same
    Raw(b"<html>")           a body that is no answer, charged
    Slow(seconds, act)       the same later
    Never()                  no answer, ever; ``billed`` as for an error
    Cut()                    the connection is cut instead of an answer, charged

Tokens are counted by ``tokens``: bytes unless a test says otherwise, the most that any tokenizer makes of a text.
"""

import json
import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TEMPLATE = 8  # tokens that a chat template adds to each message


@dataclass(frozen=True)
class Call:
    """One request: its body as sent, its number (from 0) and whether it speaks Anthropic's protocol."""

    body: Mapping[str, Any]
    number: int
    anthropic: bool = False

    @property
    def text(self) -> str:
        """All that was sent as text, system prompt included."""
        parts = [self.body.get("system", "")] if self.anthropic else []
        for message in self.body["messages"]:
            content = message["content"]
            parts += [content] if isinstance(content, str) else [part.get("text", "") for part in content]
        return "\n".join(part for part in parts if part)

    @property
    def n(self) -> int:
        return int(self.body.get("n") or 1)

    @property
    def max_tokens(self) -> int:
        return int(self.body.get("max_completion_tokens") or self.body.get("max_tokens") or 10**9)

    @property
    def schema(self) -> Mapping[str, Any] | None:
        """The JSON Schema that the answer is to fit."""
        if self.anthropic:
            return ((self.body.get("output_config") or {}).get("format") or {}).get("schema")
        return ((self.body.get("response_format") or {}).get("json_schema") or {}).get("schema")


@dataclass(frozen=True)
class Say:
    """Texts; one is repeated for all that were asked for. ``finish``: e.g. "content_filter" or "refusal"."""

    texts: str | Sequence[str]
    first: Mapping[str, float] | None = None
    finish: str = ""


@dataclass(frozen=True)
class Fail:
    status: int
    after: float | None = None
    billed: bool = False
    message: str = "the script says no"
    code: str | None = None


@dataclass(frozen=True)
class Raw:
    body: bytes
    content_type: str = "application/json"


@dataclass(frozen=True)
class Slow:
    seconds: float
    act: "Act"


@dataclass(frozen=True)
class Never:
    billed: bool = True


@dataclass(frozen=True)
class Cut:
    billed: bool = True


Act = Say | Fail | Raw | Slow | Never | Cut


@dataclass
class Bill:
    """What the server charged for."""

    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add(self, input_tokens: int, output_tokens: int) -> None:
        with self.lock:
            self.requests += 1
            self.input_tokens += input_tokens
            self.output_tokens += output_tokens

    def cost(self, price_in: float, price_out: float) -> float:
        """Money, at prices a million tokens."""
        return (self.input_tokens * price_in + self.output_tokens * price_out) / 1e6


class JudgeServer:
    """Serves until the ``with`` block ends.

    ``url`` is where OpenAI's protocol begins (``…/v1``), ``anthropic_url`` where Anthropic's does. ``calls`` are the
    requests in the order of their arrival, those of batches included. ``batch_polls``: how often a batch is asked
    after before it is ready.
    """

    def __init__(
        self,
        behave: Callable[[Call], Act] = lambda call: Say("hello"),
        *,
        tokens: Callable[[str], int] = lambda text: len(text.encode("utf-8", "surrogatepass")),
        batch_polls: int = 1,
    ) -> None:
        self.behave, self.tokens, self.batch_polls = behave, tokens, batch_polls
        self.calls: list[Call] = []
        self.keys: set[str] = set()
        self.bill = Bill()
        self.most_at_once = 0
        self._at_once = 0
        self._lock = threading.Lock()
        self.closing = threading.Event()
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self._http = _Http(("127.0.0.1", 0), _Handler)
        self._http.script = self
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def anthropic_url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @property
    def url(self) -> str:
        return f"{self.anthropic_url}/v1"

    def __enter__(self) -> "JudgeServer":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening; connections are refused from now on."""
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    # ---- what happens to one request ----

    def call(self, body: Mapping[str, Any], anthropic: bool) -> Call:
        with self._lock:
            made = Call(body, len(self.calls), anthropic)
            self.calls.append(made)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        return made

    def done(self) -> None:
        with self._lock:
            self._at_once -= 1

    def input_tokens(self, call: Call) -> int:
        schema = json.dumps(call.schema) if call.schema else ""
        return self.tokens(call.text) + self.tokens(schema) + TEMPLATE * (len(call.body["messages"]) + 1)

    def charge(self, call: Call, texts: Sequence[str] = ()) -> tuple[int, int]:
        """Put one request on the bill."""
        used = self.input_tokens(call), sum(self.tokens(text) for text in texts)
        self.bill.add(*used)
        return used

    def said(self, call: Call, say: Say) -> tuple[list[str], str]:
        """The texts, cut off at the most tokens asked for, and why they ended."""
        texts = [say.texts] * call.n if isinstance(say.texts, str) else list(say.texts)
        limit, finish = call.max_tokens, say.finish or ("end_turn" if call.anthropic else "stop")
        kept = []
        for text in texts:
            if self.tokens(text) > limit:
                finish = "max_tokens" if call.anthropic else "length"
                while self.tokens(text) > limit:
                    text = text[: max(len(text) - max(1, self.tokens(text) - limit), 0)]
            kept.append(text)
        return kept, finish

    def answer(self, call: Call, say: Say) -> dict[str, Any]:
        """The body of an answer, charged."""
        texts, finish = self.said(call, say)
        used = self.charge(call, texts)
        if call.anthropic:
            return {
                "id": f"msg_{call.number}",
                "type": "message",
                "role": "assistant",
                "model": call.body["model"],
                "content": [{"type": "text", "text": text} for text in texts],
                "stop_reason": finish,
                "stop_sequence": None,
                "usage": {"input_tokens": used[0], "output_tokens": used[1]},
            }
        return {
            "id": f"chatcmpl-{call.number}",
            "object": "chat.completion",
            "created": 0,
            "model": call.body["model"],
            "choices": [
                {
                    "index": index,
                    "finish_reason": finish,
                    "message": {"role": "assistant", "content": text, "refusal": None},
                    "logprobs": _logprobs(say.first) if call.body.get("logprobs") and say.first else None,
                }
                for index, text in enumerate(texts)
            ],
            "usage": {"prompt_tokens": used[0], "completion_tokens": used[1], "total_tokens": sum(used)},
        }

    def failure(self, call: Call, fail: Fail) -> dict[str, Any]:
        """The body of an error, charged where the script says so."""
        if fail.billed:
            self.charge(call)
        error = {"type": "error", "message": fail.message, "code": fail.code}
        return {"type": "error", "error": error} if call.anthropic else {"error": error}


def _logprobs(first: Mapping[str, float]) -> dict[str, Any]:
    top = [
        {"token": token, "logprob": math.log(p) if p > 0 else -9999.0, "bytes": None}
        for token, p in sorted(first.items(), key=lambda pair: -pair[1])
    ]
    return {"content": [{**top[0], "top_logprobs": top}], "refusal": None}


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    script: JudgeServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Http

    def log_message(self, *args: Any) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0].removeprefix("/v1/")
        script = self.server.script
        if path.startswith("files/") and path.endswith("/content"):
            self._send(200, script.files[path.split("/")[1]], "application/octet-stream")
        elif path.endswith("/results"):
            self._send(200, script.batches[path.split("/")[2]]["results"], "application/x-jsonl")
        elif path.startswith(("batches/", "messages/batches/")):
            self._json(self._polled(path.rsplit("/", 1)[1]))
        else:
            self._json({"error": {"message": f"nothing at {self.path}"}}, 404)

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        script = self.server.script
        script.keys.add(self.headers.get("x-api-key") or self.headers.get("Authorization", "").removeprefix("Bearer "))
        path = self.path.partition("?")[0].removeprefix("/v1/")
        if path in ("chat/completions", "messages"):
            call = script.call(json.loads(sent), path == "messages")
            try:
                self._do(call, script.behave(call))
            finally:
                script.done()
        elif path == "files":
            name = f"file-{len(script.files)}"
            script.files[name] = self._uploaded(sent)
            self._json({"id": name, "object": "file", "bytes": len(sent), "created_at": 0, "filename": "batch.jsonl",
                        "purpose": "batch", "status": "processed"})  # fmt: skip
        elif path == "batches":
            lines = script.files[json.loads(sent)["input_file_id"]].decode().splitlines()
            self._json(self._batch([json.loads(line) for line in lines], anthropic=False))
        elif path == "messages/batches":
            self._json(self._batch(json.loads(sent)["requests"], anthropic=True))
        else:
            self._json({"error": {"message": f"nothing at {self.path}"}}, 404)

    def _do(self, call: Call, act: Act) -> None:
        script = self.server.script
        if isinstance(act, Slow):
            script.closing.wait(act.seconds)
            self._do(call, act.act)
        elif isinstance(act, Say):
            self._json(script.answer(call, act))
        elif isinstance(act, Fail):
            headers = {} if act.after is None else {"Retry-After": f"{act.after:g}"}
            self._json(script.failure(call, act), act.status, headers)
        elif isinstance(act, Raw):
            script.charge(call)
            self._send(200, act.body, act.content_type)
        else:
            if act.billed:
                script.charge(call)
            if isinstance(act, Never):
                script.closing.wait()
            else:  # half an answer, then nothing
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 999\r\n\r\n{")
            self.close_connection = True

    # ---- batches ----

    def _uploaded(self, sent: bytes) -> bytes:
        header = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        for part in BytesParser().parsebytes(header + sent).walk():
            if part.get_filename():
                return part.get_payload(decode=True)
        raise ValueError("no file in the form")

    def _batch(self, requests: Sequence[Mapping[str, Any]], *, anthropic: bool) -> dict[str, Any]:
        """Answers all of a batch at once, and shows it as ready after some polls."""
        script, lines, failed = self.server.script, [], []
        for request in requests:
            call = script.call(request["params" if anthropic else "body"], anthropic)
            act = script.behave(call)
            script.done()
            said = isinstance(act, Say)
            if not isinstance(act, Say | Fail):
                raise TypeError("in a batch a request is answered or fails")
            body = script.answer(call, act) if said else script.failure(call, act)
            name = {"custom_id": request["custom_id"]}
            if anthropic:
                result = {"type": "succeeded", "message": body} if said else {"type": "errored", "error": body}
                lines.append({**name, "result": result})
            else:
                status = 200 if said else act.status
                (lines if said else failed).append({**name, "response": {"status_code": status, "body": body}})
        number = len(script.batches)
        batch = {"anthropic": anthropic, "polls": -1, "results": b"\n".join(json.dumps(x).encode() for x in lines)}
        for name, found in (("output_file_id", lines), ("error_file_id", failed)):
            if found and not anthropic:
                batch[name] = f"file-{number}-{name}"
                script.files[batch[name]] = b"\n".join(json.dumps(line).encode() for line in found)
        script.batches[f"batch-{number}"] = batch
        return self._polled(f"batch-{number}")

    def _polled(self, name: str) -> dict[str, Any]:
        script = self.server.script
        batch = script.batches[name]
        ready = batch["polls"] >= script.batch_polls
        batch["polls"] += 1
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(0))
        if batch["anthropic"]:
            counts = dict.fromkeys(("processing", "succeeded", "errored", "canceled", "expired"), 0)
            return {"id": name, "type": "message_batch", "processing_status": "ended" if ready else "in_progress",
                    "request_counts": counts, "created_at": moment, "expires_at": moment, "ended_at": None,
                    "results_url": f"{script.url}/messages/batches/{name}/results"}  # fmt: skip
        files = {key: batch.get(key) if ready else None for key in ("output_file_id", "error_file_id")}
        return {"id": name, "object": "batch", "status": "completed" if ready else "in_progress", "created_at": 0,
                "endpoint": "/v1/chat/completions", "input_file_id": "", "completion_window": "24h",
                **files}  # fmt: skip

    # ---- bytes ----

    def _json(self, body: Any, status: int = 200, headers: Mapping[str, str] = {}) -> None:
        self._send(status, json.dumps(body).encode(), "application/json", headers)

    def _send(self, status: int, body: bytes, content_type: str, headers: Mapping[str, str] = {}) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": content_type, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
