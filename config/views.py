"""Pages that belong to no app."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.vary import vary_on_cookie
from django.views.defaults import page_not_found
from django.views.i18n import JavaScriptCatalog
from drf_spectacular.generators import SchemaGenerator


@login_required
def api_docs(request: HttpRequest) -> HttpResponse:
    """How to use the API, and every operation of its schema by noun."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    groups: dict[str, list[dict[str, str]]] = {}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            noun = [part for part in path.split("/")[3:] if part and not part.startswith("{")]
            entry = {"method": method.upper(), "path": path, "summary": operation.get("summary", "")}
            groups.setdefault(noun[1] if noun[0] == "projects" and len(noun) > 1 else noun[0], []).append(entry)
    return render(
        request, "api.html", {"groups": sorted(groups.items()), "base": request.build_absolute_uri("/api/v1/")}
    )


@cache_control(private=True, max_age=3600)
@vary_on_cookie
def words_of_scripts(request: HttpRequest) -> HttpResponse:
    """The words of scripts in the reader's language; static/js/i18n.js takes them from there."""
    return JavaScriptCatalog.as_view()(request)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: a page, and for an address of the API what its other errors look like."""
    if request.path.startswith("/api/v1/"):
        return JsonResponse({"detail": "Not found."}, status=404)
    return page_not_found(request, exception)
