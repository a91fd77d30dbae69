"""WeChat: citizens write to an official account (公众号).

wechatpy signs, encrypts, decrypts and renders; HTTP to WeChat is httpx; budgets, tokens and what
waits to be read are rows in the database, so that the web and the worker may be two processes.
"""

from bot.channels.wechat.account import Account, Notice
from bot.channels.wechat.channel import WechatChannel

__all__ = ["Account", "Notice", "WechatChannel"]
