import re

import pytest

from authoring.drawing import PNG_START, Unfit, clean
from tests.authoring.conftest import SVG, png, png_chunk

NS = 'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"'
HOSTILE_SVG = {
    "script": f"<svg {NS}><script>alert(1)</script></svg>",
    "script in a namespace": f'<svg {NS}><g xmlns:s="http://www.w3.org/2000/svg"><s:script/></g></svg>',
    "style": f"<svg {NS}><style>@import url(//x.example/a.css)</style></svg>",
    "foreign object": f"<svg {NS}><foreignObject><p>hi</p></foreignObject></svg>",
    "event": f'<svg {NS}><rect onclick="alert(1)"/></svg>',
    "event on the root": f'<svg {NS} onload="alert(1)"/>',
    "style attribute": f'<svg {NS}><rect style="fill:url(//x.example)"/></svg>',
    "link": f'<svg {NS}><a href="javascript:alert(1)"><text>x</text></a></svg>',
    "old link": f'<svg {NS} xmlns:x="http://www.w3.org/1999/xlink"><g x:href="//x.example"/></svg>',
    "image": f'<svg {NS}><image href="https://x.example/a.png"/></svg>',
    "use": f'<svg {NS}><use href="#a"/></svg>',
    "animation": f'<svg {NS}><animate attributeName="x"/></svg>',
    "set": f'<svg {NS}><set attributeName="onmouseover" to="alert(1)"/></svg>',
    "outer address": f'<svg {NS}><rect fill="url(https://x.example/#a)"/></svg>',
    "spaced address": f"<svg {NS}><rect fill=\"url( '//x.example' )\"/></svg>",
    "escaped address": f'<svg {NS}><rect fill="\\75rl(//x.example)"/></svg>',
    "filter": f'<svg {NS}><filter><feImage href="//x.example"/></filter></svg>',
    "handler": f'<svg {NS}><handler type="text/javascript">alert(1)</handler></svg>',
    "htmx": f'<svg {NS}><g hx-get="/x"/></svg>',
    "htmx data": f'<svg {NS}><g data-hx-get="/x"/></svg>',
    "entity": f'<!DOCTYPE svg [<!ENTITY a "b">]><svg {NS}><text>&a;</text></svg>',
    "laughs": '<!DOCTYPE s [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + SVG,
    "outer entity": '<!DOCTYPE s [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + SVG,
    "doctype": '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://x.example">' + SVG,
    "deep": f"<svg {NS}>" + "<g>" * 30 + "</g>" * 30 + "</svg>",
    "many": f"<svg {NS}>" + "<g/>" * 10_001 + "</svg>",
    "huge": f"<svg {NS}><desc>{'x' * 1_000_000}</desc></svg>",
    "no size": '<svg xmlns="http://www.w3.org/2000/svg"/>',
    "huge size": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1e9 10"/>',
    "html": "<html><body>hi</body></html>",
    "no namespace": '<svg viewBox="0 0 1 1"/>',
    "not closed": f"<svg {NS}>",
    "text": "hello",
    "empty": "",
}


@pytest.mark.parametrize("name", HOSTILE_SVG)
def test_a_hostile_drawing_is_refused(name: str) -> None:
    with pytest.raises(Unfit):
        clean(HOSTILE_SVG[name].encode(), ".svg")


def test_a_drawing_in_another_encoding_is_refused() -> None:
    with pytest.raises(Unfit):
        clean(HOSTILE_SVG["script"].encode("utf-16"), ".svg")


def test_a_plain_drawing_keeps_its_shapes_and_its_size() -> None:
    drawn = clean(SVG.encode(), ".svg")

    assert (drawn.width, drawn.height, drawn.media_type) == (40, 20, "image/svg+xml")
    assert '<rect width="40" height="20" fill="none" stroke="#115e5e">' in drawn.data.decode()


def test_what_drawing_programs_leave_behind_is_dropped() -> None:
    ink = 'xmlns:i="http://www.inkscape.org/namespaces/inkscape"'
    text = f"<?xml version='1.0'?><!-- me --><svg {NS} {ink} i:version='1'>"
    text += (
        "<metadata><script>x</script></metadata><i:grid><g/></i:grid><text>a &lt; b</text></svg>"
    )

    out = clean(text.encode(), ".svg").data.decode()

    assert out == f"<svg {NS}><text>a &lt; b</text></svg>"


def test_a_cleaned_drawing_stays_as_it_is() -> None:
    once = clean(SVG.encode(), ".svg").data

    assert clean(once, ".svg").data == once


def test_a_refusal_says_what_to_do() -> None:
    with pytest.raises(Unfit, match="Write attributes such as fill and stroke instead"):
        clean(HOSTILE_SVG["style"].encode(), ".svg")


def test_a_png_keeps_its_pixels_and_loses_its_texts() -> None:
    data = png(3, 2, png_chunk(b"tEXt", b"Author\0somebody")) + b"<script>appended</script>"

    drawn = clean(data, ".png")

    assert (drawn.width, drawn.height) == (3, 2)
    assert drawn.data.startswith(PNG_START)
    assert not re.search(rb"somebody|script", drawn.data)
    assert clean(drawn.data, ".png").data == drawn.data


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"GIF89a", "named .png but is none"),
        (png()[:-20], "damaged"),
        (png().replace(b"IDAT", b"IDAX"), "damaged"),
        (png(rows=b"\0" * 5), "damaged"),
        (png(rows=b"\0" * 5_000_000), "damaged"),
        (png(100_000, 100_000, rows=b""), "at most 20,000,000"),
        (png(0, 4, rows=b""), "at most 20,000,000"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
        (png() + b"x" * 4_000_000, "larger than"),
    ],
)
def test_a_png_that_is_none_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(Unfit, match=reason):
        clean(data, ".png")


def test_other_pictures_are_refused() -> None:
    with pytest.raises(Unfit, match="that can be cleaned"):
        clean(b"GIF89a", ".gif")
