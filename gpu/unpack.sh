# Read by queue.sh and notebooks.sh: packages and data out of gpu/carry/ into $work, `ferbook` as a command.
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
