from django.urls import path

from authoring import views

app_name = "authoring"
urlpatterns = [path("assets/<slug:sha256>/", views.asset_detail, name="asset-detail")]
