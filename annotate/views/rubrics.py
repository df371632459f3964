"""The rubric of a project or of one item: criteria written, read in, reordered and split, and what they tell so far."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from annotate import feedback, rubrics, services
from annotate.access.policy import Permission
from annotate.selectors import recent_records
from annotate.views.shell import project_page

Criteria = list[dict[str, Any]]


@require_http_methods(["GET", "HEAD", "POST"])
@project_page(Permission.MANAGE)
def rubric(request: HttpRequest) -> HttpResponse:
    """The criteria that every item is checked on."""
    questions = [row for row in request.project.form.questions.all() if row.kind == "rubric"]
    asked = request.POST.get("question") or request.GET.get("question")
    question = next((row for row in questions if row.name == asked), questions[0] if questions else None)
    name = question.name if question else ""

    def save(criteria: Criteria) -> str:
        asked = request.project.form
        form = services.set_criteria(project=request.project, question=name, criteria=criteria, by=request.user)
        if form == asked:
            return _("Nothing has changed.")
        return _("Saved: version %(number)d of the form is asked from now on.") % {"number": form.version}

    given = feedback.settings_with_defaults("rubric", question.settings)["criteria"] if question else []
    found = rubrics.standings(recent_records(request.project, name)) if question else {}
    return _editor(request, given, save, found, questions=questions, question=question)


@require_http_methods(["GET", "HEAD", "POST"])
@project_page(Permission.MANAGE)
def item_rubric(request: HttpRequest, item_id: int) -> HttpResponse:
    """The criteria of one item's own, until somebody was asked about it."""
    item = get_object_or_404(request.project.items, pk=item_id)

    def save(criteria: Criteria) -> str:
        services.set_item_criteria(item=item, criteria=criteria, by=request.user)
        return _("Saved.")

    return _editor(request, list(item.criteria), save, {}, item=item)


def _editor(
    request: HttpRequest,
    given: Criteria,
    save: Callable[[Criteria], str],
    standings: Mapping[str, rubrics.Standing],
    **context: Any,
) -> HttpResponse:
    """The editor; a POST saves what it holds, or reads a rubric in with ``import`` and saves nothing yet."""

    def page(criteria: Criteria, **faults: str) -> HttpResponse:
        rows = [{**row, "standing": standings.get(row["name"])} for row in criteria]
        own = sorted(standings.keys() - {row["name"] for row in criteria})
        status = 422 if faults else 200
        return render(
            request, "annotate/rubric_editor.html", {**context, "rows": rows, "own": own, **faults}, status=status
        )

    if request.method != "POST":
        return page(given)
    written = _written(request)
    if "import" in request.POST:
        file = request.FILES.get("file")
        pasted = request.POST.get("pasted", "")
        text = file.read(rubrics.LONGEST * 4).decode("utf-8", errors="replace") if file else pasted
        try:
            found = rubrics.parse(text)
        except feedback.InvalidAnswer as error:
            return page(written, import_fault=_said(error), pasted=pasted)
        written = written if request.POST.get("keep") == "1" else []
        said = ngettext(
            "Read in: %(count)d criterion. Look through them, then save.",
            "Read in: %(count)d criteria. Look through them, then save.",
            len(found),
        )
        messages.info(request, said % {"count": len(found)})
        return page(rubrics.joined(written, found))
    try:
        said = save(rubrics.named(written))
    except feedback.InvalidAnswer as error:
        return page(written, fault=_said(error))
    except ValidationError as error:
        return page(written, fault=" ".join(error.messages))
    messages.success(request, said)
    return redirect(request.get_full_path())


def _written(request: HttpRequest) -> list[dict[str, Any]]:
    """The rows of the editor in their order; those without a text are left out."""
    columns = [request.POST.getlist(name) for name in ("name", "text", "points", "category")]
    return [
        {"name": name.strip(), "text": text.strip(), "points": rubrics.number(points), "category": category.strip()}
        for name, text, points, category in zip(*columns, strict=False)
        if text.strip()
    ]


def _said(error: feedback.InvalidAnswer) -> str:
    place, _slash, field = error.path.partition("/")
    if not place.isdigit() or not field:
        return str(error)
    said = _("Criterion %(number)d, %(field)s: %(error)s")
    return said % {"number": int(place) + 1, "field": field, "error": error}
