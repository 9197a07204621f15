"""What was published, when, and by whom; and the pictures that came with it."""

from __future__ import annotations

from django.db import models


class Publication(models.Model):
    """One publishing of a pack that changed something."""

    pack = models.SlugField()
    source_digest = models.CharField(max_length=64)
    moved = models.JSONField()  # keys whose pointer moved, and what was added or retired
    note = models.TextField(blank=True)
    by = models.CharField(max_length=254, blank=True)  # a copied name: the row outlives the person
    published_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-published_at"]

    def __str__(self) -> str:
        return f"{self.pack} at {self.published_at:%Y-%m-%d %H:%M}"


class Asset(models.Model):
    """A cleaned picture of a pack, stored once by its content."""

    sha256 = models.CharField(max_length=64, unique=True)
    media_type = models.CharField(max_length=40)
    data = models.BinaryField()
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.sha256[:12]
