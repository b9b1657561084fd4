"""Evaluation: sets of questions, runs of them in the background, their figures and reports, two runs compared."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, File, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, Response

from eval.compare import Comparison
from eval.compare import compare as compare_runs
from eval.figures import figures
from eval.formats import load_set
from eval.past import Past, past
from eval.placing import problems
from eval.report_html import comparison_to_html, to_html
from eval.runs import load_run
from ui.api.bodies import RunBody, SetBody
from ui.api.errors import Problem, not_found
from ui.api.running import Runs
from ui.api.serving import ERRORS, AtDesk, InCollection, assistant, library
from ui.desk import Desk
from ui.documents.uploads import safe_name
from ui.sets import run as set_run
from ui.sets import shelf as sets

router = APIRouter(tags=["evaluation"], responses=ERRORS)

LEAST = 2


@router.get("/sets")
def question_sets(desk: AtDesk, collection: InCollection = None) -> list[dict[str, Any]]:
    """List the sets of questions on a collection; `problem` says why one cannot be read."""
    library(desk, collection)
    return [asdict(kept) | {"path": str(kept.path)} for kept in sets.kept(sets.folder(desk.settings, collection))]


@router.post("/sets", status_code=201)
def upload(
    desk: AtDesk,
    file: Annotated[UploadFile, File(description="JSON Lines, a table (.csv, .tsv, .xlsx), SQuAD or FinanceBench.")],
    collection: InCollection = None,
) -> SetBody:
    """Keep the questions of a file as a set on a collection, beside those of the page, under the name of the file.

    Where that name is taken, it gets a number. What is wrong in the file is told with its line and field.
    """
    opened = library(desk, collection)
    with tempfile.TemporaryDirectory(prefix="rag-set-") as waiting:
        copy = Path(waiting, safe_name(file.filename or ""))
        with copy.open("xb") as to:
            shutil.copyfileobj(file.file, to)
        path, items = sets.take(copy, sets.folder(desk.settings, collection))
    lost = [problem.replace(str(path), path.name) for problem in problems(load_set(path), opened)]
    return SetBody(
        name=path.stem,
        path=str(path),
        questions=len(items),
        unanswerable=sum(not item.answerable for item in items),
        not_placed=lost,
    )


@router.get("/runs")
def runs(request: Request, desk: AtDesk) -> list[dict[str, Any]]:
    """List the runs, the youngest first."""
    return [_line(request, line) for line in past(set_run.folder(desk.settings))]


@router.post("/runs", status_code=202)
def begin(body: RunBody, request: Request, desk: AtDesk) -> dict[str, Any]:
    """Begin to ask the questions of a set; GET /api/v1/runs/NAME says how far it is."""
    who = assistant(desk, body.collection, body.model)
    path = sets.path_of(sets.folder(desk.settings, body.collection), body.set)
    if not path.exists():
        there = ", ".join(kept.name for kept in sets.kept(path.parent)) or "none yet"
        raise not_found("set", body.set, f"there are {there}. Send one to POST /api/v1/sets, or make one on the page.")
    going = _runs(request).begin(path, who)
    return {"name": going.name, "state": going.state, "done": going.done, "of": going.of}


@router.get("/runs/{name}")
def run(name: str, request: Request, desk: AtDesk) -> dict[str, Any]:
    """Return how far a run is, and the figures over what is answered, with their 95 % intervals."""
    path = _path(desk, name)
    going = _runs(request).find(name)
    state = going.state if going else None  # before its file is read: what is done is then whole in it
    found = load_run(path)
    head: dict[str, Any] = {"name": name, "set": found.set, "started": found.started, "settings": dict(found.settings)}
    head |= {"done": len(found.records), "of": len(found.ids)}
    why = str(going.problem.detail) if going and going.problem else ""
    values = [asdict(figure) for figure in figures(found.records) if figure.value is not None]
    state = state or ("done" if found.complete else "interrupted")
    return head | {"state": state, "problem": why, "figures": values}


@router.post("/runs/{name}/stop")
def stop(name: str, request: Request, desk: AtDesk) -> dict[str, Any]:
    """Stop a run; what was answered is kept, and gone on with when the set is asked again with the same settings."""
    going = _runs(request).find(name)
    if going is None:
        _path(desk, name)
        raise Problem(409, "conflict", f"The run {name} is not going on here.")
    going.halt.wish()
    return {"name": name, "state": going.state, "done": going.done, "of": going.of}


@router.get("/runs/{name}/report", response_class=HTMLResponse)
def report(name: str, desk: AtDesk) -> Response:
    """Return the report of a run as a page of its own: every question, and why it counts as right or wrong."""
    return HTMLResponse(to_html(load_run(_path(desk, name))))


@router.get("/comparison")
def comparison(
    desk: AtDesk, run: Annotated[list[str], Query(description="Names of runs, two or more.")]
) -> dict[str, Any]:
    """Compare runs on the questions that all of them hold; the first is what the others are held against."""
    found = _compared(desk, run)
    rows = [
        {
            "key": row.key,
            "label": row.label,
            "unit": row.unit,
            "better": row.better,
            "values": [figure.value for figure in row.figures],
            "differences": [d and asdict(d) | {"significant": d.significant} for d in row.differences],
        }
        for row in found.rows
    ]
    return {
        "runs": list(found.names),
        "questions": found.questions,
        "rows": rows,
        "changed": [asdict(change) for change in found.changed],
        "settings": {name: list(values) for name, values in found.settings},
        "notes": list(found.notes),
    }


@router.get("/comparison/report", response_class=HTMLResponse)
def comparison_report(desk: AtDesk, run: Annotated[list[str], Query()]) -> Response:
    """Return a comparison as a page of its own."""
    return HTMLResponse(comparison_to_html(_compared(desk, run)))


def _compared(desk: Desk, names: list[str]) -> Comparison:
    if len(names) < LEAST:
        raise Problem(422, "invalid_request", "A comparison needs two runs or more: /api/v1/comparison?run=A&run=B.")
    return compare_runs([load_run(_path(desk, name)) for name in names], names)


def _path(desk: Desk, name: str) -> Path:
    path = sets.path_of(set_run.folder(desk.settings), name)
    if not path.exists():
        raise not_found("run", name, "GET /api/v1/runs lists those that are there.")
    return path


def _runs(request: Request) -> Runs:
    found: Runs = request.app.state.runs
    return found


def _line(request: Request, line: Past) -> dict[str, Any]:
    """Return what a list says of a run: its state as it is going on here, or as its file is."""
    going = _runs(request).find(line.path.stem)
    known = {key: getattr(line, key) for key in ("set", "started", "collection", "model", "done", "problem")}
    figures = {key: figure.value for key, figure in line.figures.items()}
    state = going.state if going else "done" if line.complete else "interrupted"
    return {"name": line.path.stem, **known, "of": line.wanted, "state": state, "figures": figures}
