"""Pack → problems: what refers to nothing, what is missing, what is too long or out of date."""

from datetime import UTC, date, datetime

from authoring.pack import Pack, Problem
from authoring.validator.keys import Catalogue, fact_problems, key_problems
from authoring.validator.setting import context_of, misconception_id
from authoring.validator.texts import Texts

__all__ = ["Catalogue", "context_of", "misconception_id", "problems_of"]


def problems_of(
    pack: Pack, *, catalogue: Catalogue | None = None, today: date | None = None
) -> list[Problem]:
    """Everything wrong with a pack that was read, warnings too, in the order of its files."""
    found = [
        *key_problems(pack, catalogue or Catalogue()),
        *fact_problems(pack, today or datetime.now(UTC).date()),
        *Texts(pack).problems(),
        *unused(pack),
    ]
    return sorted(set(found))


def unused(pack: Pack) -> list[Problem]:
    """Pictures that no text names; perhaps one was meant to."""
    texts = "\n".join(
        one.body if one.kind == "lesson" else one.file.model_dump_json() for one in pack.activities
    )
    return [
        Problem(path, 0, "", "is not shown anywhere.", is_warning=True)
        for path in pack.pictures
        if path.partition("/")[2] not in texts
    ]
