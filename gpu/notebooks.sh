#!/usr/bin/env bash
# Executes every notebook of the book where a GPU is, training what it shows at the short schedule:
#
#   gpu/notebooks.sh [NOTEBOOK...]     all of them by default
#
# `python gpu/pack.py fer2013=PATH --notebooks` puts together what it needs. Records go to a folder of
# their own, empty at first, so that pages with the parameter `runs` train; on what, their records say.
# One page that fails stops no other. $OUT/notebooks.tar.gz: the executed notebooks and the records.
#
# DEVICE is for torch to choose; PYTHON (python3), OUT (gpu/out), WORK (a new folder)
set -euo pipefail
cd "$(dirname "$0")/.."
: "${PYTHON:=python3}" "${OUT:=$PWD/gpu/out}"
work=${WORK:-$(mktemp -d)}
mkdir -p "$OUT" "$work/pages" "$work/results"
. gpu/unpack.sh
"$PYTHON" -m ipykernel install --prefix "$work/kernel" --name python3 >/dev/null
export JUPYTER_PATH="$work/kernel/share/jupyter" JUPYTER_PLATFORM_DIRS=1
[ -z "$(ls gpu/carry/data 2>/dev/null)" ] || data
pack() { tar -czf "$OUT/notebooks.tar.gz" -C "$work" pages results; }
trap pack EXIT

[ $# -gt 0 ] || set -- $(basename -s .py notebooks/*.py)
for name in "$@"; do
    train=()
    results=$PWD/results
    if grep -q '^runs: str' "notebooks/$name.py"; then
        train=(-p runs train)
        results=$work/results
    fi
    if FERBOOK_RESULTS="$results" ferbook notebook "$name" "${train[@]}" --output "$work/pages/$name.ipynb"; then
        echo "$name: executed"
    else
        echo "$name: failed"
    fi
done
echo "trained on:"
grep -rhoE '"gpu": "[^"]*"' "$work/results" --include record.json | sort | uniq -c || echo "nothing on a GPU"
