"""Settings are kept in the file that the next start reads: what else stands in it, comments too, stays as it is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import tomlkit
from tomlkit.exceptions import TOMLKitError

from rag.errors import SettingsError
from rag.settings import Settings

SECRET = ("api_key", "api_token")
"""Settings that no file is given."""


def file_of(settings: Settings, config: Path | None = None) -> Path:
    """Return the settings file that the next start reads: `config`, where it was named as --config."""
    named = config or os.environ.get("RAG_CONFIG")
    return Path(named) if named else settings.home.expanduser() / "rag.toml"


def keep(settings: Settings, names: tuple[str, ...], config: Path | None = None) -> tuple[Path, Mapping[str, object]]:
    """Write those of the named settings that the file, or the default, has otherwise; return the file and these.

    Raises:
        SettingsError: when the file is no TOML or cannot be written; it stays as it was.
    """
    path = file_of(settings, config)
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.exists() else tomlkit.document()
        changed = {}
        for name in names:
            value = getattr(settings, name)
            if name in SECRET or (name == "base_url" and "@" in urlsplit(value).netloc):
                continue  # a password is for the environment, not for a file
            if document.get(name, Settings.model_fields[name].default) != value:
                document[name] = changed[name] = value
        if changed:
            _write(path, tomlkit.dumps(document))
    except (OSError, UnicodeDecodeError, TOMLKitError) as error:
        raise SettingsError(
            f"the settings file {path} cannot be read or written ({error}): nothing was kept"
        ) from error
    return path, changed


def overruled(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the variables of the environment that go before what the file says of these settings."""
    return tuple(variable for name in names if (variable := f"RAG_{name.upper()}") in os.environ)


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    target = path.resolve()
    draft = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        draft.write_text(text, encoding="utf-8")
        if target.exists():
            draft.chmod(target.stat().st_mode & 0o777)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
