"""The greeting, the main menu and the category tree."""

from __future__ import annotations

from bot.engine import words
from bot.engine.menu import MOST, Branch
from bot.engine.scene import HUMAN, Scene
from bot.engine.text import plain
from bot.engine.types import Choice, Reply, Turn

MAIN = (
    Choice("常见问题", "/topics"),
    Choice(words.CALCULATE, "/calculators"),
    Choice(words.LEAVE_MESSAGE, "/form leave_message"),
    Choice("查咨询进度", "/cases"),
    Choice("订阅政策", "/subscribe"),
    HUMAN,
)
MORE_OF_IT = (
    Choice("办事指南", "/guides"),
    Choice("电话和官网", "/contact"),
    Choice("政策文件", "/policies"),
)


_LABELS = {plain(choice.label): choice.send for choice in (*MAIN, *MORE_OF_IT)}


def by_label(text: str) -> str | None:
    """What pressing it would say, if a text is the name of something in the menu."""
    return _LABELS.get(plain(text))


def greet(scene: Scene) -> Turn:
    return scene.say("menu", words.GREETING, *MAIN)


def main_menu(scene: Scene) -> Turn:
    return scene.say("menu", words.MENU, *MAIN)


def topics(scene: Scene, place: str = "", page: int = 0) -> Turn:
    """One level of the tree, at most eight items with the way back."""
    branch = scene.book.menu.find(place)
    if branch is None:
        return main_menu(scene)
    items = [Choice(b.label, f"/topics {b.id}") for b in branch.branches]
    items += () if branch.id else MORE_OF_IT
    items += [_entry(scene, entry) for entry in branch.entries if entry in scene.book.knowledge]
    if not items:
        return scene.say("menu", words.MENU_EMPTY, _back(branch), HUMAN)
    path = " ▸ ".join(["常见问题", *scene.book.menu.path(place)])
    return scene.turn(Reply("menu", words.MENU_TITLE.format(path=path), _page(branch, items, page)))


def _entry(scene: Scene, entry: str) -> Choice:
    return Choice(short(scene.book.knowledge[entry].question), f"/faq {entry}")


def short(question: str, most: int = 24) -> str:
    """A question as a button: whole if it fits, else up to its last comma that fits, else cut."""
    said = question.replace("社会保障卡", "社保卡").rstrip("？?")
    if len(said) <= most:
        return said
    comma = said.rfind("，", 8, most)
    return said[:comma] if comma > 0 else said[: most - 1] + "…"


def _page(branch: Branch, items: list[Choice], page: int) -> tuple[Choice, ...]:
    if len(items) <= MOST - 1:
        return (*items, _back(branch))
    size = MOST - 2
    shown = items[page * size : (page + 1) * size]
    more = (page + 1) * size < len(items)
    following = f"/topics {branch.id or '-'} {page + 1 if more else 0}"
    return (*shown, Choice(words.MORE if more else "回到第一页", following), _back(branch))


def _back(branch: Branch) -> Choice:
    if not branch.id:
        return Choice(words.BACK, "/menu")
    above = branch.id.rpartition(".")[0]
    return Choice(words.BACK, f"/topics {above}" if above else "/topics")
