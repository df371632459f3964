"""Selections: what people are asked next, why, and what they said."""

from dataclasses import asdict
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.access.policy import Permission
from annotate.api import InProject
from annotate.models import Project
from annotate.serializers import AnyObject
from curation import selection as strategies
from curation import tasks
from curation.api import JOB, enqueued, known_question
from curation.asking import answers, services
from curation.asking.services import MOST, Wanted
from curation.models import DatasetVersion, Selection, SelectionEntry


class SelectionSerializer(serializers.ModelSerializer):
    settings = AnyObject()
    evidence = AnyObject()
    progress = serializers.SerializerMethodField(
        help_text="Asked and answered, and by slice how many labels people found wrong, with a 95 % interval."
    )

    class Meta:
        model = Selection
        fields = (
            "id", "question", "dimension", "source", "version", "strategy", "settings", "size", "random_share", "seed",
            "evidence", "created_at", "progress",
        )  # fmt: skip

    def get_progress(self, row: Selection) -> dict[str, Any]:
        return answers.summary(answers.of(row))


class SelectionEntrySerializer(serializers.ModelSerializer):
    class Meta:
        model = SelectionEntry
        fields = ("id", "place", "task", "row_id", "key_a", "key_b", "slice", "filter", "reason", "score", "label")


class SelectionRequestSerializer(serializers.Serializer):
    strategy = serializers.CharField(max_length=80)
    source = serializers.ChoiceField(["waiting", "answered", "version"], default="answered")
    question = serializers.SlugField(default="", allow_blank=True, help_text="Default: the first that compares.")
    dimension = serializers.CharField(default="", allow_blank=True, max_length=40)
    size = serializers.IntegerField(min_value=1, max_value=MOST, default=100)
    random_share = serializers.FloatField(min_value=0, max_value=1, default=0.1)
    settings = AnyObject(default=dict)
    version = serializers.IntegerField(default=None, allow_null=True, help_text="Where the source is a version.")
    reward_models = serializers.ListField(child=serializers.CharField(max_length=200), default=list, max_length=20)
    seed = serializers.IntegerField(min_value=0, max_value=2**31 - 1, default=0)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if data["strategy"] not in strategies.names():
            raise serializers.ValidationError({"strategy": f"Those that exist: {', '.join(strategies.names())}."})
        try:
            strategies.settings_with_defaults(data["strategy"], data["settings"])
        except strategies.SettingsError as error:
            raise serializers.ValidationError({"settings": str(error)}) from error
        if data["source"] == Selection.Source.VERSION and data["version"] is None:
            raise serializers.ValidationError({"version": "Name the version whose doubts are to be reviewed."})
        return data


@extend_schema_view(
    list=extend_schema(summary="Selections, newest first"),
    retrieve=extend_schema(summary="One selection with what came of it"),
)
class SelectionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, InProject):
    queryset = Selection.objects.all()
    serializer_class = SelectionSerializer
    filterset_fields = ("strategy", "source", "question")
    needs: ClassVar[dict[str, Permission]] = {"create": Permission.MANAGE, "gold": Permission.MANAGE}

    def rows(self, project: Project) -> QuerySet[Selection]:
        return project.selections.select_related("project")

    @extend_schema(summary="Choose what people are asked next", request=SelectionRequestSerializer, responses=JOB)
    def create(self, request: Request, project_id: int) -> Response:
        given = SelectionRequestSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        if values["question"]:
            known_question(request, values["question"])
        if values["version"] is not None:
            mine = DatasetVersion.objects.filter(dataset__project=request.project)
            if not mine.filter(pk=values["version"]).exists():
                raise serializers.ValidationError({"version": "The project has no such dataset version."})
        title = f"Ask about {values['size']:,} pairs: {strategies.get(values['strategy']).TITLE}"
        return enqueued(request, tasks.select, title, wanted=asdict(Wanted(**values)))

    @extend_schema(summary="Its pairs, the first to be asked first", responses=SelectionEntrySerializer(many=True))
    @action(detail=True, methods=["get"], filterset_fields=())
    def entries(self, request: Request, project_id: int, pk: int) -> Response:
        page = self.paginate_queryset(self.get_object().entries.all())
        return self.get_paginated_response(SelectionEntrySerializer(page, many=True).data)

    @extend_schema(
        summary="Keep as gold what people agree on",
        request=None,
        responses={200: {"type": "object", "properties": {"kept": {"type": "integer"}}}},
    )
    @action(detail=True, methods=["post"])
    def gold(self, request: Request, project_id: int, pk: int) -> Response:
        kept = services.keep_gold(selection=self.get_object(), by=request.user)
        return Response({"kept": kept}, status=status.HTTP_200_OK)
