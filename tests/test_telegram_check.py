"""`telegram check` on the stand-in of the Bot API: every line true, nothing sent."""

from __future__ import annotations

import pytest
from telegram.request import HTTPXRequest

from bot.channels.telegram import check as module
from bot.channels.telegram.check import check
from tests.serving import serving
from tests.telegram_double import BotApi, Group, judge


async def looked(api: BotApi, chat: int | None, token: str = "") -> tuple[int, str]:
    """How many problems it names, and what it says."""
    lines: list[str] = []
    async with serving(api) as address:
        problems = await check(
            token or api.token,
            chat,
            lines.append,
            api_base=address,
            request=HTTPXRequest(httpx_kwargs={"trust_env": False}),
        )
    judge(api)
    assert api.sent() == []
    return problems, "\n".join(lines)


@pytest.mark.parametrize(
    ("forum", "may", "problems", "said"),
    [
        (False, False, 0, module.NO_TOPICS),
        (True, False, 1, module.NO_RIGHT),
        (True, True, 0, "人工坐席，一件咨询一个话题"),
    ],
)
async def test_it_says_how_staff_answer_in_their_group(
    forum: bool, may: bool, problems: int, said: str
) -> None:
    api = BotApi()
    group = Group(api)
    if forum:
        await group.becomes_forum(may=may)
    found = await looked(api, group.id)
    assert found[0] == problems
    assert said in found[1]
    assert "@shebao_test_bot" in found[1]


async def test_it_says_what_to_do_about_a_group_or_a_token_that_is_none() -> None:
    assert module.NO_GROUP in (await looked(BotApi(), None))[1]
    assert module.NOT_IN_GROUP in (await looked(BotApi(), -99))[1]
    wrong = await looked(BotApi(), None, "987654321:AAE-somebody-elses-token_abcdefghij")
    assert wrong == (1, f"缺 机器人：{module.REFUSED}\n\n1 处要处理")


async def test_it_says_that_there_is_no_token() -> None:
    lines: list[str] = []
    assert await check("", None, lines.append) == 1
    assert "BOT_TELEGRAM_TOKEN" in lines[0]
