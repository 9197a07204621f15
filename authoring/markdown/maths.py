"""TeX → MathML. What cannot be set is shown as it was written."""

from html import escape
from itertools import accumulate

from latex2mathml import exceptions
from latex2mathml.converter import convert

MAX_CHARACTERS = 2_000
MAX_BRACES = 20  # deeper groups become elements that no browser nests that far
OWN: tuple[type[Exception], ...] = tuple(
    error
    for error in vars(exceptions).values()
    if isinstance(error, type) and issubclass(error, Exception)
)
REFUSALS: tuple[type[Exception], ...] = (
    *OWN,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    StopIteration,
    TypeError,
    ValueError,
)


def mathml(tex: str, *, is_block: bool) -> str:
    """MathML that still has to be cleaned: the library lets some of the text through as tags."""
    if len(tex) > MAX_CHARACTERS or depth(tex) > MAX_BRACES:
        return source(tex)
    try:
        return str(convert(tex, display="block" if is_block else "inline"))
    except REFUSALS:
        return source(tex)


def depth(tex: str) -> int:
    """How deep the braces go."""
    opened = (1 if sign == "{" else -1 if sign == "}" else 0 for sign in tex)
    return max(accumulate(opened), default=0)


def source(tex: str) -> str:
    return f'<code class="maths-source">{escape(tex)}</code>'
