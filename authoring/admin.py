from django.contrib import admin

from accounts.admin import StaffAdmin
from authoring.models import Asset, Publication


@admin.register(Publication)
class PublicationAdmin(StaffAdmin):
    list_display = ("pack", "by", "published_at", "note")
    list_filter = ("pack",)


@admin.register(Asset)
class AssetAdmin(StaffAdmin):
    list_display = ("sha256", "media_type", "width", "height")
    exclude = ("data",)
