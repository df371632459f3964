"""The process around the routes: a socket, a token, and an end that loses no answer.

On SIGTERM and SIGINT it takes nothing new, answers what waits, and ends.
"""

import contextlib
import ipaddress
import os
import signal
import socket
import threading
from pathlib import Path
from typing import Any

import uvicorn

from rewardtrain.errors import RecipeError
from rewardtrain.serving.app import build
from rewardtrain.serving.models import Models

TOKEN = "TOUCHSTONE_SCORER_TOKEN"
_DRAIN_SECONDS = 30
_KEEP_ALIVE_SECONDS = 75


class Server:
    """A server that listens already; `run` answers until `stop`, which any thread may call.

    Attributes
    ----------
    address : e.g. "http://127.0.0.1:8602".

    Raises
    ------
    RecipeError
        If the address cannot be listened on, or others could reach it and there is no token.
    """

    def __init__(self, models: Models, *, host: str = "127.0.0.1", port: int = 0, token: str = "") -> None:
        if not token and not _is_loopback(host):
            raise RecipeError(f"Others can reach {host}: give a token by --token-file or {TOKEN}.")
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            self._socket = socket.create_server((host, port), family=family, backlog=1024)
        except (OSError, OverflowError) as error:
            raise RecipeError(f"Cannot listen on {host}:{port}: {error}.") from None
        self.port = self._socket.getsockname()[1]
        self.address = f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"
        config = uvicorn.Config(
            build(models, token=token), log_level="warning", access_log=False, server_header=False, ws="none",
            timeout_keep_alive=_KEEP_ALIVE_SECONDS, timeout_graceful_shutdown=_DRAIN_SECONDS,
        )  # fmt: skip
        self._server = _Quiet(config)

    def run(self) -> None:
        """Answer requests; in the main thread it heeds SIGTERM and SIGINT, the second time at once."""
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: self.stop())
        self._server.run(sockets=[self._socket])

    def stop(self) -> None:
        """Take nothing new, answer what waits, and let `run` return."""
        self._server.force_exit = self._server.should_exit
        self._server.should_exit = True


class _Quiet(uvicorn.Server):
    """uvicorn's server, without its signal handlers: they would kill the process after an orderly end."""

    def capture_signals(self) -> contextlib.AbstractContextManager[None]:  # type: ignore[override]
        return contextlib.nullcontext()


def token_from(file: Path | None, environ: Any = os.environ) -> str:
    """The token in a file, or in the environment; empty where there is none."""
    if file is None:
        return str(environ.get(TOKEN, "")).strip()
    try:
        found = file.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise RecipeError(f"The token in {file} cannot be read: {error}.") from None
    if not found:
        raise RecipeError(f"There is no token in {file}.")
    return found


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
