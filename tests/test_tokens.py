"""The style sheets: colours can be read in both themes, every name is defined and used."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from itertools import pairwise, product
from math import cos, radians, sin
from pathlib import Path
from typing import Any

import pytest
import tinycss2
from django.conf import settings
from tinycss2.color3 import RGBA, parse_color

from authoring.markdown.cleaning import CLASSES as LESSON_CLASSES

ROOT = Path(settings.BASE_DIR)
STATIC, TEMPLATES = ROOT / "static", ROOT / "templates"
SHEETS = {name: STATIC / f"css/{name}.css" for name in ("tokens", "base", "components", "screens")}
THEMES = ("day", "night")
SURFACES = ("page", "panel", "well")
FILLS = ("primary", "secondary", "accent", "info", "success", "warning", "error", "neutral")
SOFT = ("success", "warning", "error", "info")

# Written by htmx and by Django's forms, not by a template.
FOREIGN_CLASSES = {"htmx-request", "htmx-indicator", "errorlist"}
HOOKS = {"error-part"}  # what htmx picks out of an error page; it needs no look of its own

Colour = tuple[float, float, float]  # linear light, 0 to 1


def nodes_in(nodes: list[Any]) -> Iterator[Any]:
    """Every token of a sheet, inside blocks and functions too."""
    for node in nodes:
        yield node
        for inner in ("prelude", "content", "arguments", "value"):
            held = getattr(node, inner, None)
            if isinstance(held, list):
                yield from nodes_in(held)


def sheet(name: str) -> list[Any]:
    text = SHEETS[name].read_text()
    return list(nodes_in(tinycss2.parse_component_value_list(text, skip_comments=True)))


def declared() -> dict[str, list[str]]:
    """Each colour of tokens.css: its day and its night value as written."""
    text = SHEETS["tokens"].read_text()
    pattern = r"--([\w-]+): light-dark\((#\w+|oklch\([^)]*\)), (#\w+|oklch\([^)]*\))\)"
    return {name: [day, night] for name, day, night in re.findall(pattern, text)}


def light(value: str) -> Colour:
    """Linear sRGB of a hex or an oklch() value. Source: Ottosson (2020), OKLab matrices."""
    if value.startswith("#"):
        parsed = parse_color(value)
        assert isinstance(parsed, RGBA)
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
            for part in parsed[:3]
        )
        return red, green, blue
    lightness, chroma, hue = map(float, value.removeprefix("oklch(").rstrip(")").split())
    a, b = chroma * cos(radians(hue)), chroma * sin(radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    mixed = (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
    red, green, blue = (min(max(part, 0.0), 1.0) for part in mixed)
    return red, green, blue


def contrast(one: str, other: str, theme: str) -> float:
    """Source: WCAG 2.2, contrast ratio."""
    colours, index = declared(), THEMES.index(theme)
    low, high = sorted(
        0.2126 * red + 0.7152 * green + 0.0722 * blue
        for red, green, blue in (light(colours[name][index]) for name in (one, other))
    )
    return (high + 0.05) / (low + 0.05)


TEXT_PAIRS = [
    *product(("ink", "muted", *FILLS), SURFACES),
    *product(("on-fill",), FILLS),
    *((tone, f"soft-{tone}") for tone in SOFT),
    *(("ink", f"soft-{tone}") for tone in SOFT),
    *(("ink", f"tok-{n}") for n in range(8)),
    *(("ink", f"heat-{n}") for n in range(5)),
]
EDGE_PAIRS = [
    *product(("edge", "accent"), SURFACES),
    *(("muted", f"tok-{n}") for n in range(8)),
    *product((f"chart-{n}" for n in range(1, 7)), ("page", "panel")),
]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("text", "behind"), TEXT_PAIRS)
def test_text_stands_out(text: str, behind: str, theme: str) -> None:
    assert contrast(text, behind, theme) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("edge", "behind"), EDGE_PAIRS)
def test_edges_and_focus_stand_out(edge: str, behind: str, theme: str) -> None:
    assert contrast(edge, behind, theme) >= 3


def test_the_ratio_is_the_one_of_the_standard() -> None:
    assert light("#ffffff") == (1, 1, 1)
    assert light("oklch(1 0 0)") == pytest.approx((1, 1, 1), abs=1e-3)
    assert light("oklch(.628 .258 29.2)") == pytest.approx((1, 0, 0), abs=5e-3)
    assert contrast("ink", "page", "day") == pytest.approx(14.4, abs=0.1)  # as designed


@pytest.mark.parametrize("name", ["base", "components", "screens"])
def test_colours_are_written_in_tokens_alone(name: str) -> None:
    free = {"transparent", "currentcolor"}
    found = [
        node.serialize()
        for node in sheet(name)
        if (node.type == "hash" and parse_color(node))
        or (node.type == "ident" and node.lower_value not in free and parse_color(node))
        or (node.type == "function" and node.lower_name in {"rgb", "rgba", "hsl", "oklch", "lab"})
    ]
    assert found == []


def test_every_custom_property_is_defined() -> None:
    text = "".join(path.read_text() for path in SHEETS.values())
    visuals = "".join(path.read_text() for path in STATIC.rglob("*.js"))
    defined = set(re.findall(r"(--[a-z][\w-]*)\s*:", text))
    assert set(re.findall(r"var\((--[\w-]+)", text + visuals)) - defined == set()


def ruled_classes() -> set[str]:
    found: set[str] = set()
    for name in SHEETS:
        tokens = sheet(name)
        for dot, after in pairwise(tokens):
            if dot.type == "literal" and dot.value == "." and after.type == "ident":
                found.add(after.value)
    return found


def template_classes() -> set[str]:
    """Classes in templates; what a variable fills in is left out."""
    found: set[str] = set()
    for path in TEMPLATES.rglob("*.html"):
        for value in re.findall(r'\bclass="([^"]*)"', path.read_text()):
            plain = re.sub(r"\S*\{\{.*?\}\}\S*|\{%.*?%\}", " ", value)
            found.update(plain.split())
    return found


def script_words() -> set[str]:
    text = "".join(path.read_text() for path in STATIC.rglob("*.js"))
    return set(re.findall(r"[\w-]+", text))


def python_classes() -> set[str]:
    text = "".join(
        path.read_text()
        for app in ("accounts", "roadmap", "labs", "authoring")
        for path in (ROOT / app).rglob("*.py")
    )
    found = re.findall(r'class="([\w -]+)"|"class": "([\w -]+)"', text)
    return {word for pair in found for value in pair for word in value.split()}


def test_every_class_of_a_template_has_a_rule() -> None:
    assert template_classes() - ruled_classes() - HOOKS == set()


def test_every_rule_has_a_user() -> None:
    users = template_classes() | script_words() | python_classes()
    assert ruled_classes() - users - LESSON_CLASSES - FOREIGN_CLASSES == set()


def test_style_sheets_and_the_script_are_small() -> None:
    styles = sum(len(gzip.compress(path.read_bytes())) for path in SHEETS.values())
    assert styles <= 20_000
    assert len(gzip.compress((STATIC / "js/cairn.js").read_bytes())) <= 5_000
    assert len((STATIC / "img/contours.svg").read_bytes()) <= 6_000


def test_nothing_foreign_lies_under_static() -> None:
    wrong = [
        path.name
        for path in STATIC.rglob("*")
        if path.suffix in {".map", ".woff", ".woff2", ".ttf"} or ".min." in path.name
    ]
    assert wrong == []
    for path in [*STATIC.rglob("*.css"), *STATIC.rglob("*.js")]:
        assert "http" not in path.read_text().replace('[href^="http"]', ""), path
