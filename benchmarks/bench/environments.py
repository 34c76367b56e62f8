"""Where the contenders live: ours and the stock client here, the peers in an environment for this table only."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
LOCK: Final = ROOT / "requirements" / "bench.txt"
PLACE: Final = ROOT / "build" / "bench-venv"


def peers() -> Path | None:
    """The peers' Python, installed from the hash lock when it is not there; ``None`` where that cannot be done."""
    python, mark = PLACE / "bin" / "python", PLACE / ".ready"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if mark.is_file() and mark.read_text() == wanted:
        return python
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    try:
        subprocess.run([sys.executable, "-m", "venv", str(PLACE)], check=True, capture_output=True, timeout=120)
        subprocess.run([*pip, "-r", str(LOCK)], check=True, capture_output=True, timeout=300)
    except (OSError, subprocess.SubprocessError):
        return None
    mark.write_text(wanted)
    return python


def stock(document: Path, folder: Path, name: str) -> None:
    """The stock generator's package of a document, as ``folder/name``."""
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none", "--overwrite"]
    subprocess.run(
        [*command, "--path", str(document), "--output-path", str(folder / name)], check=True, capture_output=True
    )


def stock_dispatch(folder: Path) -> None:
    """The stock client of Dispatch's effective document, without what the stock generator does not know."""
    data = json.loads((ROOT / "generated" / "accordant_documents" / "dispatch.json").read_text(encoding="utf-8"))
    place = folder / "dispatch.json"
    place.write_text(json.dumps(data), encoding="utf-8")
    stock(place, folder, "stock_dispatch")
