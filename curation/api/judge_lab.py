"""Judges beside people, with the pairs behind the figures; and cascades, with the plans made of them."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.access.policy import Permission
from annotate.api import InProject
from annotate.feedback import OVERALL
from annotate.models import Project
from annotate.serializers import AnyObject
from curation import candidates, tasks
from curation.api import JOB, enqueued, known_question
from curation.judging import lab, planning
from curation.models import CascadeStudy, StandingReport
from curation.serializers import WhichQuestionSerializer


class StandingSerializer(serializers.ModelSerializer):
    figures = AnyObject()

    class Meta:
        model = StandingReport
        fields = ("id", "question", "source", "figures", "created_at")


class CaseFilterSerializer(serializers.Serializer):
    """Which pairs of a report: see `curation.judging.lab.cases`."""

    judge = serializers.CharField(default="", allow_blank=True, max_length=200, help_text="Blank: all.")
    dimension = serializers.CharField(default="", allow_blank=True, max_length=40)
    show = serializers.ChoiceField(choices=["", *lab.SHOW], default="")
    sure = serializers.FloatField(min_value=0.5, max_value=1, default=None, allow_null=True)
    gap = serializers.FloatField(min_value=0, default=None, allow_null=True)


class CaseSerializer(serializers.Serializer):
    judge = serializers.CharField()
    item = serializers.CharField()
    key_a = serializers.CharField()
    key_b = serializers.CharField()
    said = serializers.CharField()
    people = serializers.CharField(help_text="Blank where people have not decided.")
    sure = serializers.FloatField(allow_null=True)
    gap = serializers.FloatField(allow_null=True, help_text="log2 of the length of a over that of b.")


class CascadeSerializer(serializers.ModelSerializer):
    judges = serializers.ListField(child=serializers.CharField())
    figures = AnyObject()
    applied = AnyObject()

    class Meta:
        model = CascadeStudy
        fields = (
            "id", "question", "dimension", "judges", "delta", "people_cost", "source", "figures", "applied",
            "created_at",
        )  # fmt: skip


class CascadeRequestSerializer(WhichQuestionSerializer):
    dimension = serializers.CharField(default="", allow_blank=True, max_length=40)
    judges = serializers.ListField(
        child=serializers.CharField(max_length=200), default=list, max_length=20, help_text="None: all that answered."
    )
    delta = serializers.FloatField(default=planning.DELTA, min_value=0.001, max_value=0.5)
    people_cost = serializers.FloatField(default=planning.PEOPLE_COST, min_value=0, max_value=1e6)


class ApplySerializer(serializers.Serializer):
    promise = serializers.FloatField(min_value=planning.PROMISES[0], max_value=planning.PROMISES[-1])
    budget = serializers.IntegerField(min_value=0, max_value=10_000_000, help_text="Answers that people can give.")


class AppliedSerializer(serializers.Serializer):
    tasks = serializers.IntegerField(help_text="That come first in the queue now.")


@extend_schema_view(
    list=extend_schema(summary="Reports of judges beside people"), retrieve=extend_schema(summary="One report")
)
class StandingViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, InProject):
    queryset = StandingReport.objects.all()
    serializer_class = StandingSerializer
    filterset_fields = ("question",)
    needs: ClassVar[dict[str, Permission]] = {"create": Permission.MANAGE, "pairs": Permission.REVIEW}

    def rows(self, project: Project) -> QuerySet[StandingReport]:
        return project.standing_reports.all()

    @extend_schema(summary="Hold the judges against people anew", request=WhichQuestionSerializer, responses=JOB)
    def create(self, request: Request, project_id: int) -> Response:
        given = WhichQuestionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        question = known_question(request, given.validated_data["question"])
        return enqueued(request, tasks.judge_lab, f"Judges beside people on {question}", question=question)

    @extend_schema(
        summary="The pairs behind a figure, the surest first",
        parameters=[CaseFilterSerializer],
        responses=CaseSerializer(many=True),
    )
    @action(detail=True, methods=["get"], filterset_fields=())
    def pairs(self, request: Request, project_id: int, pk: int) -> Response:
        wanted = CaseFilterSerializer(data=request.query_params)
        wanted.is_valid(raise_exception=True)
        page = self.paginate_queryset(lab.cases(self.get_object(), **wanted.validated_data))
        return self.get_paginated_response(CaseSerializer(page, many=True).data)


@extend_schema_view(
    list=extend_schema(summary="Cascades studied, newest first"), retrieve=extend_schema(summary="One cascade")
)
class CascadeViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, InProject):
    queryset = CascadeStudy.objects.all()
    serializer_class = CascadeSerializer
    filterset_fields = ("question", "dimension")
    needs: ClassVar[dict[str, Permission]] = {"create": Permission.MANAGE, "plan": Permission.MANAGE}

    def rows(self, project: Project) -> QuerySet[CascadeStudy]:
        return project.cascade_studies.all()

    @extend_schema(summary="Study a cascade of judges", request=CascadeRequestSerializer, responses=JOB)
    def create(self, request: Request, project_id: int) -> Response:
        given = CascadeRequestSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values: dict[str, Any] = dict(given.validated_data)
        question = known_question(request, values.pop("question"))
        known = candidates.dimensions(request.project, question)
        if values["dimension"] and values["dimension"] not in known:
            raise ValidationError({"dimension": f"Dimensions of {question}: {', '.join(known) or 'none'}."})
        values["dimension"] = "" if values["dimension"] == OVERALL else values["dimension"]
        title = f"Cascade on {question} {values['dimension']}".strip()
        return enqueued(request, tasks.cascade, title, question=question, **values)

    @extend_schema(
        summary="Put the tasks first that a plan leaves to people", request=ApplySerializer, responses=AppliedSerializer
    )
    @action(detail=True, methods=["post"])
    def plan(self, request: Request, project_id: int, pk: int) -> Response:
        study = self.get_object()
        given = ApplySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            return Response({"tasks": planning.apply(found=study, by=request.user, **given.validated_data)})
        except FileNotFoundError as error:
            raise NotFound("The study's pairs are gone. Study the cascade again, then make the plan.") from error
