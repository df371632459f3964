"""Imports, agreement, consensus, datasets with their versions, and exports."""

from pathlib import Path
from typing import ClassVar

from django.db.models import QuerySet
from django.http import FileResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.access.policy import Permission
from annotate.api import InProject
from annotate.jobs.models import Job
from annotate.models import Project
from annotate.serializers import JobSerializer
from curation import comparing, pipeline, tasks
from curation import serializers as s
from curation.api import JOB, enqueued, known_question
from curation.api.trust import TrustActions
from curation.browsing import Rows, Trace
from curation.downloads import keep_upload, rejected_file, zipped
from curation.models import AgreementReport, ConsensusRun, Dataset, DatasetVersion


@extend_schema_view(
    list=extend_schema(summary="Imports of the project"), retrieve=extend_schema(summary="One import's job")
)
class ImportViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, InProject):
    queryset = Job.objects.all()
    serializer_class = JobSerializer
    parser_classes = [MultiPartParser]
    default_need = Permission.MANAGE
    lookup_value_converter = "uuid"

    def rows(self, project: Project) -> QuerySet[Job]:
        return project.jobs.filter(handler="import_items")

    @extend_schema(summary="Import a file or a hub dataset", request=s.ItemImportSerializer, responses=JOB)
    def create(self, request: Request, project_id: int) -> Response:
        given = s.ItemImportSerializer(data=request.data, context={"organisation": request.project.organisation})
        given.is_valid(raise_exception=True)
        values = given.validated_data
        file = values.get("file")
        source = keep_upload(file) if file else f"hub:{values['hub']}"
        title = f"Import {file.name if file else values['hub']}"
        wanted = {name: values[name] for name in ("format", "mapping", "group_by")}
        return enqueued(request, tasks.import_items, title, source=source, **wanted)

    @extend_schema(summary="The rejected rows as CSV", responses={(200, "text/csv"): OpenApiTypes.STR})
    @action(detail=True, methods=["get"])
    def rejected(self, request: Request, project_id: int, pk: str) -> FileResponse:
        path = rejected_file(self.get_object())
        if path is None:
            raise NotFound("Nothing was rejected.")
        return FileResponse(path.open("rb"), as_attachment=True, filename="rejected.csv", content_type="text/csv")


@extend_schema_view(
    list=extend_schema(summary="Agreement reports, newest first"), retrieve=extend_schema(summary="One report")
)
class AgreementViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, InProject):
    queryset = AgreementReport.objects.all()
    serializer_class = s.AgreementSerializer
    filterset_fields = ("question",)
    needs: ClassVar[dict[str, Permission]] = {"create": Permission.MANAGE}

    def rows(self, project: Project) -> QuerySet[AgreementReport]:
        return project.agreement_reports.all()

    @extend_schema(summary="Compute agreement anew", request=s.WhichQuestionSerializer, responses=JOB)
    def create(self, request: Request, project_id: int) -> Response:
        given = s.WhichQuestionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        question = known_question(request, given.validated_data["question"])
        return enqueued(request, tasks.agreement, f"Agreement on {question}", question=question)


@extend_schema_view(
    list=extend_schema(summary="Consensus estimates, newest first"), retrieve=extend_schema(summary="One estimate")
)
class ConsensusViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, InProject):
    queryset = ConsensusRun.objects.all()
    serializer_class = s.ConsensusRunSerializer
    filterset_fields = ("question", "dimension", "method")
    needs: ClassVar[dict[str, Permission]] = {"create": Permission.MANAGE}

    def rows(self, project: Project) -> QuerySet[ConsensusRun]:
        return project.consensus_runs.all()

    @extend_schema(summary="Estimate a consensus", request=s.ConsensusRequestSerializer, responses=JOB)
    def create(self, request: Request, project_id: int) -> Response:
        given = s.ConsensusRequestSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        question, method = known_question(request, given.validated_data["question"]), given.validated_data["method"]
        title = f"{method} consensus on {question}"
        return enqueued(request, tasks.consensus, title, question=question, method=method)

    @extend_schema(
        summary="Its units, the least certain first",
        parameters=[s.UnitFilterSerializer],
        responses=s.ConsensusSerializer(many=True),
    )
    @action(detail=True, methods=["get"], filterset_fields=())
    def units(self, request: Request, project_id: int, pk: int) -> Response:
        wanted = s.UnitFilterSerializer(data=request.query_params)
        wanted.is_valid(raise_exception=True)
        units = self.get_object().units.filter(**wanted.validated_data)
        rows = units.select_related("item").order_by("-entropy", "pk")
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(s.ConsensusSerializer(page, many=True).data)


@extend_schema_view(list=extend_schema(summary="Datasets"), retrieve=extend_schema(summary="One dataset"))
class DatasetViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, InProject):
    queryset = Dataset.objects.all()
    serializer_class = s.DatasetSerializer
    needs: ClassVar[dict[str, Permission]] = {"create": Permission.MANAGE}

    def rows(self, project: Project) -> QuerySet[Dataset]:
        return project.datasets.prefetch_related("versions")

    @extend_schema(summary="Run a pipeline: a new version, or a preview", request=s.PipelineSerializer, responses=JOB)
    def create(self, request: Request, project_id: int) -> Response:
        given = s.PipelineSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        name, text = given.validated_data["dataset"], given.validated_data["pipeline"]
        try:
            pipeline.parse(text)
        except pipeline.PipelineError as error:
            raise ValidationError({"pipeline": str(error)}) from error
        if given.validated_data["preview"]:
            return enqueued(request, tasks.preview, "Preview of a pipeline", pipeline=text, dataset=name)
        dataset, _ = Dataset.objects.get_or_create(project=request.project, name=name)
        return enqueued(request, tasks.curate, f"Curate {dataset}", dataset=dataset.pk, pipeline=text)


@extend_schema_view(
    list=extend_schema(summary="Dataset versions, newest first"),
    retrieve=extend_schema(summary="One version with its manifest"),
)
class VersionViewSet(TrustActions, mixins.ListModelMixin, mixins.RetrieveModelMixin, InProject):
    queryset = DatasetVersion.objects.all()
    serializer_class = s.VersionSerializer
    filterset_fields = ("dataset__name", "hash")
    needs: ClassVar[dict[str, Permission]] = {
        "exports": Permission.MANAGE,
        "compare": Permission.MANAGE,
        "restore": Permission.MANAGE,
    }

    def rows(self, project: Project) -> QuerySet[DatasetVersion]:
        return DatasetVersion.objects.filter(dataset__project=project).select_related("dataset").order_by("-pk")

    @extend_schema(
        summary="Its rows",
        parameters=[OpenApiParameter("split", str), OpenApiParameter("search", str)],
        responses=s.RowSerializer(many=True),
    )
    @action(detail=True, methods=["get"], filterset_fields=(), url_path="rows")
    def contents(self, request: Request, project_id: int, pk: int) -> Response:
        found = Rows(self.get_object(), request.query_params.get("split", ""), request.query_params.get("search", ""))
        page = self.paginate_queryset(found)
        return self.get_paginated_response(s.RowSerializer(page, many=True).data)

    @extend_schema(
        summary="What happened to every row on its way here",
        parameters=[s.TraceFilterSerializer],
        responses=s.TraceSerializer(many=True),
    )
    @action(detail=True, methods=["get"], filterset_fields=())
    def trace(self, request: Request, project_id: int, pk: int) -> Response:
        wanted = s.TraceFilterSerializer(data=request.query_params)
        wanted.is_valid(raise_exception=True)
        page = self.paginate_queryset(Trace(self.get_object(), **wanted.validated_data))
        return self.get_paginated_response(s.TraceSerializer(page, many=True).data)

    @extend_schema(summary="What changed since another version", responses=s.DifferenceSerializer)
    @action(detail=True, methods=["get"], filterset_fields=(), url_path="difference/<int:since>")
    def difference(self, request: Request, project_id: int, pk: int, since: int) -> Response:
        summary = comparing.summary(get_object_or_404(self.get_queryset(), pk=since), self.get_object())
        if summary is None:
            raise NotFound("These two versions were not compared yet; a POST to this address has it done.")
        return Response(s.DifferenceSerializer(summary).data)

    @extend_schema(summary="Compare it with another version", request=None, responses=JOB)
    @difference.mapping.post
    def compare(self, request: Request, project_id: int, pk: int, since: int) -> Response:
        old, new = get_object_or_404(self.get_queryset(), pk=since), self.get_object()
        return enqueued(request, tasks.compare_versions, f"Compare {old} with {new}", old=old.pk, new=new.pk)

    @extend_schema(summary="Export it for a trainer", request=s.ExportSerializer, responses=JOB)
    @action(detail=True, methods=["post"])
    def exports(self, request: Request, project_id: int, pk: int) -> Response:
        version = self.get_object()
        given = s.ExportSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        format, options = given.validated_data["format"], given.validated_data.get("options") or {}
        title = f"Export {version} as {format}"
        return enqueued(request, tasks.export_dataset, title, version=version.pk, format=format, options=dict(options))


class ExportViewSet(InProject):
    queryset = Job.objects.all()
    serializer_class = JobSerializer
    lookup_value_converter = "uuid"
    filterset_class = None

    def rows(self, project: Project) -> QuerySet[Job]:
        return project.jobs.filter(handler="export_dataset", state="done")

    @extend_schema(
        summary="Download a finished export",
        parameters=[OpenApiParameter("id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="The export's job.")],
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    )
    def retrieve(self, request: Request, project_id: int, pk: str) -> FileResponse:
        job = get_object_or_404(self.get_queryset(), pk=pk)
        filename = f"{job.params['format']}.zip"
        return FileResponse(zipped(Path(job.result["folder"])), as_attachment=True, filename=filename)
