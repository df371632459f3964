"""Pools: imports into them, their rows, what people are asked about, and passes of pipelines over them."""

from typing import ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings

from annotate.access.policy import Permission
from annotate.api import InProject
from annotate.jobs.registry import JobError
from annotate.models import Project
from curation import tasks
from curation.api import JOB, accepted, enqueued
from curation.downloads import keep_upload
from curation.models import Dataset, Pool, PoolPass
from curation.pools import selectors, services
from curation.serializers import ImportSerializer


class PoolSerializer(serializers.ModelSerializer):
    rows = serializers.IntegerField(read_only=True)
    size = serializers.IntegerField(read_only=True, help_text="Bytes of its files.")
    n_shards = serializers.IntegerField(read_only=True)

    class Meta:
        model = Pool
        fields = ("id", "name", "question", "rows", "size", "n_shards", "created_at")


class PoolImportSerializer(ImportSerializer):
    name = serializers.CharField(max_length=120, default="main", help_text="A new name starts a new pool.")


class PoolRowSerializer(serializers.Serializer):
    row_id = serializers.CharField()
    item = serializers.CharField()
    group = serializers.CharField(allow_null=True)
    prompt = serializers.CharField()
    response_a = serializers.CharField()
    response_b = serializers.CharField()
    p_a = serializers.FloatField(allow_null=True)
    p_tie = serializers.FloatField(allow_null=True)
    p_b = serializers.FloatField(allow_null=True)
    p_both_bad = serializers.FloatField(allow_null=True)
    n_votes = serializers.IntegerField()
    gold = serializers.CharField(allow_null=True)


class AskSerializer(serializers.Serializer):
    rows = serializers.ListField(
        child=serializers.CharField(max_length=64), max_length=services.MOST_ASKED, help_text="Row ids."
    )


class AskedSerializer(serializers.Serializer):
    new = serializers.IntegerField(help_text="How many of them are new to people.")


class PassRequestSerializer(serializers.Serializer):
    pool = serializers.IntegerField()
    dataset = serializers.CharField(max_length=120, default="main")
    pipeline = serializers.CharField(help_text="YAML.")


class PhaseSerializer(serializers.Serializer):
    title = serializers.CharField()
    total = serializers.IntegerField(help_text="Parts; 0 while it is not known.")
    done = serializers.IntegerField()
    running = serializers.IntegerField()
    seconds = serializers.FloatField(allow_null=True, help_text="Of work, all workers together.")


class PassSerializer(serializers.ModelSerializer):
    dataset = serializers.CharField(source="dataset.name")
    phases = serializers.SerializerMethodField()

    class Meta:
        model = PoolPass
        fields = ("id", "pool", "dataset", "pipeline", "state", "error", "version", "phases", "created_at")

    @extend_schema_field(PhaseSerializer(many=True))
    def get_phases(self, over: PoolPass) -> list[dict[str, object]]:
        return selectors.phases(over)


@extend_schema_view(list=extend_schema(summary="Pools"), retrieve=extend_schema(summary="One pool"))
class PoolViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, InProject):
    queryset = Pool.objects.all()
    serializer_class = PoolSerializer
    filterset_fields = ("name",)
    parser_classes = [MultiPartParser]
    needs: ClassVar[dict[str, Permission]] = {"create": Permission.MANAGE, "ask": Permission.MANAGE}

    def rows(self, project: Project) -> QuerySet[Pool]:
        return selectors.pools(project).order_by("pk")

    @extend_schema(summary="Import a file or a hub dataset into a pool", request=PoolImportSerializer, responses=JOB)
    def create(self, request: Request, project_id: int) -> Response:
        given = PoolImportSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        pool, _ = Pool.objects.get_or_create(
            project=request.project, name=values["name"], defaults={"created_by": request.user}
        )
        hub, file = values.get("hub"), values.get("file")
        source, name = (f"hub:{hub}", "") if hub else (keep_upload(file), file.name)
        title = f"Import {name or hub} into {pool}"
        wanted = {"name": name, "format": values["format"], "group_by": values["group_by"]}
        return enqueued(request, tasks.import_pool, title, pool=pool.pk, source=source, **wanted)

    @extend_schema(
        summary="The rows of one of its shards",
        parameters=[OpenApiParameter("shard", int, description="Number of the shard; the first where none is given.")],
        responses=PoolRowSerializer(many=True),
    )
    @action(detail=True, methods=["get"], filterset_fields=(), url_path="rows")
    def contents(self, request: Request, project_id: int, pk: int) -> Response:
        shards = self.get_object().shards.all()
        wanted = request.query_params.get("shard")
        if wanted is not None:
            shards = shards.filter(number=wanted if wanted.isdecimal() else -1)
        shard = shards.first()
        page = self.paginate_queryset(selectors.Rows(shard) if shard else [])
        return self.get_paginated_response(PoolRowSerializer(page, many=True).data)

    @extend_schema(summary="Ask people about some of its rows", request=AskSerializer, responses=AskedSerializer)
    @action(detail=True, methods=["post"], parser_classes=api_settings.DEFAULT_PARSER_CLASSES)
    def ask(self, request: Request, project_id: int, pk: int) -> Response:
        given = AskSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            new = services.ask_people(pool=self.get_object(), row_ids=given.validated_data["rows"])
        except JobError as error:
            raise ValidationError({"rows": str(error)}) from error
        return Response({"new": new})


@extend_schema_view(list=extend_schema(summary="Passes over pools"), retrieve=extend_schema(summary="One pass"))
class PassViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, InProject):
    queryset = PoolPass.objects.all()
    serializer_class = PassSerializer
    filterset_fields = ("pool", "state")
    needs: ClassVar[dict[str, Permission]] = {"create": Permission.MANAGE}

    def rows(self, project: Project) -> QuerySet[PoolPass]:
        return PoolPass.objects.filter(pool__project=project).select_related("dataset")

    @extend_schema(summary="Take a pool through a pipeline", request=PassRequestSerializer, responses=JOB)
    def create(self, request: Request, project_id: int) -> Response:
        given = PassRequestSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        pool = request.project.pools.filter(pk=given.validated_data["pool"]).first()
        if pool is None:
            raise ValidationError({"pool": "The project has no such pool."})
        dataset, _ = Dataset.objects.get_or_create(project=request.project, name=given.validated_data["dataset"])
        try:
            over = services.begin_pass(
                pool=pool, dataset=dataset, pipeline_yaml=given.validated_data["pipeline"], user=request.user
            )
        except JobError as error:
            raise ValidationError({"pipeline": str(error)}) from error
        return accepted(services.enqueue_pass(over=over, user=request.user))
