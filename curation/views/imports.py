"""Pages of imports."""

import json
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from annotate.access.models import Organisation
from annotate.access.policy import Permission
from annotate.jobs import services as jobs
from annotate.views import project_page
from curation import formats, kept_mappings, tasks
from curation.downloads import keep_upload, rejected_file
from curation.forms import ImportForm, ProjectExportForm


@project_page(Permission.MANAGE)
def import_page(request: HttpRequest) -> HttpResponse:
    organisation = request.project.organisation
    form = ImportForm(request.POST or None, request.FILES or None, mappings=kept_mappings.names(organisation))
    if request.method == "POST" and form.is_valid():
        hub, file = form.cleaned_data["hub"], form.cleaned_data["file"]
        job = jobs.enqueue(
            tasks.import_items,
            organisation=organisation,
            project=request.project,
            user=request.user,
            title=f"Import {hub or file.name}",
            source=f"hub:{hub}" if hub else keep_upload(file),
            **_how(organisation, form.cleaned_data["format"]),
            group_by=form.cleaned_data["group_by"],
        )
        return redirect("job", job.pk)
    past = request.project.jobs.filter(handler="import_items")[:20]
    examples = {
        name: json.dumps(module.EXAMPLE, indent=2, ensure_ascii=False) for name, module in formats.importers().items()
    }
    context = {"form": form, "jobs": past, "examples": examples, "export_form": ProjectExportForm(prefix="export")}
    return render(request, "curation/import.html", context)


def _how(organisation: Organisation, chosen: str) -> dict[str, str]:
    """The format, or the text of the mapping, that was chosen."""
    if not chosen.startswith("mapping:"):
        return {"format": chosen}
    return {"mapping": kept_mappings.text_of(organisation, chosen.removeprefix("mapping:"))}


@project_page(Permission.MANAGE)
def rejected(request: HttpRequest, job_id: UUID) -> FileResponse:
    job = get_object_or_404(request.project.jobs, pk=job_id, handler__in=["import_items", "import_pool"])
    path = rejected_file(job)
    if path is None:
        raise Http404("Nothing was rejected.")
    return FileResponse(path.open("rb"), as_attachment=True, filename="rejected.csv", content_type="text/csv")
