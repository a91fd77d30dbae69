"""The terminal channel."""

from bot.channels.terminal import TerminalChannel
from bot.engine.types import Choice, Reply
from tests.talking import TalkingInbox
from tests.test_rendering import AGENDA, BARS


async def test_a_reply_is_printed_with_numbers_to_type() -> None:
    shown: list[str] = []
    channel = TerminalChannel(shown.append)
    choices = (Choice("怎么办", "/part ZY03 channels"), Choice("转人工", "/human"))
    await channel.deliver("张三", Reply("answer", "可以申领。", choices), "turn:1:0")
    assert shown == ["可以申领。\n\n1 怎么办\n0 转人工\n（回复数字或直接打字都可以）"]


async def test_it_has_no_pages_and_listens_to_nobody() -> None:
    channel = TerminalChannel(lambda text: None)
    await channel.run(TalkingInbox())
    assert (channel.name, channel.routes(TalkingInbox())) == ("terminal", [])
    assert not channel.limits.buttons


async def test_a_picture_is_told_in_words() -> None:
    shown: list[str] = []
    reply = Reply("result", "每月约 2228元。", charts=(BARS,), agenda=AGENDA)
    await TerminalChannel(shown.append).deliver("张三", reply, "turn:1:0")
    picture, notice, due, words = shown[0].split("\n")
    assert picture == f"〔pension.png〕{BARS.words()}"
    assert notice == "〔retirement_age.ics〕2029-02-01 最晚书面告知单位"
    assert (due, words) == ("2029-05-01 法定退休：2029年5月", "每月约 2228元。")
