"""Pictures of a pack, served from the catalogue."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from authoring.access import access_asset_by_sha256

ENDINGS = {"image/svg+xml": "svg", "image/png": "png"}


@require_safe
def asset_detail(request: HttpRequest, sha256: str) -> HttpResponse:
    """A picture under the sha256 of its bytes, so it may be kept for ever."""
    asset = access_asset_by_sha256(sha256)
    name = f"{asset.sha256[:12]}.{ENDINGS.get(asset.media_type, 'bin')}"
    return HttpResponse(
        bytes(asset.data),
        content_type=asset.media_type,
        headers={
            "Cache-Control": "public, max-age=31536000, immutable",  # a year, in seconds
            "Content-Disposition": f'inline; filename="{name}"',
            # Of its own, and stricter than the site's: opened alone, an SVG is a document.
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
        },
    )
