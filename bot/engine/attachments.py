"""Pictures, stickers, voices: a kind sentence, and the state stays as it was.

A picture is kept as evidence by its handle, for 30 days at most; nothing is read out of it.
"""

from __future__ import annotations

from datetime import date, timedelta

from bot.engine import filling, staffing, walking, words
from bot.engine.scene import HUMAN, LEAVE_MESSAGE, MENU, Scene
from bot.engine.types import Attachment, Choice, Evidence, Reply, Turn

KEPT_DAYS = 30
MOST_KEPT = 10
_SAID = {
    "sticker": words.STICKER,
    "voice": words.VOICE,
    "video": words.VIDEO,
    "location": words.LOCATION,
    "file": words.FILE,
}


def receive(scene: Scene, attachment: Attachment) -> Turn:
    """The turn for an attachment without words."""
    if scene.was.staff == "joined":
        return staffing.pass_on(scene)
    if attachment.kind == "image":
        turn = _keep(scene, attachment)
    else:
        turn = scene.turn(Reply("help", _SAID[attachment.kind], (MENU, HUMAN)))
    return walking.remind(scene, filling.remind(scene, turn))


def fresh(evidence: tuple[Evidence, ...], today: date) -> tuple[Evidence, ...]:
    """Without what is older than its lifetime."""
    oldest = (today - timedelta(days=KEPT_DAYS)).isoformat()
    return tuple(e for e in evidence if e.at >= oldest)


def _keep(scene: Scene, attachment: Attachment) -> Turn:
    piece = Evidence(attachment.kind, attachment.ref, scene.today.isoformat())
    kept = (*scene.was.evidence, piece)[-MOST_KEPT:]
    yes = Choice(words.YES, LEAVE_MESSAGE.send)
    reply = Reply(
        "question", words.EVIDENCE.format(count=len(kept)), (yes, Choice(words.NO, "/menu"))
    )
    return scene.turn(reply, evidence=kept)
