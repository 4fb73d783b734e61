# Read by queue.sh and notebooks.sh: packages and data out of gpu/carry/ into $work, `ferbook` as a command,
# and what packs the records.
export PYTHONPATH="$PWD/src${PYTHONPATH:+:$PYTHONPATH}" FERBOOK_HOME="$work/home" PYTHONUNBUFFERED=1
ferbook() { "$PYTHON" -m ferbook "$@"; }

if [ -f gpu/carry/site.tar.xz ]; then
    mkdir -p "$work/site"
    tar -xJf gpu/carry/site.tar.xz -C "$work/site"
    export PYTHONPATH="$PYTHONPATH:$work/site"
fi

data() {
    echo "--- data"
    mkdir -p "$FERBOOK_HOME/landmarks"
    tar -xJf gpu/carry/landmarks.tar.xz -C "$FERBOOK_HOME/landmarks"
    for archive in gpu/carry/data/*; do
        name=$(basename "$archive") # as gpu/pack.py writes it, NAME.FILE
        ferbook data add "${name%%.*}" "$archive"
    done
}

# Everything in $FERBOOK_RESULTS into $OUT/records.tar.gz, but hidden folders that a run still writes. A
# pattern must not begin with a dot: every path in the archive does.
pack_records() {
    tar -czf "$OUT/.records" -C "$FERBOOK_RESULTS" --exclude='*/.*' . && mv "$OUT/.records" "$OUT/records.tar.gz"
}
