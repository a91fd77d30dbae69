"""Every scripted conversation, on WeChat: by phone, encrypted, through the callback on a real port."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.rehearsal.play import play
from bot.rehearsal.script import Script, read_scripts
from tests.test_rehearsal import book
from tests.wechat_double.world import WechatWorld

SCRIPTS = [
    script
    for script in read_scripts(Path(__file__).parent / "conversations")
    if script.channel in ("webchat", "wechat")
]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda s: s.name)
async def test_the_dialogue_goes_on_wechat_as_it_should(script: Script) -> None:
    failed = await play(replace(script, channel="wechat"), book(), WechatWorld)
    assert not failed, "\n".join(map(str, failed))
