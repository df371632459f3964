"""Data-quality reports: the figures of every plot, and computing them anew."""

from typing import ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.access.policy import Permission
from annotate.api import InProject
from annotate.models import Project
from annotate.serializers import AnyObject
from curation import candidates, tasks
from curation.api import JOB, enqueued, known_question
from curation.models import QualityReport
from curation.serializers import WhichQuestionSerializer


class QualitySerializer(serializers.ModelSerializer):
    figures = AnyObject()

    class Meta:
        model = QualityReport
        fields = ("id", "question", "dimension", "source", "figures", "created_at")


class QualityRequestSerializer(WhichQuestionSerializer):
    dimension = serializers.CharField(default="", allow_blank=True, max_length=40)


@extend_schema_view(
    list=extend_schema(summary="Data-quality reports"), retrieve=extend_schema(summary="One data-quality report")
)
class QualityViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, InProject):
    queryset = QualityReport.objects.all()
    serializer_class = QualitySerializer
    filterset_fields = ("question", "dimension")
    needs: ClassVar[dict[str, Permission]] = {"create": Permission.MANAGE}

    def rows(self, project: Project) -> QuerySet[QualityReport]:
        return project.quality_reports.all()

    @extend_schema(summary="Compute data quality anew", request=QualityRequestSerializer, responses=JOB)
    def create(self, request: Request, project_id: int) -> Response:
        given = QualityRequestSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        question = known_question(request, given.validated_data["question"])
        dimension = given.validated_data["dimension"]
        known = candidates.dimensions(request.project, question)
        if dimension and dimension not in known:
            raise ValidationError({"dimension": f"Dimensions of {question}: {', '.join(known) or 'none'}."})
        title = f"Data quality of {question} {dimension}".strip()
        return enqueued(request, tasks.quality, title, question=question, dimension=dimension)
