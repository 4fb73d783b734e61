"""What is to be trained: operations by hand, cells by hand, and the order of the queue."""

import pandas as pd
import pytest
import torch

from ferbook.report import plan, plan_page
from ferbook.study import experiments, operations, phases

EXPERIMENTS = """
paper: tiny
experiments:
  bare:
    title: as they are
    dataset: synthetic-100
    split: official
    recipe: qiu
    model: {family: backbone, width: 0.25}
    variants:
      deep: {name: resnet34}
      small: {name: resnet18}
  scheme:
    title: by the scheme
    dataset: synthetic-100
    split: official
    recipe: qiu
    model: {family: backbone, name: resnet18, width: 0.25}
    variants:
      two: {perturb: {clusters: 2}}
      three: {perturb: {clusters: 3}}
      squares: {perturb: {source: patches}}
  alone:
    title: attention alone
    dataset: synthetic-100
    split: official
    recipe: qiu
    model: {family: backbone, name: resnet18, width: 0.25, attention: cbam}
    variants: {cbam: {}}
  folded:
    title: in folds
    dataset: synthetic-100
    split: folds-5
    folds: 5
    recipe: demo
    model: {family: hybrid, widths: [4, 4, 8, 8], hidden: 16}
    variants: {hybrid: {}}
"""
REPORTED = """
paper: tiny
recipe: qiu
n: {}
protocols:
  printed: {dataset: synthetic-100, split: official}
  elsewhere: {dataset: synthetic-100, split: random-80-10-10}
  folds: {dataset: synthetic-100, split: folds-5, recipe: demo, experiment: folded}
ensembles: {vote: {members: [deep, small]}}
rows:
  - {id: tiny/table1/small, protocol: printed, variant: small}
  - {id: tiny/table1/vote, protocol: printed, variant: vote}
  - {id: tiny/table2/three, protocol: printed, variant: three, against: {variant: small}}
  - {id: tiny/table2/three@public, protocol: printed, variant: three}
  - {id: tiny/table2/other, protocol: elsewhere, variant: three}
  - {id: tiny/table3/hybrid, protocol: folds, variant: hybrid}
"""


@pytest.fixture
def study(empty_study):
    empty_study(EXPERIMENTS, REPORTED)


def named(name):
    (run,) = experiments.runs(f"tiny/{name}", "paper", range(1))
    return run


def test_operations_of_a_convolution_by_hand():
    # 3 x 3 over 2 channels into 5, 4 x 4 places: 9 x 2 x 5 x 16 = 1,440 products and as many sums,
    # 2,880; backwards as many for the weights; none for the input, which asks for no gradient.
    one = torch.nn.Conv2d(2, 5, 3, padding=1, bias=False)
    assert operations.counted(one, torch.zeros(3, 2, 4, 4)) == 2 * 2880
    # A 1 x 1 convolution of 5 into 7 behind it: 2 x 5 x 7 x 16 = 1,120, thrice, since the first
    # layer wants its gradient.
    two = torch.nn.Sequential(one, torch.nn.Conv2d(5, 7, 1, bias=False))
    assert operations.counted(two, torch.zeros(3, 2, 4, 4)) == 2 * 2880 + 3 * 1120


def test_a_network_of_chews_by_hand(study):
    # Two branches at 48, 24, 12 and 6 px, 1-4-4-8-8 channels: forwards, in multiplications, 9 x
    # (4 x 2304 + 16 x 576 + 32 x 144 + 64 x 36) = 228,096 each; the head 144 x 16 + 16 x 7 = 2,416.
    # Twice that in operations, three times with backwards; no gradient for the inputs, 9 x 9,216.
    run = experiments.runs("tiny/folded", "paper", range(1))[0]
    size = operations.of_run(run)
    assert size.operations == 2 * (3 * (2 * 228_096 + 2416) - 2 * 9 * 9216)


@pytest.mark.parametrize("name", ["scheme/two", "scheme/squares"])
def test_the_scheme_takes_as_much_as_its_baseline(study, name):
    assert operations.of_run(named(name)) == operations.of_run(named("bare/small"))
    first = operations.of_run(phases.attention_run(named("scheme/two")))
    assert first == operations.of_run(named("alone/cbam"))
    assert first.operations > operations.of_run(named("bare/small")).operations


def test_cells_by_hand(study):
    # small: its own, one of the vote, and one as what three is held against
    assert [plan.cells(named(f"bare/{name}")) for name in ("small", "deep")] == [3, 1]
    assert plan.cells(named("scheme/three")) == 1  # no cell twice, none under another split
    assert plan.cells(named("bare/small"), ["tiny/table1"]) == 2
    assert [plan.cells(named(f"{n}")) for n in ("scheme/two", "alone/cbam")] == [0, 0]
    folds = experiments.runs("tiny/folded", "paper", range(1))
    assert sum(plan.cells(fold) for fold in folds) == pytest.approx(1)


def test_cells_for_operations_first_and_a_phase_once(study):
    steps = plan.steps(experiments.runs("tiny", "paper", range(1)))
    names = [step.run.variant for step in steps]
    # Folds, a cell for next to nothing; then three cells, one for two trainings and one for a deep
    # network. With the phase 1 of `three` the run of attention alone is there for nothing, and
    # comes at once. Then what fills no cell.
    assert names[:5] == ["hybrid"] * 5 and names[5] == "small"
    assert set(names[6:9]) == {"three", "cbam", "deep"}
    assert names.index("cbam") == names.index("three") + 1
    assert names[9:] == ["two", "squares"]
    by_name = {step.run.variant: step for step in steps}
    assert by_name["cbam"].work == 0 < by_name["three"].first
    assert by_name["two"].first == by_name["squares"].first == 0
    assert by_name["two"].operations == by_name["three"].operations
    # of 100 drawn faces 80 are learnt from, 200 times
    size = operations.of_run(named("bare/small"))
    assert by_name["small"].operations == 80 * 200 * size.operations
    assert by_name["small"].images == 80 and by_name["hybrid"].images == 60  # of five folds three


def test_seeds_come_one_after_the_other(study):
    steps = plan.steps(experiments.runs("tiny/scheme", "paper", range(2)))
    assert [step.run.seed for step in steps] == [0, 0, 0, 1, 1, 1]
    assert [bool(step.first) for step in steps if step.run.variant == "three"] == [True, True]


def test_what_cannot_be_counted_comes_last(study, monkeypatch):
    count = operations.of_run

    def of_run(run):
        if run.variant == "small":
            raise ModuleNotFoundError("timm")
        return count(run)

    monkeypatch.setattr(operations, "of_run", of_run)
    queue = plan.ordered(experiments.runs("tiny/bare", "paper", range(1)))
    assert [run.variant for run in queue] == ["deep", "small"]


def test_seconds_are_operations_over_a_share_of_the_rate(study):
    full = plan.table(["tiny/bare"], rate=0.5, share=0.5)
    assert list(full["run"]) == ["tiny/bare_small_paper_s0", "tiny/bare_deep_paper_s0"]
    work = full["operations"] * 1e15
    assert list(full["seconds"]) == pytest.approx(list(work / 0.25e12))
    assert (
        list(plan.table(["tiny"], tables=["tiny/table3"])["run"].str[:15])
        == ["tiny/folded_hyb"] * 5
    )


def test_the_plan_is_a_table_and_a_sentence(study, ferbook):
    code, out, err = ferbook("run", "--plan", "tiny", "--tier", "paper")
    lines = out.splitlines()
    assert code == 0 and lines[0].split() == [
        "run", "runs", "epochs", "PFLOP", "phase", "1", "weights", "cells", "seconds"
    ]  # fmt: skip
    # five in one line
    assert lines[1].split()[:3] == ["tiny/folded_hybrid_paper_s0", "(folds)", "5"]
    assert lines[8].startswith("all ") and lines[10].startswith("11 runs take 0 PFLOP: ")
    code, out, err = ferbook("run", "--plan", "tiny", "--share", "1.5")
    assert code == 2 and "rate 790, share 1.5: expected above 0" in err
    code, out, err = ferbook("run")
    assert code == 2 and "which experiment?" in err and "Traceback" not in err


def test_the_page_has_a_row_for_each_network_and_its_folds():
    columns = ("run", "epochs", "images", "operations", "phase 1", "parameters", "cells", "seconds")
    rows = [
        ("chew/s_hybrid_paper_s0_f0", 50, 10, 1.0, 0.0, 7, 0.5, 30.0),
        ("chew/s_hybrid_paper_s0_f1", 50, 10, 1.0, 0.0, 7, 0.5, 30.0),
        ("qiu/p_pvgg16_paper_s0", 200, 10, 2.0, 3.0, 9, 4.0, 1200.0),
    ]
    said = plan_page.markdown(pd.DataFrame(rows, columns=columns))
    assert said.startswith(
        "3 runs take 7 PFLOP: on a GPU of 790 TFLOP/s (an H200) 21 minutes at 45% of"
    )
    assert "| `chew/s_hybrid (folds)` | 2.00 | 1 | 60 |" in said
    assert "| `qiu/p_pvgg16` | 5.00 | 4 | 1,200 |" in said
    assert "| all | 7.00 | 5 | 1,260 |" in said


def test_a_sentence_by_hand():
    import pandas as pd

    rows = [("qiu/backbones_vgg16", 6.0, 600.0), ("qiu/backbones_resmasking", 18.0, 3000.0)]
    table = pd.DataFrame(rows, columns=["run", "operations", "seconds"]).assign(**{"phase 1": 1.0})
    said = plan.sentence(table, minutes=45)
    # (6 + 1) + (18 + 1) = 26; 3,600 s are 60 min, 27 of them at the whole rate; 19 / 26 = 73 %
    assert said == (
        "2 runs take 26 PFLOP: on a GPU of 790 TFLOP/s (an H200) 60 minutes at 45% of that rate of "
        "matrix products, 27 at all of it. "
        "At 45% they do not fit into 45 minutes. ResMasking is 73% of the work; the others, 7 "
        "PFLOP, take 10 minutes and fit."
    )
    assert plan.sentence(table[:0]) == "Nothing is pending."
