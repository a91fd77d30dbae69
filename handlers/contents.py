"""Gathers what the bot can do and knows from the folders, and fails loudly on anything odd."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.engine.calculator import Ground
from bot.engine.contacts import read_contacts
from bot.engine.documents import read_library
from bot.engine.form import Form
from bot.engine.knowledge import Knowledge
from bot.engine.parameters import BadData
from bot.engine.playbook import Playbook
from bot.engine.promise import Service
from bot.engine.publications import Publication, overlaid
from bot.engine.sayings import read_sayings
from bot.engine.workdays import Office, WorkCalendar
from bot.matching.bands import Bands
from bot.matching.kept import Kept
from bot.matching.lexicon import Lexicon
from bot.matching.library import Library
from bot.matching.matcher import Matcher
from bot.matching.types import Document
from handlers.calculating import load_calculators
from handlers.files import (
    FAQ,
    by_id,
    load_guides,
    load_menu,
    load_parameters,
    load_regions,
    load_topics,
    read_toml,
    with_published,
)
from handlers.forms import consultation, deadline_reminder, lecture_question, quiet_hours, subscribe


def load_lexicon(faq: Path = FAQ) -> Lexicon:
    """Raises BadData."""
    try:
        return Lexicon.read("lexicon.toml", read_toml(faq / "lexicon.toml"))
    except BadData:
        raise
    except ValueError as error:
        raise BadData(str(error)) from None


def matcher(
    knowledge: Knowledge,
    lexicon: Lexicon,
    bands: Bands | None = None,
    kept: Path | None = None,
) -> Matcher:
    """The search over all entries, expired versions included (they lead to the present ones).

    `kept`: a folder with what was read last time."""
    documents = [
        Document(e.id, e.question, e.asks, e.answer, e.region, e.body)
        for e in knowledge.entries.values()
    ]
    library = Kept(kept) if kept else Library
    return Matcher(documents, lexicon, bands or Bands(), library=library)


# Where a telephone number may be kept: platforms whose servers are in the country.
SEALED_ON = frozenset({"webchat", "wechat", "terminal"})


def playbook(
    faq: Path = FAQ,
    bands: Bands | None = None,
    sealed_on: frozenset[str] = SEALED_ON,
    published: Sequence[Publication] = (),
    service: Service | None = None,
    kept: Path | None = None,
) -> Playbook:
    """Everything together, with what staff published. Raises BadData naming file, id, field and reason."""
    topics = load_topics(faq)
    knowledge = Knowledge(overlaid(by_id(topics), published), load_parameters())
    topics = with_published(topics, knowledge.entries)
    regions = load_regions()
    contacts = read_contacts("contacts.toml", read_toml(faq / "contacts.toml"))
    service = service or Service()
    office = Office(contacts.service, WorkCalendar())
    forms: list[Form[Any]] = [consultation.form(regions, office, service)]
    forms += [subscribe.form(regions), quiet_hours.form(), lecture_question.form()]
    ground = Ground(knowledge.parameters, regions)
    forms.append(deadline_reminder.form(ground))
    forms += [calculator.form(ground) for calculator in load_calculators(ground)]
    return Playbook(
        knowledge=knowledge,
        search=matcher(knowledge, load_lexicon(), bands, kept),
        menu=load_menu(faq, topics),
        sayings=read_sayings("smalltalk.toml", read_toml(faq / "smalltalk.toml")),
        contacts=contacts,
        library=read_library("policies.toml", read_toml(faq / "policies.toml")),
        regions=regions,
        forms={form.name: form for form in forms},
        guides=load_guides(),
        sealed_on=sealed_on,
        service=service,
    )
