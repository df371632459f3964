"""Who may open a page: decorators that find the project or organisation within reach of whoever is signed in."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from annotate.access.models import Organisation
from annotate.access.policy import Permission, require
from annotate.models import Project
from annotate.queue import InvalidAnswers
from annotate.storable import check_storable

View = Callable[..., HttpResponse]
MAX_BODY = 4 * 1024**2


def project_page(permission: Permission | None = None) -> Callable[[View], View]:
    """A page at ``…/<int:project_id>/…``: outsiders get 404, members without ``permission`` 403; without one it is
    for every member.

    The view is called without ``project_id``; it finds ``request.project`` (with its organisation) and
    ``request.permissions``.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        @login_required
        def page(request: HttpRequest, project_id: int, **kwargs: Any) -> HttpResponse:
            mine = Project.objects.visible_to(request.user).select_related("organisation")
            project = mine.filter(pk=project_id).first()
            if project is None:
                raise Http404("There is no such project.")
            request.permissions = require(request.user, project.organisation, permission)
            request.project = project
            return view(request, **kwargs)

        return page

    return decorate


def organisation_page(permission: Permission | None = None) -> Callable[[View], View]:
    """A page at ``…/<int:organisation_id>/…``, as `project_page`; without a permission, for every member."""

    def decorate(view: View) -> View:
        @wraps(view)
        @login_required
        def page(request: HttpRequest, organisation_id: int, **kwargs: Any) -> HttpResponse:
            organisation = Organisation.objects.filter(pk=organisation_id).first()
            if organisation is None:
                raise Http404("There is no such organisation.")
            request.permissions = require(request.user, organisation, permission)
            request.organisation = organisation
            return view(request, **kwargs)

        return page

    return decorate


def takes_json(view: View) -> View:
    """A view that a script posts JSON to: ``view(request, body, …)`` with the body as a dict; errors are JSON too."""

    @wraps(view)
    @require_POST
    def post(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, read_json(request), **kwargs)
        except InvalidAnswers as error:
            return JsonResponse({"errors": error.errors, "detail": str(error)}, status=422)
        except ValidationError as error:
            return JsonResponse({"detail": " ".join(error.messages)}, status=400)
        except PermissionDenied as error:
            return JsonResponse({"detail": str(error)}, status=403)

    return post


def read_json(request: HttpRequest) -> dict[str, Any]:
    """The request's body; raises ValidationError where it is no JSON object, too long, or holds what is no text."""
    if int(request.headers.get("Content-Length") or 0) > MAX_BODY:
        raise ValidationError(_("More than %(size)d MB at once.") % {"size": MAX_BODY // 1024**2})
    try:
        body = json.loads(request.body or b"{}")
    except (ValueError, RecursionError) as error:
        raise ValidationError("The body is not JSON.") from error
    if not isinstance(body, dict):
        raise ValidationError("The body is not a JSON object.")
    check_storable(body)
    return body
