"""The schema, as the code sees it; `migrations/` brings a database there, and a test compares.

Rule 1: whatever was heard or is to be said is a row before anybody is told "received".
Rule 2: state and replies are `text`, not `jsonb`: PostgreSQL would change the order of keys.
Rule 3: an outbox row is unfinished while `settled_at` is null; partial indexes keep those few fast.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from bot.store.moment import Moment

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only in a column of exactly this type.
Serial = BigInteger().with_variant(Integer(), "sqlite")

# Every message that came in, once: the first of two inserts wins, the second is a repeat.
heard = Table(
    "heard",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("message_id", Text, primary_key=True),
    Column("user", Text, nullable=False),  # empty when a rejected message did not say
    Column("at", Moment, nullable=False),
    Column("kind", Text, nullable=False),  # message | failed | rejected
    Column("text", Text, nullable=False),  # masked; the reason of a rejected one
    Column("line", Integer),  # its place in what was said at that address, from 1
    Index(None, "channel", "user", "line"),
)

# What the bot remembers of a person. `version` is compared and set; `said` is the last line's number.
conversations = Table(
    "conversations",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("user", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("said", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

UNFINISHED = text("settled_at IS NULL")
NOT_A_TURN = text("origin <> 'turn'")

# Everything to be sent, whatever its origin.
outbox = Table(
    "outbox",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("key", Text, nullable=False),  # a known key is dropped
    Column("channel", Text, nullable=False),
    Column("user", Text, nullable=False),
    Column("lane", Text, nullable=False),  # talk | bulk
    Column("origin", Text, nullable=False),  # turn | staff | handoff | broadcast:<id> | …
    Column("reply", Text, nullable=False),
    Column("line", Integer),  # null until it is said
    Column(
        "state", Text, nullable=False
    ),  # waiting | sending | sent | failed | uncertain | cancelled | elsewhere
    Column("not_before", Moment, nullable=False),  # the order of one person's rows; never changes
    Column("take_at", Moment, nullable=False),  # when it may be taken: moved by backoff and lease
    Column("attempts", Integer, nullable=False),  # times taken; also whose lease this is
    Column("doubtful", Boolean, nullable=False, server_default=false()),  # may have arrived already
    Column("worker", Text),  # who took it last
    Column("last_error", Text),
    Column("created_at", Moment, nullable=False),
    Column("settled_at", Moment),
    UniqueConstraint("key"),
    Index(
        "ix_outbox_due",
        "channel",
        "lane",
        "take_at",
        "id",
        sqlite_where=UNFINISHED,
        postgresql_where=UNFINISHED,
    ),
    Index(
        "ix_outbox_person",
        "channel",
        "user",
        "lane",
        "not_before",
        "id",
        sqlite_where=UNFINISHED,
        postgresql_where=UNFINISHED,
    ),
    Index(None, "channel", "user", "line"),
    Index(
        "ix_outbox_origin",
        "origin",
        "id",
        sqlite_where=NOT_A_TURN,
        postgresql_where=NOT_A_TURN,
    ),
)

# A citizen asked for a person.
handoffs = Table(
    "handoffs",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("channel", Text, nullable=False),
    Column("user", Text, nullable=False),
    Column("capsule", Text, nullable=False),  # what staff read first (masked)
    Column("state", Text, nullable=False),  # waiting | joined | closed
    Column("created_at", Moment, nullable=False),
    Column("joined_at", Moment),
    Column("closed_at", Moment),
    Index(None, "channel", "user", "state"),
    Index(None, "state", "created_at"),
    sqlite_autoincrement=True,  # a number that staff have seen is never given again
)

# Questions without a sure answer, for staff to curate.
missed_questions = Table(
    "missed_questions",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("channel", Text, nullable=False),
    Column("user", Text, nullable=False),
    Column("text", Text, nullable=False),  # masked
    Column("outcome", Text, nullable=False),  # clarify | refuse
    Column("at", Moment, nullable=False),
    Index(None, "at"),
)

# Whether an answer helped; the last word of a person about an entry counts.
answer_ratings = Table(
    "answer_ratings",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("user", Text, primary_key=True),
    Column("entry", Text, primary_key=True),
    Column("solved", Boolean, nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "entry"),
)

# Answers that were given although nobody has compared them with their source for long.
entry_reviews = Table(
    "entry_reviews",
    metadata,
    Column("entry", Text, primary_key=True),
    Column("asked_at", Moment, nullable=False),  # the first time
)

# Addresses at which the platform refuses us for good, until the person writes again.
unreachable = Table(
    "unreachable",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("user", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("since", Moment, nullable=False),
)

# Who works at the desk.
staff = Table(
    "staff",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False),  # they sign in with it; never given to somebody else
    Column("role", Text, nullable=False),  # a key of bot/desk/roles.py
    Column("password", Text),  # argon2's text; null until the invitation was used
    Column("totp", Text),  # sealed; it counts once `enrolled_at` is set
    Column("totp_step", BigInteger, nullable=False),  # the last one used; only later ones count
    Column("enrolled_at", Moment),
    Column("invite", Text),  # SHA-256 of the one-time link's token
    Column("invite_until", Moment),
    Column("created_at", Moment, nullable=False),
    Column("disabled_at", Moment),
    UniqueConstraint("name"),
    UniqueConstraint("invite"),
    sqlite_autoincrement=True,  # the audit log names people by it
)

# What opens the door once when the telephone is lost.
staff_recovery_codes = Table(
    "staff_recovery_codes",
    metadata,
    Column("staff", BigInteger, primary_key=True),
    Column("code", Text, primary_key=True),  # SHA-256
    Column("used_at", Moment),
)

# Who is signed in, or on the way there.
staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("token", Text, nullable=False),  # SHA-256 of the cookie
    Column("staff", BigInteger, nullable=False),
    Column("stage", Text, nullable=False),  # code | enrol | in
    Column("address", Text, nullable=False),
    Column("agent", Text, nullable=False),  # the browser, as it names itself
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("until", Moment, nullable=False),  # however busy
    UniqueConstraint("token"),
    Index(None, "staff"),
    Index(None, "until"),
    sqlite_autoincrement=True,
)

# Attempts to sign in that did not succeed, by account and by address.
sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    Column("of", Text, primary_key=True),  # hashed: people type passwords into the wrong field
    Column("failures", Integer, nullable=False),
    Column("last_at", Moment, nullable=False),
)

# What staff did. Triggers refuse to change or delete a row; no retention touches it.
audit = Table(
    "audit",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False),
    Column("staff", BigInteger),  # null: nobody that we know
    Column("name", Text, nullable=False),  # as it was then
    Column("action", Text, nullable=False),  # a key of bot/desk/actions.py
    Column("subject", Text, nullable=False),  # handoff:12, staff:3, …
    Column("detail", Text, nullable=False),  # never a citizen's words
    Column("address", Text, nullable=False),
    Index(None, "at"),
    Index(None, "subject"),
    sqlite_autoincrement=True,
)

# Addresses that are one person's, once they have been linked; anybody else is a person alone.
people = Table(
    "people",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("user", Text, primary_key=True),
    Column("person", Text, nullable=False),  # the address that was first, as text
    Index(None, "person"),
)

# The last number given out on each day: `YYYYMMDD` and from 1 on.
case_days = Table(
    "case_days",
    metadata,
    Column("day", Text, primary_key=True),
    Column("last", Integer, nullable=False),
)

UNANSWERED = text("state IN ('received', 'taken', 'needs_info')")

MERGED = text("merged_into IS NOT NULL")  # hardly any: it must not be taken for all the others

# Consultations. What changes in a case's life stands here; how it came to it, in case_events.
cases = Table(
    "cases",
    metadata,
    Column("number", Text, primary_key=True),
    Column("person", Text, nullable=False),
    Column("channel", Text, nullable=False),  # where it was filed and is answered
    Column("user", Text, nullable=False),
    Column("kind", Text, nullable=False),  # policy | procedure | account | complaint
    Column("state", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("original", Text, nullable=False),
    Column("region", Text),
    Column("slots", Text, nullable=False),  # JSON: label → words
    Column("contact", Text, nullable=False),  # sealed, or empty
    Column("anonymous", Boolean, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("for_head", Boolean, nullable=False, server_default=false()),  # 领导信箱
    Column("evidence", Text, nullable=False),  # JSON
    Column("capsule", Text, nullable=False),
    Column("code", Text, nullable=False),  # of the query code: its digest
    Column("code_tries", Integer, nullable=False),  # wrong ones, on `code_tried_on`
    Column("code_tried_on", Date),
    Column("created_at", Moment, nullable=False),
    Column("promised_at", Moment, nullable=False),
    Column("warn_at", Moment),  # from when on the promise presses
    Column("resolve_by", Moment),  # null: filed before there was such a target
    Column("answered_at", Moment),  # the newest answer
    Column("first_answered_at", Moment),
    Column("in_time", Boolean),  # the first answer, by the promise that was given
    Column("worked_minutes", Integer),  # working time from filing to the first answer
    Column("closed_at", Moment),
    Column("answers", Integer, nullable=False),
    Column("answer", Text, nullable=False),  # the newest
    Column("read", Boolean, nullable=False),
    Column("rated", Text),  # the newest answer: good | fair | bad
    Column("urges", Integer, nullable=False),
    Column("urged_on", Date),
    Column("wanted", Text, nullable=False),
    Column("escalated_at", Moment),
    Column("assignee", Text),  # a staff member's name
    Column("department", Text),
    Column("merged_into", Text),
    Column("snoozed_until", Moment),
    Index(None, "person", "created_at"),
    Index(None, "state", "promised_at"),
    Index(None, "assignee", "state"),
    Index(None, "merged_into", sqlite_where=MERGED, postgresql_where=MERGED),
    Index(None, "created_at"),
    Index(
        "ix_cases_open",
        "promised_at",
        sqlite_where=UNANSWERED,
        postgresql_where=UNANSWERED,
    ),
    Index(None, "first_answered_at"),
)

# Everything that happened to a case, never changed afterwards.
case_events = Table(
    "case_events",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("number", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),  # citizen | bot | a staff member's name
    Column("kind", Text, nullable=False),  # filed | taken | answer | note | …
    Column("text", Text, nullable=False),
    Column("evidence", Text, nullable=False),  # JSON
    Index(None, "number", "id"),
)

# One rating for each answer.
case_ratings = Table(
    "case_ratings",
    metadata,
    Column("number", Text, primary_key=True),
    Column("answers", Integer, primary_key=True),
    Column("rating", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

# What is to ring for a person: nudges, reminders. What rang is gone.
alarms = Table(
    "alarms",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("channel", Text, nullable=False),
    Column("user", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("channel", "user", "name", "about"),
    Index(None, "at"),
)

# What a WeChat callback was answered with: a repeat of the same message gets the same words.
wechat_answers = Table(
    "wechat_answers",
    metadata,
    Column("message_id", Text, primary_key=True),
    Column("text", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "at"),
)

# When, and how often, a person on WeChat may still be written to unasked; what they were noticed of.
wechat_people = Table(
    "wechat_people",
    metadata,
    Column("user", Text, primary_key=True),
    Column("message_until", Moment),  # 48 hours after their last message
    Column("message_left", Integer, nullable=False),
    Column("event_until", Moment),  # a minute after their last tap on the menu
    Column("event_left", Integer, nullable=False),
    Column("consents", Integer, nullable=False),  # subscription notices that they allowed
    Column("noticed_at", Moment),  # that words wait for them; null: they have written since
    Column("updated_at", Moment, nullable=False),
)

# How many parts of a long reply have arrived; gone when all have.
wechat_parts = Table(
    "wechat_parts",
    metadata,
    Column("key", Text, primary_key=True),  # the outbox row's
    Column("done", Integer, nullable=False),
    Column("at", Moment, nullable=False),
)

# Numbers for what a link in a WeChat message says when it is tapped, also next week.
wechat_choices = Table(
    "wechat_choices",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("send", Text, nullable=False),
    UniqueConstraint("send"),
    sqlite_autoincrement=True,
)

# The access token of a WeChat account, one for all processes.
wechat_tokens = Table(
    "wechat_tokens",
    metadata,
    Column("app", Text, primary_key=True),
    Column("token", Text, nullable=False),
    Column("until", Moment),
    Column("fetching_until", Moment),  # some process is asking for a new one
)

# Calls to WeChat whose quota is used up.
wechat_pauses = Table(
    "wechat_pauses",
    metadata,
    Column("path", Text, primary_key=True),
    Column("until", Moment, nullable=False),
)

# Pictures that WeChat has, by the digest of their bytes; it keeps them for three days.
wechat_media = Table(
    "wechat_media",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("media_id", Text, nullable=False),
    Column("until", Moment, nullable=False),
)

# Which nonce of a callback came with which message, and how often: WeChat asks again, nobody else may.
wechat_nonces = Table(
    "wechat_nonces",
    metadata,
    Column("nonce", Text, primary_key=True),  # `<timestamp>:<nonce>`
    Column("message_id", Text, nullable=False),
    Column("at", Moment, nullable=False),  # the first time
    Column("tries", Integer, nullable=False),
    Index(None, "at"),
)

# Words of a notice that go to many followers in one call.
wechat_masses = Table(
    "wechat_masses",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),  # a part of `clientmsgid`
    Column("origin", Text, nullable=False),  # broadcast:<id>
    Column("digest", Text, nullable=False),  # of the text
    Column("text", Text, nullable=False),
    Column("state", Text, nullable=False),  # gathering | sending | accepted | ended | refused
    Column("since", Moment, nullable=False),
    Column("added_at", Moment, nullable=False),  # the newest of its followers
    Column("tag", BigInteger),  # the platform's number for those who get it
    Column("msg_id", Text),  # the platform's number for the job
    Column("sent_at", Moment),
    Column("ended_at", Moment),
    Column("why", Text, nullable=False),  # what the platform told of it
    Index(None, "state"),
    Index(None, "origin", "digest"),
    sqlite_autoincrement=True,
)

# Whose rows of the outbox are in it.
wechat_mass_rows = Table(
    "wechat_mass_rows",
    metadata,
    Column("key", Text, primary_key=True),  # the outbox row's
    Column("mass", BigInteger, nullable=False),
    Column("user", Text, nullable=False),
    Index(None, "mass", "user"),
)

# How many of them each follower got in a month; the platform drops the fifth.
wechat_mass_people = Table(
    "wechat_mass_people",
    metadata,
    Column("user", Text, primary_key=True),
    Column("month", Text, primary_key=True),  # YYYY-MM
    Column("sent", Integer, nullable=False),
)

# Consultations of which staff must tell by telephone: the last way when nothing could be delivered.
calls = Table(
    "calls",
    metadata,
    Column("number", Text, primary_key=True),  # the consultation's
    Column("key", Text, nullable=False),  # the outbox row that did not arrive, the newest
    Column("news", Text, nullable=False),  # answered | needs_info | overdue | closed
    Column("channel", Text, nullable=False),
    Column("why", Text, nullable=False),  # the platform's reason
    Column("since", Moment, nullable=False),
    Column("tries", Integer, nullable=False),  # calls that nobody took
    Column("tried_at", Moment),
    Column("done_at", Moment),  # they were reached
    Index(
        "ix_calls_open",
        "since",
        sqlite_where=text("done_at IS NULL"),
        postgresql_where=text("done_at IS NULL"),
    ),
)

# A reply that a staff member is still writing.
case_drafts = Table(
    "case_drafts",
    metadata,
    Column("number", Text, primary_key=True),
    Column("staff", Text, primary_key=True),  # their name
    Column("text", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

# Who has a case open on their screen, and when their page last asked.
case_viewers = Table(
    "case_viewers",
    metadata,
    Column("number", Text, primary_key=True),
    Column("staff", Text, primary_key=True),
    Column("at", Moment, nullable=False),
)

# Replies that are written once and used often, with variables.
canned_replies = Table(
    "canned_replies",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("title"),
)

# What each address gets unasked, and when it is not to be woken. No row: the defaults.
preferences = Table(
    "preferences",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("user", Text, primary_key=True),
    Column("region", Text, nullable=False),  # 全国: everywhere
    Column("weekly", Boolean, nullable=False),  # notices are gathered until Monday
    Column("quiet_from", Text, nullable=False),  # 21:00; the same as quiet_until: never quiet
    Column("quiet_until", Text, nullable=False),
    Column("off", Text, nullable=False),  # what they do not want, e.g. `nudges notices`
    Column("updated_at", Moment, nullable=False),
)

# Who wants notices about what.
subscriptions = Table(
    "subscriptions",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("user", Text, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("since", Moment, nullable=False),
)

# What people agreed to or took back, in the words that they saw. Never changed.
consents = Table(
    "consents",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("channel", Text, nullable=False),
    Column("user", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("act", Text, nullable=False),  # subscribed | left | changed | unreachable
    Column("words", Text, nullable=False),
    Index(None, "channel", "user"),
)

# Notices to many people. Who got one is read from the outbox: origin `broadcast:<id>`.
broadcasts = Table(
    "broadcasts",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("audience", Text, nullable=False),  # topics | weekly | got | served | signed
    Column("state", Text, nullable=False),  # draft | scheduled | running | paused | …
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("affects", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("topics", Text, nullable=False),  # JSON
    Column("regions", Text, nullable=False),  # JSON
    Column("channels", Text, nullable=False),  # JSON; empty: all
    Column("parts", Text, nullable=False),  # JSON: what only some of them get
    Column("urgent", Text, nullable=False),  # the reason why people may be woken, or empty
    Column("about", Text, nullable=False),  # of a correction the wrong one, of a notice its name
    Column("due", Moment),  # of a scheduled notice: it is fired once for each
    Column("author", Text, nullable=False),
    Column("approver", Text, nullable=False),
    Column("at", Moment),  # not before
    Column("created_at", Moment, nullable=False),
    Column("approved_at", Moment),
    Column("started_at", Moment),
    Column("ended_at", Moment),
    Column("after", Text, nullable=False),  # JSON: channel → all up to here are in the outbox
    Column("why", Text, nullable=False),  # it was paused
    UniqueConstraint("about", "due"),
    Index(None, "state", "at"),
    sqlite_autoincrement=True,
)

# Until when the due times of a scheduled notice have been seen to.
notice_clocks = Table(
    "notice_clocks",
    metadata,
    Column("name", Text, primary_key=True),
    Column("until", Moment, nullable=False),
)

# Who comes to a lecture that a broadcast announced.
sign_ups = Table(
    "sign_ups",
    metadata,
    Column("broadcast", BigInteger, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("user", Text, primary_key=True),
    Column("at", Moment, nullable=False),
)

# What they want to have answered there.
lecture_questions = Table(
    "lecture_questions",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("broadcast", BigInteger, nullable=False),
    Column("channel", Text, nullable=False),
    Column("user", Text, nullable=False),
    Column("text", Text, nullable=False),  # masked
    Column("at", Moment, nullable=False),
    Index(None, "broadcast"),
)

# Which version of an answer each address was given last.
served_answers = Table(
    "served_answers",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("user", Text, primary_key=True),
    Column("entry", Text, primary_key=True),
    Column("version", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_served_answers_entry", "entry", "version", "channel", "user"),
)

# The words of each version, as long as somebody has it.
answer_versions = Table(
    "answer_versions",
    metadata,
    Column("entry", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("text", Text, nullable=False),
    Column("since", Moment, nullable=False),
)

# Codes that are out, by which another address can be linked: their digests.
link_codes = Table(
    "link_codes",
    metadata,
    Column("code", Text, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("user", Text, nullable=False),
    Column("until", Moment, nullable=False),
)

# Wrong codes of today, by address.
link_tries = Table(
    "link_tries",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("user", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("tries", Integer, nullable=False),
)

# Results that citizens keep: inputs as words, the outcome, the figures it rests on.
saved_results = Table(
    "saved_results",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("channel", Text, nullable=False),
    Column("user", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("inputs", Text, nullable=False),  # a digest: the same inputs are kept once
    Column("draft", Text, nullable=False),  # JSON of a ResultDraft
    Column("saved_at", Moment, nullable=False),
    UniqueConstraint("channel", "user", "form", "inputs"),
    sqlite_autoincrement=True,  # a consultation may name it after it is deleted
)

# Entries that staff propose and publish, each proposal a row; the newest approved one of an entry holds.
published_entries = Table(
    "published_entries",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("entry", Text, nullable=False),  # its id
    Column("row", Text, nullable=False),  # JSON: its `[[entry]]` table
    Column("replaces", Text, nullable=False),  # JSON: the `[[entry]]` that ends with it, or empty
    Column("state", Text, nullable=False),  # draft | approved | rejected | withdrawn
    Column("author", Text, nullable=False),
    Column("approver", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("decided_at", Moment),
    Column("broken", Text, nullable=False),  # JSON: what speaks against it; empty: not looked yet
    Column("why", Text, nullable=False),  # it was rejected or withdrawn
    Index(None, "state", "entry"),
    sqlite_autoincrement=True,
)

# The files that citizens sent for a consultation; the bytes lie in a folder, sealed with `seal`.
evidence = Table(
    "evidence",
    metadata,
    Column("id", Text, primary_key=True),  # random; the file's name as well
    Column("channel", Text, nullable=False),
    Column("user", Text, nullable=False),
    Column("ref", Text, nullable=False),  # the channel's own handle
    Column("state", Text, nullable=False),  # awaited | kept | refused | lost
    Column("why", Text, nullable=False),  # it was refused or lost
    Column("media", Text, nullable=False),
    Column("sha256", Text, nullable=False),  # of what is kept, unsealed
    Column("size", Integer, nullable=False),  # bytes
    Column("seal", Text, nullable=False),  # the file's own key, sealed
    Column("at", Moment, nullable=False),
    Column("number", Text),  # of the consultation that it was submitted with
    Column("tries", Integer, nullable=False),
    Column("try_at", Moment),  # null: nothing to fetch
    UniqueConstraint("channel", "ref"),
    Index(None, "ref"),
    Index(None, "number"),
    Index(None, "channel", "user", "at"),
    Index(
        None,
        "try_at",
        sqlite_where=text("try_at IS NOT NULL"),
        postgresql_where=text("try_at IS NOT NULL"),
    ),
)

# How busy each half of a weekday was over the last weeks, measured every night.
half_days = Table(
    "half_days",
    metadata,
    Column("weekday", Integer, primary_key=True, autoincrement=False),  # 0: Monday
    Column("half", Integer, primary_key=True, autoincrement=False),  # 0: before lunch
    Column("open_days", Integer, nullable=False),  # so many of them were worked
    Column("arrivals", Integer, nullable=False),  # consultations and hand-overs, all together
    Column("waited", Integer),  # minutes: median until staff spoke in a hand-over
    Column("answered", Integer),  # working minutes: median until a consultation was answered
    Column("measured_at", Moment, nullable=False),
)

# The topic of each consultation in a staff group that has topics.
telegram_topics = Table(
    "telegram_topics",
    metadata,
    Column("chat", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Text, primary_key=True),
    Column("thread", BigInteger, nullable=False),
    Column("closed", Boolean, nullable=False),
    UniqueConstraint("chat", "thread"),
)

# How the workers that send for a channel share its pace.
paces = Table(
    "paces",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("workers", Text, nullable=False),  # JSON
)

# Lanes that a platform asked to rest, in every process.
lane_rests = Table(
    "lane_rests",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("lane", Text, primary_key=True),  # talk | bulk
    Column("until", Moment, nullable=False),
)
