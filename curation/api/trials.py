"""Trials of judges' prompts and skills, and the skills that were kept."""

from typing import ClassVar

from django.core.exceptions import ValidationError as Refused
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.access.policy import Permission
from annotate.api import InProject
from annotate.models import Project
from annotate.serializers import AnyObject
from curation.api import known_question
from curation.judging import library, trials
from curation.models import Judge, JudgingSkill, Trial


class TrialSerializer(serializers.ModelSerializer):
    figures = AnyObject()

    class Meta:
        model = Trial
        fields = ("id", "what", "judge", "best", "meta_endpoint", "dimension", "verdict", "figures", "created_at")


class TrialRequestSerializer(serializers.Serializer):
    what = serializers.ChoiceField(choices=Trial.What.choices, default=Trial.What.PROMPT)
    judge = serializers.IntegerField(min_value=1)
    question = serializers.CharField(max_length=40)
    meta_endpoint = serializers.CharField(default="", allow_blank=True, max_length=80)
    budget = serializers.DecimalField(default=0, min_value=0, max_value=10**9, max_digits=19, decimal_places=9)
    budget_tokens = serializers.IntegerField(default=None, allow_null=True, min_value=1)
    rounds = serializers.IntegerField(default=None, allow_null=True, min_value=1, max_value=20)


class SkillSerializer(serializers.ModelSerializer):
    evidence = AnyObject(read_only=True)

    class Meta:
        model = JudgingSkill
        fields = ("id", "judge", "trial", "name", "when", "instruction", "category", "evidence", "is_on", "created_at")
        read_only_fields = tuple(name for name in fields if name != "is_on")


@extend_schema_view(
    list=extend_schema(summary="Trials of prompts and skills, newest first"),
    retrieve=extend_schema(summary="One trial"),
)
class TrialViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, InProject):
    queryset = Trial.objects.all()
    serializer_class = TrialSerializer
    filterset_fields = ("what", "judge")
    needs: ClassVar[dict[str, Permission]] = {"create": Permission.MANAGE}

    def rows(self, project: Project) -> QuerySet[Trial]:
        return project.judge_trials.all()

    @extend_schema(
        summary="Improve a judge's prompt, or grow its skills", request=TrialRequestSerializer,
        responses={202: TrialSerializer},
    )  # fmt: skip
    def create(self, request: Request, project_id: int) -> Response:
        given = TrialRequestSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = dict(given.validated_data)
        known_question(request, values["question"])
        mine = Judge.objects.filter(organisation=request.project.organisation, pk=values.pop("judge"))
        if not (judge := mine.first()):
            raise ValidationError({"judge": "There is no such judge."})
        try:
            trial = trials.start(judge=judge, project=request.project, user=request.user, **values)
        except Refused as error:
            raise ValidationError(error.message_dict) from error
        return Response(TrialSerializer(trial).data, status=status.HTTP_202_ACCEPTED)


@extend_schema_view(list=extend_schema(summary="Judging skills"), retrieve=extend_schema(summary="One skill"))
class SkillViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, InProject):
    queryset = JudgingSkill.objects.all()
    serializer_class = SkillSerializer
    filterset_fields = ("judge", "trial", "is_on")
    needs: ClassVar[dict[str, Permission]] = {"partial_update": Permission.MANAGE}

    def rows(self, project: Project) -> QuerySet[JudgingSkill]:
        return JudgingSkill.objects.filter(trial__project=project)

    @extend_schema(summary="Switch a skill on or off", request=SkillSerializer, responses=SkillSerializer)
    def partial_update(self, request: Request, project_id: int, pk: int) -> Response:
        skill = get_object_or_404(self.get_queryset(), pk=pk)
        given = SkillSerializer(skill, data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        library.switch(skill=skill, on=given.validated_data.get("is_on", skill.is_on))
        return Response(SkillSerializer(skill).data)
