from labs.seeds import draw_seed

SECRET = "s" * 50


def seed(**changes: int | str) -> int:
    secret = str(changes.pop("secret", SECRET))
    values = {"user": 1, "version": 2, "number": 3, "stream": "instance", **changes}
    return draw_seed(
        secret,
        user=int(values["user"]),
        version=int(values["version"]),
        number=int(values["number"]),
        stream=str(values["stream"]),
    )


def test_the_same_try_draws_the_same_seed() -> None:
    assert seed() == seed()


def test_everything_that_names_a_try_changes_its_seed() -> None:
    others = [seed(user=2), seed(version=3), seed(number=4), seed(stream="model"), seed(secret="t")]

    assert len({seed(), *others}) == 6


def test_a_seed_fits_a_signed_column() -> None:
    assert all(0 <= seed(number=number) < 2**63 for number in range(200))


def test_the_seed_is_the_documented_hmac() -> None:
    # Computed with openssl: printf '1|2|3|instance' | openssl dgst -sha256 -hmac <fifty times s>
    assert seed() == KNOWN


KNOWN = 8609796204639719731
