"""A small scoring server behind the web: the web process, which knows no torch, passes requests on to it.

    POST /score     {"model": "run-7/model", "prompts": [...], "responses": [...]} -> {"rewards": [...]}
    GET  /healthz   {"status": "ok", "models": [...loaded...]}

It listens on the loopback address unless told otherwise, serves models below one folder, takes JSON of a limited
size, and keeps the two models used last. It asks for no token: who may ask for which model is the web's business.
Errors: {"error": message} with 400 (bad request), 404 (no such model or path), 413 (too large), 415 (not JSON).
"""

import json
import threading
from collections import OrderedDict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from rewardtrain.errors import LabError, RewardModelError
from rewardtrain.scoring import Scorer

MAX_BODY = 16 << 20
KEPT_MODELS = 2


class Models:
    """Models below ``root``, loaded when first asked for; the ones used last are kept."""

    def __init__(self, root: Path, *, device: str = "auto", precision: str = "fp32") -> None:
        self.root, self.device, self.precision = root.resolve(), device, precision
        self._kept: OrderedDict[Path, Scorer] = OrderedDict()
        self._lock = threading.Lock()

    def score(self, name: str, prompts: list[str], responses: list[str]) -> list[float]:
        """Rewards by the model in folder ``name``; one request at a time, as they share the processor."""
        with self._lock:
            return self._get(name).score(prompts, responses).tolist()

    def loaded(self) -> list[str]:
        """Folders of the models in memory, relative to the root."""
        return [str(folder.relative_to(self.root)) for folder in list(self._kept)]

    def _get(self, name: str) -> Scorer:
        folder = (self.root / name).resolve()
        if not folder.is_relative_to(self.root) or not folder.is_dir():
            raise RewardModelError(f"There is no model {name!r}.")
        if folder not in self._kept:
            self._kept[folder] = Scorer(folder, device=self.device, precision=self.precision)
        self._kept.move_to_end(folder)
        while len(self._kept) > KEPT_MODELS:
            self._kept.popitem(last=False)
        return self._kept[folder]


class _Refused(Exception):
    """A request that is answered with a status and a message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class _Handler(BaseHTTPRequestHandler):
    models: Models
    timeout = 60  # of a connection that says nothing
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/healthz":
            self._answer(200, {"status": "ok", "models": self.models.loaded()})
        else:
            self._answer(404, {"error": f"There is no {self.path}."})

    def do_POST(self) -> None:
        try:
            body = self._body()
            self._answer(200, {"rewards": self.models.score(**_request(body))})
        except _Refused as refused:
            self.close_connection = True  # what was not read must not be taken for the next request
            self._answer(refused.status, {"error": str(refused)})
        except RewardModelError as error:
            self._answer(404, {"error": str(error)})
        except LabError as error:
            self._answer(400, {"error": str(error)})

    def _body(self) -> Any:
        if self.path != "/score":
            raise _Refused(404, f"There is no {self.path}.")
        if self.headers.get_content_type() != "application/json":
            raise _Refused(415, "Send JSON: Content-Type: application/json.")
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            raise _Refused(400, "Content-Length is missing.")
        if int(length) > MAX_BODY:
            raise _Refused(413, f"At most {MAX_BODY} bytes a request.")
        try:
            return json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError):
            raise _Refused(400, "The body is not JSON.") from None

    def _answer(self, status: int, value: dict[str, Any]) -> None:
        payload = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: prompts belong in no log, and the web keeps its own."""


def _request(body: Any) -> dict[str, Any]:
    """The arguments of `Models.score`, checked."""
    if not isinstance(body, dict):
        raise _Refused(400, "The body must be an object.")
    name = body.get("model")
    prompts: Any = body.get("prompts")
    responses: Any = body.get("responses")
    if not isinstance(name, str) or "\0" in name:
        raise _Refused(400, "model must be a text.")
    if not _texts(prompts) or not _texts(responses):
        raise _Refused(400, "prompts and responses must be lists of texts.")
    if len(prompts) != len(responses):
        raise _Refused(400, f"There are {len(prompts)} prompts for {len(responses)} responses.")
    return {"name": name, "prompts": prompts, "responses": responses}


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def server(
    root: Path, port: int, *, host: str = "127.0.0.1", device: str = "auto", precision: str = "fp32"
) -> ThreadingHTTPServer:
    """A server, ready for `serve_forever`; port 0 takes a free one (``server_address[1]``)."""
    models = Models(root, device=device, precision=precision)
    return ThreadingHTTPServer((host, port), type("Handler", (_Handler,), {"models": models}))
