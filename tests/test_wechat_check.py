"""`wechat check` and `wechat menu`: what the account may do, and what somebody must do about it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.channels.wechat.check import KEPT, MISSING, UNUSED, check
from bot.settings import BadSettings, fields_of, load
from bot.store.engine import Store
from bot.wechat import account, wechat
from tests.wechat_double.bench import APP_ID, FIELDS, KEY, SERVICE, UNVERIFIED, connected

SECRETS = {
    "BOT_WECHAT_SECRET": "s" * 32,
    "BOT_WECHAT_TOKEN": "shebao2026",
    "BOT_WECHAT_AES_KEY": KEY,
}


async def said(store: Store, kind: object, faults: dict[str, list[int | str]]) -> list[str]:
    async with connected(store, kind) as bench:  # type: ignore[arg-type]  # an account
        bench.api.faults = faults
        bench.api.menu = [{"name": "菜单"}]
        lines: list[str] = []
        problems = await check(kind, bench.channel.api, "https://bot.example.gov.cn", lines.append)  # type: ignore[arg-type]  # as above
        assert problems == sum(line.startswith(MISSING) for line in lines)
        return lines


@pytest.fixture
async def light(sqlite_url: str) -> AsyncIterator[Store]:
    """A store where nothing depends on the database's ways."""
    async with Store(sqlite_url) as opened:
        yield opened


async def test_a_service_account_that_is_set_up_has_nothing_to_do(light: Store) -> None:
    lines = await said(light, SERVICE, {})
    assert all(line.startswith((KEPT, UNUSED)) for line in lines[:-1])
    assert "都好了" in lines[-1]
    assert any("https://bot.example.gov.cn/wechat" in line for line in lines)


async def test_an_unverified_account_hears_what_it_cannot_do(light: Store) -> None:
    lines = await said(light, UNVERIFIED, {})
    assert any("未认证" in line for line in lines)
    assert any(line.startswith(UNUSED) for line in lines)
    assert "都好了" in lines[-1]


PROBLEMS = [
    ("/cgi-bin/stable_token", 40125, "AppSecret 不对"),
    ("/cgi-bin/stable_token", 40164, "IP 白名单"),
    ("/cgi-bin/stable_token", "refused", "没有连上微信"),
    ("/cgi-bin/customservice/getkflist", 48001, "认证后再试"),
    ("/cgi-bin/template/get_all_private_template", 48001, "认证后再试"),
]


@pytest.mark.parametrize(("path", "fault", "told"), PROBLEMS)
async def test_what_wechat_refuses_is_told_with_what_to_do(
    light: Store, path: str, fault: int | str, told: str
) -> None:
    lines = await said(light, SERVICE, {path: [fault]})
    assert any(line.startswith(MISSING) and told in line for line in lines), lines


async def test_a_template_that_the_account_does_not_have_is_told(light: Store) -> None:
    unknown = replace(SERVICE, template=replace(SERVICE.template, template="T9"))  # type: ignore[type-var]  # there is one
    assert any("T9" in line for line in await said(light, unknown, {}))


async def test_without_an_account_the_command_says_where_to_begin(tmp_path: Path) -> None:
    lines: list[str] = []
    assert await wechat(load(tmp_path / "none.toml", {}), "check", lines.append) == 1
    assert "docs/wechat.md" in lines[0]


def test_the_settings_become_an_account(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(f'[wechat]\napp_id = "{APP_ID}"\naccount = "service"\ntemplate = "T1"\n')
    chosen = load(file, SECRETS).wechat
    assert account(chosen) == SERVICE
    assert "s" * 32 not in repr(chosen)
    assert fields_of(chosen.template_fields) == FIELDS


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('app_id = "gh_1"', "wechat.app_id"),
        ('account = "vip"', "wechat.account"),
        ('template_fields = "thing1"', "wechat.template_fields"),
        (f'template_fields = "thing1={"好" * 21}"', "at most 20"),
        (f'app_id = "{APP_ID}"', "BOT_WECHAT_TOKEN"),
    ],
)
def test_bad_settings_are_told_with_where(tmp_path: Path, line: str, told: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(f"[wechat]\n{line}\n")
    with pytest.raises(BadSettings, match=told):
        load(file, {})


@pytest.mark.parametrize(
    ("name", "value"), [("AES_KEY", "short"), ("TOKEN", "有汉字"), ("TOKEN", "ab")]
)
def test_bad_secrets_are_told_and_not_shown(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(BadSettings) as told:
        load(tmp_path / "none.toml", {f"BOT_WECHAT_{name}": value})
    assert f"wechat.{name.lower()}" in str(told.value)
