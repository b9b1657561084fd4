"""Runs of question sets, as HTML: how far one has come, what it found, and those that were made before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from eval.figures import Figure, figures
from eval.past import FIGURES, Past
from eval.report_items import Outcome, outcome
from eval.report_summary import TILES, interval
from eval.runs import Record
from ui.documents.view import NONE
from ui.markup import note, text
from ui.sets.run import COMPARISONS, ROUTE, Asked
from ui.words import ENGLISH, Words

LISTED = 20
"""Runs that are listed; older ones are in the folder."""

MINUTE = 60


def going(asked: Asked, words: Words = ENGLISH) -> str:
    """Return how far a run has come and how long it may still take, with a button that stops it."""
    run, file, left = asked
    done, wanted = len(run.records), len(run.ids)
    said = words("sets.asked", done=done, wanted=wanted)
    if left is not None and done < wanted:
        said += " · " + (words("sets.minute_left") if left < MINUTE else words("sets.left", n=round(left / MINUTE)))
    return (
        f'<p class="progress"><progress max="{wanted}" value="{done}" aria-label="{text(words("sets.progress"))}">'
        f"</progress><span><bdi>{text(run.set)}</bdi>: {text(said)}</span>"
        f'<button type="button" class="plain" data-act="stop" data-run="{text(file.stem)}">'
        f"{text(words('sets.stop'))}</button></p>"
    )


def stopped(asked: Asked, path: Path, why: str, words: Words = ENGLISH) -> str:
    """Say why a run has ended, and how it is gone on with."""
    run, out = asked.run, asked.file
    command = f'rag eval "{path}" -c {path.parent.name} --resume --out "{out}"'
    kept = words("sets.kept_answers", done=len(run.records), wanted=len(run.ids))
    problem = note(why) if why else ""
    return (
        f'{problem}<p class="into" role="status">{text(kept)} <button type="button" data-act="ask" '
        f'data-set="{text(path.stem)}">{text(words("sets.resume"))}</button> · <code>{text(command)}</code></p>'
    )


def result(asked: Asked, words: Words = ENGLISH) -> str:
    """Return the figures that stand out, with their intervals, and where all the rest is."""
    run, out = asked.run, asked.file
    found = figures(run.records)
    chosen = [figure for key in TILES for figure in found if figure.key == key and figure.value is not None]
    lines = "".join(f"<li>{text(line)}</li>" for line in _lines(run.records, words))
    names = (words("sets.figure"), words("sets.value"), words("sets.interval"), words("sets.questions"))
    heads = "".join(f'<th scope="col">{text(name)}</th>' for name in names)
    rows = "".join(_figure(figure, names, words) for figure in chosen)
    link = _report(out, words("sets.open_report"))
    return (
        f'<section class="result" aria-label="{text(words("sets.result"))}"><h2 tabindex="-1"><bdi>{text(run.set)}'
        f"</bdi>: {text(_headline(run.records, found, words))}</h2>"
        f'<p class="into">{link}: {text(words("sets.in_report"))} · <bdi>{text(out)}</bdi></p>'
        f'<ul class="hint">{lines}</ul><div class="scroll"><table class="documents figures"><thead><tr>{heads}'
        f"</tr></thead><tbody>{rows}</tbody></table></div></section>"
    )


def _headline(records: Sequence[Record], found: Sequence[Figure], words: Words) -> str:
    right = next((figure for figure in found if figure.key == "right"), None)
    if right is None or right.value is None:
        return words("sets.none_judged", n=len(records))
    count = sum(outcome(record) is Outcome.RIGHT for record in records)
    said = words("sets.right_of", right=count, n=right.n, share=f"{100 * right.value:.0f}")
    if right.interval is None:
        return f"{said}."
    low, high = (f"{100 * bound:.0f}" for bound in right.interval)
    return f"{said}, {words('sets.between', low=low, high=high)}."


def _lines(records: Sequence[Record], words: Words) -> list[str]:
    """Say what became of the questions that the documents answer, and of those that they do not."""
    lines = []
    if answerable := [r for r in records if r.answerable and outcome(r) is not Outcome.UNJUDGED]:
        counts = Counter("refused" if r.refused else outcome(r).value for r in answerable)
        numbers = {name: counts[name] for name in ("right", "partly", "wrong", "refused")}
        lines.append(words("sets.of_answerable", n=len(answerable), **numbers))
    if others := [r for r in records if not r.answerable]:
        lines.append(words("sets.of_unanswerable", n=len(others), refused=sum(r.refused for r in others)))
    return lines


def _figure(figure: Figure, names: Sequence[str], words: Words) -> str:
    name = (
        f"<strong>{text(words(f'sets.figure_{figure.key}'))}</strong>"
        f'<span class="file">{text(words(f"sets.means_{figure.key}"))}</span>'
    )
    values = (str(figure), interval(figure) or NONE, f"{figure.n:,}")
    cells = "".join(
        f'<td data-name="{text(column)}" class="number">{text(value)}</td>'
        for column, value in zip(names[1:], values, strict=True)
    )
    return f'<tr><th scope="row">{name}</th>{cells}</tr>'


def _report(path: Path, label: str, name: str = "") -> str:
    said = f' aria-label="{text(name)}"' if name else ""
    href = f"{ROUTE}{quote(path.stem, safe='')}"
    return f'<a href="{href}" target="_blank" rel="noopener"{said}>{text(label)}</a>'


# Those that were made before


def earlier(runs: Sequence[Past], folder: Path, words: Words = ENGLISH) -> str:
    """Return the runs on a collection, the newest first, of which two may be chosen and compared."""
    if not runs:
        return ""
    names = [words("sets.run"), words("sets.model"), *(words(f"sets.figure_{key}") for key in FIGURES)]
    heads = "".join(f'<th scope="col">{text(name)}</th>' for name in names)
    rows = "".join(_past(run, names, words) for run in runs[:LISTED])
    more = len(runs) - LISTED
    older = f'<p class="hint">{text(words("sets.older", n=more, folder=folder))}</p>' if more > 0 else ""
    button = ""
    if sum(not run.problem and run.done > 0 for run in runs) > 1:
        button = (
            f'<p class="compare"><button type="submit" class="plain">{text(words("sets.compare"))}</button> '
            f'<span class="hint">{text(words("sets.compare_hint"))}</span></p>'
        )
    return (
        f'<section class="earlier" aria-labelledby="earlier-runs"><h2 id="earlier-runs">{text(words("sets.earlier"))}'
        f'</h2><form action="{COMPARISONS}" method="get" target="_blank" rel="noopener">'
        f'<div class="scroll"><table class="documents runs"><thead><tr><th><span class="unseen">'
        f'{text(words("sets.choose"))}</span></th>{heads}<th><span class="unseen">{text(words("sets.report"))}</span>'
        f"</th></tr></thead><tbody>{rows}</tbody></table></div>{button}</form>{older}</section>"
    )


def _past(run: Past, names: Sequence[str], words: Words) -> str:
    when = run.started[:16].replace("T", " ")
    broken = run.problem or not run.done
    label = words("sets.choose_run", set=run.set, when=when)
    box = (
        "" if broken else f'<input type="checkbox" name="run" value="{text(run.path.stem)}" aria-label="{text(label)}">'
    )
    asked = words("sets.asked_short", done=run.done, wanted=run.wanted)
    part = "" if run.complete else f' <span class="doubt">{text(asked)}</span>'
    name = (
        f'<th scope="row"><strong dir="auto">{text(run.set)}{part}</strong>'
        f'<span class="file">{text(words("sets.when", when=when))}</span></th>'
    )
    values = [run.model, *(str(run.figures[key]) for key in FIGURES)]
    cells = "".join(
        f'<td data-name="{text(column)}" class="number"><bdi>{text(value)}</bdi></td>'
        for column, value in zip(names[1:], values, strict=True)
    )
    name_of_report = words("sets.report_of", set=run.set, when=when)
    report = "" if broken else _report(run.path, words("sets.report"), name_of_report)
    return f"<tr><td>{box}</td>{name}{cells}<td>{report}</td></tr>"
