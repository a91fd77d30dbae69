"""`telegram check`: what the bot is, whether staff's group can be used and how, what to do about it.

It calls only what changes nothing and sends nothing to anybody.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from telegram.error import BadRequest, Forbidden, InvalidToken, TelegramError
from telegram.request import BaseRequest

from bot.channels.telegram.client import Client
from bot.channels.telegram.faults import described
from bot.channels.telegram.topics import standing

KEPT, MISSING, UNUSED = "好", "缺", "—"
NOT_SET = "还没有设置：请把 @BotFather 给的令牌填进 BOT_TELEGRAM_TOKEN。"
REFUSED = "令牌不对：请核对 BOT_TELEGRAM_TOKEN（@BotFather 那里可以再看）。"
NO_GROUP = "没有设置（telegram.staff_chat）：工作人员只用 /desk 工作台"
NOT_IN_GROUP = "进不去：请核对群的 id，并把机器人拉进群。"
NO_TOPICS = "没有开话题，用“回复消息”的方式答复；想一件咨询一个话题，请在群设置里打开“话题”"
NO_RIGHT = "开了话题，但机器人不能管理：请把它设为管理员，并打开“管理话题”。在那之前用“回复消息”的方式答复。"


async def check(
    token: str,
    staff_chat: int | None,
    say: Callable[[str], None],
    *,
    api_base: str = "https://api.telegram.org",
    public_url: str = "",
    request: BaseRequest | None = None,
) -> int:
    """Tells each line; how many problems there are."""
    if not token:
        say(f"{MISSING} 令牌：{NOT_SET}")
        return 1
    client = Client(token, api_base, request)
    try:
        lines = [await _bot(client), _way(public_url), await _group(client, staff_chat)]
    except TelegramError as error:
        known = REFUSED if isinstance(error, InvalidToken) else f"没有连上：{described(error)}"
        lines = [(MISSING, "机器人", known)]
    finally:
        await client.close_connections()
    for mark, about, said in lines:
        say(f"{mark} {about}：{said}")
    problems = sum(mark == MISSING for mark, _, _ in lines)
    say(f"\n{problems} 处要处理" if problems else "\n都好了")
    return problems


async def _bot(client: Client) -> tuple[str, str, str]:
    me: dict[str, Any] = await client.told("getMe")
    return KEPT, "机器人", f"@{me.get('username', '')}"


def _way(public_url: str) -> tuple[str, str, str]:
    return KEPT, "收消息", f"由 Telegram 推送到 {public_url}/telegram" if public_url else "轮询"


async def _group(client: Client, chat: int | None) -> tuple[str, str, str]:
    if chat is None:
        return UNUSED, "工作人员的群", NO_GROUP
    try:
        shown = await client.told("getChat", chat_id=chat)
    except (BadRequest, Forbidden) as error:
        return MISSING, "工作人员的群", f"{NOT_IN_GROUP}（{described(error)}）"
    here = await standing(client, chat)
    if here.forum and not here.may:
        return MISSING, "工作人员的群", NO_RIGHT
    how = "一件咨询一个话题" if here.may else NO_TOPICS
    return KEPT, "工作人员的群", f"{shown.get('title', '')}，{how}"
