"""Finds the generators of seeded questions: every module in `roadmap/generators/` is one."""

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np

from roadmap import generators
from roadmap.generators import Variant


@cache
def generator_names() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(generators.__path__))


def draw_variant(name: str, args: Mapping[str, Any], seed: int) -> Variant:
    """One variant of a seeded question. The same seed draws the same one.

    Raises:
        LookupError: no generator has this name.
        pydantic.ValidationError: the arguments are not what the generator takes.
    """
    if name not in generator_names():
        known = ", ".join(generator_names())
        raise LookupError(f"No generator is called {name!r}. There are: {known}.")
    module = import_module(f"roadmap.generators.{name}")
    variant: Variant = module.generate(
        module.Args.model_validate(args), np.random.default_rng(seed)
    )
    return variant
