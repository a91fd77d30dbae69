"""绑定: what was begun in one channel goes on in another, by a code of six digits."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.engine import words
from bot.engine.person import LinkCut, LinkEnded, LinkMade, LinkTold, LinkTried, LinkWanted
from bot.engine.scene import HUMAN, MENU, Scene
from bot.engine.types import Choice, FormProgress, Turn

_MAKE = re.compile(
    r"(我要|我想|怎么)?(绑定|关联|连接)(账号|帐号|微信|网页|其他渠道|别的渠道|手机)?|换(个)?(设备|渠道|手机|微信|电脑)(继续)?(填|办)?|绑定码"
)
_USE = re.compile(r"(?:绑定|绑定码|关联|接着办|继续)[：:\s]*([0-9]{6})")
_CUT = re.compile(r"(解除|取消)(绑定|关联)|解绑")
CHANNELS = {"webchat": "网页", "telegram": "Telegram", "wechat": "微信", "terminal": "终端"}


def wish(scene: Scene) -> Turn | None:
    text = scene.text.strip("。.！! ")
    if found := _USE.fullmatch(text):
        return scene.turn(errand=LinkTried(found[1]))
    if _CUT.fullmatch(text):
        return scene.turn(errand=LinkCut())
    return scene.turn(errand=LinkWanted()) if _MAKE.fullmatch(text) else None


def made(scene: Scene, event: LinkMade) -> Turn:
    return scene.say("status", words.LINK_CODE.format(code=event.code), MENU)


def told(scene: Scene, event: LinkTold) -> Turn:
    if event.outcome != "linked":
        return scene.say("status", words.LINK_FAILED[event.outcome], MENU, HUMAN)
    drafts = _with(scene.was.drafts, event.begun)
    said = words.LINKED.format(channel=CHANNELS.get(event.channel, event.channel))
    fresh = [one for one in event.begun if one.form in scene.book.forms]
    if not fresh:
        return scene.say("status", said, Choice(words.MY_CASES, "/cases"), MENU)
    title = scene.book.forms[fresh[-1].form].title
    said += "\n" + words.LINK_DRAFT.format(title=title)
    return scene.say("status", said, Choice(words.CONTINUE, words.CONTINUE), MENU, drafts=drafts)


def _with(
    drafts: tuple[FormProgress, ...], begun: tuple[FormProgress, ...]
) -> tuple[FormProgress, ...]:
    """The drafts of both, what was begun elsewhere last; one of a kind, five at most."""
    names = {one.form for one in begun}
    kept = tuple(one for one in drafts if one.form not in names)
    return (*kept, *(replace(one, tries=0) for one in begun))[-5:]


def ended(scene: Scene, event: LinkEnded) -> Turn:
    said = words.LINK_CUT if event.done else words.LINK_NONE
    return scene.say("status", said, MENU)
