import pytest
from django.test import Client
from django.urls import reverse

from authoring.models import Asset
from authoring.services import publish_pack
from tests.authoring.conftest import WritePack, png

pytestmark = pytest.mark.django_db


@pytest.fixture
def asset(write_pack: WritePack) -> Asset:
    publish_pack(path=write_pack())
    return Asset.objects.get()


def test_anyone_may_see_a_picture(client: Client, asset: Asset) -> None:
    answer = client.get(reverse("authoring:asset-detail", args=[asset.sha256]))

    assert answer.status_code == 200
    assert answer.content == bytes(asset.data)
    assert answer["Content-Type"] == "image/svg+xml"


def test_a_drawing_opened_alone_can_do_nothing(client: Client, asset: Asset) -> None:
    answer = client.get(reverse("authoring:asset-detail", args=[asset.sha256]))

    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer["Content-Disposition"] == f'inline; filename="{asset.sha256[:12]}.svg"'


def test_a_png_is_served_as_one(client: Client, write_pack: WritePack) -> None:
    publish_pack(path=write_pack({"01-first-step/img/dots.png": png()}))
    asset = Asset.objects.get(media_type="image/png")

    answer = client.get(reverse("authoring:asset-detail", args=[asset.sha256]))

    assert answer["Content-Type"] == "image/png"
    assert (asset.width, asset.height) == (2, 2)


@pytest.mark.parametrize("name", ["0" * 64, "a", "x" * 5_000])
def test_a_picture_that_is_not_there_is_a_404(client: Client, name: str) -> None:
    assert client.get(f"/assets/{name}/").status_code == 404


def test_pictures_are_read_only(client: Client, asset: Asset) -> None:
    assert client.post(reverse("authoring:asset-detail", args=[asset.sha256])).status_code == 405


def test_the_address_in_lessons_is_that_of_the_view(asset: Asset) -> None:
    assert reverse("authoring:asset-detail", args=[asset.sha256]) == f"/assets/{asset.sha256}/"
