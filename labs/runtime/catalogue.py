"""The operator's model file, read and checked: which model plays which role, from which bytes.

[models.pebble-base]
backend = "hf"                 # or "fake"
path = "pebble/model/pebble-base"   # or: hub = "owner/name", revision = "<40 hex digits>"
sha256 = "<64 hex digits>"     # of the vetted files, as `manage.py models` prints it
dtype = "float32"              # or "bfloat16", "float16"
device = "auto"                # or "cpu", "cuda", "mps"
context = 512                  # tokens
licence = "MIT"
roles = ["story", "chat"]
"""

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from labs.runtime import NoModelError

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,49}")
HUB = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
REVISION = re.compile(r"[0-9a-f]{40}")
SHA256 = re.compile(r"[0-9a-f]{64}")
LONGEST_CONTEXT = 262_144  # tokens

Dtype = Literal["float32", "bfloat16", "float16"]
Device = Literal["auto", "cpu", "cuda", "mps"]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One checked model of the file."""

    slug: str
    backend: Literal["hf", "fake"]
    roles: tuple[str, ...]
    path: str = ""  # of a local folder, or empty
    hub: str = ""  # owner/name, or empty
    revision: str = ""  # of the hub repository, 40 hex digits
    sha256: str = ""  # of the vetted files; may be empty for a hub model not fetched yet
    dtype: Dtype = "float32"
    device: Device = "auto"
    context: int = 0  # tokens; 0 for a fake
    licence: str = ""


@dataclass(frozen=True)
class Problem:
    """What is wrong with one field, and what to write there."""

    entry: str
    field: str
    sentence: str

    def __str__(self) -> str:
        return f"models.{self.entry}.{self.field}: {self.sentence}"


class CatalogueError(Exception):
    """The model file cannot be used as it is; says everything that must change."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


@dataclass(frozen=True)
class Catalogue:
    """The checked entries, in the order of the file."""

    entries: tuple[Entry, ...]

    def of(self, role: str) -> Entry:
        """The model that plays a role.

        Raises:
            NoModelError: no entry has the role.
        """
        for entry in self.entries:
            if role in entry.roles:
                return entry
        known = ", ".join(sorted(role for entry in self.entries for role in entry.roles))
        raise NoModelError(f"No model is installed for the role {role!r}. There are: {known}.")


Rule = Callable[[Any], str]  # "" or what to write


def matches(pattern: re.Pattern[str], advice: str) -> Rule:
    return lambda value: (
        "" if isinstance(value, str) and pattern.fullmatch(value) else f"write {advice}"
    )


def one_of(*choices: str) -> Rule:
    advice = " or ".join(f'"{choice}"' for choice in choices)
    return lambda value: "" if value in choices else f"write {advice}"


def is_text(value: Any) -> str:
    return "" if isinstance(value, str) and value.strip() else "write a name in quotes"


def is_licence(value: Any) -> str:
    if isinstance(value, str) and value.strip():
        return ""
    return 'write the licence of the weights, such as "Apache-2.0"; a model without one is refused'


def is_context(value: Any) -> str:
    if type(value) is int and 1 <= value <= LONGEST_CONTEXT:
        return ""
    return f"write a number of tokens from 1 to {LONGEST_CONTEXT}"


def are_roles(value: Any) -> str:
    good = isinstance(value, list) and all(
        isinstance(role, str) and SLUG.fullmatch(role) for role in value
    )
    return "" if good else 'write a list of roles such as ["story", "chat"]'


RULES: dict[str, Rule] = {
    "backend": one_of("hf", "fake"),
    "roles": are_roles,
    "path": is_text,
    "hub": matches(HUB, 'owner and name, such as "Qwen/Qwen2.5-0.5B"'),
    "revision": matches(REVISION, "the full commit of the repository, 40 hex digits"),
    "sha256": matches(SHA256, "the 64 hex digits that `manage.py models check` prints"),
    "dtype": one_of("float32", "bfloat16", "float16"),
    "device": one_of("auto", "cpu", "cuda", "mps"),
    "context": is_context,
    "licence": is_licence,
}


def read(text: str) -> Catalogue:
    """Check a whole model file.

    Raises:
        CatalogueError: with one problem per field that must change.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError((Problem("", "", f"This is not TOML: {error}."),)) from error
    models = tables.pop("models", {})
    problems = [
        Problem("", name, "unknown; every model is a table [models.<slug>]") for name in tables
    ]
    if not isinstance(models, dict):
        raise CatalogueError((Problem("", "", "write one table [models.<slug>] per model"),))
    for slug, fields in models.items():
        problems += problems_of(slug, fields)
    problems += shared_roles(models)
    if problems:
        raise CatalogueError(tuple(problems))
    return Catalogue(tuple(entry(slug, fields) for slug, fields in models.items()))


def entry(slug: str, fields: Mapping[str, Any]) -> Entry:
    return Entry(slug=slug, **{**fields, "roles": tuple(fields["roles"])})


def problems_of(slug: str, fields: object) -> list[Problem]:
    if not SLUG.fullmatch(slug):
        sentence = "write a slug of small letters, digits and hyphens, at most 50"
        return [Problem(slug, "slug", sentence)]
    if not isinstance(fields, dict):
        return [Problem(slug, "backend", f"write a table [models.{slug}]")]
    checked = cast(dict[str, Any], fields)
    return [
        Problem(slug, name, sentence)
        for name, sentence in [*wrong(checked), *missing(checked), *unpinned(checked)]
    ]


def wrong(fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Fields that are there and are not what they should be."""
    found = []
    for name, value in fields.items():
        if name not in RULES:
            found.append((name, f"unknown. There are: {', '.join(RULES)}."))
        elif advice := RULES[name](value):
            found.append((name, f"{value!r} cannot be used; {advice}."))
    return found


def missing(fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Fields that must be there."""
    needed = ["backend", "roles"]
    if fields.get("backend") == "hf":
        needed += ["context", "licence"]
    return [(name, f"missing; {RULES[name](None)}.") for name in needed if name not in fields]


def unpinned(fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Whether the bytes of a real model are named exactly."""
    if fields.get("backend") != "hf":
        return []
    if ("path" in fields) == ("hub" in fields):
        return [("path", 'write either path = "folder" or hub = "owner/name", one of the two.')]
    if "hub" in fields and "revision" not in fields:
        return [("revision", f"missing; {RULES['revision'](None)}. A branch name can move.")]
    if "path" in fields and "sha256" not in fields:
        return [("sha256", f"missing; {RULES['sha256'](None)}.")]
    return []


def shared_roles(models: Mapping[str, Any]) -> list[Problem]:
    """Roles that more than one entry claims."""
    claims: Counter[str] = Counter()
    problems = []
    for slug, fields in models.items():
        roles = fields.get("roles") if isinstance(fields, dict) else None
        for role in roles if isinstance(roles, list) and not are_roles(roles) else ():
            claims[role] += 1
            if claims[role] > 1:
                problems.append(
                    Problem(slug, "roles", f"{role!r} is taken by another model; keep it in one.")
                )
    return problems
