"""Whether the server is alive and ready, and which version it is. Open to all: nothing of the documents is told."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Request

from ui.api.errors import ErrorBody, Problem
from ui.server.readiness import Readiness

router = APIRouter(tags=["status"])


@router.get("/health")
async def health() -> dict[str, str]:
    """Say that the server answers."""
    return {"status": "alive"}


@router.get("/ready", responses={503: {"model": ErrorBody, "description": "Not yet, or something is missing."}})
async def ready(request: Request) -> dict[str, Any]:
    """Say whether questions are answered at once: the library is open, the models are loaded."""
    readiness: Readiness = request.app.state.readiness
    if readiness.problem:
        raise Problem(503, "not_ready", readiness.problem)
    if not readiness.ready:
        raise Problem(503, "not_ready", f"Not yet: {readiness.doing} is being loaded.", {"retry-after": "1"})
    return {"status": "ready", "seconds": readiness.seconds}


@router.get("/version")
async def which() -> dict[str, str]:
    """Return the version of rag."""
    return {"version": version("rag")}
