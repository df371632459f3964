from django.urls import path

from annotate.media import views

urlpatterns = [
    path("media/<int:organisation_id>/<str:digest>", views.media, name="media"),
    path("media/<int:organisation_id>/<str:digest>/thumbnail", views.media, {"size": "thumbnail"}, name="thumbnail"),
]
