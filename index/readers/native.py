"""The one seam to kreuzberg, whose native code parses the files that are not text.

Owns: how it is called, and mapping its errors to ours. Text recognition is off: a scan is never read badly without
a word. Headers, footers and notes stay in the text; the cleaner removes and records them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from index.errors import ReadError
from index.metadata import Properties

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from kreuzberg import ExtractionResult

PDF = "application/pdf"
XLSB = "application/vnd.ms-excel.sheet.binary.macroEnabled.12"
XLS = "application/vnd.ms-excel"


def extract(data: bytes, mime_type: str, name: str) -> ExtractionResult:
    """Return what kreuzberg makes of the bytes.

    Raises:
        ReadError: when they are protected or damaged.
    """
    from kreuzberg import (
        ContentFilterConfig,
        ExtractionConfig,
        KreuzbergError,
        PageConfig,
        extract_bytes_sync,
    )

    config = ExtractionConfig(
        use_cache=False,
        disable_ocr=True,  # type: ignore[call-arg] # its stubs lack it
        enable_quality_processing=False,
        pages=PageConfig(extract_pages=True),
        content_filter=ContentFilterConfig(
            include_headers=True, include_footers=True, strip_repeating_text=False, include_watermarks=False
        ),
    )
    try:
        return extract_bytes_sync(data, mime_type, config)
    except KreuzbergError as error:
        raise ReadError(_reason(name, str(error))) from error
    except Exception as error:  # the one seam to a native parser, which on junk may fail in any way
        raise ReadError(_reason(name, str(error))) from error


def _reason(name: str, message: str) -> str:
    if re.search(r"password|encrypt", message, re.IGNORECASE):
        return f"{name}: is protected with a password. Save a copy without it and add that."
    first = message.splitlines()[0][:200] if message else "no reason given"
    return f"{name}: is damaged or no such file inside ({first}). Open it, save it again and retry."


def properties(metadata: Mapping[str, Any]) -> Properties:
    """Return what the file says of itself."""
    authors = metadata.get("authors") or ()
    return Properties(metadata.get("title"), ", ".join(authors), metadata.get("created_at"))


def newlines(text: str) -> str:
    """Return the text with line feeds for all line ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
