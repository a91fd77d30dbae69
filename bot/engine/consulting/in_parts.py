"""What becomes of several questions: each is answered, routed or filed, one after the other."""

from __future__ import annotations

from dataclasses import replace

from bot.engine import answering, filling
from bot.engine.browsing import short
from bot.engine.consulting import intake, told
from bot.engine.consulting.routed import medical, routed
from bot.engine.scene import Scene
from bot.engine.types import Choice, Reply, Turn


def parts_chosen(scene: Scene, given: list[str]) -> Turn | None:
    """都提交, 先办②, 只留①, 两个都看."""
    parts = scene.was.pending
    if not parts or not given:
        return None
    if given[0] == "all":
        return submit_next(replace(scene, was=replace(scene.was, hurry=True)))
    if given[0] == "next":
        return intake.consult(_with(scene, parts[1:]), parts[0])
    if given[0] == "answers":
        return _answer_all(scene, parts)
    if len(given) < 2 or not given[1].isdecimal() or int(given[1]) >= len(parts):
        return None
    chosen = int(given[1])
    left = tuple(p for n, p in enumerate(parts) if n != chosen)
    if given[0] == "only":
        return intake.consult(_with(scene, ()), parts[chosen])
    scene = _with(scene, left)
    turn = medical(scene, parts[chosen]) or intake.consult(scene, parts[chosen])
    if turn.conversation.form is None and left:  # answered or routed: on with the next at once
        return _then(scene, turn, left)
    return turn


def _with(scene: Scene, pending: tuple[str, ...]) -> Scene:
    return replace(scene, was=replace(scene.was, pending=pending))


def _then(scene: Scene, turn: Turn, left: tuple[str, ...]) -> Turn:
    """After one part is dealt with, the next."""
    after = replace(scene, was=replace(turn.conversation, pending=left[1:]))
    following = intake.consult(after, left[0])
    first, *others = following.replies
    first = replace(first, text=f"再来看“{short(left[0], 30)}”。\n{first.text}")
    return replace(following, replies=(*turn.replies, first, *others))


def _answer_all(scene: Scene, parts: tuple[str, ...]) -> Turn | None:
    """The answers to each; who is not answered is asked whether to submit."""
    replies: tuple[Reply, ...] = ()
    turn = None
    for part in parts:
        state = turn.conversation if turn else replace(scene.was, pending=())
        turn = answering.one(replace(scene, text=part, was=state))
        replies += turn.replies
    return replace(turn, replies=replies) if turn else None


def after_filing(scene: Scene, turn: Turn) -> Turn:
    """After a receipt: the next of several questions, filed at once or offered."""
    state = turn.conversation
    if not state.pending:
        return turn
    if state.hurry:
        following = submit_next(replace(scene, was=state))
        return replace(
            following,
            replies=(*turn.replies, *following.replies),
            effects=(*turn.effects, *following.effects),
        )
    receipt = turn.replies[-1]
    said = f"{receipt.text}\n接下来办“{short(state.pending[0], 30)}”吗？"
    ways = (Choice("接着办", "/parts next"), *receipt.choices)
    reply = replace(receipt, text=said, choices=ways)
    return replace(
        turn, replies=(*turn.replies[:-1], reply), conversation=replace(state, offered=ways)
    )


def submit_next(scene: Scene) -> Turn:
    """The next part: its own number, or where it belongs; until none is left."""
    replies: tuple[Reply, ...] = ()
    parts = scene.was.pending
    while parts:
        part, parts = parts[0], parts[1:]
        scene = _with(scene, parts)
        found = scene.book.search.search(part, region=scene.region())
        if turn := routed(scene, found) or medical(scene, part):
            replies += turn.replies
            scene = replace(scene, was=turn.conversation)
            continue
        form = scene.book.forms[told.FORM]
        answers = {**intake.answers_of(part, scene), "direct": "1"}
        turn = filling.go_on(scene, form, replace(form.begin(), answers=answers))
        return replace(turn, replies=(*replies, *turn.replies))
    return scene.turn(*replies, hurry=False)
