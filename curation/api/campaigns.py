"""The API of campaigns."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError as Invalid
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.access.policy import Permission
from annotate.api import InProject
from annotate.jobs.registry import JobError
from annotate.models import Project
from annotate.serializers import AnyObject
from curation.campaigning import selectors, services
from curation.models import Campaign, DatasetVersion, Round


class RoundSerializer(serializers.ModelSerializer):
    figures = AnyObject(read_only=True)

    class Meta:
        model = Round
        fields = ("number", "figures", "updated_at")


class CampaignSerializer(serializers.ModelSerializer):
    rounds = RoundSerializer(many=True, read_only=True)
    figures = AnyObject(read_only=True)
    spent = serializers.FloatField(read_only=True)
    dataset = serializers.CharField(source="dataset.name", read_only=True)

    class Meta:
        model = Campaign
        fields = (
            "id", "name", "plan", "source_version", "source_pool", "dataset", "state", "stage", "error", "spent",
            "figures", "rounds", "version", "job", "created_at", "finished_at",
        )  # fmt: skip


class NewCampaignSerializer(serializers.Serializer):
    plan = serializers.CharField(help_text="YAML; what is not said takes its default.", max_length=100_000)
    version = serializers.IntegerField(required=False, help_text="Dataset version that it begins with; or:")
    pool = serializers.IntegerField(required=False, help_text="Pool that it begins with.")
    dataset = serializers.CharField(required=False, allow_blank=True, default="", max_length=120)


@extend_schema_view(
    list=extend_schema(summary="Campaigns, newest first"),
    retrieve=extend_schema(summary="One campaign with its rounds"),
)
class CampaignViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, InProject):
    queryset = Campaign.objects.all()
    serializer_class = CampaignSerializer
    filterset_fields = ("state",)
    needs: ClassVar[dict[str, Permission]] = {
        "create": Permission.MANAGE, "go_on": Permission.MANAGE, "cancel": Permission.MANAGE,
    }  # fmt: skip

    def rows(self, project: Project) -> QuerySet[Campaign]:
        return selectors.of_project(project).prefetch_related("rounds")

    @extend_schema(summary="Start a campaign", request=NewCampaignSerializer, responses={201: CampaignSerializer})
    def create(self, request: Request, project_id: int) -> Response:
        given = NewCampaignSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values: dict[str, Any] = given.validated_data
        versions = DatasetVersion.objects.filter(dataset__project=request.project)
        found: dict[str, Any] = {}
        for name, rows in (("version", versions), ("pool", request.project.pools.all())):
            if name in values:
                found[name] = rows.filter(pk=values[name]).first()
                if found[name] is None:
                    raise ValidationError({name: f"The project has no such {name}."})
        try:
            campaign = services.start(
                project=request.project,
                plan=values["plan"],
                dataset=values["dataset"],
                user=request.user,
                **found,
            )
        except Invalid as error:
            raise ValidationError(error.message_dict) from error
        return Response(CampaignSerializer(campaign).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="Go on: after a failure, or without the answers that are missing",
        request=None,
        responses={202: CampaignSerializer},
    )
    @action(detail=True, methods=["post"], url_path="go-on")
    def go_on(self, request: Request, project_id: int, pk: int) -> Response:
        return self._after(services.go_on, request)

    @extend_schema(summary="End it", request=None, responses={202: CampaignSerializer})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, project_id: int, pk: int) -> Response:
        return self._after(services.cancel, request)

    def _after(self, do: Any, request: Request) -> Response:
        try:
            do(campaign=self.get_object(), user=request.user)
        except JobError as error:
            raise ValidationError({"detail": str(error)}) from error
        return Response(CampaignSerializer(self.get_object()).data, status=status.HTTP_202_ACCEPTED)
