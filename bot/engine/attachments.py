"""Pictures, stickers, voices: a kind sentence, and the state stays as it was.

A picture or PDF is kept as evidence by its handle, for 30 days at most; nothing is read out of it.
"""

from __future__ import annotations

from datetime import date, timedelta

from bot.engine import filling, staffing, walking, words
from bot.engine.consulting.told import FORM
from bot.engine.scene import HUMAN, MENU, Scene
from bot.engine.types import Attachment, Choice, Evidence, Message, Reply, Turn

KEPT_DAYS = 30
MOST_KEPT = 10
ENDINGS = (".pdf", ".png", ".jpg", ".jpeg", ".webp", ".heic", ".heif")
_SAID = {
    "sticker": words.STICKER,
    "voice": words.VOICE,
    "video": words.VIDEO,
    "location": words.LOCATION,
    "file": words.FILE,
}


def is_evidence(attachment: Attachment) -> bool:
    """Whether it is kept for a consultation; what its bytes are is looked at where they arrive."""
    file = attachment.kind == "file" and attachment.name.lower().endswith(ENDINGS)
    return attachment.kind == "image" or file


def receive(scene: Scene, attachment: Attachment) -> Turn:
    """The turn for an attachment without words."""
    if scene.was.staff == "joined":
        return staffing.pass_on(scene)
    if is_evidence(attachment):
        turn = _keep(scene, attachment)
    else:
        turn = scene.turn(Reply("help", _SAID[attachment.kind], (MENU, HUMAN)))
    return walking.remind(scene, filling.remind(scene, turn))


def fresh(evidence: tuple[Evidence, ...], today: date) -> tuple[Evidence, ...]:
    """Without what is older than its lifetime."""
    oldest = (today - timedelta(days=KEPT_DAYS)).isoformat()
    return tuple(e for e in evidence if e.at >= oldest)


def captioned(evidence: tuple[Evidence, ...], message: Message) -> tuple[Evidence, ...]:
    """With the picture that came with words; the words are read as always."""
    attachment = message.attachment
    if attachment is None or not is_evidence(attachment) or not message.text.strip():
        return evidence
    piece = Evidence(attachment.kind, attachment.ref, message.at.date().isoformat())
    return (*evidence, piece)[-MOST_KEPT:]


def _keep(scene: Scene, attachment: Attachment) -> Turn:
    piece = Evidence(attachment.kind, attachment.ref, scene.today.isoformat())
    kept = (*scene.was.evidence, piece)[-MOST_KEPT:]
    what = words.PICTURE if attachment.kind == "image" else words.DOCUMENT
    if scene.was.form is not None and scene.was.form.form == FORM:
        going = Reply("help", words.EVIDENCE_GOING.format(what=what, count=len(kept)))
        return scene.turn(going, evidence=kept)
    if number := scene.was.following or scene.was.case:
        ways = (
            Choice(words.EVIDENCE_ADD, f"/attach {number}"),
            Choice(words.EVIDENCE_APART, "/consult missing"),
            Choice(words.NO, "/menu"),
        )
        said = words.EVIDENCE_FOR.format(what=what, count=len(kept), number=number)
        return scene.turn(Reply("question", said, ways), evidence=kept)
    yes = Choice(words.YES, "/consult missing")
    said = words.EVIDENCE.format(what=what, count=len(kept))
    reply = Reply("question", said, (yes, Choice(words.NO, "/menu")))
    return scene.turn(reply, evidence=kept)
