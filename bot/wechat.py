"""The WeChat account as the settings have it, and its two commands: `wechat check`, `wechat menu`."""

from __future__ import annotations

from collections.abc import Callable

from bot.channels.wechat import Account, Notice, WechatChannel
from bot.channels.wechat.check import check, means
from bot.channels.wechat.client import Unanswered, WechatError
from bot.channels.wechat.menu import buttons
from bot.keys import Keys
from bot.ring import ring
from bot.settings import Settings, Wechat, fields_of
from bot.store.engine import Store
from bot.store.migrate import migrate

# Three buttons at most, five entries below each; what a tap says.
MENU = (
    ("问政策", (("常见问题", "/topics"), ("政策文件", "/policies"), ("算一算", "/calculators"))),
    ("办事", (("办事指南", "/guides"), ("机构电话", "/contact"), ("提交咨询", "提交咨询"))),
    ("帮助", (("转人工", "转人工"), ("怎么用", "帮助"), ("重新开始", "/start"))),
)


def account(chosen: Wechat) -> Account:
    keys = (chosen.aes_key.get_secret_value(), chosen.previous_aes_key.get_secret_value())
    return Account(
        chosen.app_id,
        chosen.secret.get_secret_value(),
        chosen.token.get_secret_value(),
        tuple(key for key in keys if key),
        chosen.account,
        chosen.choices,
        _notice(chosen.template, chosen.template_fields),
        _notice(chosen.subscription, chosen.subscription_fields, chosen.subscription_lasting),
        chosen.mass,
    )


def channel(
    chosen: Wechat, store: Store, keys: Keys | None = None, public_url: str = ""
) -> WechatChannel:
    """`keys` seal the access token, and links to files at `public_url`."""
    return WechatChannel(
        account(chosen), store, api_base=chosen.api_base, keys=keys, public_url=public_url
    )


async def wechat(settings: Settings, wanted: str, say: Callable[[str], None]) -> int:
    """`check`: what the account may do; `menu`: sets its menu. The number of problems."""
    if not settings.wechat.app_id:
        say("微信还没有设置：请在 settings.toml 的 [wechat] 填 app_id（见 docs/wechat.md）")
        return 1
    await migrate(settings.database.url)
    async with Store(settings.database.url) as store:
        made = channel(settings.wechat, store, ring(settings))
        try:
            if wanted == "check":
                return await check(account(settings.wechat), made.api, settings.web.public_url, say)
            await made.api.set_menu(buttons(MENU))
        except WechatError as error:
            say(means(error.code))
            return 1
        except Unanswered as error:
            say(f"没有连上微信（{error.reason}）：请看看服务器能否上网。")
            return 1
        finally:
            await made.close()
    say("菜单已设好。关注者 24 小时内会看到；取消关注再关注，可以马上看到")
    return 0


def _notice(template: str, fields: str, lasting: bool = False) -> Notice | None:
    return Notice(template, fields_of(fields), lasting) if template else None
