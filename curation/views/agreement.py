"""The page of agreement and consensus."""

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from annotate.access.policy import Permission
from annotate.jobs import services as jobs
from annotate.views import project_page
from curation import aggregation, figures, selectors, tasks
from curation.forms import ComputeForm


@project_page(Permission.VIEW)
def agreement(request: HttpRequest) -> HttpResponse:
    questions = selectors.questions(request.project)
    name = request.GET.get("question") or questions[0].name
    question = next((row for row in questions if row.name == name), None)
    if question is None:
        raise Http404("There is no such question.")
    report = selectors.latest_agreement(request.project, name)
    source = selectors.source_hash(request.project)
    names = selectors.rater_titles(request.project)
    fitting, first = selectors.consensus_methods(request.project, name)
    return render(
        request,
        "curation/agreement.html",
        {
            "questions": questions,
            "question": question,
            "report": report,
            "outdated": report is not None and report.source != source,
            "dimensions": [
                figures.dimension_page(request.project, name, dimension, index, names, request.permissions)
                for index, dimension in enumerate(report.figures["dimensions"] if report else [])
            ],
            "methods": [
                {
                    "name": method,
                    "title": aggregation.get(method).TITLE,
                    "summary": aggregation.get(method).SUMMARY,
                    "is_default": method == first,
                    "runs": [
                        {**selectors.describe_consensus(run), "outdated": run.source != source, "at": run.created_at}
                        for run in request.project.consensus_runs.filter(question=name, method=method)
                    ],
                }
                for method in fitting
            ],
            "jobs": request.project.jobs.filter(
                handler__in=["agreement", "consensus"], state__in=["queued", "running"]
            ),
        },
    )


@project_page(Permission.MANAGE)
@require_POST
def compute(request: HttpRequest) -> HttpResponse:
    form = ComputeForm(request.POST)
    back = redirect(
        f"{reverse('agreement', args=[request.project.pk])}?{urlencode({'question': form.data.get('question', '')})}"
    )
    if form.is_valid():
        question, method = form.cleaned_data["question"], form.cleaned_data["method"]
        if question not in {row.name for row in selectors.questions(request.project)}:
            raise Http404("There is no such question.")
        jobs.enqueue(
            tasks.consensus if method else tasks.agreement,
            organisation=request.project.organisation,
            project=request.project,
            user=request.user,
            title=f"{method.title()} consensus on {question}" if method else f"Agreement on {question}",
            **({"method": method} if method else {}),
            question=question,
        )
    return back
