"""Mappings of imported files, and exports of whole projects."""

from pathlib import Path
from typing import ClassVar

from django.db.models import QuerySet
from django.http import FileResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.access.policy import Permission
from annotate.api import InProject
from annotate.jobs.models import Job
from annotate.models import Project
from annotate.serializers import AnyObject, JobSerializer
from curation import formats, kept_mappings, mapping, project_files, tasks
from curation.api import JOB, enqueued
from curation.downloads import zipped
from curation.models import ImportMapping


class MappingSerializer(serializers.ModelSerializer):
    class Meta:
        model = ImportMapping
        fields = ("id", "name", "text", "updated_at")
        read_only_fields = ("id", "updated_at")
        validators: ClassVar[list[object]] = []  # the same name again replaces it

    def validate_text(self, value: str) -> str:
        try:
            mapping.read(value)
        except mapping.MappingError as error:
            raise serializers.ValidationError(str(error)) from error
        return value


class ProjectExportSerializer(serializers.Serializer):
    format = serializers.CharField(default="touchstone")
    options = AnyObject(required=False)

    def validate(self, data: dict[str, object]) -> dict[str, object]:
        schema = project_files.options_schema(str(data["format"]))
        try:
            formats.filled_options(schema, data.get("options") or {})  # type: ignore[arg-type]
        except formats.OptionError as error:
            raise serializers.ValidationError({"options": str(error)}) from error
        return data


@extend_schema_view(
    list=extend_schema(summary="Mappings that the organisation keeps"),
    retrieve=extend_schema(summary="One mapping"),
    destroy=extend_schema(summary="Forget a mapping; what was imported with it stays"),
)
class MappingViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.DestroyModelMixin, InProject):
    queryset = ImportMapping.objects.all()
    serializer_class = MappingSerializer
    default_need = Permission.MANAGE

    def rows(self, project: Project) -> QuerySet[ImportMapping]:
        return ImportMapping.objects.filter(organisation=project.organisation)

    @extend_schema(summary="Keep a mapping under a name", responses={201: MappingSerializer})
    def create(self, request: Request, project_id: int) -> Response:
        given = MappingSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        organisation = request.project.organisation
        kept = kept_mappings.keep(organisation=organisation, by=request.user, **given.validated_data)
        return Response(MappingSerializer(kept).data, status=status.HTTP_201_CREATED)

    def perform_destroy(self, instance: ImportMapping) -> None:
        kept_mappings.forget(kept=instance, by=self.request.user)


class ProjectExportViewSet(InProject):
    queryset = Job.objects.all()
    serializer_class = JobSerializer
    lookup_value_converter = "uuid"
    filterset_class = None
    default_need = Permission.MANAGE

    def rows(self, project: Project) -> QuerySet[Job]:
        return project.jobs.filter(handler="export_project", state="done")

    @extend_schema(summary="Export the whole project", request=ProjectExportSerializer, responses=JOB)
    def create(self, request: Request, project_id: int) -> Response:
        given = ProjectExportSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        format, options = given.validated_data["format"], given.validated_data.get("options") or {}
        return enqueued(
            request, tasks.export_project, f"Export the project as {format}", format=format, options=dict(options)
        )

    @extend_schema(
        summary="Download a finished export of the project",
        parameters=[OpenApiParameter("id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="The export's job.")],
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    )
    def retrieve(self, request: Request, project_id: int, pk: str) -> FileResponse:
        job = get_object_or_404(self.get_queryset(), pk=pk)
        return FileResponse(zipped(Path(job.result["folder"])), as_attachment=True, filename="project.zip")
