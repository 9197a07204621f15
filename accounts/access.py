"""The only way from a request to a row of this app."""

from hashlib import sha256

from django.shortcuts import get_object_or_404

from accounts.models import Invite


def access_invite_by_token(token: str) -> Invite:
    """An invite in any state: the page says in words why one can no longer be used."""
    return get_object_or_404(Invite, token_hash=sha256(token.encode()).hexdigest())
