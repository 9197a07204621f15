from django.urls import path

from roadmap.views import progress, trail

app_name = "roadmap"
urlpatterns = [
    path("", trail.landing, name="landing"),
    path("about/<slug:page>/", trail.about_detail, name="about-detail"),
    path("trail/", trail.trail, name="trail"),
    path("steps/<slug:key>/", trail.step_detail, name="step-detail"),
    path("progress/", progress.progress, name="progress"),
]
