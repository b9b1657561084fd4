"""Read the header of a GGUF file: what the model is, how big, its vocabulary, where its weights are.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import math
import mmap
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import ModelError

# Value types of the format, as `struct` codes.
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_CONTROL_TOKEN = 3

ALIGNMENT = 32
"""Each tensor's data begins at a multiple of so many bytes, unless the file says otherwise."""


@dataclass(frozen=True)
class Tensor:
    """A tensor of a GGUF file: its type by the format's number, and where its data begins after `Header.data_at`."""

    name: str
    shape: tuple[int, ...]
    kind: int
    offset: int

    @property
    def size(self) -> int:
        """The number of its values."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class Header:
    """The metadata of a GGUF file, by the format's own keys, and its tensors.

    `tensors_at` is where their descriptions begin in the file, `data_at` where their data does.
    """

    metadata: dict[str, Any]
    tensors: tuple[Tensor, ...]
    tensors_at: int
    data_at: int

    @property
    def parameters(self) -> int:
        """The number of values in all tensors."""
        return sum(tensor.size for tensor in self.tensors)

    @property
    def context(self) -> int:
        """The number of tokens the model was trained to read; 0 if the file does not say."""
        return int(self.metadata.get(f"{self.metadata.get('general.architecture')}.context_length", 0))

    @property
    def control_tokens(self) -> frozenset[str]:
        """The tokens that steer the model and never stand for text, such as `<|im_end|>`."""
        tokens = self.metadata.get("tokenizer.ggml.tokens", [])
        types = self.metadata.get("tokenizer.ggml.token_type", [])
        pairs = zip(tokens, types, strict=False)
        return frozenset(token for token, kind in pairs if kind == _CONTROL_TOKEN and len(token) > 2)


def read_header(path: Path) -> Header:
    """Return the header of a GGUF file; raise `ModelError` if there is none that can be read."""
    if not path.is_file():
        raise ModelError(f"There is no model file {str(path)!r}. Check the path, or use gguf:package.")
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _Reader(data).header()
    except (ValueError, struct.error, OSError) as error:
        raise ModelError(
            f"{str(path)!r} is no GGUF file that can be read ({error}). Download it again, or name another."
        ) from error


class _Reader:
    """Walks the header from its beginning; reading past the end raises `struct.error`."""

    def __init__(self, data: mmap.mmap) -> None:
        self.data = data
        self.at = 0

    def header(self) -> Header:
        if self.data[:4] != b"GGUF":
            raise ValueError(f"it begins with {self.data[:4]!r}, not b'GGUF'")
        self.at = 4
        version, tensors, entries = self.numbers("I", 1)[0], *self.numbers("Q", 2)
        if version not in (2, 3):
            raise ValueError(f"version {version} of the format is not known")
        metadata = {}
        for _ in range(entries):
            key = self.string()
            metadata[key] = self.value(self.numbers("I", 1)[0])
        begin = self.at
        found = tuple(self.tensor() for _ in range(tensors))
        alignment = int(metadata.get("general.alignment", ALIGNMENT)) or ALIGNMENT
        return Header(metadata, found, begin, -(-self.at // alignment) * alignment)

    def numbers(self, code: str, count: int) -> tuple[Any, ...]:
        form = f"<{count}{code}"
        values = struct.unpack_from(form, self.data, self.at)
        self.at += struct.calcsize(form)
        return values

    def string(self) -> str:
        (length,) = self.numbers("Q", 1)
        end = self.at + length
        if end > len(self.data):
            raise ValueError("it is cut short")
        text = self.data[self.at : end].decode("utf-8", errors="replace")
        self.at = end
        return text

    def value(self, kind: int) -> Any:
        if kind == _STRING:
            return self.string()
        if kind == _ARRAY:
            item, count = self.numbers("I", 1)[0], self.numbers("Q", 1)[0]
            if count > len(self.data):
                raise ValueError("it is cut short")
            if item in _SCALARS:
                return list(self.numbers(_SCALARS[item], count))
            return [self.value(item) for _ in range(count)]
        if kind not in _SCALARS:
            raise ValueError(f"value type {kind} is not known")
        return self.numbers(_SCALARS[kind], 1)[0]

    def tensor(self) -> Tensor:
        name = self.string()
        (dimensions,) = self.numbers("I", 1)
        shape = self.numbers("Q", min(dimensions, 8))
        return Tensor(name, shape, self.numbers("I", 1)[0], self.numbers("Q", 1)[0])
