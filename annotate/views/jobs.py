"""Jobs: the list of a project's, one with its progress, and cancelling."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from annotate.access.policy import Permission, require
from annotate.access.services import record
from annotate.jobs import services
from annotate.jobs.models import Job
from annotate.jobs.registry import HANDLERS
from annotate.views.shell import project_page

PAGE = 25


@project_page(Permission.VIEW)
def jobs(request: HttpRequest) -> HttpResponse:
    rows = request.project.jobs.select_related("created_by")
    return render(request, "annotate/jobs.html", {"page": Paginator(rows, PAGE).get_page(request.GET.get("page"))})


@login_required
def job(request: HttpRequest, job_id: UUID) -> HttpResponse:
    found = _job(request, job_id, Permission.VIEW)
    result = [
        (name, value, isinstance(value, dict | list)) for name, value in found.result.items() if name != "traceback"
    ]
    shows_trace = Permission.MANAGE in request.permissions
    context = {
        **_status(request, found),
        "result": result,
        "traceback": found.result.get("traceback") if shows_trace else None,
    }
    return render(request, "annotate/job.html", context)


@login_required
def status(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """The fragment that a live job polls; once it has ended, the page around it shows what it made."""
    return _fragment(request, _job(request, job_id, Permission.VIEW))


@login_required
@require_POST
def cancel(request: HttpRequest, job_id: UUID) -> HttpResponse:
    found = _job(request, job_id, Permission.MANAGE)
    services.request_cancel(job=found)
    record(organisation=found.organisation, actor=request.user, verb="job.cancelled", target=found.title)
    found.refresh_from_db()
    return _fragment(request, found)


def _job(request: HttpRequest, job_id: UUID, permission: Permission) -> Job:
    found = Job.objects.select_related("organisation", "project__organisation", "created_by").filter(pk=job_id).first()
    if found is None:
        raise Http404("There is no such job.")
    request.permissions = require(request.user, found.organisation, permission)
    request.organisation = found.organisation
    if found.project is not None:
        request.project = found.project
    return found


def _status(request: HttpRequest, found: Job) -> dict[str, Any]:
    handler = HANDLERS.get(found.handler)
    done = found.state == "done" and handler is not None
    return {
        "job": found,
        "status_url": reverse("job_status", args=[found.pk]),
        "cancel_url": reverse("job_cancel", args=[found.pk]) if Permission.MANAGE in request.permissions else "",
        "links": handler.links(found) if done else [],
    }


def _fragment(request: HttpRequest, found: Job) -> HttpResponse:
    response = render(request, "components/job_status.html", _status(request, found))
    if not found.is_live:
        response.headers["HX-Refresh"] = "true"
    return response
