"""Pages of AI judges: their versions, their runs, and what they said."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from annotate import summaries
from annotate.access.policy import Permission
from annotate.models import Annotation
from annotate.views import project_page
from annotate.workbench import letters
from curation import judges as methods
from curation.judging import selectors, services
from curation.judging.endpoints import Servers, ServersError, servers
from curation.judging.forms import JudgeForm, ResumeForm, RunForm
from curation.models import Judge, JudgeCall, JudgeRun, Refusal

KINDS = {
    "language_model": gettext_lazy("Language models"),
    "reward_model": gettext_lazy("Reward models"),
    "rule": gettext_lazy("Rules"),
}
SAID = 20  # answers and refusals on a page


def known_servers() -> tuple[Servers, str]:
    """The operator's file, or no servers and what is wrong with it."""
    try:
        return servers(), ""
    except ServersError as error:
        return Servers("USD", {}, {}, {}), str(error)


@project_page(Permission.VIEW)
def judges(request: HttpRequest) -> HttpResponse:
    rows = list(selectors.of_organisation(request.project))
    spent, answered = selectors.spent_by(rows), selectors.answered_by(request.project, rows)
    found, fault = known_servers()
    context = {
        "rows": [{"judge": row, "spent": spent.get(row.pk, 0.0), "answered": answered.get(row.pk, 0)} for row in rows],
        "runs": request.project.judge_runs.select_related("judge", "job")[:10],
        "endpoints": found.of(request.project.organisation),
        "fault": fault,
        "currency": found.currency,
    }
    return render(request, "curation/judges.html", context)


@project_page(Permission.MANAGE)
def new_judge(request: HttpRequest) -> HttpResponse:
    """First the method, then its settings; with ``?of=`` a new version of a judge."""
    old = project_judge(request, request.GET["of"]) if request.GET.get("of", "").isdecimal() else None
    method = old.method if old else request.GET.get("method", "")
    if not method:
        return render(request, "curation/new_judge.html", {"kinds": methods_by_kind()})
    if method not in methods.names():
        raise Http404("There is no such method.")
    found, fault = known_servers()
    form = JudgeForm(request.POST or None, method=method, mine=found.of(request.project.organisation), old=old)
    if request.method == "POST" and form.is_valid():
        try:
            judge = made(request, form, old)
        except ValidationError as error:
            for field, faults in error.message_dict.items():
                form.add_error(field if field in form.fields else None, faults)
        else:
            messages.success(request, _("%(judge)s is ready.") % {"judge": judge})
            return redirect("judge", request.project.pk, judge.pk)
    context = {"form": form, "method": methods.get(method), "name": method, "old": old, "fault": fault}
    return render(request, "curation/new_judge.html", context)


def made(request: HttpRequest, form: JudgeForm, old: Judge | None) -> Judge:
    """The judge, or the version, that a form describes."""
    data = form.cleaned_data
    given = {name: data.get(name, "") for name in ("endpoint", "prompt", "settings", "note")}
    if old is not None:
        return services.new_version(judge=old, user=request.user, **given)
    if Judge.objects.filter(organisation=request.project.organisation, name=data["name"].strip()).exists():
        raise ValidationError({"name": _("There is a judge of this name; open it and make a new version.")})
    return services.create_judge(
        organisation=request.project.organisation,
        name=data["name"],
        method=form.method,
        user=request.user,
        **given,
    )


def methods_by_kind() -> list[dict[str, Any]]:
    """All methods, by the kind of rater that they become."""
    every = [(name, methods.get(name)) for name in methods.names()]
    return [
        {"title": title, "methods": [{"name": name, "method": one} for name, one in every if kind == one.KIND]}
        for kind, title in KINDS.items()
    ]


def project_judge(request: HttpRequest, judge_id: int | str) -> Judge:
    """A judge of the project's organisation, or 404."""
    mine = Judge.objects.filter(organisation=request.project.organisation)
    return get_object_or_404(mine.select_related("rater", "parent", "organisation", "created_by"), pk=judge_id)


@project_page(Permission.VIEW)
def judge(request: HttpRequest, judge_id: int) -> HttpResponse:
    found = project_judge(request, judge_id)
    known, fault = known_servers()
    return render(request, "curation/judge.html", judge_page(request, found, known, fault))


def asks_a_model(judge: Judge) -> bool:
    """Whether a judge asks a language model, which may cost money."""
    return "ask" in methods.get(judge.method).NEEDS


def run_form(request: HttpRequest, found: Judge, *data: Any, **kwargs: Any) -> RunForm:
    """The form that starts a run of a judge in this project."""
    return RunForm(*data, project=request.project, asks=asks_a_model(found), **kwargs)


def judge_page(request: HttpRequest, found: Judge, known: Servers, fault: str, form: RunForm | None = None) -> Any:
    """Context of a judge's page."""
    versions = Judge.objects.filter(organisation=found.organisation, name=found.name).order_by("-version")
    return {
        "judge": found,
        "method": methods.get(found.method),
        "versions": versions,
        "runs": request.project.judge_runs.filter(judge=found).select_related("job", "created_by"),
        "form": form or run_form(request, found, currency=known.currency),
        "currency": known.currency,
        "fault": fault,
        "asks": selectors.endpoints_of(found),
    }


@project_page(Permission.MANAGE)
def judge_estimate(request: HttpRequest, judge_id: int) -> HttpResponse:
    """The fragment that says what a run would cost."""
    found = project_judge(request, judge_id)
    form = run_form(request, found, request.GET)
    form.is_valid()
    data = form.cleaned_data
    run = JudgeRun(
        judge=found,
        project=request.project,
        question=data.get("question") or "",
        most_tasks=data.get("most_tasks"),
        only_gold=data.get("only_gold") or False,
        in_batches=data.get("in_batches") or False,
    )
    try:
        context = {"estimate": selectors.estimate(run), "budget": data.get("budget"), "currency": servers().currency}
    except (ServersError, methods.JudgeError) as error:
        context = {"fault": str(error)}
    return render(request, "curation/_judge_estimate.html", context)


@project_page(Permission.MANAGE)
@require_POST
def start_judge(request: HttpRequest, judge_id: int) -> HttpResponse:
    found = project_judge(request, judge_id)
    known, fault = known_servers()
    form = run_form(request, found, request.POST, currency=known.currency)
    if form.is_valid():
        try:
            run = services.start_run(judge=found, project=request.project, user=request.user, **form.cleaned_data)
        except ValidationError as error:
            for field, faults in error.message_dict.items():
                form.add_error(field if field in form.fields else None, faults)
        else:
            return redirect("judge_run", request.project.pk, run.pk)
    return render(request, "curation/judge.html", judge_page(request, found, known, fault, form))


def project_run(request: HttpRequest, run_id: int) -> JudgeRun:
    """A run of this project, or 404."""
    return get_object_or_404(request.project.judge_runs.select_related("judge__rater", "job"), pk=run_id)


@project_page(Permission.VIEW)
def judge_run(request: HttpRequest, run_id: int) -> HttpResponse:
    found = project_run(request, run_id)
    context: dict[str, Any] = {"run": found, **live_context(found)}
    if Permission.REVIEW in request.permissions:
        context |= said(request, found)
    return render(request, "curation/judge_run.html", context)


def live_context(run: JudgeRun) -> dict[str, Any]:
    """What changes while a run works."""
    currency, counts, calls = known_servers()[0].currency, run.counts, selectors.calls_of(run)
    bars = []
    if run.budget_billionths:
        money = {"spent": f"{run.spent:,.4f}", "budget": f"{run.budget:,.4f}", "currency": currency}
        text = _("%(spent)s of %(budget)s %(currency)s") % money
        bars.append({"label": _("Budget spent"), "share": 100 * run.spent / run.budget, "text": text})
    if run.budget_tokens:
        tokens = {"spent": f"{run.spent_tokens:,}", "budget": f"{run.budget_tokens:,}"}
        text = _("%(spent)s of %(budget)s") % tokens
        bars.append({"label": _("Tokens"), "share": 100 * run.spent_tokens / run.budget_tokens, "text": text})
    under_way = ""
    if calls.get("reserved"):
        under_way = _("%(calls)s under way, counted at the most they can cost") % {"calls": calls["reserved"]}
    stats = [
        {"label": _("Tasks answered"), "value": f"{counts.get('answered', 0):,}"},
        {"label": _("Not parsed"), "value": f"{counts.get('unparsed', 0):,}", "note": _("kept as they came")},
        {"label": _("Not reached"), "value": f"{counts.get('failed', 0):,}", "note": _("the server gave nothing")},
        {"label": _("Spent"), "value": f"{run.spent:,.4f}", "unit": currency, "note": under_way},
        {"label": _("Requests answered"), "value": f"{calls.get('answered', 0):,}"},
        {"label": _("Lost or failed"), "value": f"{calls.get('lost', 0) + calls.get('failed', 0):,}"},
    ]
    return {
        "bars": bars,
        "stats": stats,
        "currency": currency,
        "resume_form": ResumeForm(initial={"budget": run.budget}) if asks_a_model(run.judge) else None,
    }


def said(request: HttpRequest, run: JudgeRun) -> dict[str, Any]:
    """The answers of a run, or what could not be read, as they came; for those who may see single answers."""
    show = request.GET.get("show", "answers")
    if show == "refusals":
        rows, describe = run.refusals.select_related("task__item"), refusal
    elif show == "failed":
        rows, describe = selectors.failed_calls(run), failure
    else:
        own = Annotation.objects.filter(rater=run.judge.rater, metadata__run=run.pk).order_by("-pk")
        rows = own.select_related("task__item", "form").prefetch_related("form__questions")
        show, describe = "answers", answer
    page = Paginator(rows, SAID).get_page(request.GET.get("page"))
    return {"show": show, "page": page, "said": [describe(row) for row in page]}


def answer(row: Annotation) -> dict[str, Any]:
    """An answer in words, responses called by their letters in the item's order."""
    names = letters(row.task.responses)
    return {
        "task": row.task,
        "text": "; ".join(summaries.of_annotation(row, names)),
        "samples": lettered(row.metadata.get("samples", []), names),
    }


def refusal(row: Refusal) -> dict[str, Any]:
    """What was said instead of an answer."""
    samples = lettered(row.samples, letters(row.task.responses))
    return {
        "task": row.task,
        "fault": row.get_kind_display(),
        "text": f"{row.question}: {row.reason}",
        "samples": samples,
    }


def failure(call: JudgeCall) -> dict[str, Any]:
    """A request that brought no answer."""
    state = _("may have been charged") if call.cost_billionths else _("not charged")
    name = {"request": call.request_hash[:12], "endpoint": call.endpoint, "cost": call.cost}
    return {**name, "state": state, "error": call.error or _("Its process died; nobody knows what became of it.")}


def lettered(samples: list[dict[str, Any]], names: dict[str, str]) -> list[dict[str, Any]]:
    """Samples with the order that was shown in letters."""
    return [{**sample, "order": ", ".join(names.get(key, key) for key in sample["order"])} for sample in samples]


@project_page(Permission.VIEW)
def judge_live(request: HttpRequest, run_id: int) -> HttpResponse:
    """The part of a run's page that changes while it works."""
    found = project_run(request, run_id)
    response = render(request, "curation/_judge_live.html", {"run": found, **live_context(found)})
    if found.job is None or not found.job.is_live:
        response.headers["HX-Refresh"] = "true"
    return response


@project_page(Permission.MANAGE)
@require_POST
def resume_judge(request: HttpRequest, run_id: int) -> HttpResponse:
    found, form = project_run(request, run_id), ResumeForm(request.POST)
    if not asks_a_model(found.judge):
        services.resume(run=found)
    elif form.is_valid():
        services.resume(run=found, budget=form.cleaned_data["budget"])
    else:
        messages.error(request, _("Give a budget: an amount of money from 0 up."))
    return redirect("judge_run", request.project.pk, found.pk)
