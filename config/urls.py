"""The floor plan of the site: one line per app."""

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, re_path

from config.health import health_live, health_ready

SECURITY_TXT = f"Contact: mailto:{settings.SECURITY_CONTACT}\nPreferred-Languages: en\n"


def security_txt(request: HttpRequest) -> HttpResponse:
    return HttpResponse(SECURITY_TXT, content_type="text/plain; charset=utf-8")


urlpatterns = [
    path("", include("roadmap.urls")),
    path("", include("labs.urls")),
    path("", include("authoring.urls")),
    path("", include("accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    re_path(r"^health/live/?$", health_live, name="health-live"),
    re_path(r"^health/ready/?$", health_ready, name="health-ready"),
    path(".well-known/security.txt", security_txt, name="security-txt"),
]
