"""Pictures and files: which one a message carries, and how one is sent again by its `file_id`.

A `file_id` can only be sent again as what it was. Our kinds are fewer than Telegram's, so for the
rarer ones `ref` says it: `audio:<file_id>`. A place is `<latitude>,<longitude>`.
"""

from __future__ import annotations

import re

from telegram import Bot, Message
from telegram.error import BadRequest, TelegramError

from bot.channels.base import Unfetchable
from bot.channels.telegram.faults import asked, described
from bot.engine.text import clean
from bot.engine.types import Attachment, AttachmentKind

_REF = re.compile(r"(?:(audio|animation|video_note):)?([A-Za-z0-9_-]{8,256})")
_PLACE = re.compile(r"(-?\d{1,3}(?:\.\d{1,12})?),(-?\d{1,3}(?:\.\d{1,12})?)")
_NAME_LENGTH = 100  # characters of a file's name that are kept


def received(message: Message) -> Attachment | None:
    """What `message` carries besides words. Raises what a malformed message makes it raise."""
    if message.photo:
        return _kept("image", message.photo[-1].file_id)  # the largest size is the last
    if message.animation:  # before `document`, which repeats it for old clients
        return _kept("video", message.animation.file_id, "animation")
    if message.document:
        return _kept("file", message.document.file_id, name=message.document.file_name)
    if message.voice:
        return _kept("voice", message.voice.file_id)
    if message.audio:
        return _kept("voice", message.audio.file_id, "audio", name=message.audio.file_name)
    if message.video:
        return _kept("video", message.video.file_id, name=message.video.file_name)
    if message.video_note:
        return _kept("video", message.video_note.file_id, "video_note")
    if message.sticker:
        return _kept("sticker", message.sticker.file_id)
    if message.location:
        place = f"{message.location.latitude:.6f},{message.location.longitude:.6f}"
        return _checked(Attachment("location", place))
    return None


def _kept(
    kind: AttachmentKind, file_id: str, form: str = "", name: str | None = None
) -> Attachment:
    ref = f"{form}:{file_id}" if form else file_id
    return _checked(Attachment(kind, ref, clean(name or "")[:_NAME_LENGTH]))


def _checked(attachment: Attachment) -> Attachment:
    if not sendable(attachment):
        raise ValueError("ref")
    return attachment


def sendable(attachment: Attachment) -> bool:
    """Whether `ref` has the form of ours; anything else would be taken for a path or an address."""
    form = _PLACE if attachment.kind == "location" else _REF
    return form.fullmatch(attachment.ref) is not None


async def send_again(bot: Bot, chat: int, attachment: Attachment, caption: str | None) -> None:
    """Send a `sendable` attachment; stickers, places and round videos take no caption.

    Raises TelegramError.
    """
    form, _, file_id = attachment.ref.rpartition(":")
    match form or attachment.kind:
        case "image":
            await bot.send_photo(chat, file_id, caption=caption)
        case "voice":
            await bot.send_voice(chat, file_id, caption=caption)
        case "audio":
            await bot.send_audio(chat, file_id, caption=caption)
        case "video":
            await bot.send_video(chat, file_id, caption=caption)
        case "animation":
            await bot.send_animation(chat, file_id, caption=caption)
        case "video_note":
            await bot.send_video_note(chat, file_id)
        case "sticker":
            await bot.send_sticker(chat, file_id)
        case "location":
            latitude, longitude = attachment.ref.split(",")
            await bot.send_location(chat, float(latitude), float(longitude))
        case _:
            await bot.send_document(chat, file_id, caption=caption)


async def fetched(bot: Bot, ref: str, most: int) -> bytes:
    """The bytes of what was received, at most so many. Raises Unfetchable."""
    if not _REF.fullmatch(ref):
        raise Unfetchable("not a handle of Telegram", permanent=True)
    try:
        found = await asked(bot.get_file(ref.rpartition(":")[2]))
        if (found.file_size or 0) > most:
            raise Unfetchable("too large", too_large=True)
        data = bytes(await asked(found.download_as_bytearray()))
    except BadRequest as error:
        said = described(error)
        raise Unfetchable(said, permanent=True, too_large="too big" in said.lower()) from None
    except TelegramError as error:
        raise Unfetchable(type(error).__name__) from None
    if len(data) > most:
        raise Unfetchable("too large", too_large=True)
    return data
