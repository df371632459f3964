"""Pages of mappings: a file is uploaded, what its columns mean is written beside a preview, kept and used; and the
export of a whole project."""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from annotate.access.policy import Permission
from annotate.jobs import services as jobs
from annotate.views import project_page
from curation import kept_mappings, suggesting, tasks, trying
from curation.downloads import Upload, found_upload, keep_for_later, zipped
from curation.forms import KeepMappingForm, MapFileForm, ProjectExportForm
from curation.reading import UnsupportedSource


@project_page(Permission.MANAGE)
def map_file(request: HttpRequest) -> HttpResponse:
    """Upload a file to say what its columns mean."""
    names = kept_mappings.names(request.project.organisation)
    form = MapFileForm(request.POST or None, request.FILES or None, mappings=names)
    if request.method == "POST" and form.is_valid():
        try:
            upload = keep_for_later(form.cleaned_data["file"], project=request.project)
            trying.first_rows(upload.path, 1)
        except UnsupportedSource as error:
            form.add_error("file", str(error))
        else:
            start = form.cleaned_data["start"]
            page = redirect("mapping", request.project.pk, upload.token)
            page["Location"] += f"?{urlencode({'start': start})}" if start else ""
            return page
    status = 422 if form.errors else 200
    context = {"form": form, "kept": request.project.organisation.import_mappings.all()}
    return render(request, "curation/map_file.html", context, status=status)


@project_page(Permission.MANAGE)
def edit_mapping(request: HttpRequest, token: UUID) -> HttpResponse:
    """The mapping beside what it makes of the first rows; POST keeps it under a name, or imports the file with it."""
    upload = _upload(request, token)
    rows = trying.first_rows(upload.path)
    start = request.GET.get("start", "")
    try:
        text = kept_mappings.text_of(request.project.organisation, start) if start else suggesting.suggest(rows)
    except LookupError as error:
        raise Http404(str(error)) from error
    form = KeepMappingForm(request.POST or None, initial={"text": text, "name": start})
    if request.method == "POST" and form.is_valid() and "keep" in request.POST and not form.cleaned_data["name"]:
        form.add_error("name", _("Give it a name to keep it under."))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if given["name"]:
            kept_mappings.keep(
                organisation=request.project.organisation, name=given["name"], text=given["text"], by=request.user
            )
        if "keep" not in request.POST:
            job = jobs.enqueue(
                tasks.import_items,
                organisation=request.project.organisation,
                project=request.project,
                user=request.user,
                title=f"Import {upload.name}",
                source=str(upload.path),
                mapping=given["text"],
            )
            return redirect("job", job.pk)
        messages.success(request, _("Kept as “%(name)s”.") % {"name": given["name"]})
    found = trying.attempt(request.project, upload.path, form["text"].value())
    context = {"form": form, "upload": upload, "places": suggesting.places(rows), "found": found}
    return render(request, "curation/mapping.html", context, status=422 if form.errors else 200)


@project_page(Permission.MANAGE)
@require_POST
def try_mapping(request: HttpRequest, token: UUID) -> HttpResponse:
    """What a mapping makes of the first rows, as a fragment."""
    upload = _upload(request, token)
    found = trying.attempt(request.project, upload.path, request.POST.get("text", ""))
    return render(request, "curation/_mapping_preview.html", {"found": found})


@project_page(Permission.MANAGE)
@require_POST
def forget_mapping(request: HttpRequest, mapping_id: int) -> HttpResponse:
    kept = get_object_or_404(request.project.organisation.import_mappings, pk=mapping_id)
    kept_mappings.forget(kept=kept, by=request.user)
    messages.success(request, _("“%(name)s” is forgotten. What was imported with it stays.") % {"name": kept.name})
    return redirect("map_file", request.project.pk)


@project_page(Permission.MANAGE)
@require_POST
def export_project(request: HttpRequest) -> HttpResponse:
    form = ProjectExportForm(request.POST, prefix="export")
    if not form.is_valid():
        raise Http404("There is no such format.")
    format = form.cleaned_data["format"]
    options: dict[str, Any] = {"media": form.cleaned_data["media"]}
    if form.cleaned_data["names"]:
        options["raters"] = "names"
    job = jobs.enqueue(
        tasks.export_project,
        organisation=request.project.organisation,
        project=request.project,
        user=request.user,
        title=f"Export the project as {format}",
        format=format,
        options=options,
    )
    return redirect("job", job.pk)


@project_page(Permission.MANAGE)
def download_project(request: HttpRequest, job_id: UUID) -> FileResponse:
    job = get_object_or_404(request.project.jobs, pk=job_id, handler="export_project", state="done")
    return FileResponse(zipped(Path(job.result["folder"])), as_attachment=True, filename="project.zip")


def _upload(request: HttpRequest, token: UUID) -> Upload:
    upload = found_upload(token, project=request.project)
    if upload is None:
        raise Http404("This file is not here any more; upload it again.")
    return upload
