"""The routes of the server (ASGI, starlette): dialects by POST, and what it says of itself by GET.

    POST  the paths of protocols/        one request, one call of the model's queue
    GET   /v1/models                     names of the models
    GET   /health, /healthz              that it lives; without a token
    GET   /metrics                       for Prometheus

Errors are {"error": message}: 400 not understood, 401 no token, 404 no such model or path, 408 the body does not
come, 409 a model that is refused, 413 too much, 415 not JSON, 422 no finite number, 500 a fault of ours, 503 too much
to do (with Retry-After), 504 not done in time. A token comes as `Authorization: Bearer …`, or as the password of
basic authentication, because clients that can send no header can have one in their address.
"""

import asyncio
import base64
import binascii
import contextlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from rewardtrain.serving import protocols
from rewardtrain.serving.batching import Scored, Work
from rewardtrain.serving.encoding import WHOLE
from rewardtrain.serving.errors import Refused
from rewardtrain.serving.models import Models
from rewardtrain.serving.protocols import Dialect

_BODY_SECONDS = 60
_DRAIN_SECONDS = 30
_LARGE = 1 << 18  # bytes of JSON that are read in a thread, so that the others need not wait
_NOTHING = Scored(np.zeros(0), None, (), np.zeros((0, 0)), np.zeros(0, dtype=int))


def build(models: Models, *, token: str = "") -> Starlette:
    """The application; with a token, everything but the health asks for it."""
    wanted = token.encode()

    async def health(request: Request) -> Response:
        if wanted and not _allowed(request, wanted):
            return JSONResponse({"status": "ok"})
        return JSONResponse({"status": "ok", "models": models.loaded()})

    async def listed(request: Request) -> Response:
        _check(request, wanted)
        names = await asyncio.to_thread(models.names)
        data = [{"id": name, "object": "model", "created": 0, "owned_by": "touchstone"} for name in names]
        return JSONResponse({"object": "list", "data": data})

    async def metrics(request: Request) -> Response:
        _check(request, wanted)
        return PlainTextResponse(models.metrics.text(), media_type="text/plain; version=0.0.4")

    def spoken(path: str, dialects: list[Dialect]) -> Any:
        async def answer(request: Request) -> Response:
            start = time.perf_counter()
            response = await _answered(request, dialects, models, wanted)
            models.metrics.add("requests_total", path=path, status=str(response.status_code))
            models.metrics.observe("request_seconds", time.perf_counter() - start, path=path)
            return response

        return answer

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        await asyncio.to_thread(models.close, _DRAIN_SECONDS)

    routes = [
        Route("/health", health, methods=["GET"]),
        Route("/healthz", health, methods=["GET"]),
        Route("/v1/models", listed, methods=["GET"]),
        Route("/metrics", metrics, methods=["GET"]),
        *(
            Route(path, spoken(path, dialects), methods=["POST"])
            for path, dialects in sorted(protocols.by_path().items())
        ),
    ]
    handlers: Any = {Refused: _refused, HTTPException: _no_route}
    return Starlette(routes=routes, lifespan=lifespan, exception_handlers=handlers)


async def _answered(request: Request, dialects: list[Dialect], models: Models, wanted: bytes) -> Response:
    try:
        _check(request, wanted)
        body = await _body(request, models.limits.body)
        dialect = next((each for each in dialects if each.takes(body)), None)
        if dialect is None:
            shown = "; or ".join(json.dumps(each.EXAMPLE) for each in dialects)
            raise Refused(400, f"This is not understood here. Send {shown}")
        asked = dialect.asked(body)
        limits = models.limits
        if len(asked.entries) > limits.texts:
            raise Refused(413, f"{len(asked.entries)} texts: at most {limits.texts} a request.")
        longest = max((len(text) + len(prompt) * (prompt is not WHOLE) for prompt, text in asked.entries), default=0)
        if longest > limits.characters:
            raise Refused(413, f"A text has {longest} characters: at most {limits.characters}.")
        name = asked.model if asked.model is not None else request.query_params.get("model")
        if not asked.entries:
            own, _ = models.folder(name)
            return JSONResponse(dialect.answer(body, asked, _NOTHING, own))
        own, batcher = models.get(name)
        scored = await _while_there(request, batcher.submit(asked.entries), limits.seconds)
        return JSONResponse(dialect.answer(body, asked, scored, own))
    except Refused as error:
        return _refused(request, error)
    except ClientDisconnect:
        return Response(status_code=499)  # nobody reads it; the number is nginx's, for the metrics


async def _while_there(request: Request, work: Work, seconds: float) -> Scored:
    """What comes of ``work``; it is given up when the client goes away or the time is over."""
    gone = asyncio.ensure_future(_gone(request))
    try:
        both: set[asyncio.Future[Any]] = {work.answer, gone}
        done, _ = await asyncio.wait(both, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if work.answer in done:
            return work.answer.result()
        if gone in done:
            raise ClientDisconnect
        raise Refused(504, f"Not scored within {seconds:g} seconds; send fewer texts, or ask later.", retry_after=5)
    finally:
        work.gone = True
        work.answer.cancel()  # if it is not there yet
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _body(request: Request, most: int) -> dict[str, Any]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refused(415, "Send JSON: Content-Type: application/json.")
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > most:
        raise Refused(413, f"At most {most} bytes a request.")
    chunks, size = [], 0
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            async for chunk in request.stream():
                size += len(chunk)
                if size > most:
                    raise Refused(413, f"At most {most} bytes a request.")
                chunks.append(chunk)
    except TimeoutError:
        raise Refused(408, f"The body did not come within {_BODY_SECONDS} seconds.") from None
    raw = b"".join(chunks)
    try:
        body = await asyncio.to_thread(_parsed, raw) if size > _LARGE else _parsed(raw)
    except (ValueError, RecursionError):
        raise Refused(400, "The body is not JSON.") from None
    if not isinstance(body, dict):
        raise Refused(400, "The body must be an object.")
    return body


def _parsed(raw: bytes) -> Any:
    return json.loads(raw, parse_constant=_no_constant)


def _no_constant(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity are not JSON


def _check(request: Request, wanted: bytes) -> None:
    if wanted and not _allowed(request, wanted):
        raise Refused(401, "A token is needed: Authorization: Bearer …")


def _allowed(request: Request, wanted: bytes) -> bool:
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            given = base64.b64decode(given, validate=True).decode().partition(":")[2]
        except (binascii.Error, ValueError):
            return False
    elif kind.lower() != "bearer":
        return False
    return hmac.compare_digest(given.strip().encode(), wanted)


def _refused(request: Request, error: Refused) -> Response:
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after else {}
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse({"error": str(error)}, status_code=error.status, headers=headers)


def _no_route(request: Request, error: HTTPException) -> Response:
    message = f"There is no {request.url.path}." if error.status_code == 404 else f"{error.detail}."
    return JSONResponse({"error": message}, status_code=error.status_code, headers=error.headers)
