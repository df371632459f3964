from django.urls import re_path

from annotate.media import views

FILE = r"^media/(?P<organisation_id>[0-9]{1,18})/(?P<digest>[0-9a-f]{64})"

urlpatterns = [
    re_path(f"{FILE}$", views.media, name="media"),
    re_path(f"{FILE}/thumbnail$", views.media, {"size": "thumbnail"}, name="thumbnail"),
]
