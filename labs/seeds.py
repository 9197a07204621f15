"""User, lab version and try to a seed that nobody else can work out. Pure."""

from hashlib import sha256
from hmac import digest


def draw_seed(secret: str, *, user: int, version: int, number: int, stream: str) -> int:
    """A 63-bit seed. The code is public, so only the secret keeps an instance from being known.

    Args:
        secret: the server's LAB_SEED_SECRET.
        user: primary key of the learner.
        version: primary key of the lab version.
        number: of the try, from 1.
        stream: what the seed is for, so that two uses never share numbers.
    """
    text = f"{user}|{version}|{number}|{stream}"
    first = digest(secret.encode(), text.encode(), sha256)[:8]
    return int.from_bytes(first, "big") >> 1  # 63 bits: a database integer is signed
