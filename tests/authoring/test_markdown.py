import re
from html.parser import HTMLParser
from itertools import chain
from pathlib import Path

import django_htmx
import pytest

from authoring.markdown import Context, Image, clean, render_lesson, render_text
from authoring.markdown.cleaning import HREF, TAGS
from tests.authoring.corpus import PAYLOADS, WRAPPED

ADDRESS = f"/assets/{'0' * 64}/"
HTMX = Path(django_htmx.__file__).parent / "static" / "django_htmx" / "htmx-2.min.js"
PACK = Context(
    facts={"kv.bytes": "131,072 bytes", "evil": "<b onclick=x>*bold*</b>"},
    image=lambda source: Image(ADDRESS, 40, 20) if source == "img/loop.svg" else None,
)


def html(text: str) -> str:
    return render_lesson(text, PACK).html


def remarks(text: str) -> list[str]:
    return [f"{one.line}: {one.field}: {one.text}" for one in render_lesson(text, PACK).remarks]


# --- what authors write ---------------------------------------------------------------------------


def test_a_picture_alone_becomes_a_figure_with_its_caption() -> None:
    assert html('![A loop](img/loop.svg "Notice `rank 258` & *more*.")') == (
        f'<figure class="figure"><img src="{ADDRESS}" alt="A loop" width="40" height="20" '
        'loading="lazy"><figcaption>Notice <code>rank 258</code> &amp; <em>more</em>.</figcaption>'
        "</figure>"
    )


def test_a_picture_from_elsewhere_is_not_shown() -> None:
    told = remarks("![A](https://x.example/a.png)\n\ntext ![B](img/gone.svg)\n\n![](img/loop.svg)")

    assert "<img" not in html("![A](https://x.example/a.png)")
    assert told == [
        "1: picture https://x.example/a.png: not in the pack. Put it beside, in img/.",
        "3: picture img/gone.svg: not in the pack. Put it beside, in img/.",
        "5: picture img/loop.svg: has no alt text. Say what it shows.",
    ]


@pytest.mark.parametrize("kind", ["note", "warning", "example", "predict", "try"])
def test_callouts_have_a_title(kind: str) -> None:
    expected = (
        f'<aside class="callout callout-{kind}"><p class="callout-title">Mind &lt;this&gt;</p>'
    )

    assert html(f"::: {kind} Mind <this>\nText.\n:::").startswith(expected)


def test_checks_cut_the_lesson_into_blocks() -> None:
    rendered = render_lesson("One.\n\n[[check: a]]\n\nTwo.\n\n[[check: b]]\n[[check: c]]\n", PACK)

    assert rendered.blocks == [
        {"html": "<p>One.</p>"},
        {"check": "a"},
        {"html": "<p>Two.</p>"},
        {"check": "b"},
        {"check": "c"},
    ]
    assert rendered.checks == ["a", "b", "c"]


def test_a_check_inside_a_sentence_or_a_box_is_told() -> None:
    assert len(remarks("See [[check: a]] here.\n\n::: note\n[[check: a]]\n:::")) == 2
    assert remarks("`[[check: a]]`") == []


def test_facts_are_inserted_as_text_and_only_as_text() -> None:
    assert html("It takes {{ fact:kv.bytes }}.") == "<p>It takes 131,072 bytes.</p>"
    assert html("{{fact:evil}}") == "<p>&lt;b onclick=x&gt;*bold*&lt;/b&gt;</p>"
    assert html("`{{ fact:kv.bytes }}`") == "<p><code>{{ fact:kv.bytes }}</code></p>"
    assert remarks("One\ntwo {{ fact:sampler.order.vllm }}") == [
        "2: fact sampler.order.vllm: not in facts.yaml."
    ]


def test_headings_have_anchors_that_no_page_uses() -> None:
    rendered = render_lesson("## Messages\n\n### A *b* `c`\n\n## Messages\n\n## नमस्ते\n", PACK)

    assert rendered.toc == [
        {"id": "s-messages", "text": "Messages", "level": 2},
        {"id": "s-a-b-c", "text": "A b c", "level": 3},
        {"id": "s-messages-2", "text": "Messages", "level": 2},
        {"id": "s-part", "text": "नमस्ते", "level": 2},
    ]
    assert '<h2 id="s-messages-2">' in rendered.html


def test_links_inside_the_course_lead_to_the_generated_anchors() -> None:
    text = "[a](#the-rule) [b](/lessons/next-token/#the-rule) [c](https://x.example)\n\n## The rule"

    out = render_lesson(text, PACK)

    assert 'href="#s-the-rule"' in out.html
    assert 'href="/lessons/next-token/#s-the-rule"' in out.html
    assert '<a href="https://x.example" rel="noopener noreferrer">' in out.html
    assert out.links == [(1, "lessons", "next-token")]
    assert out.remarks == []


@pytest.mark.parametrize(
    "target",
    ["/accounts/logout/", "//x.example/a", "ftp://x.example", "lessons/a/", "/lessons/a/read/"],
)
def test_links_to_elsewhere_are_told_and_lead_nowhere(target: str) -> None:
    assert f"link {target}: leads nowhere" in remarks(f"[a]({target})")[0]
    assert "href" not in html(f"[a]({target})")


def test_a_link_to_a_heading_that_is_not_there_is_told() -> None:
    assert remarks("[a](#gone)") == ["1: link #gone: no heading has this anchor."]


def test_token_strips_show_spaces_and_say_them() -> None:
    out = html("```tokens\ntekken: st| raw|a\\|b\nspm32k: a|…\n```")

    assert '<p class="label">tekken <span class="muted">3 tokens</span></p>' in out
    assert '<ol class="token-strip" aria-label="tekken, 3 tokens">' in out
    assert (
        '<li><span aria-hidden="true">␣</span><span class="visually-hidden">space </span>raw</li>'
        in out
    )
    assert "<li>a|b</li>" in out
    assert '<ol class="token-strip" aria-label="spm32k">' in out


def test_code_is_coloured_and_odd_languages_are_plain() -> None:
    assert '<span class="nb">print</span>' in html("```python\nprint(1)\n```")
    assert "<code>&lt;b&gt;\n</code>" in html("```brainfuck\n<b>\n```")


def test_tables_scroll_and_numbers_stand_right() -> None:
    out = html("| a | n |\n|---|--:|\n| x | 1 |\n")

    assert '<div class="table-box" tabindex="0" role="region" aria-label="Table 1">' in out
    assert '<td class="num">1</td>' in out


def test_maths_becomes_mathml_and_money_does_not() -> None:
    assert "<mfrac>" in html(r"$\frac{1}{2}$")
    assert '<math display="block">' in html("$$\nx\n$$")
    assert html("It costs $5, then $10.") == "<p>It costs $5, then $10.</p>"


@pytest.mark.parametrize("tex", ["{" * 900 + "}" * 900, r"\frac", r"\left(", "x" * 1_999 + "__"])
def test_maths_that_cannot_be_set_is_shown_as_written(tex: str) -> None:
    assert '<code class="maths-source">' in html(f"${tex}$")


def test_footnotes_lead_there_and_back() -> None:
    out = html("Text[^1].\n\n[^1]: Note.")

    assert '<a href="#fn1" id="fnref1"' in out
    assert '<li id="fn1" class="footnote-item">' in out


def test_a_short_text_stays_without_a_paragraph() -> None:
    assert render_text("An *option*.").html == "An <em>option</em>."
    assert render_text("One.\n\nTwo.").html == "<p>One.</p>\n<p>Two.</p>"
    assert render_text("Fill [[1]] and {n}.").html == "Fill [[1]] and {n}."
    assert "<h2" not in render_text("## Big").html


def test_limits_are_told() -> None:
    assert "more than 200 formulas" in "".join(remarks("$x$ " * 201))
    assert "longer than 2,000 characters" in "".join(remarks(f"${'x' * 2_001}$"))
    assert "nested deeper than 20" in "".join(remarks("> " * 40 + "a"))
    assert "has one #" in "".join(remarks("# Title"))


# --- what attackers write -------------------------------------------------------------------------


class Judge(HTMLParser):
    """Reads HTML as a browser would and lists what should not be there."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            self.judge(tag, name, value or "")

    def judge(self, tag: str, name: str, value: str) -> None:
        is_bad = name.startswith(("on", "hx-", "data-")) or name in ("style", "srcset", "name")
        is_bad |= name == "href" and not re.fullmatch(HREF, value)
        is_bad |= name == "src" and value != ADDRESS
        is_bad |= name == "id" and not re.fullmatch(r"s-[a-z0-9-]+|fn(ref)?\d+(:\d+)?", value)
        if is_bad:
            self.found.append(f"{tag} {name}={value}")


def survivors(html: str) -> list[str]:
    judge = Judge()
    judge.feed(html)
    judge.close()
    return judge.found


def test_the_judge_sees_what_it_should() -> None:
    bad = (
        "<script>x</script><p onclick=a data-hx-get=b><a href=javascript:x><img src=//x><p id=main>"
    )

    assert len(survivors(bad)) == 6


def test_the_corpus_is_large_enough() -> None:
    assert len(set(PAYLOADS)) >= 100


@pytest.mark.parametrize("wrapped", WRAPPED)
def test_no_payload_survives_in_a_lesson(wrapped: str) -> None:
    for payload in PAYLOADS:
        assert survivors(html(wrapped.format(payload))) == [], payload


def test_no_payload_survives_in_a_question() -> None:
    for payload in PAYLOADS:
        assert survivors(render_text(payload, PACK).html) == [], payload


def test_the_last_wall_holds_alone() -> None:
    for payload in PAYLOADS:
        cleaned = clean(payload)
        assert survivors(cleaned) == [], payload
        assert clean(cleaned) == cleaned, payload


def test_no_word_of_htmx_survives() -> None:
    names = sorted(set(re.findall(r"\bhx-[a-z-]*[a-z]", HTMX.read_text())))
    spellings = chain.from_iterable(
        (name, f"data-{name}", name.upper(), f"{name}:load", f"data-{name}-load") for name in names
    )
    attributes = " ".join(f'{name}="/x"' for name in spellings)

    assert len(names) >= 20
    for tag in sorted(TAGS):
        assert not re.search("hx-", clean(f"<{tag} {attributes}>x</{tag}>"), re.IGNORECASE)
