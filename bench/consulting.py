"""`python -m bench.consulting [COUNT]`: simulated citizens over the consultation form, as one object."""

from __future__ import annotations

import json
import sys
import time

from handlers.contents import playbook
from tests.consulting_citizens import played, report


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    book = playbook()
    began = time.perf_counter()
    told = report(played(book, count))
    told["seconds"] = round(time.perf_counter() - began, 1)
    print(json.dumps(told, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
