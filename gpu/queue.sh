#!/usr/bin/env bash
# Trains the queue on a machine that has a GPU, no network, and only part of our packages:
#
#   gpu/queue.sh [MINUTES [EXPERIMENT...]]     qiu and chew for 9 minutes in all by default; 0: the
#                                              smoke alone
#
# gpu/pack.py puts together what it needs, gpu/carry/. First every kind of run, very small, on drawn
# faces: should one fail, nothing is trained. Then `ferbook run`, most printed cells per operation
# first. What is recorded is in $OUT/records.tar.gz twice a minute, and at the end, however that comes.
#
# TIER (paper), SEEDS (1), JOBS (1), DEVICE (cuda), PYTHON (python3), OUT (gpu/out), WORK (a new folder
# for data and checkpoints), SMOKE (smoke: all of gpu/smoke.yaml)
set -euo pipefail
cd "$(dirname "$0")/.."
minutes=${1:-9}
shift || true
[ $# -gt 0 ] || set -- qiu chew
: "${TIER:=paper}" "${SEEDS:=1}" "${JOBS:=1}" "${DEVICE:=cuda}" "${PYTHON:=python3}"
: "${OUT:=$PWD/gpu/out}" "${SMOKE:=smoke}"
work=${WORK:-$(mktemp -d)}
mkdir -p "$OUT"

. gpu/unpack.sh

echo "--- smoke: every kind of run, very small"
mkdir -p "$work/smoke/experiments" "$work/smoke/reported"
cp gpu/smoke.yaml "$work/smoke/experiments/smoke.yaml"
FERBOOK_ROOT="$work/smoke" FERBOOK_RESULTS="$work/smoke/results" \
    ferbook run $SMOKE --tier short --device "$DEVICE"
[ "$minutes" != 0 ] || exit 0

data

echo "--- runs"
export FERBOOK_RESULTS="$work/results"
mkdir -p "$FERBOOK_RESULTS"
while sleep 30; do pack_records; done &
beside=$!
trap 'kill $beside; pack_records' EXIT
left=$("$PYTHON" -c "print(max(0, $minutes - $SECONDS / 60))")
ferbook run "$@" --tier "$TIER" --seeds "$SEEDS" --jobs "$JOBS" --device "$DEVICE" --max-minutes "$left"
