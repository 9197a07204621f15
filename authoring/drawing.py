"""Pictures of a pack → clean files. A picture is read and written anew, never passed on. Pure."""

import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

MAX_SVG_BYTES = 1_000_000
MAX_PNG_BYTES = 4_000_000
MAX_PIXELS = 20_000_000
MAX_DEPTH = 20
MAX_ELEMENTS = 10_000
SVG = "http://www.w3.org/2000/svg"


class Unfit(Exception):
    """The picture cannot be used. The text says why and what to do."""


@dataclass(frozen=True)
class Drawn:
    data: bytes
    media_type: str
    width: int = 0  # px
    height: int = 0


# --- SVG: rebuilt from lists of elements and attributes -------------------------------------------

ELEMENT_NAMES = (
    "svg g defs title desc path rect circle ellipse line polyline polygon text tspan "
    "linearGradient radialGradient stop marker clipPath"
)
IGNORED = frozenset({"metadata"})  # what drawing programs leave behind: dropped with its content
ATTRIBUTE_NAMES = (
    "id viewBox width height x y x1 y1 x2 y2 cx cy r rx ry dx dy d points transform rotate "
    "preserveAspectRatio version role aria-label aria-hidden lang focusable "
    "fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap "
    "stroke-linejoin stroke-dasharray stroke-dashoffset stroke-miterlimit opacity color "
    "font-family font-size font-weight font-style font-variant-numeric text-anchor "
    "dominant-baseline alignment-baseline baseline-shift letter-spacing word-spacing "
    "text-decoration textLength lengthAdjust visibility display overflow vector-effect "
    "paint-order shape-rendering text-rendering clip-path clip-rule clipPathUnits "
    "offset stop-color stop-opacity gradientUnits gradientTransform spreadMethod fx fy fr "
    "marker-start marker-mid marker-end markerWidth markerHeight markerUnits refX refY "
    "orient"
)
ELEMENTS, ATTRIBUTES = frozenset(ELEMENT_NAMES.split()), frozenset(ATTRIBUTE_NAMES.split())
HINTS = {
    "style": "Write attributes such as fill and stroke instead.",
    "class": "Write attributes such as fill and stroke instead.",
    "image": "Draw with shapes, or use a png.",
    "use": "Copy the shape instead.",
}


class SvgCopy:
    """Writes again what is on the lists, and names what is not."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.depth = self.skipping = self.count = 0
        self.size = (0, 0)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.count += 1
        if self.depth > MAX_DEPTH or self.count > MAX_ELEMENTS:
            raise Unfit(
                f"has more than {MAX_ELEMENTS:,} elements or {MAX_DEPTH} levels. Simplify it."
            )
        space, _, tag = name.rpartition(" ")
        if self.depth == 1 and (space, tag) != (SVG, "svg"):
            raise Unfit(f'starts with <{tag}>. An SVG starts with <svg xmlns="{SVG}">.')
        if self.skipping or space != SVG or tag in IGNORED:
            self.skipping += 1
            return
        if tag not in ELEMENTS:
            hint = HINTS.get(tag, "Take it out.")
            raise Unfit(f"has <{tag}>, which a picture may not have. {hint}")
        if self.depth == 1:
            self.size = dimensions(attributes)
        declared = f' xmlns="{SVG}"' if self.depth == 1 else ""
        self.out.append(f"<{tag}{declared}{''.join(kept(attributes))}>")

    def end(self, name: str) -> None:
        self.depth -= 1
        if self.skipping:
            self.skipping -= 1
        else:
            self.out.append(f"</{name.rpartition(' ')[2]}>")

    def text(self, text: str) -> None:
        if not self.skipping and self.depth:
            self.out.append(escape(text))


def kept(attributes: dict[str, str]) -> Iterator[str]:
    for name, value in attributes.items():
        if " " in name:  # of another namespace: what drawing programs leave behind
            if name.endswith(" href"):
                raise Unfit("has a link (href). A picture refers to nothing. Take it out.")
            continue
        if name not in ATTRIBUTES:
            hint = HINTS.get(name, "Take it out.")
            raise Unfit(f"has the attribute {name}, which a picture may not have. {hint}")
        require_inner(name, value)
        yield f" {name}={quoteattr(value)}"


def require_inner(name: str, value: str) -> None:
    """A reference may lead to an id of the same file only: url(#shade)."""
    squeezed = "".join(value.split()).lower()
    outside = squeezed.count("url(") != squeezed.count("url(#")
    if outside or "\\" in value or "&" in value or "javascript:" in squeezed:
        raise Unfit(f"has an address in {name}. Refer to ids of the same file, as url(#name).")


def dimensions(attributes: dict[str, str]) -> tuple[int, int]:
    """Width and height in px: of the view box, whose shape a page must leave room for."""
    box = attributes.get("viewBox", "").replace(",", " ").split()
    wanted = (
        box[2:] if len(box) == 4 else [attributes.get("width", ""), attributes.get("height", "")]
    )
    try:
        width, height = (round(float(value.removesuffix("px"))) for value in wanted)
    except (ValueError, OverflowError):
        raise Unfit('has no size. Write viewBox="0 0 640 360" at <svg>.') from None
    if not (0 < width <= 20_000 and 0 < height <= 20_000):
        raise Unfit(f"is {width} by {height}. Write a viewBox between 1 and 20,000.")
    return width, height


def refuse_declarations(*_: object) -> None:
    raise Unfit("has a DOCTYPE or an entity. Take the line that starts with <! out.")


def clean_svg(data: bytes) -> Drawn:
    if len(data) > MAX_SVG_BYTES:
        raise Unfit(f"is larger than {MAX_SVG_BYTES:,} bytes. Simplify it.")
    copy = SvgCopy()
    parser = expat.ParserCreate("utf-8", namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse_declarations
    parser.EntityDeclHandler = refuse_declarations
    parser.StartElementHandler = copy.start
    parser.EndElementHandler = copy.end
    parser.CharacterDataHandler = copy.text
    try:
        parser.Parse(data, True)  # noqa: FBT003  expat's own: this is all of it
    except expat.ExpatError as error:
        raise Unfit(f"is not SVG that can be read: {error}. Save it again as plain SVG.") from None
    return Drawn("".join(copy.out).encode(), "image/svg+xml", *copy.size)


# --- PNG: only the pixels -------------------------------------------------------------------------

PNG_START = b"\x89PNG\r\n\x1a\n"
END = b"IEND"
PIXEL_CHUNKS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT"})
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # colour type → values per pixel


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(PNG_START)
    while at + 12 <= len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        crc = data[at + 8 + length : at + 12 + length]
        if len(body) < length or crc != struct.pack(">I", zlib.crc32(kind + body)):
            break
        yield kind, body
        if kind == END:
            return
        at += 12 + length
    raise Unfit("is a damaged png. Save it again.")


def written(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def clean_png(data: bytes) -> Drawn:
    """The same pixels, packed anew: texts, profiles and anything after the end are left behind."""
    if len(data) > MAX_PNG_BYTES:
        raise Unfit(f"is larger than {MAX_PNG_BYTES:,} bytes. Make it smaller.")
    if not data.startswith(PNG_START):
        raise Unfit("is named .png but is none. Save it as png.")
    found: dict[bytes, bytes] = {}
    for kind, body in chunks(data):
        if kind in PIXEL_CHUNKS:
            found[kind] = found.get(kind, b"") + body
    width, height, expected = pixels(found.get(b"IHDR", b""))
    packed = repacked(found.get(b"IDAT", b""), expected)
    out = [PNG_START, written(b"IHDR", found[b"IHDR"])]
    out += [written(kind, found[kind]) for kind in (b"PLTE", b"tRNS") if kind in found]
    out += [written(b"IDAT", packed), written(END, b"")]
    return Drawn(b"".join(out), "image/png", width, height)


def pixels(header: bytes) -> tuple[int, int, int]:
    """Width, height, and the bytes that the unpacked picture must have."""
    if len(header) != 13:
        raise Unfit("is a damaged png. Save it again.")
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    if not 0 < width * height <= MAX_PIXELS:
        raise Unfit(
            f"has {width} by {height} pixels, at most {MAX_PIXELS:,} are allowed. Shrink it."
        )
    if colour not in CHANNELS or depth not in (1, 2, 4, 8, 16) or interlaced:
        raise Unfit("is an interlaced or unusual png. Save it without interlacing.")
    row = 1 + (width * depth * CHANNELS[colour] + 7) // 8
    return width, height, row * height


def repacked(packed: bytes, expected: int) -> bytes:
    """The pixel data unpacked in small pieces and packed again, so that a bomb stays small."""
    reader, writer = zlib.decompressobj(), zlib.compressobj(9)
    out, total = [], 0
    try:
        while not reader.eof and total <= expected:
            piece = reader.decompress(packed, 65_536)
            packed = reader.unconsumed_tail
            total += len(piece)
            out.append(writer.compress(piece))
            if not packed and not piece:
                break
    except zlib.error:
        total = -1
    if total != expected:
        raise Unfit("is a damaged png. Save it again.")
    return b"".join([*out, writer.flush()])


CLEANERS: dict[str, Callable[[bytes], Drawn]] = {".svg": clean_svg, ".png": clean_png}


def clean(data: bytes, suffix: str) -> Drawn:
    """The picture as it may be served, or Unfit with the reason."""
    if suffix not in CLEANERS:
        raise Unfit("is not a picture that can be cleaned. Use .svg, or .png.")
    return CLEANERS[suffix](data)
