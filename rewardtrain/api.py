"""The API of the reward lab: runs, models and their evaluations, and scores."""

from pathlib import Path
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotate.access.policy import Permission
from annotate.api import InProject, reachable_organisations
from annotate.models import Project
from annotate.serializers import JobSerializer
from curation.api import enqueued
from curation.downloads import keep_upload
from rewardtrain import cards, scorer, selectors, services, standings, tasks
from rewardtrain import serializers as s
from rewardtrain.models import Evaluation, RewardModel, Run


@extend_schema_view(list=extend_schema(summary="Runs, newest first"), retrieve=extend_schema(summary="One run"))
class RunViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, InProject):
    queryset = Run.objects.all()
    serializer_class = s.RunSerializer
    filterset_fields = ("version", "sweep")
    needs: ClassVar[dict[str, Permission]] = {"create": Permission.MANAGE}

    def rows(self, project: Project) -> QuerySet[Run]:
        return selectors.project_runs(project)

    @extend_schema(summary="Train a reward model", request=s.NewRunSerializer, responses={202: s.RunSerializer})
    def create(self, request: Request, project_id: int) -> Response:
        given = s.NewRunSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        if values["version"].dataset.project_id != request.project.pk:
            raise ValidationError({"version": "The project has no such version."})
        run = services.create_run(
            version=values["version"],
            name=values["name"],
            recipe=values.get("recipe"),
            user=request.user,
            sweep=values.get("sweep", ""),
        )
        services.start(run=run)
        return Response(self.get_serializer(run).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(
        summary="Runs side by side: settings that differ, figures, paired differences on the rows that all saw",
        parameters=[OpenApiParameter("run", int, many=True, required=True, description=f"Two to {standings.MOST}.")],
        responses={200: s.ComparisonSerializer},
    )
    @action(detail=False, methods=["get"], pagination_class=None, filterset_fields=())
    def compare(self, request: Request, project_id: int) -> Response:
        wanted = list(dict.fromkeys(pk for pk in request.query_params.getlist("run") if pk.isdecimal()))
        if not 2 <= len(wanted) <= standings.MOST:
            raise ValidationError({"run": f"Name two to {standings.MOST} runs, such as ?run=1&run=2."})
        by_pk = {str(run.pk): run for run in self.get_queryset().filter(pk__in=wanted)}
        unknown = [pk for pk in wanted if pk not in by_pk]
        if unknown:
            raise ValidationError({"run": f"The project has no run {', '.join(unknown)}."})
        return Response(standings.comparison([by_pk[pk] for pk in wanted]))

    @extend_schema(summary="The run's log so far", responses={200: OpenApiResponse(description="A list of events.")})
    @action(detail=True, methods=["get"], pagination_class=None, filterset_fields=())
    def log(self, request: Request, project_id: int, pk: int) -> Response:
        return Response(selectors.log(self.get_object()))


@extend_schema_view(list=extend_schema(summary="Reward models"), retrieve=extend_schema(summary="One with its card"))
class ModelViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, InProject):
    queryset = RewardModel.objects.all()
    serializer_class = s.ModelSerializer
    needs: ClassVar[dict[str, Permission]] = {"answer": Permission.MANAGE}

    def rows(self, project: Project) -> QuerySet[RewardModel]:
        rows = RewardModel.objects.filter(run__version__dataset__project=project)
        return rows.select_related("run", "rater").order_by("-pk")

    @extend_schema(summary="The model card, as Markdown", responses={200: s.CardSerializer})
    @action(detail=True, methods=["get"], pagination_class=None)
    def card(self, request: Request, project_id: int, pk: int) -> Response:
        facts = selectors.card_facts(self.get_object(), base=request.build_absolute_uri("/").rstrip("/"))
        return Response({"markdown": cards.markdown(facts), "limits": cards.limits(facts)})

    @extend_schema(summary="Let it answer the project's tasks", request=None, responses={202: JobSerializer})
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, project_id: int, pk: int) -> Response:
        model = self.get_object()
        return enqueued(request, tasks.score_project, f"{model} answers the tasks", model=model.pk)


@extend_schema_view(list=extend_schema(summary="Evaluations"), retrieve=extend_schema(summary="One evaluation"))
class EvaluationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, InProject):
    queryset = Evaluation.objects.all()
    serializer_class = s.EvaluationSerializer
    filterset_fields = ("model", "suite")
    parser_classes = [MultiPartParser, JSONParser]
    needs: ClassVar[dict[str, Permission]] = {"create": Permission.MANAGE}

    def rows(self, project: Project) -> QuerySet[Evaluation]:
        return Evaluation.objects.filter(model__run__version__dataset__project=project).order_by("-pk")

    @extend_schema(
        summary="Evaluate a model on its version's split, or on a pair file",
        request=s.NewEvaluationSerializer,
        responses={202: JobSerializer},
    )
    def create(self, request: Request, project_id: int) -> Response:
        given = s.NewEvaluationSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        mine = RewardModel.objects.filter(run__version__dataset__project=request.project)
        model = mine.filter(pk=values["model"]).first()
        if model is None:
            raise ValidationError({"model": "The project has no such reward model."})
        file = values.get("file")
        where = {"data": keep_upload(file), "name": Path(file.name).name} if file else {}
        title = f"Evaluate {model} on {where.get('name') or values['split']}"
        own = {"suite": values["suite"], "split": values["split"]}
        return enqueued(request, tasks.evaluate_reward, title, model=model.pk, **own, **where)


class ScorerDown(APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "scorer_unavailable"


class ScoreView(APIView):
    """Rewards of responses to prompts by a registered model."""

    @extend_schema(
        summary="Score responses",
        request=s.ScoreSerializer,
        responses={200: s.RewardsSerializer, 503: OpenApiResponse(description="The scoring server is away.")},
    )
    def post(self, request: Request) -> Response:
        given = s.ScoreSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values: dict[str, Any] = given.validated_data
        within = reachable_organisations(request, having=Permission.VIEW)
        model = RewardModel.objects.filter(pk=values["model"], rater__organisation__in=within).first()
        if model is None:
            raise NotFound("There is no such reward model.")
        try:
            rewards = scorer.score(model=model, prompts=values["prompts"], responses=values["responses"])
        except scorer.ScorerRefused as error:
            raise ValidationError(str(error)) from error
        except scorer.ScorerUnavailable as error:
            raise ScorerDown(str(error)) from error
        return Response({"rewards": rewards})
