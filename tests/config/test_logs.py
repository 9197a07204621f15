"""What a log line of an error tells, and what it keeps to itself."""

import json
import logging
import logging.config

import pytest
import structlog

from config.logs import logging_config

TYPED = "canary-7Qx9-canary"


def read_number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise LookupError(f"{text} is not known") from error


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_crash_is_told_by_type_and_place_never_by_what_was_typed(form: str) -> None:
    formatter = logging_config(form=form, level="INFO")["formatters"]["line"].copy()
    line = formatter.pop("()")(**formatter)
    with pytest.raises(LookupError) as caught:
        read_number(TYPED)
    error = (caught.type, caught.value, caught.tb)
    record = logging.LogRecord("django.request", logging.ERROR, "", 0, "Internal", None, error)

    told = line.format(record)

    assert "builtins.LookupError" in told
    assert "builtins.ValueError" in told
    assert "in read_number" in told
    assert TYPED not in told


def test_a_line_of_our_own_is_as_silent(capsys: pytest.CaptureFixture[str]) -> None:
    before = logging.getLogger().handlers[:]
    logging.config.dictConfig(logging_config(form="json", level="INFO"))
    try:
        read_number(TYPED)
    except LookupError:
        structlog.get_logger("labs").exception("a run crashed")
    finally:
        logging.getLogger().handlers[:] = before

    line = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert line["event"] == "a run crashed"
    assert "in read_number" in line["exception"]
    assert TYPED not in json.dumps(line)
