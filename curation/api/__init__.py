"""The API of curation, below projects/<project_id>/, cut by noun. Long work answers 202 with its job."""

from typing import Any

from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.jobs import services as jobs
from annotate.jobs.models import Job
from annotate.jobs.registry import Handler
from annotate.serializers import JobSerializer
from curation import selectors

JOB = {202: JobSerializer}


def enqueued(request: Request, handler: Handler, title: str, **params: Any) -> Response:
    """202 with the job that does it."""
    project = request.project
    common = {"organisation": project.organisation, "project": project, "user": request.user, "title": title}
    return accepted(jobs.enqueue(handler, **common, **params))


def accepted(job: Job) -> Response:
    """202 with a job."""
    return Response(JobSerializer(job).data, status=status.HTTP_202_ACCEPTED)


def known_question(request: Request, name: str) -> str:
    """The name, if the project asks such a question; else 400 with those that it asks."""
    try:
        selectors.kind_of(request.project, name)
    except LookupError as error:
        raise ValidationError({"question": str(error)}) from error
    return name
