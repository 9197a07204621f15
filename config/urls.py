"""The floor plan of the site: one line per app."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("roadmap.urls")),
    path("", include("labs.urls")),
    path("", include("authoring.urls")),
    path("", include("accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
