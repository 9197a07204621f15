"""The directory of a safetensors file, read as bytes and believed only where it adds up."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LONGEST_HEADER = 100_000_000  # bytes, as the format itself limits it
BYTES = {"F32": 4, "F16": 2, "BF16": 2}


class ModelRefused(Exception):
    """Files that are not opened. The sentence says what was found and what to do."""


@dataclass(frozen=True, kw_only=True)
class Directory:
    """What one weight file holds."""

    shapes: Mapping[str, tuple[int, ...]]
    data_bytes: int

    @property
    def parameters(self) -> int:
        return sum(math.prod(shape) for shape in self.shapes.values())


def read_directory(path: Path) -> Directory:
    """Read the header and check that the tensors tile the rest of the file without a gap.

    Source: the safetensors format: 8 bytes of header length, JSON, then the data.
    """
    name, size = f"{path.parent.name}/{path.name}", path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or not 2 <= length <= min(LONGEST_HEADER, size - 8):
            raise ModelRefused(
                f"{name}: the header claims {length:,} bytes of a file of {size:,}. "
                "The file is damaged or not safetensors; fetch it again."
            )
        raw = file.read(length)
    try:
        header = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ModelRefused(f"{name}: the header is not JSON. Fetch the file again.") from error
    if not isinstance(header, dict):
        raise ModelRefused(f"{name}: the header is not a JSON object. Fetch the file again.")
    header.pop("__metadata__", None)
    return tiled(name, header, size - 8 - length)


def tiled(name: str, header: Mapping[str, Any], data: int) -> Directory:
    """The shapes, if the spans cover `data` bytes exactly once."""
    shapes, spans = {}, []
    for tensor, about in header.items():
        shape, span = entry(name, tensor, about)
        shapes[tensor] = shape
        spans.append(span)
    end = 0
    for begin, finish in sorted(spans):
        if begin != end:
            raise ModelRefused(f"{name}: tensors overlap or leave a gap. Fetch the file again.")
        end = finish
    if end != data:
        raise ModelRefused(
            f"{name}: the tensors take {end:,} bytes, the file holds {data:,}. Fetch it again."
        )
    return Directory(shapes=shapes, data_bytes=data)


def entry(name: str, tensor: str, about: object) -> tuple[tuple[int, ...], tuple[int, int]]:
    """Shape and span of one tensor, if its type, shape and length agree."""
    fields = about if isinstance(about, dict) else {}
    shape, span = counts(fields.get("shape")), counts(fields.get("data_offsets"))
    width = BYTES.get(str(fields.get("dtype")))
    if shape is None or span is None or len(span) != 2 or width is None:
        raise ModelRefused(
            f"{name}: {tensor[:60]!r} has no usable type, shape and place. "
            f"The types are {', '.join(BYTES)}."
        )
    if span[1] - span[0] != math.prod(shape) * width:
        raise ModelRefused(f"{name}: {tensor[:60]!r} has another length than its shape.")
    return shape, (span[0], span[1])


def counts(value: Any) -> tuple[int, ...] | None:
    """A short list of whole numbers, or nothing."""
    if not isinstance(value, list) or len(value) > 8:
        return None
    good = all(type(part) is int and 0 <= part < 2**48 for part in value)
    return tuple(value) if good else None
