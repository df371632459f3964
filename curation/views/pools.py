"""Pages of pools: what they hold, imports into them, passes over them."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from annotate.access.policy import Permission
from annotate.jobs import services as jobs
from annotate.jobs.registry import JobError
from annotate.views import project_page
from curation import filters, tasks
from curation.downloads import keep_upload
from curation.forms import PipelineForm, PoolForm
from curation.models import Dataset, Pool, PoolPass
from curation.pools import selectors, services
from curation.views.datasets import help_on

PAGE = 20
DEFAULT_PIPELINE = """\
name: from a pool
consensus:
  method: none
  question: {question}
stages:
  - filter: exact_duplicates
  - filter: near_duplicates
split:
  by: prompt
  fractions: {{train: 0.98, validation: 0.01, test: 0.01}}
  seed: 0
"""


@project_page(Permission.VIEW)
def pools(request: HttpRequest) -> HttpResponse:
    return render(request, "curation/pools.html", {"pools": selectors.pools(request.project)})


@project_page(Permission.MANAGE)
def import_pool(request: HttpRequest) -> HttpResponse:
    form = PoolForm(request.POST or None, request.FILES or None, initial={"name": request.GET.get("pool", "main")})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        pool, _created = Pool.objects.get_or_create(
            project=request.project, name=given["name"], defaults={"created_by": request.user}
        )
        source = f"hub:{given['hub']}" if given["hub"] else keep_upload(given["file"])
        name = "" if given["hub"] else given["file"].name
        job = jobs.enqueue(
            tasks.import_pool,
            organisation=request.project.organisation,
            project=request.project,
            user=request.user,
            title=f"Import {name or source} into {pool}",
            pool=pool.pk,
            source=source,
            name=name,
            format=given["format"],
            group_by=given["group_by"],
        )
        return redirect("job", job.pk)
    return render(request, "curation/import_pool.html", {"form": form})


@project_page(Permission.VIEW)
def pool(request: HttpRequest, pool_id: int) -> HttpResponse:
    return _pool(request, pool_id)


def _pool(request: HttpRequest, pool_id: int, form: PipelineForm | None = None) -> HttpResponse:
    """The pool's page; ``form``: a pipeline that was sent and is wrong."""
    found = get_object_or_404(selectors.pools(request.project), pk=pool_id)
    shards = list(found.shards.all())
    wanted = request.GET.get("shard", "")
    shard = next((row for row in shards if str(row.number) == wanted), shards[0] if shards else None)
    newest = found.passes.first()
    initial = {
        "dataset": newest.dataset.name if newest else found.name,
        "pipeline": newest.pipeline if newest else DEFAULT_PIPELINE.format(question=found.question),
    }
    context = {
        "pool": found,
        "shards": shards,
        "shard": shard,
        "page": Paginator(selectors.Rows(shard), PAGE).get_page(request.GET.get("page")) if shard else None,
        "passes": found.passes.select_related("dataset", "version", "job")[:20],
        "form": form or (PipelineForm(initial=initial) if Permission.MANAGE in request.permissions else None),
        "filters": help_on(filters),
    }
    return render(request, "curation/pool.html", context)


@project_page(Permission.MANAGE)
@require_POST
def begin_pass(request: HttpRequest, pool_id: int) -> HttpResponse:
    found = get_object_or_404(request.project.pools, pk=pool_id)
    form = PipelineForm(request.POST)
    if not form.is_valid():
        return _pool(request, pool_id, form)
    dataset, _created = Dataset.objects.get_or_create(project=request.project, name=form.cleaned_data["dataset"])
    try:
        over = services.begin_pass(
            pool=found, dataset=dataset, pipeline_yaml=form.cleaned_data["pipeline"], user=request.user
        )
    except JobError as error:
        form.add_error("pipeline", str(error))
        return _pool(request, pool_id, form)
    services.enqueue_pass(over=over, user=request.user)
    return redirect("pool_pass", request.project.pk, over.pk)


@project_page(Permission.MANAGE)
@require_POST
def go_on(request: HttpRequest, pass_id: int) -> HttpResponse:
    over = get_object_or_404(PoolPass, pk=pass_id, pool__project=request.project)
    try:
        services.enqueue_pass(over=over, user=request.user)
    except JobError as error:
        messages.error(request, str(error))
    return redirect("pool_pass", request.project.pk, over.pk)


@project_page(Permission.MANAGE)
@require_POST
def ask(request: HttpRequest, pool_id: int) -> HttpResponse:
    found = get_object_or_404(request.project.pools, pk=pool_id)
    rows = set(request.POST.getlist("row"))
    try:
        count = services.ask_people(pool=found, row_ids=rows)
        text = ngettext(
            "%(pairs)s pair chosen, %(new)s of them new to people.",
            "%(pairs)s pairs chosen, %(new)s of them new to people.",
            len(rows),
        )
        messages.success(request, text % {"pairs": f"{len(rows):,}", "new": f"{count:,}"})
    except JobError as error:
        messages.error(request, str(error))
    return redirect(f"{reverse('pool', args=[request.project.pk, found.pk])}?{request.GET.urlencode()}")


@project_page(Permission.VIEW)
def pool_pass(request: HttpRequest, pass_id: int) -> HttpResponse:
    passes = PoolPass.objects.select_related("pool", "dataset", "version", "job")
    over = get_object_or_404(passes, pk=pass_id, pool__project=request.project)
    return render(request, "curation/pool_pass.html", {"over": over, "phases": selectors.phases(over)})
