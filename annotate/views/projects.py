"""Making a project, its settings, its form and its guidelines."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from annotate import builder, presets, questions, services
from annotate.access.models import Organisation
from annotate.access.policy import GRANTS, Permission
from annotate.forms import NewProjectForm, QuestionsForm, SettingsForm, TranslationsForm
from annotate.models import Project
from annotate.views.shell import organisation_page, project_page, takes_json

MANAGERS = [role for role, granted in GRANTS.items() if Permission.MANAGE in granted]


@login_required
def create(request: HttpRequest) -> HttpResponse:
    mine = Organisation.objects.filter(memberships__user=request.user, memberships__role__in=MANAGERS).order_by("name")
    if not mine.exists():
        raise PermissionDenied(_("This needs the permission “manage”, which your role does not grant."))
    form = NewProjectForm(request.POST or None, organisations=mine)
    faults: list[dict[str, str]] = []
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            project = services.create_project(
                organisation=given["organisation"],
                name=given["name"],
                questions=given["questions"] or presets.get(given["preset"]).QUESTIONS,
                overlap=given["overlap"],
                guidelines=given["guidelines"],
                by=request.user,
            )
        except ValidationError as error:
            faults = questions.faults(error)
            _add_errors(form, error)
        else:
            messages.success(request, _("“%(project)s” is there. Import what is to be judged.") % {"project": project})
            return redirect("dashboard", project.pk)
    context = {
        "form": form,
        "families": presets.by_family(),
        "starts": {
            name: {"questions": presets.get(name).QUESTIONS, "guidelines": presets.get(name).GUIDELINES}
            for name in presets.names()
        },
        **_builder(reverse("new_project_preview", args=[mine[0].pk]), faults),
    }
    return render(request, "annotate/new_project.html", context, status=422 if form.errors else 200)


@organisation_page(Permission.MANAGE)
@takes_json
def new_preview(request: HttpRequest, body: dict[str, Any]) -> HttpResponse:
    """What annotators of a project that is not there yet would see."""
    return _preview(request, body, request.organisation)


@project_page(Permission.MANAGE)
def settings(request: HttpRequest) -> HttpResponse:
    form = SettingsForm(request.POST or None, instance=request.project)
    if request.method == "POST":
        if form.is_valid():
            # The form has written to its instance already; the service compares with what is stored.
            request.project.refresh_from_db()
            services.update_project(project=request.project, by=request.user, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("project_settings", request.project.pk)
        request.project.refresh_from_db()
    context = {"form": form, "asked": request.project.form}
    return render(request, "annotate/settings.html", context, status=422 if form.errors else 200)


@project_page(Permission.MANAGE)
def form(request: HttpRequest) -> HttpResponse:
    """The form builder, and the versions that there were; saving makes the next."""
    project, asked = request.project, request.project.form
    questions_form = QuestionsForm(request.POST or None, form=asked)
    faults: list[dict[str, str]] = []
    if request.method == "POST" and questions_form.is_valid():
        given = questions_form.cleaned_data["questions"]
        try:
            new = services.create_form(project=project, questions=given, by=request.user)
        except ValidationError as error:
            faults = questions.faults(error)
            _add_errors(questions_form, error)
        else:
            said = _("Version %(number)d of the form is asked from now on.") % {"number": new.version}
            messages.success(request, said if new != asked else _("Nothing differs; the form stays as it is."))
            return redirect("project_form", project.pk)
    context = {
        "form": questions_form,
        "versions": builder.form_versions(project),
        **_builder(reverse("project_form_preview", args=[project.pk]), faults),
    }
    return render(request, "annotate/form.html", context, status=422 if questions_form.errors else 200)


@project_page(Permission.MANAGE)
@takes_json
def preview(request: HttpRequest, body: dict[str, Any]) -> HttpResponse:
    """What annotators would see of the project's first task with other questions."""
    return _preview(request, body, request.project.organisation, request.project)


@project_page(Permission.MANAGE)
@require_POST
def pause(request: HttpRequest) -> HttpResponse:
    """Pause a project, or open it again; tasks that somebody has on the screen can still be answered."""
    paused = request.POST.get("paused") == "1"
    services.update_project(project=request.project, by=request.user, is_paused=paused)
    said = _("Paused: no new tasks are given out.") if paused else _("Open: tasks are given out again.")
    messages.success(request, said)
    return redirect("project_settings", request.project.pk)


@project_page()
def guidelines(request: HttpRequest) -> HttpResponse:
    """The guidelines as a fragment."""
    return render(request, "annotate/_guidelines.html")


@project_page(Permission.MANAGE)
def translations(request: HttpRequest) -> HttpResponse:
    """The guidelines in other languages: everybody reads those of their interface's language, where there are any."""
    form = TranslationsForm(request.POST or None, project=request.project)
    if request.method == "POST" and form.is_valid():
        given = {language: text for language, text in form.cleaned_data.items() if text.strip()}
        services.update_project(project=request.project, by=request.user, translations=given)
        messages.success(request, _("Saved."))
        return redirect("translations", request.project.pk)
    return render(request, "annotate/translations.html", {"form": form}, status=422 if form.errors else 200)


def _builder(preview_url: str, faults: list[dict[str, str]]) -> dict[str, Any]:
    """What annotate/_form_builder.html needs."""
    return {"preview_url": preview_url, "kinds": builder.kinds(), "question": builder.QUESTION, "faults": faults}


def _preview(
    request: HttpRequest, body: dict[str, Any], organisation: Organisation, project: Project | None = None
) -> HttpResponse:
    """``html`` of the task, or ``faults`` [{place, message}]; ``places`` that conditions can speak about."""
    given = body.get("questions")
    if not isinstance(given, list):
        raise ValidationError("questions is a list.")
    reply: dict[str, Any] = {"html": "", "faults": [], "places": questions.places(given)}
    try:
        task = builder.preview(questions=given, organisation=organisation, project=project)
    except ValidationError as error:
        reply["faults"] = questions.faults(error)
    else:
        reply["html"] = render_to_string("annotate/_task.html", {"task": task}, request)
    return JsonResponse(reply)


def _add_errors(form: Form, error: ValidationError) -> None:
    """A service's errors, at the fields that the form has."""
    for field, messages_ in error.message_dict.items():
        form.add_error(field if field in form.fields else None, messages_)
