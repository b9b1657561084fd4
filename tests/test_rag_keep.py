"""Settings kept in the file that the next start reads: comments and other values stay as they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from rag.errors import SettingsError
from rag.keep import file_of, keep, overruled
from rag.settings import Settings, load_settings, with_values

NAMES = ("model", "base_url", "offline", "refuse_below", "passages", "evidence_model")

FILE = """# Ours: ask Ines before you change it.
passages = 4   # fewer, on the old laptop

timeout_s = 20
"""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("RAG_HOME", str(tmp_path))
    monkeypatch.delenv("RAG_CONFIG", raising=False)
    return load_settings()


def test_what_was_changed_is_kept_and_read_again(settings: Settings) -> None:
    changed = with_values(settings, {"refuse_below": 0.35, "offline": False, "model": "gguf:package"})
    path, kept = keep(changed, NAMES)
    assert path == file_of(settings) == settings.home / "rag.toml"
    assert kept == {"model": "gguf:package", "offline": False, "refuse_below": 0.35}
    again = load_settings()
    assert (again.model, again.offline, again.refuse_below) == ("gguf:package", False, 0.35)
    assert keep(changed, NAMES) == (path, {})


def test_comments_and_other_values_stay_as_they_are(settings: Settings) -> None:
    path = file_of(settings)
    path.write_text(FILE, encoding="utf-8")
    path.chmod(0o640)
    changed = with_values(load_settings(), {"passages": 7})
    assert keep(changed, NAMES)[1] == {"passages": 7}
    assert path.read_text(encoding="utf-8") == FILE.replace("= 4 ", "= 7 ")
    assert path.stat().st_mode & 0o777 == 0o640
    assert not list(path.parent.glob(".rag.toml*"))


def test_a_default_is_written_where_the_file_says_otherwise(settings: Settings) -> None:
    file_of(settings).write_text(FILE, encoding="utf-8")
    assert keep(settings, ("passages",))[1] == {"passages": 10}


def test_no_key_and_no_password_is_written(settings: Settings) -> None:
    values = {"api_key": SecretStr("sk-secret-123"), "base_url": "https://ines:hunter2@example.org/v1", "passages": 3}
    path, kept = keep(with_values(settings, values), (*NAMES, "api_key"))
    assert kept == {"passages": 3}
    assert path.read_text(encoding="utf-8") == "passages = 3\n"


@pytest.mark.parametrize("content", ["passages = = 4\n", b"\xff\xfe"])
def test_a_file_that_is_no_toml_is_left_alone(settings: Settings, content: str | bytes) -> None:
    path = file_of(settings)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    before = path.read_bytes()
    with pytest.raises(SettingsError, match=r"rag\.toml cannot be read or written .* nothing was kept"):
        keep(with_values(settings, {"passages": 3}), NAMES)
    assert path.read_bytes() == before


def test_the_file_that_the_environment_names_is_written_and_what_overrules_it_told(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_CONFIG", str(tmp_path / "other.toml"))
    monkeypatch.setenv("RAG_PASSAGES", "5")
    assert keep(with_values(settings, {"passages": 3}), NAMES)[0] == tmp_path / "other.toml"
    assert overruled(NAMES) == ("RAG_PASSAGES",)


def test_the_file_that_was_named_with_config_is_written(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_CONFIG", str(settings.home / "environment.toml"))
    named = settings.home / "named.toml"
    named.write_text(FILE, encoding="utf-8")
    assert file_of(settings, named) == named
    changed = with_values(load_settings(config=named), {"passages": 7})
    assert keep(changed, NAMES, named) == (named, {"passages": 7})
    assert named.read_text(encoding="utf-8") == FILE.replace("= 4 ", "= 7 ")
    assert load_settings(config=named).passages == 7
    assert [path.name for path in settings.home.iterdir()] == ["named.toml"]
