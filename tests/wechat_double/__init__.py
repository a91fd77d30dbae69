"""A stand-in of WeChat: its servers, which call us and are called by us, and people's phones.

As strict as WeChat: five seconds and three tries, 48 hours and five messages, 2,048 bytes, tokens
that end, quotas, and its error codes. Its cryptography is werobot's, which knows nothing of ours.
"""

from tests.wechat_double.api import WechatApi
from tests.wechat_double.phone import Phone, Platform
from tests.wechat_double.seal import Seal

__all__ = ["Phone", "Platform", "Seal", "WechatApi"]
