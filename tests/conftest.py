"""What every test can use; the environment holds none of our settings."""

from __future__ import annotations

import os

for name in [name for name in os.environ if name.startswith("BOT_")]:
    del os.environ[name]

pytest_plugins = ["tests.databases"]
