from django.urls import re_path

from annotate.media import views

FILE = r"^media/(?P<organisation_id>[0-9]{1,18})/(?P<digest>[0-9a-f]{64})"

urlpatterns = [
    re_path(f"{FILE}$", views.media, name="media"),
    re_path(f"{FILE}/thumbnail$", views.preview, {"name": "thumbnail"}, name="thumbnail"),
    re_path(f"{FILE}/peaks$", views.preview, {"name": "peaks"}, name="peaks"),
    re_path(f"{FILE}/page/(?P<page>[1-9][0-9]{{0,5}})$", views.preview, {"name": "page"}, name="media_page"),
    re_path(r"^media/signed/(?P<token>[A-Za-z0-9:_.-]{1,500})$", views.signed, name="signed_media"),
]
