"""The commands: `python -m bot [all | web | worker | ask | chat | evaluate | rehearse | check | …]`."""

from __future__ import annotations

import argparse
import asyncio
import gc
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from bot.clock import wall_clock
from bot.engine.calculator import BadInput
from bot.engine.parameters import BadData
from bot.settings import BadSettings, load

_Command = Callable[[argparse.Namespace], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Exit status: 0 well, 1 it ran and found something wrong, 2 it was asked wrongly."""
    given = _parser().parse_args(argv)
    command: _Command = given.run
    try:
        return command(given)
    except (BadData, BadInput, BadSettings, _Misuse) as error:
        print(error, file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader of our output has gone
        return 0


class _Misuse(ValueError):
    """An option that makes no sense; the message says why."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="社保咨询机器人")
    parser.set_defaults(run=_serve, parts="all")
    commands = parser.add_subparsers(title="commands")
    for name, text in (
        ("all", "web and worker in one process (the default)"),
        ("web", "the web chat and the platforms' webhooks"),
        ("worker", "polling, sending, and what is due"),
    ):
        commands.add_parser(name, help=text).set_defaults(run=_serve, parts=name)
    _door(commands)
    check = commands.add_parser("check", help="check all data; say what is out of date")
    check.add_argument("--date", type=_day)
    check.set_defaults(run=_check)
    commands.add_parser("migrate", help="bring the database up to date").set_defaults(run=_migrate)
    handoffs = commands.add_parser("handoffs", help="who waits for staff; answer them")
    handoffs.set_defaults(run=_handoffs)
    handoffs.add_argument("--reply", nargs=2, metavar=("NUMBER", "TEXT"))
    handoffs.add_argument("--close", metavar="NUMBER", type=int)
    _desk(commands)
    wechat = commands.add_parser("wechat", help="a WeChat account: check it, set its menu")
    wechat.add_argument("wanted", choices=("check", "menu"))
    wechat.set_defaults(run=_wechat)
    telegram = commands.add_parser("telegram", help="the Telegram bot and its staff group")
    telegram.add_argument("wanted", choices=("check",))
    telegram.set_defaults(run=_telegram)
    return parser


def _desk(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Who works at the desk (docs/desk.md)."""
    keys = commands.add_parser("keys", help="print a new key for privacy.keys")
    keys.set_defaults(run=_keys)
    staff = commands.add_parser("staff", help="who works at the desk")
    acts = staff.add_subparsers(title="what to do", dest="act", required=True)
    roles = ("admin", "head", "supervisor", "agent", "auditor")
    acts.add_parser("list", help="all of them")
    for act, text in (
        ("add", "somebody new; prints a one-time link"),
        ("reset", "a new one-time link; password and codes of before are gone"),
        ("disable", "signed out everywhere, and not let in again"),
        ("enable", "let in again as before"),
        ("role", "give another role"),
    ):
        one = acts.add_parser(act, help=text)
        one.add_argument("name")
        if act == "add":
            one.add_argument("--role", choices=roles, required=True)
        if act == "role":
            one.add_argument("role", choices=roles)
    staff.set_defaults(run=_staff, name=None, role=None)


def _door(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The outside door (docs/outside-door.md)."""
    ask = commands.add_parser("ask", help="one question, one reply")
    ask.add_argument("question")
    ask.add_argument("--region")
    ask.add_argument("--date", type=_day, default=None)
    ask.add_argument("--json", action="store_true")
    ask.set_defaults(run=_ask)
    chat = commands.add_parser("chat", help="a conversation in the terminal")
    chat.add_argument("--json", action="store_true")
    chat.set_defaults(run=_chat)
    calculate = commands.add_parser("calculate", help="a calculation without a dialogue")
    calculate.add_argument("name", nargs="?")
    calculate.add_argument("inputs", nargs="*", metavar="key=value")
    calculate.add_argument("--date", type=_day, default=None)
    calculate.add_argument("--json", action="store_true")
    calculate.set_defaults(run=_calculate)
    evaluate = commands.add_parser("evaluate", help="measure the search on labelled questions")
    evaluate.add_argument("file", type=Path, nargs="?")
    evaluate.add_argument("--asks", action="store_true", help="each of our wordings, left out")
    evaluate.add_argument("--faq", type=Path)
    evaluate.add_argument("--errors", type=int, default=0)
    evaluate.add_argument("--json", action="store_true")
    evaluate.set_defaults(run=_evaluate)
    rehearse = commands.add_parser("rehearse", help="play scripted conversations")
    rehearse.add_argument("paths", type=Path, nargs="+")
    rehearse.add_argument("--json", action="store_true")
    rehearse.set_defaults(run=_rehearse)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day (e.g. 2026-11-23)") from None


# Each command imports what it needs: `ask` must not load a web server, nor `web` a YAML reader.


def _serve(given: argparse.Namespace) -> int:
    gc.disable()  # what a start makes is no garbage; `serve` enables it again
    from bot.app import serve

    return asyncio.run(serve(load(), given.parts))


def _ask(given: argparse.Namespace) -> int:
    from bot.rehearsal.ask import ask, shown
    from handlers.contents import playbook

    book = playbook()
    if given.region and given.region not in book.regions:
        raise _Misuse(f"--region: {given.region} is not a province or city (e.g. 长沙)")
    print(shown(ask(book, given.question, given.date or _today(), given.region), given.json))
    return 0


def _today() -> date:
    return wall_clock().date()


def _chat(given: argparse.Namespace) -> int:
    from bot.rehearsal.chat import chat

    return asyncio.run(chat(given.json))


def _calculate(given: argparse.Namespace) -> int:
    from bot.rehearsal.calculate import calculate, listed

    if given.name is None:
        print(listed(given.json))
    else:
        print(calculate(given.name, given.inputs, given.date or _today(), given.json))
    return 0


def _evaluate(given: argparse.Namespace) -> int:
    if given.asks == (given.file is not None):
        raise _Misuse("evaluate: a file of labelled questions, or --asks")
    if given.asks:
        from bot.rehearsal.left_out import evaluate_asks

        return evaluate_asks(given.faq, given.errors, given.json)
    from bot.rehearsal.evaluate import evaluate

    return evaluate(given.file, given.faq, given.errors, given.json)


def _rehearse(given: argparse.Namespace) -> int:
    from bot.rehearsal.rehearse import rehearse

    return asyncio.run(rehearse(given.paths, given.json))


def _check(given: argparse.Namespace) -> int:
    from handlers.calculating import load_ground
    from handlers.checks import check
    from handlers.outdated import outdated

    day = given.date or _today()
    problems = check(day)
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problems" if problems else "all data are well")
    ground = load_ground()
    for line in outdated(ground.parameters, ground.calendar, day):
        print(f"out of date on {day}: {line}")
    return 1 if problems else 0


def _migrate(given: argparse.Namespace) -> int:
    from bot.app import migrate

    asyncio.run(migrate(load()))
    return 0


def _handoffs(given: argparse.Namespace) -> int:
    from bot.app import handoffs

    return asyncio.run(handoffs(load(), print, given.reply, given.close))


def _staff(given: argparse.Namespace) -> int:
    from bot.app import staff

    words = [word for word in (given.act, given.name, given.role) if word]
    return asyncio.run(staff(load(), print, words))


def _keys(given: argparse.Namespace) -> int:
    from bot.keys import new_key

    print(new_key(f"{_today():%Y%m%d}"))
    return 0


def _wechat(given: argparse.Namespace) -> int:
    from bot.wechat import wechat

    return 1 if asyncio.run(wechat(load(), given.wanted, print)) else 0


def _telegram(given: argparse.Namespace) -> int:
    from bot.channels.telegram.check import check

    settings = load()
    looked = check(
        settings.telegram.token.get_secret_value(),
        settings.telegram.staff_chat,
        print,
        api_base=settings.telegram.api_base,
        public_url=settings.web.public_url,
    )
    return 1 if asyncio.run(looked) else 0


if __name__ == "__main__":
    sys.exit(main())
