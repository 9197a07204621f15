"""Labs: can their exercise draw an instance from what the pack says?"""

from collections.abc import Iterator

from pydantic import ValidationError

from authoring.pack import Lab, Pack, Problem
from labs.registry import get_exercise

SEEDS = range(3)  # a calibration that lacks something shows it in a draw or two


def instance_problems(lab: Lab, pack: Pack) -> Iterator[Problem]:
    """Draws the lab as a learner's first visit would, and lays the hidden part over the key."""
    name = lab.file.exercise
    exercise, path = get_exercise(name), f"calibrations/{name}.json"
    found = next((one for one in pack.calibrations if one.exercise == name), None)
    if exercise.calibrate and found is None:
        if path not in pack.unread:
            text = f"{name!r} needs {path}, which is not in the pack. "
            yield lab.source.problem("exercise", f"{text}Make it with the calibrate command.")
        return
    values = found.values if found and exercise.calibrate else {}
    try:
        keys = [exercise.instance(seed, values)[1] for seed in SEEDS]
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError):
        text = f"{name!r} cannot be drawn from these. Make the file with the calibrate command."
        yield (found or lab).source.problem("values" if found else "exercise", text)
        return
    try:
        type(keys[0]).model_validate({**keys[0].model_dump(), **lab.file.key.hidden})
    except ValidationError as error:
        for one in error.errors():
            field = ".".join(map(str, ("key", "hidden", *one["loc"])))
            yield lab.source.problem(field, f"{one['msg']}. See the key of the exercise {name}.")
