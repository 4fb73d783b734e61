"""What `run.sh` does while its jobs run, and what it says when they are through.

python proof.py interrupt WORK PID    kill two jobs of the running `make reproduce` PID
python proof.py report WORK COMMIT    print RESULT.md; exit code 1 if anything differs
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch

SCANCEL = "scancel"


def jobs() -> list[tuple[str, str, str]]:
    """Id, state and run of every job that Slurm has seen, in the order of submission."""
    command = ["squeue", "--states=all", "--noheader", "--sort=i", "--format=%i|%T|%k"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [(job, state, _run(comment)) for job, state, comment in map(_fields, listed.split())]


def _fields(line: str) -> list[str]:
    return line.split("|", 2)


def _run(comment: str) -> str:
    """rule_run_wildcards_proof_small_plain_short_0_whole (in this order or another) -> record."""
    words = comment.split("_")
    variant = next(word for word in words if word in ("plain", "patches", "three", "two"))
    seed = next(word for word in words if word.isdigit())
    return f"small_{variant}_short_s{seed}"


def interrupt(work: Path, made: int) -> None:
    """Kill one job by scancel between two epochs, and one by kill -9 that others wait for."""
    home = work / "cluster" / "home"
    killed: dict[str, Any] = {}
    steps = [_cancel_a_run, _kill_a_holder]
    while steps:
        if _ended(made):
            raise SystemExit("proof.py: `make reproduce` ended before two jobs could be killed")
        for step in list(steps):
            if done := step(home):
                killed |= done
                steps.remove(step)
        time.sleep(0.05)
    (work / "killed.json").write_text(json.dumps(killed))


def _cancel_a_run(home: Path) -> dict[str, Any]:
    checkpoint = next((home / "runs" / "proof").glob("small_p*/checkpoint.pt"), None)
    if checkpoint is None:
        return {}
    run = checkpoint.parent.name
    job = next(job for job, _, known in jobs() if known == run)
    subprocess.run(["scancel", job], check=True)
    while (job, "CANCELLED", run) not in jobs():
        time.sleep(0.05)
    return {job: {"how": SCANCEL, "run": run, "history": _history(checkpoint)}}


def _kill_a_holder(home: Path) -> dict[str, Any]:
    """Kill the process that trains a phase 1 while another job waits for it, stopped first so that
    its last epoch is known."""
    unfinished = next((home / "weights").glob("*.unfinished"), None)
    holder = _holder(unfinished.with_suffix(".lock")) if unfinished else None
    if unfinished is None or holder is None:
        return {}
    job = _environment(holder)["SLURM_JOB_ID"]
    run = next(run for known, _, run in jobs() if known == job)
    other = run.replace("two", "three") if "two" in run else run.replace("three", "two")
    if not any(state == "RUNNING" for _, state, known in jobs() if known == other):
        return {}
    os.kill(holder, signal.SIGSTOP)
    history = _history(unfinished)
    os.kill(holder, signal.SIGKILL)
    return {job: {"how": "kill -9 in phase 1", "run": run, "history": history}}


def _ended(process: int) -> bool:
    """A process that its shell has not waited for yet is a zombie."""
    stat = Path(f"/proc/{process}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z"


def _holder(lock: Path) -> int | None:
    """Who holds a lock, as the kernel says: `1: FLOCK ADVISORY WRITE 42 08:01:99 0 EOF`."""
    inode = str(lock.stat().st_ino)
    held = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
    return next((int(line[4]) for line in held if line[5].rpartition(":")[2] == inode), None)


def _environment(process: int) -> dict[str, str]:
    content = Path(f"/proc/{process}/environ").read_text()
    return dict(entry.split("=", 1) for entry in content.split("\0") if "=" in entry)


def _history(checkpoint: Path) -> list[dict[str, Any]]:
    return torch.load(checkpoint, weights_only=True)["history"]


def report(work: Path, commit: str) -> None:
    local, cluster = (
        {file.parent.name: file.parent for file in _records(work / where)}
        for where in ("local", "cluster")
    )
    killed = json.loads((work / "killed.json").read_text())
    submitted = jobs()
    said, checks = _comparison(local, cluster)
    checks["eight records on either side"] = len(local) == len(cluster) == 8
    checks["every run's last job is COMPLETED"] = {
        state for state in {run: state for _, state, run in submitted}.values()
    } == {"COMPLETED"}
    checks["weights of phase 1 are identical, the killed one's too"] = _same_weights(work)
    for job, about in killed.items():
        state = next(state for known, state, _ in submitted if known == job)
        checks[f"job {job} was killed ({state}) and its run submitted again"] = (
            state in ("CANCELLED", "FAILED")
            and sum(run == about["run"] for _, _, run in submitted) == 2
        )
    first = next(about for about in killed.values() if about["how"] == SCANCEL)
    done, epochs = len(first["history"]), _data(cluster[first["run"]])["history"]
    checks[f"{first['run']} went on: seconds of its epochs 1 to {done} are those at the kill"] = (
        0 < done < len(epochs) and epochs[:done] == first["history"]
    )
    print(_page(commit, submitted, killed, said, checks), end="")
    if not all(checks.values()):
        raise SystemExit(f"proof.py: not so: {[name for name, fine in checks.items() if not fine]}")


def _records(where: Path) -> list[Path]:
    return sorted((where / "results" / "proof").glob("small_*/record.json"))


def _data(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "record.json").read_text())


def _comparison(
    local: dict[str, Path], cluster: dict[str, Path]
) -> tuple[list[tuple[str, ...]], dict[str, bool]]:
    """A row a run (name, and digests of predictions and history on either side); what they show."""
    both = sorted(local.keys() & cluster.keys())
    rows = [
        (
            run,
            *(digest(side[run]) for digest in (predictions, history) for side in (local, cluster)),
        )
        for run in both
    ]
    phases = {run: _data(cluster[run]).get("phases") for run in both}
    shared = [(f"small_two_short_s{seed}", f"small_three_short_s{seed}") for seed in (0, 1)]
    return rows, {
        "predictions are identical": all(row[1] == row[2] for row in rows),
        "histories are identical but for seconds": all(row[3] == row[4] for row in rows),
        "runs of one seed shared one training of phase 1, to the millisecond": all(
            phases[two] == phases[three] is not None for two, three in shared
        ),
    }


def _same_weights(work: Path) -> bool:
    sides = [work / side / "home" / "weights" for side in ("local", "cluster")]
    names = [sorted(file.name for file in side.glob("*.pt")) for side in sides]
    if names[0] != names[1] or len(names[0]) != 2:  # one for each seed
        return False
    for name in names[0]:
        here, there = (torch.load(side / name, weights_only=True)["network"] for side in sides)
        if not all(torch.equal(here[key], there[key]) for key in here.keys() | there.keys()):
            return False
    return True


def predictions(folder: Path) -> str:
    """Digest of the arrays in predictions.npz: their names, types, shapes and values."""
    digest = sha256()
    with np.load(folder / "predictions.npz", allow_pickle=False) as stored:
        for name in sorted(stored.files):
            array = stored[name]
            digest.update(f"{name} {array.dtype} {array.shape}\n".encode() + array.tobytes())
    return digest.hexdigest()[:16]


def history(folder: Path) -> str:
    epochs = _data(folder)["history"]
    timeless = [
        {key: value for key, value in epoch.items() if key != "seconds"} for epoch in epochs
    ]
    return sha256(json.dumps(timeless, sort_keys=True).encode()).hexdigest()[:16]


def _page(
    commit: str,
    submitted: list[tuple[str, str, str]],
    killed: dict[str, Any],
    rows: list[tuple[str, ...]],
    checks: dict[str, bool],
) -> str:
    slurm = subprocess.run(["sinfo", "--version"], check=True, capture_output=True, text=True)
    packages = ("snakemake", "snakemake-executor-plugin-slurm", "torch")
    lines = [
        "# Eight runs through Slurm: what came out",
        "",
        f"Written by `tests/slurm/run.sh` at commit {commit}; `README.md` says what it does. "
        + "Versions: "
        + ", ".join([slurm.stdout.strip(), *(f"{name} {version(name)}" for name in packages)])
        + ".",
        "",
        "## Jobs, as `squeue` lists them",
        "",
        "| job | run | state | killed |",
        "| --- | --- | --- | --- |",
    ]
    for job, state, run in submitted:
        how = (
            f"by {killed[job]['how']}, after epoch {len(killed[job]['history'])}"
            if job in killed
            else ""
        )
        lines.append(f"| {job} | {run} | {state} | {how} |")
    lines += [
        "",
        "## Records, on this machine and through Slurm",
        "",
        "Digests of the arrays in `predictions.npz`, and of the history without its seconds.",
        "",
        "| run | predictions, here | Slurm | history, here | Slurm |",
        "| --- | --- | --- | --- | --- |",
        *(f"| {' | '.join(row)} |" for row in rows),
        "",
        "## Shown",
        "",
        *(f"- {name}: {'yes' if fine else 'NO'}" for name, fine in checks.items()),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    what, where, *rest = sys.argv[1:]
    if what == "interrupt":
        interrupt(Path(where), int(rest[0]))
    else:
        report(Path(where), rest[0])
