"""Pages of imports."""

import json
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from annotate.access.policy import Permission
from annotate.jobs import services as jobs
from annotate.views import project_page
from curation import formats, tasks
from curation.downloads import keep_upload, rejected_file
from curation.forms import ImportForm


@project_page(Permission.MANAGE)
def import_page(request: HttpRequest) -> HttpResponse:
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        hub, file = form.cleaned_data["hub"], form.cleaned_data["file"]
        job = jobs.enqueue(
            tasks.import_items,
            organisation=request.project.organisation,
            project=request.project,
            user=request.user,
            title=f"Import {hub or file.name}",
            source=f"hub:{hub}" if hub else keep_upload(file),
            format=form.cleaned_data["format"],
            group_by=form.cleaned_data["group_by"],
        )
        return redirect("job", job.pk)
    past = request.project.jobs.filter(handler="import_items")[:20]
    examples = {
        name: json.dumps(module.EXAMPLE, indent=2, ensure_ascii=False) for name, module in formats.importers().items()
    }
    return render(request, "curation/import.html", {"form": form, "jobs": past, "examples": examples})


@project_page(Permission.MANAGE)
def rejected(request: HttpRequest, job_id: UUID) -> FileResponse:
    job = get_object_or_404(request.project.jobs, pk=job_id, handler__in=["import_items", "import_pool"])
    path = rejected_file(job)
    if path is None:
        raise Http404("Nothing was rejected.")
    return FileResponse(path.open("rb"), as_attachment=True, filename="rejected.csv", content_type="text/csv")
