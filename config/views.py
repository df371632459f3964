"""Pages that belong to no app."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.defaults import page_not_found
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


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: a page, and for an address of the API what its other errors look like."""
    if request.path.startswith("/api/v1/"):
        return JsonResponse({"detail": "Not found."}, status=404)
    return page_not_found(request, exception)
