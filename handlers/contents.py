"""Gathers what the bot can do and knows from the folders, and fails loudly on anything odd."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from bot.engine.contacts import read_contacts
from bot.engine.documents import read_library
from bot.engine.knowledge import Knowledge
from bot.engine.playbook import Playbook
from bot.engine.sayings import read_sayings
from bot.matching import Bands, Document, Lexicon, Matcher
from handlers.files import FAQ, load_guides, load_knowledge, load_menu, load_regions, read_toml
from handlers.forms import leave_message


def load_lexicon(faq: Path = FAQ) -> Lexicon:
    return Lexicon.read("lexicon.toml", read_toml(faq / "lexicon.toml"))


def matcher(knowledge: Knowledge, lexicon: Lexicon, bands: Bands | None = None) -> Matcher:
    """The search over all entries, expired versions included (they lead to the present ones)."""
    documents = [
        Document(e.id, e.question, e.asks, e.answer, e.region, e.body)
        for e in knowledge.entries.values()
    ]
    return Matcher(documents, lexicon, bands or Bands())


def playbook(faq: Path = FAQ, bands: Bands | None = None) -> Playbook:
    """Everything together. Raises BadData naming file, id, field and reason."""
    knowledge = load_knowledge(faq)
    regions = load_regions()
    form = leave_message.form(regions)
    return Playbook(
        knowledge=knowledge,
        search=matcher(knowledge, load_lexicon(), bands),
        menu=load_menu(faq),
        sayings=read_sayings("smalltalk.toml", read_toml(faq / "smalltalk.toml")),
        contacts=read_contacts("contacts.toml", read_toml(faq / "contacts.toml")),
        library=read_library("policies.toml", read_toml(faq / "policies.toml")),
        regions=regions,
        forms={form.name: form},
        guides=load_guides(),
    )


def problems(book: Playbook, day: date) -> list[str]:
    """What is wrong between the parts, a line each: links to nothing, missing figures."""
    found = list(book.knowledge.problems(day))
    known = {f"guide:{name}" for name in book.guides}
    for entry in book.knowledge.entries.values():
        found += [
            f"entry {entry.id}: starts: there is no {start}"
            for start in entry.starts
            if start.startswith("guide:") and start not in known
        ]
    for guide in book.guides.values():
        if guide.entry not in book.knowledge:
            found.append(f"guide {guide.name}: entry: there is no {guide.entry}")
    for document in book.library.documents:
        found += [
            f"policy {document.id}: entries: there is no {entry}"
            for entry in document.entries
            if entry not in book.knowledge
        ]
    return found
