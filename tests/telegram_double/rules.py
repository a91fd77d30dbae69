"""What Telegram refuses, and what it shows of a file: pure, for the stand-in of the Bot API."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

TEXT_UNITS = 4096  # UTF-16 code units
CAPTION_UNITS = 1024
BUTTONS = 100
FILES = {  # method: its parameter, and the field of the message that it makes
    "sendPhoto": ("photo", "photo"),
    "sendDocument": ("document", "document"),
    "sendVoice": ("voice", "voice"),
    "sendAudio": ("audio", "audio"),
    "sendVideo": ("video", "video"),
    "sendAnimation": ("animation", "animation"),
    "sendVideoNote": ("video_note", "video_note"),
    "sendSticker": ("sticker", "sticker"),
}


@dataclass(frozen=True)
class Uploaded:
    """A file that came with the call."""

    name: str
    data: bytes


def checked_upload(kind: str, file: Uploaded) -> None:
    """Raises Refused."""
    if not file.data:
        raise bad("file must be non-empty")
    if kind == "photo":
        if file.data[:8] != b"\x89PNG\r\n\x1a\n" and file.data[:2] != b"\xff\xd8":
            raise bad("IMAGE_PROCESS_FAILED")
        wide, high = struct.unpack(">II", file.data[16:24])
        if wide + high > 10_000 or max(wide, high) > 20 * min(wide, high):
            raise bad("PHOTO_INVALID_DIMENSIONS")
        if len(file.data) > 10_000_000:
            raise bad("file is too big")


class Refused(Exception):
    """Telegram says no."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


def bad(description: str, **parameters: int) -> Refused:
    return Refused(400, f"Bad Request: {description}", **parameters)


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def checked_markup(markup: Any) -> Json:
    """The inline keyboard as a message shows it. Raises Refused."""
    if markup is None:
        return {}
    if not isinstance(markup, dict) or not isinstance(markup.get("inline_keyboard"), list):
        raise bad("object expected as reply markup")
    buttons = [button for row in markup["inline_keyboard"] for button in row]
    if len(buttons) > BUTTONS:
        raise bad("reply markup is too long")
    for button in buttons:
        if not button.get("text", "").strip():
            raise bad("text buttons are allowed to have only non-empty text")
        if not 1 <= len(button.get("callback_data", "").encode()) <= 64:
            raise bad("BUTTON_DATA_INVALID")
    return {"reply_markup": markup} if buttons else {}


def file_content(kind: str, file_id: str) -> Any:
    """What a message shows of a file of this kind."""
    known: Json = {"file_id": file_id, "file_unique_id": f"u{file_id[-12:]}"}
    box = {"width": 320, "height": 240}
    more: Json = {
        "document": {"file_name": "证明.pdf", "mime_type": "application/pdf"},
        "voice": {"duration": 3, "mime_type": "audio/ogg"},
        "audio": {"duration": 3, "file_name": "录音.mp3"},
        "video": {**box, "duration": 3},
        "animation": {**box, "duration": 3},
        "video_note": {"length": 240, "duration": 3},
        "sticker": {**box, "type": "regular", "is_animated": False, "is_video": False},
    }
    if kind == "photo":
        small = {**known, "file_id": f"{file_id}_small", "width": 90, "height": 67}
        return [small, {**known, **box}]
    return {**known, **more[kind]}
