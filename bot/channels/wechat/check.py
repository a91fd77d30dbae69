"""`wechat check`: what this account may do, what is missing, and what to do about it.

It calls only what changes nothing and sends nothing to anybody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.channels.wechat import faults
from bot.channels.wechat.account import Account
from bot.channels.wechat.api import MASS, Api
from bot.channels.wechat.client import Unanswered, WechatError

KEPT = "好"
MISSING = "缺"
UNUSED = "—"
MEANS = {
    40013: "AppID 不对：请核对 settings.toml 的 [wechat] app_id。",
    40125: "AppSecret 不对：请在公众平台重置开发者密码，再填 BOT_WECHAT_SECRET。",
    40164: "本机 IP 不在白名单：请在公众平台“基本配置—IP 白名单”里加上服务器的公网 IP。",
    40001: "AppSecret 不对，或令牌被别处刷新：请核对 BOT_WECHAT_SECRET。",
    48001: "账号没有这项权限：未认证的账号没有；认证后再试。",
    45028: "群发的次数用完了：服务号下个月恢复，公众号明天恢复。",
    45009: "今天的调用次数用完了，明天 0 点恢复。",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at. `problem`: somebody must do something."""

    mark: str
    about: str
    said: str = ""

    @property
    def problem(self) -> bool:
        return self.mark == MISSING

    def __str__(self) -> str:
        return f"{self.mark} {self.about}" + (f"：{self.said}" if self.said else "")


async def check(account: Account, api: Api, public_url: str, say: Callable[[str], None]) -> int:
    """Tells each line; how many problems there are."""
    lines = settings(account, public_url) + await _calls(account, api)
    for line in lines:
        say(str(line))
    problems = sum(line.problem for line in lines)
    say(f"\n{problems} 处要处理" if problems else "\n都好了")
    return problems


def settings(account: Account, public_url: str) -> list[Line]:
    """What can be seen without a call."""
    where = f"{public_url}/wechat" if public_url else ""
    return [
        Line(KEPT, "服务器地址 (URL)", where)
        if where
        else Line(MISSING, "服务器地址 (URL)", "请在 settings.toml 的 [web] 填 public_url"),
        Line(KEPT, "消息加解密", "安全模式或兼容模式")
        if account.aes_keys
        else Line(MISSING, "消息加解密", "明文模式。建议选安全模式，并填 BOT_WECHAT_AES_KEY"),
        _kind(account),
        _notice(account),
    ]


def _kind(account: Account) -> Line:
    said = {
        "service": "认证服务号：能回复、客服消息、模板消息、订阅通知、菜单",
        "subscription": "认证公众号：能回复、客服消息、菜单；48 小时外只能等对方再来",
        "unverified": "未认证：只能回复对方的消息；工作人员的答复要等对方再来时才看得到",
    }[account.kind]
    return Line(KEPT, "账号", said)


def _notice(account: Account) -> Line:
    about = "48 小时外的提醒"
    if not account.may_notice:
        return Line(UNUSED, about, "这类账号没有模板消息和订阅通知")
    if account.template or account.subscription:
        chosen = [
            name
            for name, notice in (
                ("模板消息", account.template),
                ("订阅通知", account.subscription),
            )
            if notice
        ]
        return Line(KEPT, about, "、".join(chosen))
    return Line(MISSING, about, "请在公众平台选一个模板，把模板 ID 填到 [wechat] template")


async def _calls(account: Account, api: Api) -> list[Line]:
    """What WeChat itself says."""
    first = await _asked(api, "AppID、AppSecret 和 IP 白名单", "/cgi-bin/get_api_domain_ip")
    if first.problem:
        return [first]
    lines = [first]
    if account.may_push:
        lines.append(await _asked(api, "客服消息", "/cgi-bin/customservice/getkflist"))
        lines.append(await _menu(api))
    lines.append(await _mass(account, api))
    if account.may_notice and account.template:
        lines.append(await _template(api, account.template.template))
    if account.may_notice and account.subscription:
        lines.append(await _subscription(api, account.subscription.template))
    return lines


async def _asked(api: Api, about: str, path: str) -> Line:
    try:
        await api.ask(path)
    except WechatError as error:
        return Line(MISSING, about, means(error.code))
    except Unanswered as error:
        return Line(MISSING, about, f"没有连上微信（{error.reason}）：请看看服务器能否上网。")
    return Line(KEPT, about)


async def _menu(api: Api) -> Line:
    about = "自定义菜单"
    try:
        told = await api.ask("/cgi-bin/get_current_selfmenu_info")
    except (WechatError, Unanswered) as error:
        return Line(MISSING, about, _said(error))
    if told.get("is_menu_open") == 1:
        return Line(KEPT, about)
    return Line(MISSING, about, "还没有菜单：请运行 python -m bot wechat menu")


async def _mass(account: Account, api: Api) -> Line:
    """Whether notices may go to many at once: the right to tags, and what is left of today."""
    about = "群发公告"
    if account.kind == "unverified":
        return Line(UNUSED, about, "未认证的账号不能用接口群发")
    if not account.mass:
        return Line(
            UNUSED, about, "没有打开；要用，把 [wechat] mass 设为 true（见 docs/wechat.md）"
        )
    try:
        await api.ask("/cgi-bin/tags/get")
        left = await api.left_today(MASS)
    except (WechatError, Unanswered) as error:
        return Line(MISSING, about, _said(error))
    each = "每位关注者每月 4 条" if account.kind == "service" else "每天 1 次"
    said = f"今天还能调用 {left} 次；{each}，在公众平台网页上发的也算"
    return Line(KEPT if left else MISSING, about, said)


async def _template(api: Api, wanted: str) -> Line:
    path, about = "/cgi-bin/template/get_all_private_template", "模板消息"
    return await _among(api, path, about, "template_list", "template_id", wanted)


async def _subscription(api: Api, wanted: str) -> Line:
    path, about = "/wxaapi/newtmpl/gettemplate", "订阅通知"
    return await _among(api, path, about, "data", "priTmplId", wanted)


async def _among(api: Api, path: str, about: str, rows: str, name: str, wanted: str) -> Line:
    try:
        told = await api.ask(path)
    except (WechatError, Unanswered) as error:
        return Line(MISSING, about, _said(error))
    listed = told.get(rows)
    known = [row.get(name) for row in listed if isinstance(row, dict)] if listed else []
    if wanted in known:
        return Line(KEPT, about)
    return Line(MISSING, about, f"账号里没有这个模板 ID：{wanted}")


def _said(error: WechatError | Unanswered) -> str:
    return means(error.code) if isinstance(error, WechatError) else f"没有连上（{error.reason}）"


def means(code: int) -> str:
    """A code in words."""
    if code in faults.NO_RIGHT:
        return f"{MEANS[48001]}（{code}）"
    return f"{MEANS.get(code, '微信没有同意这次调用。')}（{code}）"
