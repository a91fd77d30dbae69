"""Simulated citizens who file a consultation: each has a matter, a manner, and a limit of patience."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bot.engine.case import CaseFiled
from bot.engine.consulting.told import FORM
from bot.engine.playbook import Playbook
from bot.engine.types import Attachment, Turn
from tests.talk import Talk

PATIENCE = 30  # messages, after which a citizen has given up
MANNERS = (
    *("straight", "two at once", "corrects", "digresses", "does not know", "wrong type"),
    *("pastes an ID", "asks for a person", "saves", "mumbles", "is angry", "shows", "goes back"),
    *("in several messages", "wonders", "skips"),
)
PERSONAL = "我的身份证是430102199003077519"


@dataclass(frozen=True, slots=True)
class Matter:
    """What somebody wants to file, and what they can tell when asked."""

    story: str
    told: dict[str, str] = field(default_factory=dict)


MATTERS = (
    Matter("社保转移怎么办理", {"region": "参保深圳，户口长沙，在长沙上班", "target": "长沙", "when": "去年6月", "tried": "问过单位，没结果"}),
    Matter("2023年10月养老保险没交，工资扣了", {"employer": "单位是星星服装厂", "region": "长沙", "tried": "问了人事，说是系统问题"}),
    Matter("我的缴费记录少了几个月", {"insurance": "养老", "month": "去年3月到5月", "employer": "长河电子厂", "region": "武汉", "tried": "没有"}),
    Matter("社保卡在药店刷不了", {"message": "提示无效卡", "region": "南昌", "when": "上周开始，卡没坏", "tried": "没有"}),
    Matter("我要投诉社保大厅二号窗口态度差", {"object": "社保大厅二号窗口", "event": "让我来回跑了三趟，每次说的材料都不一样", "when": "上周", "demand": "希望一次说清楚"}),
    Matter("我妈的养老金这个月没到账", {"region": "洛阳", "when": "这个月", "tried": "打过12333"}),
    Matter("失业金申请了一直没批下来", {"region": "成都", "when": "今年8月", "tried": "没有"}),
    Matter("领取养老金认证失败，一直过不去", {"message": "提示人脸比对失败", "region": "昆明", "tried": "换了手机也不行", "when": "这个月"}),
    Matter("对核定的工龄有疑问，想请工作人员看看", {"region": "沈阳", "tried": "去窗口问过"}),
    Matter("灵活就业断缴了还能补吗，我是农村户口", {"region": "贵阳", "when": "2024年", "tried": "没有"}),
)  # fmt: skip


@dataclass
class Citizen:
    """Plays one matter to its end."""

    matter: Matter
    manner: str
    dice: random.Random
    talk: Talk
    turns: int = 0
    filed: CaseFiled | None = None
    stuck: str = ""

    def plays(self) -> None:
        self.says("提交咨询")
        if self.manner == "in several messages":
            self.says("我分几条发")
            self.says(f"第一，{self.matter.story}")
            self.says("第二，请尽快处理")
            self.says("完了")
        while self.filed is None and not self.stuck:
            for said in self.next_words():
                if self.filed is None and not self.stuck:
                    self.says(*said)

    def says(self, text: str, attachment: Attachment | None = None) -> Turn:
        self.turns += 1
        turn = self.talk.say(text, attachment)
        if isinstance(turn.errand, CaseFiled):
            self.filed = turn.errand
        elif not turn.replies and turn.errand is None:
            self.stuck = f"no reply to {text!r}"
        elif turn.replies and not turn.replies[-1].choices and turn.replies[-1].kind != "handoff":
            self.stuck = f"no way on after {text!r}"
        elif self.turns >= PATIENCE:
            self.stuck = f"too long at {self.open_field()}"
        return turn

    def open_field(self) -> str | None:
        progress = self.talk.state.form
        if progress is None or progress.form != FORM:
            return None
        return self.talk.book.forms[FORM].open_field(progress.answers)

    def next_words(self) -> Iterator[tuple[str, Attachment | None]]:
        field = self.open_field()
        if field is None:
            yield ("继续" if self.talk.state.drafts else "提交咨询", None)
            return
        if self.dice.random() < 0.3:
            yield from self._before(field)
            field = self.open_field()
            if field is None:
                return
        yield (self._answer(field), None)

    def _answer(self, field: str) -> str:
        told = self.matter.told
        plain = {"question": self.matter.story, "kind": "对", "points": "对", "ready": "提交"}
        if field in plain:
            return plain[field]
        if self.manner == "does not know":
            return self.dice.choice(("不知道", "记不清了", "不晓得"))
        if self.manner == "skips":
            return "跳过"
        if self.manner == "two at once" and field in told:
            others = [told[n] for n in ("region", "when", "employer") if n in told and n != field]
            return "，".join([told[field], *others[:1]])
        return told.get(field, "不知道")

    def _before(self, field: str) -> Iterator[tuple[str, Attachment | None]]:
        match self.manner:
            case "digresses":
                yield (self.dice.choice(("失业金怎么申领", "生育津贴的领取条件是什么")), None)
            case "wrong type":
                wrong = {"region": "上个月", "when": "长沙", "target": "去年", "tried": "👍"}
                yield (wrong.get(field, "？？"), None)
            case "pastes an ID":
                yield (PERSONAL, None)
            case "asks for a person":
                yield ("转人工", None)
            case "saves":
                yield ("保存", None)
                yield ("继续", None)
            case "mumbles":
                yield (self.dice.choice(("嗯嗯", "哈哈", "这个嘛", "？")), None)
            case "is angry":
                yield (self.dice.choice(("你怎么听不懂啊", "急死了！！")), None)
            case "shows":
                yield ("", Attachment(self.dice.choice(("image", "sticker", "voice")), "ref"))
            case "goes back":
                yield ("上一步", None)
            case "corrects" if field not in ("question", "kind", "points"):
                yield ("参保地改成广州", None)
            case "wonders":
                yield (self.dice.choice(("为什么要问这个", "什么意思")), None)
            case _:
                return


def played(book: Playbook, count: int, seed: int = 1) -> Sequence[Citizen]:
    """So many citizens, every matter and manner in turn."""
    dice = random.Random(seed)
    citizens = []
    for n in range(count):
        matter, manner = MATTERS[n % len(MATTERS)], MANNERS[n % len(MANNERS)]
        citizen = Citizen(matter, manner, random.Random(dice.random()), Talk(book))
        citizen.plays()
        citizens.append(citizen)
    return citizens


def report(citizens: Sequence[Citizen]) -> dict[str, object]:
    """Completion, mean messages to the number, and what they got stuck on."""
    filed = [c for c in citizens if c.filed is not None]
    return {
        "citizens": len(citizens),
        "completion": round(len(filed) / len(citizens), 4),
        "mean_turns": round(sum(c.turns for c in filed) / max(1, len(filed)), 2),
        "mean_turns_straight": round(
            sum(c.turns for c in filed if c.manner == "straight")
            / max(1, sum(c.manner == "straight" for c in filed)),
            2,
        ),
        "dead_ends": dict(Counter(f"{c.manner}: {c.stuck}" for c in citizens if c.stuck)),
    }
