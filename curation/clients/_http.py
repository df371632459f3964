"""What both SDKs have in common: reading an answer within its limits, and what each failure means for whoever pays."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import mktime_tz, parsedate_tz
from typing import Any

from curation.clients import Endpoint, ServerError

MAX_BYTES = 16 * 1024**2  # of one answer
MAX_BATCH_BYTES = 1024**3  # of all answers of a batch
MOST_TOKENS = 10**9  # of one answer; a server that says more is not believed
CONNECT_SECONDS = 10.0
# Statuses of servers that have not begun to work on a request: too busy (429), overloaded or down for a while.
_UNPAID = {429, 503, 529}
_RETRY = {408, 409, 425, 429}
_NEVER_SENT = {"ConnectError", "ConnectTimeout", "PoolTimeout"}


def received(response: Any, endpoint: Endpoint, began: float, limit: int = MAX_BYTES) -> bytes:
    """The body of a streamed answer; one that is too long, or that drips in beyond the timeout, is an error."""
    parts, size = [], 0
    for part in response.iter_bytes():
        parts.append(part)
        size += len(part)
        if size > limit:
            raise ServerError(f"{endpoint.name} sent more than {limit:,} bytes.", retry=False, billed=True)
        if time.monotonic() - began > endpoint.timeout:
            raise ServerError(f"{endpoint.name} took longer than {endpoint.timeout:g} s.", retry=True, billed=True)
    return b"".join(parts)


def parsed(body: bytes | str, endpoint: Endpoint) -> dict[str, Any]:
    """An answer's JSON object."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise unreadable(endpoint, f"no JSON: {body[:80]!r}") from error
    if not isinstance(found, dict):
        raise unreadable(endpoint, f"no JSON object: {body[:80]!r}")
    return found


def unreadable(endpoint: Endpoint, what: str) -> ServerError:
    """The server answered, so it may charge, but not in its protocol."""
    return ServerError(f"{endpoint.name} sent an answer that cannot be read, {what}", retry=True, billed=True)


@contextmanager
def failures(endpoint: Endpoint) -> Iterator[None]:
    """Turns what an SDK raises into `ServerError`, where the server or the way to it failed."""
    try:
        yield
    except ServerError:
        raise
    except Exception as error:
        found = _failure(error, endpoint)
        if found is None:
            raise
        raise found from error


def _failure(error: Exception, endpoint: Endpoint) -> ServerError | None:
    """What an SDK's exception means; None for what is no failure of the server."""
    status = getattr(error, "status_code", None)
    if status is not None:
        return refused(int(status), getattr(error, "body", None) or str(error), endpoint, _headers(error))
    cause = error.__cause__ or error
    names = {kind.__name__ for kind in (*type(error).__mro__, *type(cause).__mro__)}
    if names & _NEVER_SENT:
        return ServerError(f"{endpoint.name} cannot be reached: {cause}", retry=True)
    if names & {"TimeoutException", "APITimeoutError"}:
        return ServerError(f"{endpoint.name} did not answer in {endpoint.timeout:g} s.", retry=True, billed=True)
    if names & {"TransportError", "DecodingError", "APIConnectionError"}:
        return ServerError(f"{endpoint.name} broke off: {cause}", retry=True, billed=True)
    return None


def refused(status: int, body: Any, endpoint: Endpoint, headers: Mapping[str, str] = {}) -> ServerError:
    """An answer with an error status. Above 500 nobody knows whether it was charged, so it counts as if."""
    inner = body.get("error", body) if isinstance(body, Mapping) else body
    code = inner.get("code") if isinstance(inner, Mapping) else None
    said = str(inner.get("message") or inner) if isinstance(inner, Mapping) else str(inner)
    if endpoint.api_key:
        said = said.replace(endpoint.api_key, "…")
    return ServerError(
        f"{endpoint.name} answered {status}: {said[:300]}",
        retry=(status in _RETRY or status >= 500) and code != "insufficient_quota",
        after=retry_after(headers),
        billed=(status >= 500 or status == 408) and status not in _UNPAID,
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, as the header says them (RFC 9110, 10.2.3): a number, or a date."""
    for name, divisor in (("retry-after-ms", 1000), ("retry-after", 1)):
        try:
            seconds = float(headers[name]) / divisor
        except (KeyError, ValueError):
            continue
        return seconds if 0 <= seconds < 1e6 else None
    date = parsedate_tz(headers.get("retry-after", ""))
    return max(0.0, mktime_tz(date) - time.time()) if date else None


def whole(value: Any) -> int | None:
    """A count of tokens, if it can be one."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MOST_TOKENS else None


def _headers(error: Exception) -> Mapping[str, str]:
    return getattr(getattr(error, "response", None), "headers", {})
