"""What load balancers and supervisors ask: /healthz (this process answers) and /readyz (so do database and broker)."""

import logging
import os
from collections.abc import Callable

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from config.celery import app

log = logging.getLogger(__name__)


def probes(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware, ahead of all other: a probe comes by address, without TLS, and must not be refused for its host."""
    answers = {"/healthz": healthz, "/readyz": readyz}

    def middleware(request: HttpRequest) -> HttpResponse:
        return answers.get(request.path, get_response)(request)

    return middleware


def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


def readyz(request: HttpRequest) -> JsonResponse:
    """200 if the database and the broker answer, else 503; says which, and the log says why."""
    checks = {"database": _answers(_ask_database), "broker": _answers(_ask_broker)}
    ready = all(checks.values())
    return JsonResponse({"ready": ready, **checks}, status=200 if ready else 503)


def _answers(ask: Callable[[], None]) -> bool:
    try:
        ask()
    except Exception:
        log.exception("%s failed", ask.__name__)
        return False
    return True


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _ask_broker() -> None:
    if settings.REDIS_URL:
        with app.connection_for_write(connect_timeout=2) as broker:
            broker.ensure_connection(max_retries=1, timeout=2)
    elif not os.access(settings.BROKER_DIR, os.W_OK):
        raise OSError(f"{settings.BROKER_DIR} cannot be written to")
