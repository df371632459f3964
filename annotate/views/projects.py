"""Making a project, its settings, its form and its guidelines."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from annotate import services
from annotate.access.models import Organisation
from annotate.access.policy import GRANTS, Permission
from annotate.forms import NewProjectForm, QuestionsForm, SettingsForm, TranslationsForm
from annotate.presets import PRESETS
from annotate.views.shell import project_page

MANAGERS = [role for role, granted in GRANTS.items() if Permission.MANAGE in granted]


@login_required
def create(request: HttpRequest) -> HttpResponse:
    mine = Organisation.objects.filter(memberships__user=request.user, memberships__role__in=MANAGERS).order_by("name")
    if not mine.exists():
        raise PermissionDenied("This needs the permission “manage”, which your role does not grant.")
    form = NewProjectForm(request.POST or None, organisations=mine)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            project = services.create_project(
                organisation=given["organisation"],
                name=given["name"],
                questions=given["questions"] or PRESETS[given["preset"]]["questions"],
                overlap=given["overlap"],
                guidelines=given["guidelines"],
                by=request.user,
            )
        except ValidationError as error:
            _add_errors(form, error)
        else:
            messages.success(request, f"“{project}” is there. Import what is to be judged.")
            return redirect("dashboard", project.pk)
    status = 422 if form.errors else 200
    return render(request, "annotate/new_project.html", {"form": form, "presets": PRESETS}, status=status)


@project_page(Permission.MANAGE)
def settings(request: HttpRequest) -> HttpResponse:
    form = SettingsForm(request.POST or None, instance=request.project)
    if request.method == "POST":
        if form.is_valid():
            # The form has written to its instance already; the service compares with what is stored.
            request.project.refresh_from_db()
            services.update_project(project=request.project, by=request.user, **form.cleaned_data)
            messages.success(request, "Saved.")
            return redirect("project_settings", request.project.pk)
        request.project.refresh_from_db()
    return _settings_page(request, form=form, questions_form=QuestionsForm(form=request.project.form))


@project_page(Permission.MANAGE)
@require_POST
def form(request: HttpRequest) -> HttpResponse:
    """The next version of the project's form."""
    questions_form = QuestionsForm(request.POST, form=request.project.form)
    if questions_form.is_valid():
        try:
            new = services.create_form(
                project=request.project, questions=questions_form.cleaned_data["questions"], by=request.user
            )
        except ValidationError as error:
            _add_errors(questions_form, error)
        else:
            messages.success(request, f"Version {new.version} of the form is asked from now on.")
            return redirect("project_settings", request.project.pk)
    return _settings_page(request, form=SettingsForm(instance=request.project), questions_form=questions_form)


@project_page(Permission.MANAGE)
@require_POST
def pause(request: HttpRequest) -> HttpResponse:
    """Pause a project, or open it again; tasks that somebody has on the screen can still be answered."""
    paused = request.POST.get("paused") == "1"
    services.update_project(project=request.project, by=request.user, is_paused=paused)
    messages.success(request, "Paused: no new tasks are given out." if paused else "Open: tasks are given out again.")
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
        messages.success(request, "Saved.")
        return redirect("translations", request.project.pk)
    return render(request, "annotate/translations.html", {"form": form}, status=422 if form.errors else 200)


def _settings_page(request: HttpRequest, *, form: Form, questions_form: Form) -> HttpResponse:
    versions = request.project.forms.order_by("-version").prefetch_related("questions")
    context = {"form": form, "questions_form": questions_form, "versions": versions}
    status = 422 if form.errors or questions_form.errors else 200
    return render(request, "annotate/settings.html", context, status=status)


def _add_errors(form: Form, error: ValidationError) -> None:
    """A service's errors, at the fields that the form has."""
    for field, messages_ in error.message_dict.items():
        form.add_error(field if field in form.fields else None, messages_)
