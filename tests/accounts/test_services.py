from datetime import timedelta
from hashlib import sha256

import pytest
from django.utils.timezone import now

from accounts.models import Invite
from accounts.services import InviteSpent, create_invite, use_invite

pytestmark = pytest.mark.django_db


def test_an_invite_keeps_the_hash_of_256_bits_and_nothing_more() -> None:
    issued = create_invite(email="New@Example.org")
    assert len(issued.token) == 43  # 32 bytes as base64
    row = Invite.objects.get()
    assert row.token_hash == sha256(issued.token.encode()).hexdigest()
    assert row.email == "new@example.org"
    assert issued.token not in str(row.__dict__)
    assert timedelta(days=6) < row.expires_at - now() <= timedelta(days=7)


@pytest.mark.parametrize("days", [0, 8, -1])
def test_no_invite_lives_longer_than_a_week(days: int) -> None:
    with pytest.raises(ValueError, match="Ask for 1 to 7"):
        create_invite(email="new@example.org", days=days)


def test_a_second_invite_ends_the_first() -> None:
    first = create_invite(email="new@example.org")
    create_invite(email="new@example.org")
    assert not Invite.objects.filter(pk=first.invite.pk).exists()


def test_an_invite_is_spent_once() -> None:
    invite = create_invite(email="new@example.org").invite
    use_invite(invite=invite)
    with pytest.raises(InviteSpent, match="Ask for a new one"):
        use_invite(invite=invite)
