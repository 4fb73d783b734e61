"""Put together what `gpu/queue.sh` needs where there is no network, and take back what it made.

    python gpu/pack.py fer2013=PATH ckplus=PATH    gpu/carry/: archives, landmarks, packages
    python gpu/pack.py fer2013=PATH --notebooks    and what `gpu/notebooks.sh` needs to run pages
    python gpu/pack.py --unpack records.tar.gz     its records into results/, listed in the manifest

Landmarks are brought because dlib has no wheel there; a run's other caches are made with
`ferbook run ... --prepare` before. Masked faces are drawn there again. gpu/carry/ is
ignored by git; `--limit` MiB is what may travel with the tracked files.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import numpy as np

from ferbook import paths
from ferbook.errors import InputError
from ferbook.study import manifest, records

ROOT = Path(__file__).resolve().parents[1]
CARRY = ROOT / "gpu" / "carry"
#: Packages that machines for training lack, and those without which no notebook is executed there.
LACKING = ("captum",)
OF_NOTEBOOKS = ("papermill", "jupytext", "ipykernel", "pydantic", "beautifulsoup4")
#: What these name among their needs and can do without, or which is there.
UNNEEDED = {
    *("debugpy", "jedi", "parso"),
    *("attrs", "certifi", "charset_normalizer", "click", "idna", "jinja2", "markdown_it_py"),
    *("markupsafe", "mdurl", "packaging", "psutil", "pygments", "python_dateutil", "pyyaml"),
    *("requests", "six", "tqdm", "typing_extensions", "tzdata", "urllib3"),
}
#: The Python there, as pip is to take it.
THERE = ["--only-binary=:all:", "--python-version", "3.12", "--implementation", "cp"]
THERE += [word for n in ("2_28", "2_17") for word in ("--platform", f"manylinux_{n}_x86_64")]
THERE += ["--platform", "manylinux2014_x86_64"]
MIB = 2**20


def pack(archives: list[str], names: list[str], limit: float) -> str:
    """Fill gpu/carry/ anew; a line that says how much travels."""
    shutil.rmtree(CARRY, ignore_errors=True)
    (CARRY / "data").mkdir(parents=True)
    for given in archives:
        name, _, path = given.partition("=")
        if not path or not Path(path).is_file():
            raise InputError(f"{given}: expected NAME=PATH of a dataset's archive")
        shutil.copyfile(path, CARRY / "data" / f"{name}.{Path(path).name}")
    landmarks(CARRY / "landmarks.tar.xz")
    if names:
        packages(names, CARRY / "site.tar.xz")
    carried = sum(file.stat().st_size for file in CARRY.rglob("*") if file.is_file())
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    tree = sum((ROOT / name).stat().st_size for name in listed.split("\0") if name)
    said = f"{carried / MIB:.1f} MiB in {CARRY}, {tree / MIB:.1f} MiB of tracked files"
    if carried + tree > limit * MIB:
        raise InputError(f"{said}: expected at most {limit:g} MiB together; leave out an archive")
    return said


def landmarks(target: Path) -> None:
    """Caches of landmarks, each rewritten without its own compression: xz halves them."""
    with tempfile.TemporaryDirectory() as folder, tarfile.open(target, "w:xz") as packed:
        for file in sorted(paths.landmark_cache().glob("*.npz")):
            plain = Path(folder) / file.name
            with np.load(file, allow_pickle=False) as stored:
                np.savez(plain, **{name: stored[name] for name in stored.files})
            packed.add(plain, file.name)


def packages(names: list[str], target: Path) -> None:
    """Packages with their needs, in the versions that requirements.txt pins, for the Python there;
    without their zips' compression xz makes them a third smaller."""
    pinned = (ROOT / "requirements.txt").read_text()
    with tempfile.TemporaryDirectory() as folder:
        wheels, site = Path(folder) / "wheels", Path(folder) / "site"
        pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
        for name in names:
            found = re.search(rf"^{name}==[^\s;\\]+", pinned, re.MULTILINE)
            needs = ["--no-deps"] if name in LACKING else []  # torch is there
            wanted = found[0] if found else name
            subprocess.run([*pip, "download", *THERE, *needs, "-d", wheels, wanted], check=True)
        kept = [str(w) for w in sorted(wheels.glob("*.whl")) if _named(w) not in UNNEEDED]
        install = [*pip, "install", *THERE, "--no-index", "--no-deps", "--no-compile"]
        subprocess.run([*install, "--target", site, *kept], check=True)
        with tarfile.open(target, "w:xz", preset=9) as packed:
            packed.add(site, ".")


def _named(wheel: Path) -> str:
    return wheel.name.partition("-")[0].lower()


def unpack(archive: Path) -> str:
    """Whole records that are not there yet, into results/; the manifest lists them."""
    taken = []
    with tempfile.TemporaryDirectory() as folder:
        try:
            with tarfile.open(archive) as packed:
                packed.extractall(folder, filter="data")
        except (OSError, tarfile.TarError) as error:
            raise InputError(f"{archive}: not an archive of records ({error})") from None
        for file in sorted(Path(folder).glob("*/*/record.json")):
            source = file.parent
            target = paths.results() / source.relative_to(folder)
            if source.name.startswith(".") or target.exists() or not records.is_complete(source):
                continue
            records.load(source)  # against the schema, which that machine lacks
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(source, target)
            taken.append(target.name)
        cards = Path(folder) / "datasets"
        for card in sorted(cards.glob("*")):
            if not (paths.results() / "datasets" / card.name).exists():
                shutil.copytree(card, paths.results() / "datasets" / card.name)
    manifest.update(paths.results())
    return "\n".join([f"{len(taken)} records into {paths.results()}", *taken])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("archives", nargs="*", metavar="NAME=PATH")
    parser.add_argument("--no-packages", action="store_true", help="fetch none")
    parser.add_argument("--notebooks", action="store_true", help="also what executes notebooks")
    parser.add_argument("--limit", type=float, default=64.0, metavar="MiB")
    parser.add_argument("--unpack", type=Path, metavar="FILE")
    given = parser.parse_args()
    try:
        if given.unpack:
            print(unpack(given.unpack))
            return
        names = [] if given.no_packages else [*LACKING, *(OF_NOTEBOOKS if given.notebooks else ())]
        print(pack(given.archives, names, given.limit))
    except InputError as error:
        print(f"pack: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
