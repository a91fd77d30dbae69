"""Settings: declared once, told all at once when wrong, secrets never shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.settings import FILE, BadSettings, Settings, load, paths

HOME = Path(__file__).parent.parent


def test_every_setting_stands_in_the_file_with_its_default() -> None:
    text = (HOME / FILE).read_text()
    for path in paths():
        assert re.search(rf"^(# )?{path[-1]}\b", text, re.MULTILINE), path
    assert load(HOME / FILE, {}) == Settings()


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("[web]\nport = 9000\nhost = '127.0.0.9'\n")
    settings = load(file, {"BOT_WEB_PORT": "9001"})
    assert (settings.web.port, settings.web.host) == (9001, "127.0.0.9")


def test_a_secret_comes_from_a_file_and_is_never_shown(tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text("123456:" + "A" * 35 + "\n")
    settings = load(tmp_path / "none.toml", {"BOT_TELEGRAM_TOKEN_FILE": str(secret)})
    assert settings.telegram.token.get_secret_value() == "123456:" + "A" * 35
    assert "AAAA" not in repr(settings)


def test_all_that_is_wrong_is_told_at_once_with_where_and_an_example(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("[web]\nport = 'many'\nhots = 'x'\n[bands]\nanswer = 3\n")
    environ = {
        "BOT_DATABASE_URL": "mysql://x",
        "BOT_NO_SUCH": "1",
        "BOT_TELEGRAM_TOKEN_FILE": str(tmp_path / "nowhere"),
        "BOT_WEB_PUBLIC_URL": "http://insecure",
    }
    with pytest.raises(BadSettings) as told:
        load(file, environ)
    said = str(told.value).splitlines()
    assert len(said) == 7
    for part in (
        "settings.toml: web.port",
        "settings.toml: web.hots",
        "settings.toml: bands.answer",
        "BOT_DATABASE_URL: database.url",
        "BOT_NO_SUCH: there is no such setting",
        "BOT_TELEGRAM_TOKEN_FILE: FileNotFoundError",
        "BOT_WEB_PUBLIC_URL: web.public_url",
    ):
        assert any(part in line for line in said), part
    assert any("e.g. 8000" in line for line in said)


@pytest.mark.parametrize("text", ["[web", "port = ", "\x00"])
def test_a_file_that_is_no_toml_is_told(text: str, tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(text)
    with pytest.raises(BadSettings, match=r"settings\.toml"):
        load(file, {})
