"""Every setting: declared once, with type, default and unit; all bad keys are reported together.

Values come, strongest first, from `BOT_*` in the environment (`BOT_TELEGRAM__TOKEN`, or the short
`BOT_TELEGRAM_TOKEN`), from a file that `BOT_*_FILE` names (secrets), and from `settings.toml`.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

FILE = Path("settings.toml")


class BadSettings(ValueError):
    """One line for each bad key: file or variable, key, why, an example."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Web(_Section):
    host: str = Field("127.0.0.1", description="address to listen on", examples=["0.0.0.0"])
    port: int = Field(8000, ge=1, le=65535, description="port", examples=[8000])
    public_url: str = Field(
        "",
        description="https address that platforms reach us at",
        examples=["https://bot.example.gov.cn"],
    )
    embed_origins: tuple[str, ...] = Field(
        (), description="sites that may embed the chat", examples=[["https://rsj.example.gov.cn"]]
    )

    @field_validator("public_url")
    @classmethod
    def _https(cls, url: str) -> str:
        if url and not re.fullmatch(r"https://[^\s/]+(/[^\s]*)?", url):
            raise ValueError("must begin with https://")
        return url.rstrip("/")


class Database(_Section):
    url: str = Field(
        "sqlite+aiosqlite:///var/bot.db",
        description="SQLAlchemy address; SQLite or PostgreSQL",
        examples=["postgresql+asyncpg://bot@localhost/bot"],
    )

    @field_validator("url")
    @classmethod
    def _known(cls, url: str) -> str:
        if not url.startswith(("sqlite+aiosqlite://", "postgresql+asyncpg://")):
            raise ValueError("must begin with sqlite+aiosqlite:// or postgresql+asyncpg://")
        return url


class Telegram(_Section):
    token: SecretStr = Field(SecretStr(""), description="from @BotFather", examples=["123456:ABC…"])
    api_base: str = Field("https://api.telegram.org", description="Bot API address")
    webhook_secret: SecretStr = Field(SecretStr(""), description="1–256 of A–Z a–z 0–9 _ -")
    staff_chat: int | None = Field(
        None, description="group in which staff answer by replying", examples=[-1001234567890]
    )

    calls_at_once: int = Field(
        8, ge=2, le=100, description="calls on the wire at a time; a crash may repeat as many"
    )
    paid_per_second: int = Field(
        0,
        ge=0,
        le=1000,
        description="messages of notices a second, each for 0.1 Telegram Stars; 0: 30, free",
    )

    @field_validator("paid_per_second")
    @classmethod
    def _paid(cls, paid: int) -> int:
        if 0 < paid <= 30:
            raise ValueError("30 a second are free: 0, or more than 30")
        return paid

    @field_validator("token")
    @classmethod
    def _token(cls, token: SecretStr) -> SecretStr:
        if token.get_secret_value() and not re.fullmatch(
            r"\d+:[\w-]{20,}", token.get_secret_value()
        ):
            raise ValueError("does not look like a token of @BotFather")
        return token


class Wechat(_Section):
    """A 公众号. See docs/wechat.md for where each of these is found."""

    app_id: str = Field(
        "",
        pattern="^(wx[0-9a-z]{16})?$",
        description="开发者ID (AppID)",
        examples=["wx0123456789abcdef"],
    )
    secret: SecretStr = Field(SecretStr(""), description="开发者密码 (AppSecret)")
    token: SecretStr = Field(SecretStr(""), description="令牌 (Token): 3–32 letters and digits")
    aes_key: SecretStr = Field(
        SecretStr(""), description="消息加解密密钥 (EncodingAESKey): 43 letters and digits"
    )
    previous_aes_key: SecretStr = Field(
        SecretStr(""), description="the one before, while the key is being changed"
    )
    account: Literal["service", "subscription", "unverified"] = Field(
        "unverified",
        description="verified service account, verified subscription account, or unverified",
    )
    choices: Literal["links", "numbers", "msgmenu"] = Field(
        "links", description="how choices are shown beside their numbers"
    )
    template: str = Field("", description="id of the template that tells of a waiting reply")
    template_fields: str = Field(
        "thing1=您的咨询已有答复;thing2=回复“查看”阅读", description="the template's fields"
    )
    subscription: str = Field("", description="id of the subscription notice for the same")
    subscription_fields: str = Field(
        "thing1=您的咨询已有答复;thing2=回复“查看”阅读", description="the notice's fields"
    )
    subscription_lasting: bool = Field(
        False, description="a long-term subscription: one consent holds for all notices"
    )
    mass: bool = Field(
        False,
        description="notices use up the account's mass messages (群发): 4 a month for each follower "
        "of a service account, one a day of a subscription account",
    )
    api_base: str = Field("https://api.weixin.qq.com", description="API address")

    @field_validator("token")
    @classmethod
    def _token(cls, token: SecretStr) -> SecretStr:
        return _shaped(token, r"[A-Za-z0-9]{3,32}", "3–32 letters and digits")

    @field_validator("aes_key", "previous_aes_key")
    @classmethod
    def _aes_key(cls, key: SecretStr) -> SecretStr:
        return _shaped(key, r"[A-Za-z0-9]{43}", "43 letters and digits")

    @field_validator("template_fields", "subscription_fields")
    @classmethod
    def _fields(cls, text: str) -> str:
        for name, value in fields_of(text).items():
            if not re.fullmatch(r"[a-z]+[0-9]+", name) or not 0 < len(value) <= 32:
                raise ValueError("name=words;name=words, e.g. thing1=您的咨询已有答复")
            if name.startswith("thing") and len(value) > 20:
                raise ValueError(f"{name}: at most 20 characters")
        return text

    @model_validator(mode="after")
    def _whole(self) -> Wechat:
        if self.app_id and not (self.token.get_secret_value() and self.secret.get_secret_value()):
            raise ValueError("with app_id, BOT_WECHAT_TOKEN and BOT_WECHAT_SECRET are needed")
        return self


def fields_of(text: str) -> dict[str, str]:
    """`thing1=…;time2={time}` by name."""
    rows = (row.partition("=") for row in text.split(";") if row.strip())
    return {name.strip(): value.strip() for name, _, value in rows}


def _shaped(secret: SecretStr, form: str, said: str) -> SecretStr:
    value = secret.get_secret_value()
    if value and not re.fullmatch(form, value):
        raise ValueError(said)
    return secret


class Bands(_Section):
    """Answer, ask back or refuse: probabilities that the first candidate is right."""

    answer: float | None = Field(
        None, ge=0, le=1, description="answer at or above", examples=[0.82]
    )
    clarify: float | None = Field(None, ge=0, le=1, description="ask back at or above")
    margin: float | None = Field(None, ge=0, le=1, description="lead over the second")


class Outbox(_Section):
    worker: str = Field(
        "", description="name of this sender, kept over restarts; empty: the machine's name"
    )


class Privacy(_Section):
    keep_lines_days: int = Field(180, ge=1, description="days that conversations are kept")
    keep_cases_days: int = Field(1095, ge=30, description="days that closed consultations are kept")
    contact_on: tuple[str, ...] = Field(
        ("webchat", "wechat"),
        description="channels on which a telephone number may be left, sealed",
    )
    keys: SecretStr = Field(
        SecretStr(""),
        description="key ring, name:base64 once or more; the first one seals, all of them open",
    )


def _workdays(default: int) -> int:
    made: int = Field(default, ge=1, le=250, description="working days", examples=[default])
    return made


class _ByName(_Section):
    """A table; in the environment `name=value;name=value`."""

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, given: Any) -> Any:
        return fields_of(given) if isinstance(given, str) else given


class AnswerDays(_ByName):
    policy: int = _workdays(3)
    procedure: int = _workdays(3)
    account: int = _workdays(3)
    complaint: int = _workdays(3)
    head: int = _workdays(3)


class ResolutionDays(_ByName):
    policy: int = _workdays(10)
    procedure: int = _workdays(10)
    account: int = _workdays(10)
    complaint: int = _workdays(10)
    head: int = _workdays(10)


class OwnerOfKind(_ByName):
    policy: str = ""
    procedure: str = ""
    account: str = ""
    complaint: str = ""
    head: str = ""


class Service(_Section):
    """What staff aim at, in working days, by kind: 政策解读 policy, 操作流程 procedure, 个人账户 account,
    投诉建议 complaint, 领导信箱 head.
    """

    answer_days: AnswerDays = Field(
        AnswerDays(), description="until the first answer: what a citizen is promised"
    )
    resolution_days: ResolutionDays = Field(
        ResolutionDays(), description="until nothing is open any more"
    )
    urgent_days: int = _workdays(1)
    follow_up_days: int = _workdays(1)
    review_days: int = _workdays(1)
    warn_share: float = Field(
        0.85, gt=0, lt=1, description="share of a promise's working time, then it presses"
    )
    owner: str = Field("", description="desk name of whoever gets cases that went over a target")
    owner_of_kind: OwnerOfKind = Field(OwnerOfKind(), description="the same, by kind")
    owner_of_department: dict[str, str] = Field(
        {}, description="the same, by department", examples=['{ 稽核科 = "wang" }']
    )

    @field_validator("owner_of_department", mode="before")
    @classmethod
    def _from_text(cls, given: Any) -> Any:
        return fields_of(given) if isinstance(given, str) else given

    @model_validator(mode="after")
    def _in_order(self) -> Service:
        until, done = self.answer_days.model_dump(), self.resolution_days.model_dump()
        wrong = [name for name, days in until.items() if done[name] < days]
        if wrong:
            raise ValueError(f"resolution_days below answer_days: {', '.join(wrong)}")
        return self


class Evidence(_Section):
    """The files that citizens send for a consultation."""

    folder: str = Field(
        "",
        description="where they are kept, sealed: for one database only, no web root; empty: "
        "`evidence` beside the SQLite file, else var/evidence",
        examples=["/srv/shebao/evidence"],
    )
    most_megabytes: int = Field(8, ge=1, le=20, description="megabytes of one file")
    most_a_day: int = Field(10, ge=1, description="files of one person a day")


class Notices(_Section):
    trust_calendar: bool = Field(
        False,
        description="notices of the calendar go by themselves; false: a second person approves each",
    )


class Desk(_Section):
    """The staff's pages under /desk."""

    idle_minutes: int = Field(60, ge=1, description="minutes without a click, then sign in again")
    session_hours: int = Field(12, ge=1, description="hours, however busy, then sign in again")
    lock_after: int = Field(5, ge=1, description="failures of one account that lock it")
    lock_after_address: int = Field(30, ge=1, description="failures from one address that lock it")
    lock_minutes: int = Field(15, ge=1, description="minutes that a lock lasts")
    invite_hours: int = Field(72, ge=1, description="hours in which a one-time link may be used")


class Settings(_Section):
    web: Web = Web()
    database: Database = Database()
    telegram: Telegram = Telegram()
    wechat: Wechat = Wechat()
    bands: Bands = Bands()
    outbox: Outbox = Outbox()
    notices: Notices = Notices()
    privacy: Privacy = Privacy()
    evidence: Evidence = Evidence()
    service: Service = Service()
    desk: Desk = Desk()
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="log level")


def load(file: Path = FILE, environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings in force. Raises BadSettings."""
    origin: dict[tuple[str, ...], str] = {}
    wrong: list[str] = []
    values = _from_file(file, origin, wrong)
    _from_environment(values, environ, origin, wrong)
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        wrong += [_line(dict(e), origin, file) for e in error.errors()]
    if wrong:
        raise BadSettings("\n".join(wrong))
    return settings


def _from_file(file: Path, origin: dict[tuple[str, ...], str], wrong: list[str]) -> dict[str, Any]:
    if not file.exists():
        return {}
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        wrong.append(f"{file}: {error}")
        return {}
    for key, value in values.items():
        for below in value if isinstance(value, dict) else [None]:
            origin[(key, below) if below else (key,)] = str(file)
    return values


def _from_environment(
    values: dict[str, Any],
    environ: Mapping[str, str],
    origin: dict[tuple[str, ...], str],
    wrong: list[str],
) -> None:
    names = {_variable(path): path for path in paths()}
    for variable in sorted(v for v in environ if v.startswith("BOT_")):
        plain = variable.removesuffix("_FILE")
        path = names.get(variable) or names.get(plain) or names.get(plain.replace("__", "_"))
        path = path or names.get(variable.replace("__", "_"))
        if path is None:
            wrong.append(f"{variable}: there is no such setting; known: {', '.join(sorted(names))}")
            continue
        value = environ[variable]
        if variable.endswith("_FILE") and variable not in names:
            try:
                value = Path(value).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                wrong.append(f"{variable}: {type(error).__name__}: cannot read {value}")
                continue
        _set(values, path, value)
        origin[path] = variable


def _set(values: dict[str, Any], path: tuple[str, ...], value: str) -> None:
    *sections, key = path
    for section in sections:
        values = values.setdefault(section, {})
    values[key] = [part.strip() for part in value.split(",")] if key == "embed_origins" else value


def _variable(path: tuple[str, ...]) -> str:
    return "BOT_" + "_".join(path).upper()


def paths() -> list[tuple[str, ...]]:
    """Every key: ("web", "port"), …"""
    found: list[tuple[str, ...]] = []
    for name, field in Settings.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found += [(name, key) for key in kind.model_fields]
        else:
            found.append((name,))
    return found


def _line(error: dict[str, Any], origin: dict[tuple[str, ...], str], file: Path) -> str:
    path = tuple(str(part) for part in error["loc"])
    where = origin.get(path[:2]) or origin.get(path[:1]) or str(file)
    example = _example(path)
    hint = f" (e.g. {example})" if example else ""
    return f"{where}: {'.'.join(path)}: {error['msg']}{hint}"


def _example(path: tuple[str, ...]) -> str:
    model: Any = Settings
    for part in path:
        field = getattr(model, "model_fields", {}).get(part)
        if field is None:
            return ""
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            model = field.annotation
            continue
        return str(field.examples[0]) if field.examples else str(field.default)
    return ""
