"""AI judges and their runs."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.access.policy import Permission
from annotate.api import InProject
from annotate.models import Project
from annotate.serializers import AnyObject
from curation.judging import services
from curation.judging.forms import MOST
from curation.models import Judge, JudgeRun


class JudgeSerializer(serializers.ModelSerializer):
    settings = AnyObject()
    rater = serializers.CharField(source="rater.name")

    class Meta:
        model = Judge
        fields = (
            "id", "name", "version", "method", "endpoint", "prompt", "settings", "note", "parent", "rater",
            "created_at",
        )  # fmt: skip


class NewJudgeSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=80, help_text="Of a judge that exists: makes its next version.")
    method = serializers.CharField(max_length=40)
    endpoint = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)
    prompt = serializers.CharField(
        max_length=20_000, required=False, default=None, allow_null=True, help_text="Left out: the method's own."
    )
    settings = AnyObject(required=False, default=dict)
    note = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class JudgeRunSerializer(serializers.ModelSerializer):
    counts = AnyObject()
    job = serializers.UUIDField(source="job_id", allow_null=True)
    budget = serializers.FloatField()
    spent = serializers.FloatField()

    class Meta:
        model = JudgeRun
        fields = (
            "id", "judge", "question", "most_tasks", "only_gold", "in_batches", "seed", "budget", "budget_tokens",
            "spent", "spent_tokens", "counts", "end", "reason", "job", "created_at", "ended_at",
        )  # fmt: skip


class NewJudgeRunSerializer(serializers.Serializer):
    judge = serializers.IntegerField()
    question = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)
    budget = serializers.DecimalField(
        max_digits=20, decimal_places=9, min_value=0, help_text="In the operator's currency; 0 where nothing costs."
    )
    budget_tokens = serializers.IntegerField(required=False, default=None, allow_null=True, min_value=1)
    most_tasks = serializers.IntegerField(required=False, default=None, allow_null=True, min_value=1, max_value=MOST)
    only_gold = serializers.BooleanField(required=False, default=False)
    tasks = serializers.ListField(child=serializers.IntegerField(), required=False, default=list, max_length=100_000)
    in_batches = serializers.BooleanField(required=False, default=False)
    seed = serializers.IntegerField(required=False, default=0, min_value=-(2**31), max_value=2**31 - 1)


@extend_schema_view(
    list=extend_schema(summary="Judges of the organisation, every version"), retrieve=extend_schema(summary="One judge")
)
class JudgeViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, InProject):
    queryset = Judge.objects.all()
    serializer_class = JudgeSerializer
    filterset_fields = ("name", "method")
    needs: ClassVar[dict[str, Permission]] = {"create": Permission.MANAGE}

    def rows(self, project: Project) -> QuerySet[Judge]:
        return Judge.objects.filter(organisation=project.organisation_id).select_related("rater")

    @extend_schema(
        summary="Make a judge, or a new version of one", request=NewJudgeSerializer, responses={201: JudgeSerializer}
    )
    def create(self, request: Request, project_id: int) -> Response:
        given = NewJudgeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        judge = services.create_judge(
            organisation=request.project.organisation, user=request.user, **given.validated_data
        )
        return Response(self.get_serializer(judge).data, status=status.HTTP_201_CREATED)


@extend_schema_view(
    list=extend_schema(summary="Runs of judges in the project"), retrieve=extend_schema(summary="One run, as it stands")
)
class JudgeRunViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, InProject):
    queryset = JudgeRun.objects.all()
    serializer_class = JudgeRunSerializer
    filterset_fields = ("judge", "question", "end")
    needs: ClassVar[dict[str, Permission]] = {"create": Permission.MANAGE}

    def rows(self, project: Project) -> QuerySet[JudgeRun]:
        return project.judge_runs.select_related("judge")

    @extend_schema(summary="Let a judge answer", request=NewJudgeRunSerializer, responses={202: JudgeRunSerializer})
    def create(self, request: Request, project_id: int) -> Response:
        given = NewJudgeRunSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values: dict[str, Any] = dict(given.validated_data)
        mine = Judge.objects.filter(organisation=request.project.organisation)
        judge = mine.select_related("organisation", "rater").filter(pk=values.pop("judge")).first()
        if judge is None:
            raise ValidationError({"judge": "There is no such judge."})
        run = services.start_run(judge=judge, project=request.project, user=request.user, **values)
        return Response(self.get_serializer(run).data, status=status.HTTP_202_ACCEPTED)
