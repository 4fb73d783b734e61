#!/usr/bin/env bash
# Eight runs on this machine, and the same eight through a Slurm of one node that is started for
# them and ended again; README.md beside this file says what is shown. Writes RESULT.md.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
tree=$PWD

for tool in munged slurmctld slurmd sbatch; do
    command -v "$tool" >/dev/null || {
        echo "run.sh: $tool is missing; on Debian: apt install slurm-wlm munge" >&2
        exit 2
    }
done

work=$(mktemp -d)
chmod 711 "$work" # munge's clients must get through
daemons=()
made=
finish() {
    trap - EXIT
    if [ -n "$made" ] && kill -0 "$made" 2>/dev/null; then # something went wrong half-way
        kill -KILL -- "-$made"
        scancel --me
        for ((i = 0; i < 50; i++)); do [ -z "$(squeue --noheader)" ] && break || sleep 0.5; done
    fi
    for ((i = ${#daemons[@]} - 1; i >= 0; i--)); do # slurmd first, munged last
        kill "${daemons[i]}" 2>/dev/null || true
        wait "${daemons[i]}" 2>/dev/null || true
    done
    [ -n "${KEEP:-}" ] && echo "kept: $work" || rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

# Nothing outside $work is read or written: another Slurm on this machine is not disturbed.
start_slurm() {
    mkdir -m 755 "$work/munge" "$work/state" "$work/spool"
    head -c 1024 /dev/urandom >"$work/munge/key"
    chmod 600 "$work/munge/key"
    munged --foreground --socket="$work/munge/socket" --key-file="$work/munge/key" \
        --pid-file="$work/munge/pid" --seed-file="$work/munge/seed" --log-file="$work/munge/log" \
        >"$work/munged.log" 2>&1 &
    daemons+=($!)
    # All eight at once even on two cores, so that runs meet at their locks.
    cat >"$work/slurm.conf" <<CONF
ClusterName=proof
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=26817
SlurmdPort=26818
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/munge
AuthInfo=socket=$work/munge/socket
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
ReturnToService=2
MinJobAge=86400
KillWait=2
MailProg=/bin/true
NodeName=$(hostname -s) NodeAddr=127.0.0.1 CPUs=8 RealMemory=64000
PartitionName=proof Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
    export SLURM_CONF=$work/slurm.conf
    # The plug-in takes SLURM_* from the environment of a job's step: on a cluster slurm.conf lies
    # where Slurm looks for it, here the step's srun must be told again.
    mkdir "$work/bin"
    printf '#!/bin/sh\nSLURM_CONF=%s exec %s "$@"\n' "$SLURM_CONF" "$(command -v srun)" >"$work/bin/srun"
    chmod +x "$work/bin/srun"
    export PATH=$work/bin:$PATH
    for ((i = 0; i < 50; i++)); do [ -S "$work/munge/socket" ] && break || sleep 0.2; done
    slurmctld -D >"$work/slurmctld.log" 2>&1 &
    daemons+=($!)
    slurmd -D >"$work/slurmd.log" 2>&1 &
    daemons+=($!)
    for ((i = 0; i < 150; i++)); do
        [ "$(sinfo --noheader --format=%T 2>/dev/null)" = idle ] && return || sleep 0.2
    done
    tail -n 5 "$work"/munged.log "$work"/slurmctld.log "$work"/slurmd.log >&2
    exit 1
}

# $1: where data, checkpoints and records go; the rest: arguments for Snakemake
reproduce() {
    FERBOOK_ROOT=$work/root FERBOOK_HOME=$1/home FERBOOK_RESULTS=$1/results \
        make --no-print-directory -o .venv/.installed reproduce SEEDS=2 ARGS="${*:2}"
}

# The last commit, so that an edit meanwhile does not make the source of one run another's.
make .venv/.installed >/dev/null
mkdir "$work/tree"
commit=$(git rev-parse --short HEAD)
git archive "$commit" | tar -x -C "$work/tree"
ln -s "$tree/.venv" "$work/tree/.venv"
cd "$work/tree"

mkdir -p "$work/root/experiments" "$work/root/reported"
cp "$here/experiments.yaml" "$work/root/experiments/proof.yaml"

echo "Eight runs on this machine"
reproduce "$work/local" >"$work/local.txt" 2>&1 || { tail -n 30 "$work/local.txt" >&2; exit 1; }

echo "The same through Slurm"
start_slurm
set -m # in a process group of its own
reproduce "$work/cluster" --profile profiles/slurm \
    --slurm-status-command squeue --slurm-init-seconds-before-status-checks 5 \
    >"$work/cluster.txt" 2>&1 &
made=$!
set +m
.venv/bin/python "$here/proof.py" interrupt "$work" "$made"
wait "$made" || { tail -n 30 "$work/cluster.txt" >&2; exit 1; }
.venv/bin/python "$here/proof.py" report "$work" "$commit" >"$work/RESULT.md"
mv "$work/RESULT.md" "$here/RESULT.md"
echo "Written: tests/slurm/RESULT.md"
