"""What a version's page gives to take away, and putting an old version back to use."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from annotate.access.policy import Permission
from annotate.jobs import services as jobs
from annotate.views import project_page
from curation import restoring, tasks, trust
from curation.views.datasets import project_version


@project_page(Permission.VIEW)
def public_key(request: HttpRequest, version_id: int) -> HttpResponse:
    pem = trust.signature(project_version(request, version_id))["public_key"]
    if not pem:
        raise Http404("No key that is trusted here signed this version.")
    headers = {"Content-Disposition": 'attachment; filename="public_key.pem"'}
    return HttpResponse(pem, content_type="application/x-pem-file", headers=headers)


@project_page(Permission.VIEW)
def version_file(request: HttpRequest, version_id: int, name: str) -> FileResponse:
    path = trust.file(project_version(request, version_id), name)
    if path is None:
        raise Http404("This version has no such file.")
    return FileResponse(path.open("rb"), as_attachment=True, filename=name)


@project_page(Permission.MANAGE)
@require_POST
def restore(request: HttpRequest, version_id: int) -> HttpResponse:
    version = project_version(request, version_id)
    restoring.restore(version=version, user=request.user)
    messages.success(request, _("%(version)s is the version to use again.") % {"version": version})
    return redirect("version", request.project.pk, version.pk)


@project_page(Permission.MANAGE)
@require_POST
def run_again(request: HttpRequest, version_id: int) -> HttpResponse:
    version = project_version(request, version_id)
    if not trust.context(version)["can_run_again"]:
        raise Http404("This version was made from a pool; pass over the pool again.")
    job = jobs.enqueue(
        tasks.curate,
        organisation=request.project.organisation,
        project=request.project,
        user=request.user,
        title=f"Run the pipeline of {version} again",
        dataset=version.dataset_id,
        pipeline=version.pipeline,
    )
    return redirect("job", job.pk)
