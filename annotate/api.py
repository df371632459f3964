"""The API of collection. Every view finds its project within reach of the sign-in or the token, else answers 404."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from annotate import queue, selectors, services, workbench
from annotate import serializers as s
from annotate.access.models import ApiToken, Organisation
from annotate.access.policy import Permission, permissions, require
from annotate.access.services import record
from annotate.filters import TaskFilter
from annotate.jobs import services as jobs
from annotate.jobs.models import Job
from annotate.media import services as media
from annotate.media import signing
from annotate.media.models import MediaFile
from annotate.models import Annotation, Item, Project, Rater, Task

READ = ("get", "head", "options")


def token_of(request: Request) -> ApiToken | None:
    """The token that the request came with; None for a session."""
    return request.auth if isinstance(request.auth, ApiToken) else None


def reachable_organisations(request: Request, *, having: Permission | None = None) -> list[int]:
    """Organisations in which whoever asks has a permission (any, or this one), by themselves and by their token."""
    mine = Organisation.objects.filter(memberships__user=request.user)
    granted = {one.pk: permissions(request.user, one, token_of(request)) for one in mine}
    return [pk for pk, allowed in granted.items() if (having in allowed if having else allowed)]


class InProject(GenericViewSet):
    """Views below ``projects/<project_id>/``: `request.project`, and what the action needs of whoever asks."""

    needs: ClassVar[dict[str, Permission]] = {}
    default_need = Permission.VIEW
    lookup_value_converter = "int"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        project = find_project(request, self.kwargs["project_id"])
        needed = self.needs.get(self.action, self.default_need)
        request.permissions = require(request.user, project.organisation, needed, token_of(request))
        request.project = project

    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset.none()
        return self.rows(self.request.project)

    def rows(self, project: Project) -> QuerySet[Any]:
        """What of the project this view lists."""
        raise TypeError(f"{type(self).__name__} says what it lists")

    def rater(self) -> Rater:
        return services.person_rater(organisation=self.request.project.organisation, user=self.request.user)


def find_project(request: Request, project_id: int) -> Project:
    """A project of the asker's organisations."""
    mine = Project.objects.visible_to(request.user).select_related("organisation")
    return get_object_or_404(mine, pk=project_id)


@extend_schema_view(
    list=extend_schema(summary="Projects within reach"),
    retrieve=extend_schema(summary="One project with its questions"),
    create=extend_schema(summary="Make a project", request=s.NewProjectSerializer),
    partial_update=extend_schema(summary="Change a project's settings"),
)
class ProjectViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.CreateModelMixin, mixins.UpdateModelMixin, GenericViewSet
):
    queryset = Project.objects.all()
    serializer_class = s.ProjectSerializer
    filterset_fields = ("name", "is_paused")
    http_method_names = [*READ, "post", "patch"]
    lookup_value_converter = "int"

    def get_queryset(self) -> QuerySet[Project]:
        rows = Project.objects.select_related("organisation").order_by("pk")
        if getattr(self, "swagger_fake_view", False):
            return rows.none()
        return rows.filter(organisation__in=reachable_organisations(self.request))

    def get_object(self) -> Project:
        project = super().get_object()
        if self.request.method not in ("GET", "HEAD", "OPTIONS"):
            require(self.request.user, project.organisation, Permission.MANAGE, token_of(self.request))
        return project

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        serializer = s.NewProjectSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        given = dict(serializer.validated_data)
        require(request.user, given["organisation"], Permission.MANAGE, token_of(request))
        project = services.create_project(by=request.user, **given)
        return Response(self.get_serializer(project).data, status=status.HTTP_201_CREATED)

    def perform_update(self, serializer: Any) -> None:
        services.update_project(project=serializer.instance, by=self.request.user, **serializer.validated_data)

    @extend_schema(summary="How far a project is", responses=s.ProgressSerializer)
    @action(detail=True, methods=["get"])
    def progress(self, request: Request, pk: int) -> Response:
        project = self.get_object()
        require(request.user, project.organisation, Permission.VIEW, token_of(request))
        return Response(s.ProgressSerializer(selectors.progress(project)).data)


@extend_schema_view(
    list=extend_schema(summary="Items with their responses"), retrieve=extend_schema(summary="One item")
)
class ItemViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, InProject):
    queryset = Item.objects.all()
    serializer_class = s.ItemSerializer
    filterset_fields = ("external_id", "group")

    def rows(self, project: Project) -> QuerySet[Item]:
        return project.items.prefetch_related("responses").order_by("pk")


@extend_schema_view(
    list=extend_schema(summary="Tasks, for reviewers"), retrieve=extend_schema(summary="One task, for reviewers")
)
class TaskViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, InProject):
    queryset = Task.objects.all()
    serializer_class = s.TaskSerializer
    filterset_class = TaskFilter
    default_need = Permission.REVIEW
    needs: ClassVar[dict[str, Permission]] = {"next": Permission.LABEL, "skip": Permission.LABEL}

    def rows(self, project: Project) -> QuerySet[Task]:
        return project.tasks.select_related("item").order_by("pk")

    @extend_schema(
        summary="Lease the next task for yourself",
        request=s.BesideSerializer,
        responses={200: s.AskedTaskSerializer, 204: OpenApiResponse(description="Nothing is left for you.")},
        filters=False,
    )
    @action(detail=False, methods=["post"])
    def next(self, request: Request, project_id: int) -> Response:
        given = s.BesideSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        beside = given.validated_data.get("beside", ())
        lease = queue.lease_next(project=request.project, rater=self.rater(), beside=beside)
        if lease is None:
            return Response(status=status.HTTP_204_NO_CONTENT)
        return Response(s.AskedTaskSerializer(workbench.view_of(lease)).data)

    @extend_schema(
        summary="Hand a task back", request=s.ReasonSerializer, responses={204: OpenApiResponse(description="Done.")}
    )
    @action(detail=True, methods=["post"])
    def skip(self, request: Request, project_id: int, pk: int) -> Response:
        given = s.ReasonSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        queue.skip(task=self.get_object(), rater=self.rater(), reason=given.validated_data["reason"])
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema_view(
    list=extend_schema(summary="Everybody's answers, for reviewers"),
    retrieve=extend_schema(summary="One answer, for reviewers"),
)
class AnnotationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, InProject):
    queryset = Annotation.objects.all()
    serializer_class = s.AnnotationSerializer
    filterset_fields = ("task", "rater__name", "rater__kind", "status", "is_current")
    default_need = Permission.REVIEW
    needs: ClassVar[dict[str, Permission]] = {"create": Permission.LABEL}

    def rows(self, project: Project) -> QuerySet[Annotation]:
        return Annotation.objects.filter(task__project=project).select_related("rater").order_by("pk")

    @extend_schema(
        summary="Answer a task that was leased to you",
        request=s.NewAnnotationSerializer,
        responses={201: s.AnnotationSerializer, 422: OpenApiResponse(description="The answers do not fit the form.")},
    )
    def create(self, request: Request, project_id: int) -> Response:
        given = s.NewAnnotationSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        task = get_object_or_404(request.project.tasks, pk=values.pop("task"))
        annotation = queue.submit(task=task, rater=self.rater(), **values)
        return Response(self.get_serializer(annotation).data, status=status.HTTP_201_CREATED)

    @extend_schema(summary="Count an answer that came late", request=None)
    @action(detail=True, methods=["post"])
    def count(self, request: Request, project_id: int, pk: int) -> Response:
        annotation = self.get_object()
        queue.count_late(annotation=annotation, by=request.user)
        annotation.refresh_from_db()
        return Response(self.get_serializer(annotation).data)


@extend_schema_view(
    list=extend_schema(summary="Jobs within reach", parameters=[OpenApiParameter("project", int)]),
    retrieve=extend_schema(summary="One job"),
)
class JobViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet):
    queryset = Job.objects.all()
    serializer_class = s.JobSerializer
    filterset_fields = ("project", "state", "handler")
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[Job]:
        if getattr(self, "swagger_fake_view", False):
            return Job.objects.none()
        within = reachable_organisations(self.request, having=Permission.VIEW)
        return Job.objects.filter(organisation__in=within).select_related("organisation")

    @extend_schema(summary="Cancel a job", request=None)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        job = self.get_object()
        require(request.user, job.organisation, Permission.MANAGE, token_of(request))
        jobs.request_cancel(job=job)
        record(organisation=job.organisation, actor=request.user, verb="job.cancelled", target=job.title)
        job.refresh_from_db()
        return Response(self.get_serializer(job).data)


class MediaViewSet(InProject):
    queryset = MediaFile.objects.all()
    serializer_class = s.MediaSerializer
    parser_classes = [MultiPartParser]
    default_need = Permission.MANAGE
    needs: ClassVar[dict[str, Permission]] = {"signed": Permission.VIEW}
    filterset_class = None
    lookup_field = "digest"
    lookup_value_converter = "slug"

    def rows(self, project: Project) -> QuerySet[MediaFile]:
        return MediaFile.objects.filter(organisation=project.organisation_id)

    @extend_schema(
        summary="Upload a file",
        description="Image, video, audio, 3D model or PDF, judged by content. Metadata are taken out before it is "
        "kept, so the reference can differ from the SHA-256 of what was sent. The same content twice is one file.",
        request={"multipart/form-data": s.UploadSerializer},
        responses={201: s.MediaSerializer},
    )
    def create(self, request: Request, project_id: int) -> Response:
        given = s.UploadSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        upload = given.validated_data["file"]
        media.check_size(upload.size, upload.name)
        file = media.store(organisation=request.project.organisation, content=upload.read(), name=upload.name)
        return Response(self.get_serializer(file).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="An address of a file that needs no sign-in, for a limited time",
        parameters=[
            OpenApiParameter("digest", str, OpenApiParameter.PATH, description="The reference after “sha256:”."),
            OpenApiParameter("seconds", int, description="How long it works; an hour without it, seven days at most."),
        ],
        responses=s.SignedMediaSerializer,
        filters=False,
    )
    @action(detail=True, methods=["get"])
    def signed(self, request: Request, project_id: int, digest: str) -> Response:
        given = s.LifetimeSerializer(data=request.query_params)
        given.is_valid(raise_exception=True)
        path, ends = signing.path(self.get_object(), **given.validated_data)
        until = datetime.fromtimestamp(ends, UTC)
        found = {"url": request.build_absolute_uri(path), "expires_at": until}
        return Response(s.SignedMediaSerializer(found).data)
