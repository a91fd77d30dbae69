"""The key ring: what is sealed opens at its place only, keys rotate, a made ring stays."""

from __future__ import annotations

import logging
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.app import serve
from bot.keys import BadKeys, Keys, Unopenable, kept_keys, new_key, read_keys
from bot.settings import BadSettings, Database, Privacy, Settings

OLD, NEW = new_key("2025"), new_key("2026")
RING = read_keys(OLD)


@settings(max_examples=30)
@given(st.text(), st.text())
def test_what_is_sealed_opens_where_it_was_sealed(text: str, where: str) -> None:
    assert RING.open(RING.seal(text, where), where) == text


def test_the_same_text_is_never_sealed_alike() -> None:
    assert RING.seal("110", "a") != RING.seal("110", "a")


def test_it_opens_at_no_other_place() -> None:
    sealed = RING.seal("秘密", "staff:3/totp")
    with pytest.raises(Unopenable):
        RING.open(sealed, "staff:4/totp")


def test_whatever_is_changed_in_it_is_noticed() -> None:
    sealed = RING.seal("秘密", "a")
    body = sealed.rindex(".") + 1
    for at in range(len(sealed) - 3):  # the last characters may hold padding only
        changed = sealed[:at] + ("A" if sealed[at] != "A" else "B") + sealed[at + 1 :]
        with pytest.raises(Unopenable):
            RING.open(changed, "a")
    for cut in ("", sealed[:body], sealed[: body + 8], "2025", "s1.2025"):
        with pytest.raises(Unopenable):
            RING.open(cut, "a")


def test_a_new_key_in_front_seals_and_the_old_one_still_opens() -> None:
    sealed = RING.seal("秘密", "a")
    both = read_keys(f"{NEW}\n{OLD}")
    assert both.open(sealed, "a") == "秘密"
    assert both.is_old(sealed)
    again = both.seal("秘密", "a")
    assert not both.is_old(again)
    assert read_keys(NEW).open(again, "a") == "秘密"
    with pytest.raises(Unopenable):
        read_keys(NEW).open(sealed, "a")


@pytest.mark.parametrize(
    "text",
    ["", "k1", "k1:AAAA", f"{OLD},{OLD}", f"{OLD},x y:z", "k.1:" + OLD[5:]],
    ids=["nothing", "no key", "short", "twice", "no name", "a bad name"],
)
def test_a_ring_that_cannot_be_is_refused_without_showing_a_key(text: str) -> None:
    with pytest.raises(BadKeys) as told:
        read_keys(text)
    assert OLD[5:20] not in str(told.value)
    with pytest.raises(BadKeys):
        Keys({})


def test_a_ring_is_made_once_for_its_owner_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    file = tmp_path / "var" / "keys.toml"
    with ThreadPoolExecutor(8) as pool:
        rings = list(pool.map(lambda _: kept_keys(file), range(8)))
    sealed = rings[0].seal("秘密", "a")
    assert {ring.open(sealed, "a") for ring in rings} == {"秘密"}
    assert kept_keys(file).open(sealed, "a") == "秘密"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["keys.toml"]
    assert caplog.text.count("key ring made") == 1


@pytest.mark.parametrize(
    "text", ["", "keys = 3", "keys = [3]", "keys = []", "[", 'keys = ["k1:AA"]']
)
def test_a_file_that_holds_no_ring_is_never_overwritten(text: str, tmp_path: Path) -> None:
    file = tmp_path / "keys.toml"
    file.write_text(text)
    with pytest.raises(BadKeys):
        kept_keys(file)
    assert file.read_text() == text


async def test_on_postgresql_the_desk_does_not_start_without_a_ring() -> None:
    nowhere = Database(url="postgresql+asyncpg://nobody@localhost:1/nothing")
    with pytest.raises(BadSettings, match=r"privacy\.keys: needed"):
        await serve(Settings(database=nowhere), "web")
    bad = Privacy(keys=SecretStr("k1:AAAA"))
    with pytest.raises(BadSettings, match=r"privacy\.keys: key 1"):
        await serve(Settings(database=nowhere, privacy=bad), "all")
