"""What a worker under test runs: texts that take long, and texts that kill."""

import os
from time import sleep
from unittest.mock import patch

from labs import registry
from labs.runtime import Encoding, Tokenizer
from labs.runtime.tokens import Bytes, TokenRuntime
from tests.labs import rehearsal

BLOCK_S = 0.25


def install() -> None:
    """Make the rehearsal exercise the only one of this process, for good."""
    patch.object(registry, "all_exercises", lambda: {rehearsal.SLUG: rehearsal.exercise}).start()


class ActingBytes(Bytes):
    def encode(self, text: str) -> Encoding:
        if text == "poison":
            os._exit(9)
        if text == "slow":
            sleep(BLOCK_S)
        return super().encode(text)


class ActingRuntime(TokenRuntime):
    """Ordinary, but for the texts "slow" (a quarter of a second per step) and "poison"."""

    def tokenizer(self, slug: str) -> Tokenizer:
        return ActingBytes()
