"""Control words: they work in every state at the first try.

Rule: a control word is the whole message, said in one of many ways; a longer sentence that only
mentions one is not a command, except for the wish for a person.
"""

from __future__ import annotations

import re
from typing import Literal, get_args

from bot.engine.text import plain

Control = Literal[
    "human",
    "cancel",
    "back",
    "skip",
    "save",
    "menu",
    "help",
    "unsubscribe",
    "restart",
    "resume",
    "end",
]
CONTROLS: tuple[Control, ...] = get_args(Control)

_WORDS: dict[Control, str] = {
    "human": "转人工 人工 人工服务 人工客服 真人 真人客服 客服 在线客服 有人吗 有没有人 有人在吗 工作人员 接线员 活人 "
    "人工台 人工坐席 不要机器人 别用机器人 我不要机器人 我要和人说话 我想和人说话 和人说话 叫人 人呢 来个人 找个人",
    "cancel": "取消 算了 不办了 不填了 不弄了 不想填了 退出 停止 先不办了 cancel",
    "back": "上一步 返回 返回上一步 退回 后退 上一题 back",
    "skip": "跳过 略过 跳过这题 跳过这一步 不填 skip",
    "save": "保存 先保存 保存草稿 存草稿 存为草稿 先存着 存一下 先存一下 下次再填 以后再填 回头再填 save",
    "menu": "菜单 主菜单 目录 首页 回到菜单 返回菜单 回菜单 menu",
    "help": "帮助 怎么用 使用说明 help 帮忙 怎么使用 你能做什么 你会什么 能干什么 你有什么功能",
    "unsubscribe": "退订 取消订阅 td 不要再发 别发了 停止推送",
    "restart": "重来 重新开始 从头来 从头开始 重新来 再来一次",
    "resume": "继续 继续填 接着填 继续填写 草稿 我的草稿 继续办",
    "end": "结束 结束对话 结束人工 结束服务 结束人工服务",
}
_BY_WORD = {plain(word): control for control, said in _WORDS.items() for word in said.split()}
_PERSON = re.compile(
    r"(转|找|要|接|换|叫|请|联系|呼叫|需要|能不能|可以)[^，。]{0,4}(人工|真人|客服|工作人员|活人|专人)"
)
_ABOUT = re.compile(r"电话|号码|投诉|态度|怎么|多少|为什么|上班|时间")
_SLASH = {f"/{control}": control for control in CONTROLS}


def control_of(text: str) -> Control | None:
    """The control that a message is, if it is one."""
    word = plain(text)
    if word in _SLASH:
        return _SLASH[word]
    word = (
        re.sub(r"^(请|我要|我想|麻烦|帮我|给我)+|(吧|了|一下|谢谢|呀|啊|啦|呢)+$", "", word) or word
    )
    if (found := _BY_WORD.get(word) or _BY_WORD.get(plain(text))) is not None:
        return found
    if len(word) <= 14 and _PERSON.search(word) and not _ABOUT.search(word):
        return "human"
    return None
