from django.http import HttpResponse
from django.urls import path

app_name = "roadmap"
urlpatterns = [
    path("", lambda request: HttpResponse("Cairn"), name="landing"),
    path("trail/", lambda request: HttpResponse("Cairn"), name="trail"),
]
