"""The rubric of a project: its criteria written, brought along, reordered and split, and what they tell so far."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from annotate import feedback, rubrics, services
from annotate.access.policy import Permission
from annotate.models import Question
from annotate.selectors import recent_records
from annotate.views.shell import project_page


@require_http_methods(["GET", "HEAD", "POST"])
@project_page(Permission.MANAGE)
def rubric(request: HttpRequest) -> HttpResponse:
    """The editor; a POST saves what it holds, or reads a rubric in with ``import`` and saves nothing yet."""
    questions = [row for row in request.project.form.questions.all() if row.kind == "rubric"]
    asked = request.POST.get("question") or request.GET.get("question")
    question = next((row for row in questions if row.name == asked), questions[0] if questions else None)
    if request.method != "POST":
        return _page(request, questions, question, _criteria(question))
    written = _written(request)
    if "import" in request.POST:
        return _imported(request, questions, question, written)
    try:
        criteria = rubrics.named(written)
        form = services.set_criteria(
            project=request.project, question=question.name if question else "", criteria=criteria, by=request.user
        )
    except feedback.InvalidAnswer as error:
        return _page(request, questions, question, written, fault=_said(error))
    except ValidationError as error:
        return _page(request, questions, question, written, fault=" ".join(error.messages))
    said = f"Saved: version {form.version} of the form is asked from now on." if form else "Nothing has changed."
    messages.success(request, said)
    return redirect(request.get_full_path())


def _imported(request: HttpRequest, questions: list[Question], question: Any, written: list[Any]) -> HttpResponse:
    file = request.FILES.get("file")
    text = file.read(rubrics.LONGEST * 4).decode("utf-8", errors="replace") if file else request.POST.get("pasted", "")
    try:
        found = rubrics.parse(text)
    except feedback.InvalidAnswer as error:
        return _page(request, questions, question, written, import_fault=_said(error), pasted="" if file else text)
    if request.POST.get("keep") != "1":
        written = []
    known = {row["name"] for row in written}
    fresh = [{**row, "name": "" if row["name"] in known else row["name"]} for row in found]
    count = "1 criterion" if len(found) == 1 else f"{len(found)} criteria"
    messages.info(request, f"Read in: {count}. Look through them, then save.")
    return _page(request, questions, question, [*written, *fresh])


def _page(
    request: HttpRequest, questions: list[Question], question: Any, criteria: list[Any], **more: Any
) -> HttpResponse:
    found = rubrics.standings(recent_records(request.project, question.name)) if question else {}
    context = {
        "questions": questions,
        "question": question,
        "rows": [{**row, "standing": found.get(row["name"])} for row in criteria],
        "own": sorted(found.keys() - {row["name"] for row in criteria}),
        **more,
    }
    failed = more.get("fault") or more.get("import_fault")
    return render(request, "annotate/rubric_editor.html", context, status=422 if failed else 200)


def _criteria(question: Any) -> list[Any]:
    if question is None:
        return []
    return list(feedback.settings_with_defaults(question.kind, question.settings)["criteria"])


def _written(request: HttpRequest) -> list[dict[str, Any]]:
    """The rows of the editor in their order; those without a text are left out."""
    columns = [request.POST.getlist(name) for name in ("name", "text", "points", "category")]
    return [
        {"name": name.strip(), "text": text.strip(), "points": rubrics.number(points), "category": category.strip()}
        for name, text, points, category in zip(*columns, strict=False)
        if text.strip()
    ]


def _said(error: feedback.InvalidAnswer) -> str:
    place, _, field = error.path.partition("/")
    return f"Criterion {int(place) + 1}, {field}: {error}" if place.isdigit() and field else str(error)
