# The pipeline on one page: experiments -> runs -> records -> notebooks -> book.
#
# `results/` is an input of the pages, never an output: an edit in src/ retrains nothing, and a rule
# that fails deletes no record. Training is reached by `make reproduce` only.
import sys
from pathlib import Path

sys.path.insert(0, "src")
from ferbook.report import notebooks, pipeline, sweep
from ferbook.teach import lesson as lessons

BIN = Path(sys.executable).parent
NOTEBOOKS = expand("book/notebooks/{name}.ipynb", name=notebooks.names())
LESSONS = expand("book/lessons/{name}.ipynb", name=lessons.names())
# A rule runs again when a parameter of it changes. What stands in many files (the package, the
# records) enters as one digest, so that a build with nothing to do is fast with any number of them.
SOURCE = pipeline.source_digest()
STUDY = pipeline.study_digest()
DATA = pipeline.data_digest()
DOWNLOADS = expand("book/generated/root/book/verdicts.{form}", form=["json", "csv"])
DOWNLOADS += expand(
    "book/generated/root/book/printed-measured-{paper}.{form}",
    paper=["chew", "qiu"], form=["svg", "pdf"],
)


rule book:
    input:
        prose=pipeline.prose(),
        config=["_config.yml", "_toc.yml"],
        notebooks=NOTEBOOKS,
        lessons=LESSONS,
        timetable="book/generated/teach.md",
        generated=[f"book/generated/{page}.md" for page in ("home", "chew", "qiu", "records", "verify", "plan", "dashboard", "status")],
        downloads=DOWNLOADS,
        mathjax="book/generated/static/mathjax/tex-chtml.js",
        live="book/generated/live.md",
    output:
        touch("_build/html/.built"),
    shell:
        # what warned must be read again, or the next build would pass over it
        "echo '  pages -> _build/html'; {BIN}/jupyter-book build . -q -W --keep-going -n >/dev/null"
        " || {{ rm -rf _build/.doctrees; exit 1; }}; {BIN}/python -m ferbook.report.site _build/html;"
        " {BIN}/python -m ferbook.report.published _build/html"


rule notebook:
    input:
        "notebooks/{name}.py",
    output:
        "book/notebooks/{name}.ipynb",
    params:
        source=SOURCE,
        data=DATA,
        study=lambda wildcards: pipeline.study_digest(wildcards.name),
    shell:
        "echo '  {input}'; {BIN}/ferbook notebook {wildcards.name} --output {output} >/dev/null"


# A lesson's page is executed; its slides are made of what it shows, its exercises of its cells.
rule lesson:
    input:
        "lessons/{name}.py",
        "book/static/slides.css",
    output:
        "book/lessons/{name}.ipynb",
        "book/generated/root/slides/{name}.html",
        "book/generated/root/exercises/{name}.ipynb",
    params:
        source=SOURCE,
        taught=pipeline.taught_digest(),
    shell:
        "echo '  {input[0]}'; {BIN}/python -m ferbook.teach.build lesson {wildcards.name} {output}"


rule timetable:
    input:
        expand("lessons/{name}.py", name=lessons.names()),
    output:
        "book/generated/teach.md",
    params:
        source=SOURCE,
    shell:
        "echo '  timetable -> {output}'; {BIN}/python -m ferbook.teach.build overview {output}"


rule verdicts:
    output:
        "book/generated/{page}.md",
    wildcard_constraints:
        page="home|chew|qiu|records|verify|plan",
    params:
        source=SOURCE,
        study=STUDY,
    shell:
        "echo '  {wildcards.page} -> {output}'; {BIN}/python -m ferbook.report.pages {wildcards.page} {output}"


rule dashboard:
    output:
        "book/generated/dashboard.md",
        DOWNLOADS,
    params:
        source=SOURCE,
        study=STUDY,
    shell:
        "echo '  every number -> {output[0]}'; {BIN}/python -m ferbook.report.dashboard {output}"


rule status:
    input:
        NOTEBOOKS,
        "requirements.txt",
    output:
        "book/generated/status.md",
    params:
        source=SOURCE,
        study=STUDY,
    shell:
        "echo '  versions, hardware, seconds -> {output}'; {BIN}/python -m ferbook.report.pages status {output} {NOTEBOOKS}"


rule mathjax:
    output:
        "book/generated/static/mathjax/tex-chtml.js",
    params:
        lock=pipeline.digest(Path("node_modules").glob("mathjax/package.json")),
    shell:
        "echo '  MathJax -> {output}'; {BIN}/python -m ferbook.report.mathjax node_modules/mathjax {output}"


# The page that runs networks: its graph, its drawings, and what its words say of both.
rule live:
    output:
        "book/generated/live.md",
        directory("book/generated/static/live"),
    params:
        lock=pipeline.digest(Path("node_modules").glob("onnxruntime-web/package.json")),
        source=SOURCE,
        study=STUDY,
    shell:
        "echo '  networks for the live page -> {output[0]}';"
        " {BIN}/python -m ferbook.report.book.live {output[1]} {output[0]} node_modules/onnxruntime-web"


# --- sweeps: `ferbook notebook NAME -p clusters 2..8 -p seed 0..2`, a job for each combination ---

SWEEP = sweep.Plan.load(config["sweep"]) if "sweep" in config else None


rule sweep:
    input:
        SWEEP.targets() if SWEEP else [],


rule combination:
    input:
        lambda wildcards: f"notebooks/{SWEEP.notebook}.py",
    output:
        "{folder}/{combination}.ipynb",
    wildcard_constraints:
        combination="[^/]+=[^/]+",
    log:
        "{folder}/.logs/{combination}.txt",
    params:
        settings=lambda wildcards: SWEEP.arguments(wildcards.combination),
        source=SOURCE,
        data=DATA,
        # records that the jobs themselves add would have all of them run again
        study=lambda wildcards: SWEEP.training or pipeline.study_digest(SWEEP.notebook),
    shell:
        "{BIN}/ferbook notebook {SWEEP.notebook} {params.settings} --output {output:q} >/dev/null 2>{log:q}"


rule combination_page:
    input:
        "{folder}/{combination}.ipynb",
    output:
        "{folder}/{combination}.html",
    wildcard_constraints:
        combination="[^/]+=[^/]+",
    shell:
        "{BIN}/python -m ferbook.report.notebooks {input:q} {output:q}"


# --- training: `make reproduce`, on a cluster `make reproduce ARGS="--profile profiles/slurm"` ---


def missing(wildcards):
    """One job per pending run; a run is done when its record is there and valid, stamp or not."""
    from ferbook.study.experiments import pending

    tier = config.get("tier", "short")
    possible, absent = pending(tier, int(config.get("seeds", 3)))
    if absent:
        print(f"Left out, for want of registered data: {', '.join(absent)}", file=sys.stderr)
    stamps = [Path(pipeline.stamp(run)) for run in possible]
    for stamp in stamps:  # left by a build that was killed, for records that are there no more
        stamp.unlink(missing_ok=True)
    return [str(stamp) for stamp in stamps]


rule reproduce:
    input:
        missing,


rule run:
    output:
        temp(touch(pipeline.STAMP)),
    # The same here and on a cluster, because sums, and so predictions, depend on the number of
    # threads. One, because many runs side by side use the cores of a machine best.
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 6000 * attempt,
        runtime=240,  # minutes; a run that needs more goes on from its last epoch when tried again
    message:
        "{wildcards.paper}/{wildcards.experiment}/{wildcards.variant}, {wildcards.tier} tier, seed {wildcards.seed}, {wildcards.fold}"
    run:
        pipeline.train(wildcards, threads)
