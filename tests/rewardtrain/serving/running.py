"""A real server on a free loopback port, in a thread, and models of random weights for it to serve."""

import contextlib
import http.client
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from rewardtrain.modeling.backbones import load_backbone, load_tokenizer
from rewardtrain.modeling.reward_model import RewardModel, save
from rewardtrain.serving.limits import Limits
from rewardtrain.serving.models import Models
from rewardtrain.serving.server import Server


def save_model(source: Path, folder: Path, *, seed: int = 0, head: str = "mlp", **card: Any) -> Path:
    """A reward model with a random head over a tiny backbone."""
    torch.manual_seed(seed)
    model = RewardModel(load_backbone(str(source)), head, "auto").eval()
    known = {"template": "{prompt} {response}", "max_length": 32, "loss": "bradley_terry", "loss_settings": {}}
    save(model, load_tokenizer(str(source)), folder, known | card)
    return folder


class Client:
    """Asks a server, one connection a request."""

    def __init__(self, server: Server, models: Models) -> None:
        self.server, self.models, self.address, self.port = server, models, server.address, server.port

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        raw: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, Any]:
        status, _, found = self.full(method, path, body, raw=raw, headers=headers)
        return status, found

    def full(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        raw: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, dict[str, str], Any]:
        """Status, headers and JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        payload = raw if raw is not None else json.dumps(body).encode() if body is not None else None
        connection.request(method, path, payload, {"Content-Type": "application/json", **(headers or {})})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        is_json = answer.headers.get_content_type() == "application/json"
        return answer.status, dict(answer.headers), json.loads(text) if is_json else text.decode()


@contextlib.contextmanager
def running(root: Path, *, token: str = "", limits: Limits | None = None, **given: Any) -> Iterator[Client]:
    """A server over the models below ``root``."""
    models = Models(root, device="cpu", limits=limits, **given)
    server = Server(models, token=token)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield Client(server, models)
    finally:
        server.stop()
        thread.join(40)
        assert not thread.is_alive()
