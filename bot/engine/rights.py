"""我的数据: what is kept, as a file; and its deletion, with a receipt (个人信息保护法第四十五、四十七条)."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.engine import words
from bot.engine.enclosures import TextFile
from bot.engine.person import DataErased, DataGathered, DataGone, DataWanted
from bot.engine.scene import HUMAN, MENU, Scene
from bot.engine.types import Choice, Conversation, Reply, Turn

_SHOW = re.compile(
    r"(导出|下载|查看|看看|看)?我的(个人)?(数据|信息|资料)|导出数据|你(们)?(存|保存|记)了我(的)?(什么|哪些信息)"
)
_ERASE = re.compile(
    r"(删除|清除|清空|注销|抹掉)(我的|所有|全部)*(个人)?(数据|信息|资料|记录|聊天记录|账号)"
)
ERASE = "/erase"


def wish(scene: Scene) -> Turn | None:
    text = scene.text.strip("。.！!？? ")
    if _SHOW.fullmatch(text):
        return scene.turn(errand=DataWanted())
    return ask(scene) if _ERASE.fullmatch(text) else None


def ask(scene: Scene) -> Turn:
    yes = Choice(words.ERASE_YES, f"{ERASE} yes")
    return scene.say("question", words.ERASE_SURE, yes, Choice(words.ERASE_NO, "/menu"))


def erase(scene: Scene, given: list[str]) -> Turn:
    return scene.turn(errand=DataErased()) if given == ["yes"] else ask(scene)


def gathered(scene: Scene, event: DataGathered) -> Turn:
    said = words.DATA_KEPT.format(what=_listed(event.counts) or words.DATA_NOTHING)
    file = TextFile(words.DATA_FILE, event.text, "my-data", "json")
    erase = Choice(words.ERASE_MY_DATA, ERASE)
    return scene.turn(Reply("status", said, (erase, MENU), file=file))


def gone(scene: Scene, event: DataGone) -> Turn:
    """The receipt; nothing of the conversation is remembered after it."""
    said = words.ERASED.format(
        when=f"{scene.now:%Y-%m-%d %H:%M}", what=_listed(event.gone) or words.DATA_NOTHING
    )
    if event.kept:
        said += "\n" + words.ERASED_KEPT.format(what=_listed(event.kept))
    blank = replace(scene, was=Conversation())
    return blank.say("receipt", said, MENU, HUMAN)


def _listed(counts: dict[str, int]) -> str:
    return "、".join(f"{name} {count} 条" for name, count in counts.items() if count)
