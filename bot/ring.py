"""The key ring as the settings have it; with SQLite, one that is kept beside the database."""

from __future__ import annotations

from pathlib import Path

from bot.keys import BadKeys, Keys, kept_keys, read_keys
from bot.settings import BadSettings, Settings
from bot.store.engine import address


def ring(settings: Settings) -> Keys | None:
    """None on PostgreSQL without keys. Raises BadSettings."""
    chosen, where = settings.privacy.keys.get_secret_value(), address(settings.database.url)
    if not chosen and where.get_backend_name() != "sqlite":
        return None
    try:
        kept = Path(str(where.database)).with_name("keys.toml")
        return read_keys(chosen) if chosen else kept_keys(kept)
    except BadKeys as error:
        raise BadSettings(f"privacy.keys: {error}") from None
