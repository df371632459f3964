"""Addresses of the API of collection, below /api/v1/. Every app has such a module; config.urls includes them."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from annotate import api

top = SimpleRouter(use_regex_path=False)
top.register("projects", api.ProjectViewSet, basename="api-project")
top.register("jobs", api.JobViewSet, basename="api-job")

project = SimpleRouter(use_regex_path=False)
project.register("items", api.ItemViewSet, basename="api-item")
project.register("tasks", api.TaskViewSet, basename="api-task")
project.register("annotations", api.AnnotationViewSet, basename="api-annotation")
project.register("media", api.MediaViewSet, basename="api-media")

urlpatterns = [*top.urls, path("projects/<int:project_id>/", include(project.urls))]
