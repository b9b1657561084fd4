"""The description of the API as a page of our own: what there is, in the order of the tags. Loads nothing."""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

router = APIRouter()

STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2 { line-height: 1.2; } h2 { margin-top: 2.5rem; }
dt { margin-top: 1.25rem; font-weight: 600; } dd { margin: .25rem 0 0; }
code { font: .95em ui-monospace, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
dl dl { margin: .25rem 0 0 1rem; } dl dl dt { display: inline; margin: 0; } dl dl dd { display: inline; }
dl dl dd::after { content: ""; display: block; }
"""


@router.get("/docs", response_class=HTMLResponse, include_in_schema=False)
def reference(request: Request) -> HTMLResponse:
    """Return the page."""
    described: dict[str, Any] = request.app.openapi()
    found = [
        (operation.get("tags", [""])[0], method.upper(), path, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]
    about = "".join(f"<p>{_text(part)}</p>" for part in described["info"]["description"].split("\n\n"))
    parts = "".join(
        f"<h2>{escape(tag)}</h2><dl>{''.join(_operation(described, *entry[1:]) for entry in group)}</dl>"
        for tag, group in groupby(found, key=lambda entry: entry[0])
    )
    return HTMLResponse(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>rag: API</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>'
        f"<h1>rag {escape(described['info']['version'])}: API</h1>{about}<p>For programs: "
        f'<a href="openapi.json">openapi.json</a></p><main>{parts}</main></body></html>'
    )


def _operation(described: dict[str, Any], method: str, path: str, operation: dict[str, Any]) -> str:
    said = " ".join(operation.get("description", "").split())
    fields = {p["name"]: p | p["schema"] for p in operation.get("parameters", [])} | _body(described, operation)
    names = "".join(
        f"<dt><code>{escape(name)}</code> </dt><dd>{_text(field.get('description', ''))}</dd>"
        for name, field in fields.items()
    )
    inner = f"<dl>{names}</dl>" if names else ""
    return f"<dt><code>{method} {escape(path)}</code></dt><dd>{_text(said)}{inner}</dd>"


def _body(described: dict[str, Any], operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the fields of the body that an operation takes."""
    contents = operation.get("requestBody", {}).get("content", {}).values()
    names = [content["schema"]["$ref"].rpartition("/")[2] for content in contents]
    found: dict[str, dict[str, Any]] = {}
    for name in names:
        found |= described["components"]["schemas"][name]["properties"]
    return found


def _text(said: str) -> str:
    """Return a text as HTML, what stands between backticks as code."""
    return "".join(
        f"<code>{escape(part)}</code>" if odd else escape(part)
        for part, odd in zip(said.split("`"), (i % 2 for i in range(said.count("`") + 1)), strict=True)
    )
