"""Signing, encrypting and decrypting as WeChat's servers do, by werobot."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from werobot.crypto import MessageCrypt
from werobot.utils import get_signature


class Seal:
    """One account's secrets, on WeChat's side. `key` None: plain mode."""

    def __init__(self, token: str, app_id: str, key: str | None) -> None:
        self.token = token
        self.app_id = app_id
        self._crypt: Any = MessageCrypt(token, key, app_id) if key else None

    def sign(self, timestamp: str, nonce: str, *more: str) -> str:
        return str(get_signature(self.token, timestamp, nonce, *more))

    def close(
        self, xml: str, timestamp: str, nonce: str, *, compatible: bool = False
    ) -> tuple[dict[str, str], str]:
        """The query and the body of a callback. `compatible`: the words in clear as well."""
        query = {
            "signature": self.sign(timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            "openid": "o",
        }
        if self._crypt is None:
            return query, xml
        sealed = self._crypt.prp_crypto.encrypt(xml, self.app_id).decode()
        query |= {"encrypt_type": "aes", "msg_signature": self.sign(timestamp, nonce, sealed)}
        inside = xml.removeprefix("<xml>").removesuffix("</xml>") if compatible else ""
        account = "<ToUserName><![CDATA[gh_shebao]]></ToUserName>" if not compatible else ""
        return query, f"<xml>{inside}{account}<Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"

    def open(self, body: str) -> dict[str, str]:
        """The fields of an answer. Its signature and its app id must be right."""
        told = fields(body)
        if self._crypt is None:
            return told
        assert set(told) == {"Encrypt", "MsgSignature", "TimeStamp", "Nonce"}, told
        clear = self._crypt.decrypt_message(
            told["TimeStamp"], told["Nonce"], told["MsgSignature"], told["Encrypt"]
        )
        return fields(clear.decode())


def fields(xml: str) -> dict[str, str]:
    return {child.tag: child.text or "" for child in ElementTree.fromstring(xml)}  # noqa: S314 — ours
