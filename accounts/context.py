"""What every template may ask about the site."""

from django.conf import settings
from django.http import HttpRequest

from accounts.models import User


def site(request: HttpRequest) -> dict[str, object]:
    return {"signup": settings.SIGNUP, "demo": settings.DEMO, "theme": theme(request)}


def theme(request: HttpRequest) -> str:
    """The theme of this browser, else the one the person chose elsewhere, else the device's."""
    user = getattr(request, "user", None)  # absent when a request fails before sign-in is read
    chosen = user.theme if isinstance(user, User) else User.Theme.SYSTEM
    cookie = request.COOKIES.get("theme", "")
    return cookie if cookie in User.Theme else str(chosen)
