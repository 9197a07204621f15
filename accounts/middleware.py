"""What every request passes: the content policy, the person's settings, the way back to login."""

from codecs import lookup
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

from allauth.mfa.utils import is_mfa_enabled
from csp.constants import UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect, reswap, retarget
from django_htmx.middleware import HtmxDetails

Handler = Callable[[HttpRequest], HttpResponse]
PERMISSIONS = (
    "camera=(), geolocation=(), microphone=(), payment=(), usb=(), "
    "publickey-credentials-create=(self), publickey-credentials-get=(self)"
)
PAGE = b"<!doctype"
RETRY_AFTER = "60"  # seconds: the limits of the sign-in pages count by the minute


class ContentSecurityPolicy(CSPMiddleware):
    """One policy for the site. Under /admin/ alone, Unfold gets the two exceptions it needs."""

    def get_policy_parts(self, request: Any, response: Any, report_only: bool = False) -> Any:  # noqa: FBT001, FBT002
        parts = super().get_policy_parts(request, response, report_only)
        if request.path_info.startswith("/admin/"):
            parts.update = {"script-src": [UNSAFE_EVAL], "style-src": [UNSAFE_INLINE]}
        return parts


class PersonalSettings:
    """Times in the person's own zone; what they see stays out of every cache."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        zone = user.time_zone if user.is_authenticated else "UTC"
        with timezone.override(ZoneInfo(zone)):
            response = self.get_response(request)
        if user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        return response


class StaffSecondFactor:
    """Staff pass into the admin with a second factor only. Demo mode does not ask for one."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        asks = settings.STAFF_NEEDS_MFA and request.path_info.startswith("/admin/")
        if asks and user.is_authenticated and user.is_staff and not is_mfa_enabled(user):
            return HttpResponseRedirect(resolve_url("mfa_index"))
        return self.get_response(request)


class PartLogin:
    """An htmx request whose session ended goes to the login as a page, not into the part."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        htmx, login = HtmxDetails(request), resolve_url(settings.LOGIN_URL)
        if not htmx or urlsplit(response.headers.get("Location", "")).path != login:
            return response
        page = htmx.current_url_abs_path
        if page and url_has_allowed_host_and_scheme(page, allowed_hosts=None):
            login += "?" + urlencode({"next": page})
        return HttpResponseClientRedirect(login)


class OneEncoding:
    """Text comes in UTF-8. Other encodings can carry half characters, which nothing can store."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.encoding and lookup(request.encoding).name != "utf-8":
            raise BadRequest("The request is not in UTF-8.")
        return self.get_response(request)


class PartErrors:
    """An error of an htmx request is a sentence for #messages, never a page inside a part."""

    CODES = (400, 403, 404, 429, 500)

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        status = response.status_code
        if status == 429:
            response.headers.setdefault("Retry-After", RETRY_AFTER)
        if not HtmxDetails(request) or status not in self.CODES or is_part(response):
            return response
        part = HttpResponse(render_to_string(f"_error_{status}.html"), status=status)
        for name in ("Cache-Control", "Retry-After"):
            if name in response:
                part[name] = response[name]
        return retarget(reswap(part, "innerHTML"), "#messages")


def is_part(response: HttpResponse) -> bool:
    """A refused form, with its reasons, that a view made for the place that asked."""
    start = b"" if response.streaming else response.content[:200].lstrip().lower()
    return response.status_code == 429 and start.startswith(b"<") and PAGE not in start
