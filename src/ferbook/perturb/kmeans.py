"""k-means of many point sets at once: k-means++ (Arthur, Vassilvitskii 2007), then Lloyd's steps.

A point set has the same result bit by bit on every device, in whatever company: random numbers are
drawn on the CPU, and coordinates are whole multiples of a unit, so few bits long (23 of the extent
of a set, for up to 8 clusters) that float64 holds every product and sum below exactly.

A cluster without points takes the point farthest from its centre, as in scikit-learn; where all
points lie on centres, because fewer of them are distinct than there are clusters, it stays empty.
A point as near to one centre as to another belongs to the first.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ferbook.errors import InputError

#: Points that are worked on at a time: few enough for a processor's cache, and a GPU's memory.
CHUNK = {"cpu": 2**16, "cuda": 2**23}
#: Steps before converged sets are laid aside. To ask which those are, a GPU has to be waited for.
BLOCK = {"cpu": 1, "cuda": 8}


@dataclass(frozen=True, eq=False)
class Fit:
    """Clusters of B point sets; each label is that of the nearest centre."""

    centres: Tensor  #: (B, n, 3) float64
    labels: Tensor  #: (B, P) int64, 0 to n - 1
    inertia: Tensor  #: (B,) float64, sum of squared distances to the nearest centre
    steps: Tensor  #: (B,) int64, Lloyd's steps until no centre moved, or all that were allowed


def fit(
    points: Tensor,
    clusters: int,
    seed: int,
    centres: Tensor | None = None,
    iterations: int = 100,
) -> Fit:
    """Cluster each of B point sets by itself.

    Parameters
    ----------
    points : (B, P, 3), as of `distance.features`
    clusters : of each set, at most P
    seed : set b depends on `seed` and b, not on the other sets
    centres : (n, 3) for all or (B, n, 3): where to start, instead of k-means++
    iterations : Lloyd's steps at most

    Raises
    ------
    InputError
        another shape, numbers that are not finite, fewer points than clusters
    """
    _check(points, clusters, centres)
    if clusters > points.shape[1]:
        raise InputError(
            f"{clusters} clusters of {points.shape[1]} points: expected at most as many"
        )
    if iterations < 1:
        raise InputError(f"{iterations} iterations: expected 1 or more")
    generator = torch.Generator().manual_seed(seed)
    draws = torch.rand(len(points), clusters, dtype=torch.float64, generator=generator)
    whole = _empty(points, clusters)
    for part in _chunks(points):
        grid = _Grid(
            points[part], clusters, None if centres is None else _each(centres, points)[part]
        )
        first = grid.centres if centres is not None else _plus_plus(grid.rows, draws[part])
        block = BLOCK.get(points.device.type, BLOCK["cuda"])
        found, whole.steps[part] = _lloyd(grid.rows, first, iterations, block)
        whole.labels[part], squared = _nearest(grid.rows, found)
        whole.centres[part] = found * grid.unit + grid.origin
        whole.inertia[part] = _summable(squared).sum(dim=1) * grid.unit[:, 0, 0] ** 2
    return whole


def assign(points: Tensor, centres: Tensor) -> Tensor:
    """(B, P) int64: which of `centres`, (n, 3) or (B, n, 3), is nearest to `points` (B, P, 3)."""
    clusters = centres.shape[-2] if centres.ndim > 1 else 0
    _check(points, clusters, centres)
    labels = points.new_empty(points.shape[:2], dtype=torch.int64)
    for part in _chunks(points):
        grid = _Grid(points[part], clusters, _each(centres, points)[part])
        labels[part], _ = _nearest(grid.rows, grid.centres)
    return labels


class _Grid:
    """Point sets in whole units from their first point.

    With coordinates of b bits, |c|^2 - 2 x c is at most 9 * 4^b in size; t bits of fraction number
    the centres, and 2 b + t + 4 of float64's 53 bits hold both.
    """

    def __init__(self, points: Tensor, clusters: int, centres: Tensor | None) -> None:
        points = points.detach().double()
        self.origin = points[:, :1]
        every = points if centres is None else torch.cat([points, centres], dim=1)
        moved = every - self.origin
        _, exponent = torch.frexp(moved.abs().amax(dim=(1, 2), keepdim=True))
        bits = (49 - _label_bits(clusters)) // 2
        self.unit = torch.exp2((exponent - bits).double())  # (b, 1, 1)
        whole = (moved / self.unit).round_()
        rows, self.centres = whole.split([points.shape[1], every.shape[1] - points.shape[1]], dim=1)
        #: (b, 4, P): the coordinates and 1
        self.rows = torch.cat([rows, torch.ones_like(rows[..., :1])], dim=2).mT.contiguous()


def _label_bits(clusters: int) -> int:
    return (clusters - 1).bit_length()


def _scores(rows: Tensor, centres: Tensor) -> Tensor:
    """(b, n, P): |c|^2 - 2 x c, least for the nearest centre; the fraction numbers it."""
    number = torch.arange(centres.shape[1], device=rows.device) / 2 ** _label_bits(centres.shape[1])
    constant = centres.square().sum(dim=2) + number
    return torch.cat([-2 * centres, constant[..., None]], dim=2) @ rows


def _nearest(rows: Tensor, centres: Tensor) -> tuple[Tensor, Tensor]:
    """(b, P) labels and (b, P) squared distances of the nearest of `centres` (b, n, 3)."""
    best = _scores(rows, centres).amin(dim=1)
    whole = best.floor()
    labels = ((best - whole) * 2 ** _label_bits(centres.shape[1])).long()
    return labels, whole + rows[:, :-1].square().sum(dim=1)


def _plus_plus(rows: Tensor, draws: Tensor) -> Tensor:
    """(b, n, 3): any point, then points by their squared distance; which, say `draws` (b, n)."""
    size = rows.shape[2]
    weight = torch.ones_like(rows[:, 0])
    centres: list[Tensor] = []
    for draw in draws.to(rows.device).T[..., None]:
        below = _summable(weight).cumsum(dim=1)
        # the first point whose sum exceeds the draw, so that its weight is not 0
        at = torch.searchsorted(below, draw * below[:, -1:], right=True).clamp_(max=size - 1)
        centre = rows[:, :-1].gather(2, at[:, None].expand(-1, rows.shape[1] - 1, -1))
        squared = (rows[:, :-1] - centre).square_().sum(dim=1)
        weight = torch.minimum(weight, squared) if centres else squared
        centres.append(centre)
    return torch.cat(centres, dim=2).mT.contiguous()


def _lloyd(rows: Tensor, centres: Tensor, iterations: int, block: int) -> tuple[Tensor, Tensor]:
    """Centres (b, n, 3) that move no more, and the steps (b,) that it took.

    `block` steps at a time: a set whose centres moved no more is not moved by further steps.
    """
    settled = torch.empty_like(centres)
    moves = torch.zeros(len(rows), dtype=torch.int64, device=rows.device)
    active = torch.arange(len(rows), device=rows.device)
    for done in range(0, iterations, block):
        if not len(active):
            break
        centres, moved, going = _steps(rows, centres, min(block, iterations - done))
        moves[active] += moved
        if going.all():
            continue
        settled[active[~going]] = centres[~going]
        active, rows, centres = active[going], rows[going], centres[going]
    settled[active] = centres
    return settled, (moves + 1).clamp_(max=iterations)  # the last step moves nothing


def _steps(rows: Tensor, centres: Tensor, count: int) -> tuple[Tensor, Tensor, Tensor]:
    """Centres after `count` steps; of each set, how many of them moved it (b,), and whether the
    last one did (b,)."""
    first, bare = centres, []
    moves = torch.zeros(len(rows), dtype=torch.int64, device=rows.device)
    going = moves > 0
    for _ in range(count):
        moved, empty = _step(rows, centres, refill=count == 1)
        going = (moved != centres).flatten(1).any(dim=1)
        centres, moves = moved, moves + going
        bare.append(empty)
    if count == 1 or not torch.stack(bare).any():
        return centres, moves, going
    centres, moves = first, torch.zeros_like(moves)
    for _ in range(count):  # rare: these steps again, one by one
        centres, moved, going = _steps(rows, centres, 1)
        moves += moved
    return centres, moves, going


def _step(rows: Tensor, centres: Tensor, refill: bool) -> tuple[Tensor, Tensor]:
    """The means (b, n, 3) of the points nearest to each of `centres`, and which have none (b, n).

    Unless they are to `refill`, those without points stay where they are.
    """
    scores = _scores(rows, centres)
    member = scores.eq_(scores.amin(dim=1, keepdim=True))  # (b, n, P), 1 or 0
    sums = member @ rows.mT  # (b, n, 4), the last one counts
    empty = sums[..., -1] == 0
    if refill and empty.any():
        some = empty.any(dim=1)
        _, squared = _nearest(rows[some], centres[some])
        sums[some] = _refilled(member[some], empty[some], squared) @ rows[some].mT
    counts = sums[..., -1:]
    return torch.where(counts > 0, (sums[..., :-1] / counts).round(), centres), empty


def _refilled(member: Tensor, empty: Tensor, squared: Tensor) -> Tensor:
    """`member` (b, n, P) after each of the `empty` (b, n) clusters took a farthest point."""
    farthest = squared.argsort(dim=1, descending=True, stable=True)[:, : empty.shape[1]]
    rank = (empty.cumsum(dim=1) - 1).clamp_(min=0)  # the first empty cluster takes the farthest
    point = farthest.gather(1, rank)
    row, number = (empty & (squared.gather(1, point) > 0)).nonzero(as_tuple=True)
    member[row, :, point[row, number]] = 0
    member[row, number, point[row, number]] = 1
    return member


def _summable(values: Tensor) -> Tensor:
    """`values` (b, P) to so many bits that their sum is the same in any order."""
    _, exponent = torch.frexp(values.amax(dim=1, keepdim=True))
    bits = 52 - values.shape[1].bit_length()
    unit = torch.exp2((exponent - bits).double())
    return (values / unit).round_().mul_(unit)


def _each(centres: Tensor, points: Tensor) -> Tensor:
    return centres.to(points.device).double().expand(len(points), *centres.shape[-2:])


def _chunks(points: Tensor) -> list[slice]:
    step = max(1, CHUNK.get(points.device.type, CHUNK["cuda"]) // max(1, points.shape[1]))
    return [slice(start, start + step) for start in range(0, len(points), step)]


def _empty(points: Tensor, clusters: int) -> Fit:
    count, size, axes = points.shape
    return Fit(
        points.new_empty(count, clusters, axes, dtype=torch.float64),
        points.new_empty(count, size, dtype=torch.int64),
        points.new_empty(count, dtype=torch.float64),
        points.new_empty(count, dtype=torch.int64),
    )


def _check(points: Tensor, clusters: int, centres: Tensor | None) -> None:
    if points.ndim != 3 or points.shape[2] != 3:
        raise InputError(f"points {tuple(points.shape)}: expected (B, P, 3)")
    if clusters < 1:
        raise InputError(f"{clusters} clusters: expected 1 or more")
    if not points.isfinite().all():
        raise InputError("points hold NaN or infinity: expected numbers")
    if centres is None:
        return
    if centres.shape not in ((clusters, 3), (len(points), clusters, 3)):
        each = f"({len(points)}, {clusters}, 3)"
        raise InputError(f"centres {tuple(centres.shape)}: expected ({clusters}, 3) or {each}")
    if not centres.isfinite().all():
        raise InputError("centres hold NaN or infinity: expected numbers")
