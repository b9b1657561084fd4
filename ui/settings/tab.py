"""The tab of the settings: its parts, and what happens when they are used. Imports gradio.

What is changed holds at once for the whole server. A server that others can reach shows its settings and changes none:
whoever may set the address of a service could have the documents sent there. A key goes in and never comes out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import gradio as gr
from pydantic import SecretStr

from eval.past import newest
from eval.threshold import refusals
from rag.errors import SettingsError
from rag.keep import file_of, keep, overruled
from rag.models import describe, model_options
from rag.models.redact import shown_address
from rag.models.trial import try_model
from rag.settings import Settings, with_values
from ui.desk import Desk
from ui.events import DIRECT, KNOWN, STREAMED, html
from ui.markup import note
from ui.sets import run as set_run
from ui.settings import view as settings_view
from ui.settings.view import KINDS, Kind, LastRun, kind_of, model_of
from ui.words import ENGLISH, Words

KEPT = ("model", "base_url", "offline", "refuse_below", "passages", "evidence_model")
"""The settings of this tab that a file is given."""

SHOWN = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Thresholds whose meaning is shown, beside the one that is chosen."""

SEARCH = ("embedder", "evidence_model", "candidates", "fusion")
"""Settings by which the chance of an answer is another."""

QUIET: dict[str, Any] = STREAMED | {"show_progress": "hidden"}
LAST: dict[str, Any] = DIRECT | {"trigger_mode": "always_last"}
"""Of values that follow one another quickly the last one counts."""


class SettingsTab:
    """The settings of the server that a user of the page may want to change."""

    def __init__(self, desk: Desk, words: Words = ENGLISH) -> None:
        self.desk = desk
        self.words = words

    # Parts

    def build(self, tab: gr.Tab, collection: gr.Dropdown) -> gr.HTML:
        """Put the parts into the open tab; return what changes when another model is used."""
        words, on, file = self.words, self.desk.local, self._file
        field: dict[str, Any] = {"interactive": on, "container": False}
        with gr.Column(elem_id="settings"):
            html(settings_view.intro(file, on, words), "settings-intro")
            html(settings_view.heading(words("settings.part_answers")), "settings-answers")
            kinds = [(words(f"settings.kind_{kind}"), kind) for kind in KINDS]
            kind = gr.Radio(kinds, label=words("settings.writer"), interactive=on, elem_id="writer")
            target = gr.Textbox(label=words("settings.target_openai"), max_lines=1, interactive=on)
            info = words("settings.base_url_info")
            base_url = gr.Textbox(label=words("settings.base_url"), info=info, max_lines=1, interactive=on)
            info = words("settings.key_none")
            key = gr.Textbox(label=words("settings.key"), info=info, type="password", interactive=on)
            offline = gr.Checkbox(label=words("settings.offline"), **field)
            about = html("", "choice")
            with gr.Row():
                use = gr.Button(words("settings.use"), variant="primary", interactive=on, scale=0, min_width=140)
                test = gr.Button(words("settings.test"), interactive=on, scale=0, min_width=140)
            model_said = html("", "model-said")
            html(settings_view.heading(words("settings.part_refusals")), "settings-refusals")
            info = words("settings.threshold_info")
            label = words("settings.threshold")
            threshold = gr.Slider(0, 1, step=0.01, label=label, info=info, interactive=on, buttons=[])
            meaning = html("", "meaning")
            html(settings_view.heading(words("settings.part_search")), "settings-search")
            label, info = words("settings.passages"), words("settings.passages_info")
            passages = gr.Number(label=label, info=info, minimum=1, maximum=100, precision=0, interactive=on)
            info = words("settings.evidence_info")
            evidence = gr.Checkbox(label=words("settings.evidence"), info=info, **field)
            said = html("", "settings-said")
            kept = gr.Button(words("settings.keep"), interactive=on, scale=0, min_width=220)
            html(settings_view.keeping(file, words), "keeping")
        model = [kind, target, base_url, key, offline]
        shown = [*model, about, threshold, meaning, passages, evidence]
        gr.on([tab.select, collection.change], self.refresh, [collection], shown, **DIRECT)
        gr.on(
            [kind.input, base_url.input, offline.input],
            self.look,
            [kind, base_url, offline],
            [target, base_url, key, about],
            **LAST,
        )
        test.click(self.test, model, [model_said], **QUIET)
        use.click(self.use, model, [model_said, key], **QUIET)
        threshold.input(self.threshold, [threshold, collection], [meaning, said], **LAST)
        gr.on([passages.submit, passages.blur], self.passages, [passages], [said], **DIRECT)
        evidence.input(self.evidence, [evidence], [said], **DIRECT)
        kept.click(self.keep, None, [said], **DIRECT)
        return model_said

    # What is shown

    def refresh(self, collection: str | None = None) -> tuple[Any, ...]:
        """Show the settings as they are now."""
        s = self.desk.settings
        kind, target = kind_of(s.model)
        name, address, key, about = self.look(kind, shown_address(s.base_url), s.offline)
        name["value"], address["value"], key["value"] = target, shown_address(s.base_url), ""
        meaning = self._meaning(s.refuse_below, collection)
        reads = s.evidence_model != "off"
        return kind, name, address, key, s.offline, about, s.refuse_below, meaning, s.passages, reads

    def look(self, kind: Kind, base_url: str, offline: bool) -> tuple[Any, ...]:
        """Show the fields that a kind of model needs, and what it would run here and send away."""
        words, s = self.words, self.desk.settings
        named = kind in ("gguf", "transformers", "openai")
        label = words(f"settings.target_{kind}") if named else ""
        there = words("settings.key_there" if s.api_key else "settings.key_none")
        hosted = kind == "openai"
        infos = describe(model_options(s))
        about = settings_view.about(kind, s, infos, base_url, offline, words)
        return (
            gr.update(visible=named, **({"label": label} if label else {})),
            gr.update(visible=hosted),
            gr.update(visible=hosted, info=there),
            about,
        )

    def _meaning(self, threshold: float, collection: str | None) -> str:
        return settings_view.meaning(self._last_run(threshold, collection), threshold, self.words)

    def _last_run(self, threshold: float, collection: str | None) -> LastRun | None:
        s = self.desk.settings
        run = newest(set_run.folder(s), collection or s.collection)
        if run is None:
            return None
        was = float(run.settings.get("refuse_below", s.refuse_below))
        rows = [refusals(run.records, at, was) for at in sorted({*SHOWN, threshold})]
        other = [name for name in SEARCH if name in run.settings and run.settings[name] != getattr(s, name)]
        return LastRun(run.set, run.started[:10], rows, other)

    # The model

    def test(self, kind: Kind, target: str, base_url: str, key: str, offline: bool) -> Iterator[str]:
        """Ask the chosen model one small question, and show what it says."""
        yield settings_view.working(self.words("settings.testing"))
        try:
            settings = self._chosen(kind, target, base_url, key, offline)
            model = self.desk.model(settings)
            yield settings_view.tested(try_model(model, settings.prompts) if model else None, self.words)
        except KNOWN as error:
            yield note(str(error))

    def use(self, kind: Kind, target: str, base_url: str, key: str, offline: bool) -> Iterator[tuple[Any, Any]]:
        """Answer with the chosen model from now on."""
        yield settings_view.working(self.words("settings.opening")), gr.skip()
        try:
            settings = self._chosen(kind, target, base_url, key, offline)
            self.desk.change({name: getattr(settings, name) for name in ("model", "base_url", "api_key", "offline")})
        except KNOWN as error:
            yield note(str(error)), gr.skip()
        else:
            yield settings_view.said(self.words("settings.using", model=settings.model)), ""

    def _chosen(self, kind: Kind, target: str, base_url: str, key: str, offline: bool) -> Settings:
        """Return the settings with what the page says of the model; what it does not show stays as it is."""
        self._check_local()
        s = self.desk.settings
        if kind not in KINDS or (kind in ("gguf", "transformers", "openai") and not target.strip()):
            raise SettingsError(self.words("settings.name_missing"))
        values: dict[str, Any] = {"model": model_of(kind, target), "offline": bool(offline)}
        if kind == "openai" and base_url.strip() not in ("", shown_address(s.base_url)):
            # A key is for the address that it was given for: another one is sent another, or none.
            values |= {"base_url": base_url.strip(), "api_key": None}
        if kind == "openai" and key.strip():
            values["api_key"] = SecretStr(key.strip())
        return with_values(s, values)

    def _check_local(self) -> None:
        if not self.desk.local:
            raise SettingsError(self.words("settings.read_only", file=self._file))

    @property
    def _file(self) -> Path:
        return file_of(self.desk.settings, self.desk.config)

    # The others

    def threshold(self, value: float, collection: str | None = None) -> tuple[str, str]:
        """Refuse below another chance, and show what that means."""
        said = self._change({"refuse_below": value})
        return self._meaning(value, collection), said

    def passages(self, value: float | None) -> str:
        """Keep another number of passages."""
        return self._change({"passages": value})

    def evidence(self, value: bool) -> str:
        """Read with the evidence model, or without it."""
        return self._change({"evidence_model": "default" if value else "off"})

    def _change(self, values: Mapping[str, object]) -> str:
        if all(getattr(self.desk.settings, name) == value for name, value in values.items()):
            return ""
        try:
            self._check_local()
            self.desk.change(values)
        except KNOWN as error:
            return note(str(error))
        return settings_view.said(self.words("settings.changed"))

    def keep(self) -> str:
        """Write the settings into the file that the next start reads."""
        words = self.words
        try:
            self._check_local()
            path, changed = keep(self.desk.settings, KEPT, self.desk.config)
        except SettingsError as error:
            return note(str(error))
        if not changed:
            return settings_view.said(words("settings.kept_none", file=path))
        said = words("settings.kept", file=path, names=", ".join(changed))
        if names := overruled(tuple(changed)):
            said += " " + words("settings.overruled", names=", ".join(names))
        return settings_view.said(said)
