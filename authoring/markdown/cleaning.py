"""The last step of the pipeline: only listed tags, attributes and classes leave it."""

import re

import nh3
from pygments.token import STANDARD_TYPES

MATHML_NAMES = (
    "math mrow mi mn mo mtext mspace mfrac msqrt mroot mstyle msub msup msubsup munder mover "
    "munderover mmultiscripts mprescripts mtable mtr mtd mpadded mphantom menclose"
)
HTML_NAMES = (
    "p h2 h3 h4 h5 h6 ul ol li strong em code pre hr blockquote br a img figure figcaption "
    "table thead tbody tr th td div span aside section sup"
)
CLASS_NAMES = (
    "figure callout callout-title callout-note callout-warning callout-example callout-predict "
    "callout-try table-box num token-strip token-block label muted visually-hidden highlight "
    "footnote-ref footnotes footnotes-list footnote-item footnote-backref footnotes-sep "
    "maths maths-source"
)
MATHML = frozenset(MATHML_NAMES.split())
TAGS = MATHML | frozenset(HTML_NAMES.split())
CODE_CLASSES = frozenset(name for name in STANDARD_TYPES.values() if name)
CLASSES = frozenset(CLASS_NAMES.split()) | CODE_CLASSES
HEADINGS = ("h2", "h3", "h4", "h5", "h6")
MATHML_ATTRIBUTE_NAMES = (
    "display mathvariant stretchy fence separator lspace rspace width height depth linethickness "
    "columnalign rowspacing columnspacing accent accentunder displaystyle scriptlevel minsize "
    "maxsize movablelimits symmetric notation"
)
ATTRIBUTES: dict[str, set[str]] = {
    **{tag: set(MATHML_ATTRIBUTE_NAMES.split()) for tag in MATHML},
    **{tag: {"id"} for tag in HEADINGS},
    **{tag: {"class"} for tag in ("p", "figure", "aside", "section", "th", "td")},
    "a": {"href", "class", "id"},
    "img": {"src", "alt", "width", "height", "loading"},
    "ol": {"class", "start", "aria-label"},
    "li": {"id", "class"},
    "div": {"class", "tabindex", "role", "aria-label"},
    "span": {"class", "aria-hidden"},
    "code": {"class"},
    "sup": {"class"},
    "hr": {"class"},
    "pre": {"tabindex"},
}
NUMBER = r"\d{1,5}"
SHORT = r"[\w.%+-]{1,40}"
HREF = (
    r"https?://[^\s]+|mailto:[^\s/][^\s]*|#(s-[a-z0-9-]+|fn(ref)?\d+(:\d+)?)"
    r"|/(steps|lessons|quizzes|labs|about)/[a-z0-9-]+/(#s-[a-z0-9-]+)?|/(trail|progress)/"
)
VALUES = {  # attribute → what its whole value must look like
    "id": r"s-[a-z0-9-]+|fn(ref)?\d+(:\d+)?",
    "href": HREF,
    "src": r"/assets/[0-9a-f]{64}/",
    "width": SHORT,
    "height": SHORT,
    "start": NUMBER,
    "tabindex": "0",
    "role": "region",
    "loading": "lazy",
    "aria-hidden": "true",
    "alt": r"(?s:.*)",
    "aria-label": r"(?s:.*)",
}
PATTERNS = {name: re.compile(pattern) for name, pattern in VALUES.items()}
ANYTHING_SHORT = re.compile(SHORT)


def keep(tag: str, name: str, value: str) -> str | None:
    if name == "class":
        return " ".join(word for word in value.split() if word in CLASSES) or None
    if name == "rel":  # nh3's own, on every link
        return value
    return value if PATTERNS.get(name, ANYTHING_SHORT).fullmatch(value) else None


CLEANER = nh3.Cleaner(
    tags=set(TAGS),
    attributes=ATTRIBUTES,
    attribute_filter=keep,
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener noreferrer",
)


def clean(html: str) -> str:
    return CLEANER.clean(html)
