"""Who is using the site."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.utils.timezone import now

AUTHORS, INSTRUCTORS = "authors", "instructors"  # groups; administrators have `is_staff`


class UserManager(BaseUserManager["User"]):
    """Makes people by their address. There are no user names."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractUser):
    """A person with a login. What they learn lives in `roadmap`; what they ran, in `labs`."""

    class Theme(models.TextChoices):
        SYSTEM = "system", "As the device"
        DAY = "day", "Day"
        NIGHT = "night", "Night"

    username = None  # type: ignore[assignment]  # the address is the name
    first_name = None  # type: ignore[assignment]  # one field, since names have no fixed parts
    last_name = None  # type: ignore[assignment]
    email = models.EmailField("e-mail address", unique=True)
    name = models.CharField(max_length=150, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    theme = models.CharField(max_length=6, choices=Theme, default=Theme.SYSTEM)
    has_shortcuts = models.BooleanField("single-key shortcuts", default=True)
    is_demo = models.BooleanField(default=False)  # production refuses to start with one

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()  # type: ignore[assignment,misc]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name or self.email.partition("@")[0]


class Invite(models.Model):
    """A right to sign up, for one address, once. The token itself is never stored."""

    token_hash = models.CharField(max_length=64, unique=True)  # sha256 of 256 random bits
    email = models.EmailField("e-mail address")
    created_by = models.ForeignKey(User, models.CASCADE, null=True, related_name="invites_sent")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"invite for {self.email}"

    @property
    def is_open(self) -> bool:
        return self.used_at is None and self.expires_at > now()
