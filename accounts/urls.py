from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("settings/", views.settings, name="settings"),
    path("settings/preferences/", views.preference_edit, name="preference-edit"),
    path("settings/theme/", views.theme_edit, name="theme-edit"),
    path("settings/export/", views.export_create, name="export-create"),
    path("settings/delete/", views.account_delete, name="account-delete"),
    path("join/<str:token>/", views.invite_detail, name="invite-detail"),
    path("join/<str:token>/accept/", views.invite_accept, name="invite-accept"),
]
