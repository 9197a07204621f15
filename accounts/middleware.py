"""What every request passes: the content policy, the person's settings, the way back to login."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from csp.constants import UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

Handler = Callable[[HttpRequest], HttpResponse]


class ContentSecurityPolicy(CSPMiddleware):
    """One policy for the site. Under /admin/ alone, Unfold gets the two exceptions it needs."""

    def get_policy_parts(self, request: Any, response: Any, report_only: bool = False) -> Any:  # noqa: FBT001, FBT002
        parts = super().get_policy_parts(request, response, report_only)
        if request.path_info.startswith("/admin/"):
            parts.update = {"script-src": [UNSAFE_EVAL], "style-src": [UNSAFE_INLINE]}
        return parts


class PersonalSettings:
    """Times in the person's own zone."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        zone = user.time_zone if user.is_authenticated else "UTC"
        with timezone.override(ZoneInfo(zone)):
            return self.get_response(request)


class PartLogin:
    """An htmx request whose session ended goes to the login as a page, not into the part."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)
