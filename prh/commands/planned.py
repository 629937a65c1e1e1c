"""How a planned run, or sweep, is shown."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import JustifyMethod
from rich.markup import escape
from rich.table import Table

from prh.commands.part import Part
from prh.commands.plan import Plan
from prh.console.terminal import Terminal
from prh.ground.secrets import masked

NOTHING = "Dry run: nothing is trained, downloaded, recorded or written."
UNMEASURED = "not measured here yet"
UNKNOWN = "?"
MOST_NAMED = 3
LEAST = {"encoder": 18, "time": 6}
"""Columns of the terminal that they take at least; what is longer goes on below."""
WIDE, WEIGHTS = 100, 13
"""In a terminal that is not so wide, where weights come from takes no more than that."""
NARROW = "", "layers", "to compute", "time"
"""Columns of the table of encoders whose cells stay in one line."""


def show_job(plan: Plan, terminal: Terminal) -> None:
    """Shows what one run would compute."""
    _head(plan, terminal)
    terminal.out.print(_encoders([plan], terminal.out.width))
    terminal.out.print()
    _line(terminal, "time", _time([plan]))
    _line(terminal, "disk", _disk([plan]))
    _line(terminal, "files", str(plan.settings.output_dir))
    if beside := _uncounted(plan):
        _line(terminal, "beside", f"{beside}, which are not counted here")
    _line(terminal, "records", _where(plan))


def show_sweep(plans: Sequence[Plan], swept: Sequence[Sequence[str]], terminal: Terminal) -> None:
    """Shows what the jobs of a sweep would compute, each what no job before it has computed."""
    _head(plans[0], terminal, jobs=len(plans))
    terminal.out.print(_encoders(plans, terminal.out.width))
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for head in ("job", "what differs", "rows to compute", "time"):
        table.add_column(head, justify="right" if head == "job" else "left")
    for number, (plan, differs) in enumerate(zip(plans, swept, strict=True)):
        todo = [f"{_count(part.lacking)} {part.label}" for part in plan.parts if part.lacking != 0]
        todo += [f"train {part.label}" for part in plan.parts if part.fit]
        said = ", ".join(todo) or "none"
        seconds = _sum([part.seconds for part in plan.parts])
        table.add_row(str(number), escape(" ".join(differs)), escape(said), _seconds(seconds))
    terminal.out.print()
    terminal.out.print(table)
    terminal.out.print()
    _line(terminal, "time", _time(plans))
    _line(terminal, "disk", _disk(plans))
    _line(terminal, "records", _where(plans[0]))


def _head(plan: Plan, terminal: Terminal, jobs: int = 0) -> None:
    terminal.out.print(f"[bold]{NOTHING}[/]\n")
    if jobs:
        _line(terminal, "sweep", f"{jobs} jobs")
    many = "all stimuli" if plan.n is None else f"{plan.n:,} stimuli"
    first = " in the first job" if jobs else ""
    _line(terminal, "dataset", f"{plan.stimuli}, {many}{first} ({plan.data.said})")
    permutations = getattr(plan.settings.inference, "n_permutations", 0)
    _line(terminal, "metric", f"{plan.settings.metric.name}, {permutations:,} permutations")
    terminal.out.print()


def _encoders(plans: Sequence[Plan], width: int) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for head in ("", "encoder", "weights", "layers", "to compute", "time"):
        justify: JustifyMethod = "right" if head in ("layers", "to compute") else "left"
        least, most = LEAST.get(head), WEIGHTS if head == "weights" and width < WIDE else None
        table.add_column(
            head, justify=justify, no_wrap=head in NARROW, min_width=least, max_width=most, overflow="fold"
        )
    merged: dict[tuple[str, str], list[Part]] = {}
    for part in (part for plan in plans for part in plan.parts):
        merged.setdefault((part.role, part.label), []).append(part)
    for (role, label), parts in merged.items():
        first = parts[0]
        todo = _sum([part.lacking for part in parts])
        rows = _count(max((part.asked for part in parts if part.asked is not None), default=None))
        layers = UNKNOWN if first.layers is None else str(first.layers)
        fit = sum(part.fit for part in parts)
        weights = f"to be trained, {fit:,} images" if fit else first.state.said
        seconds = _sum([part.seconds for part in parts])
        many = "no rows" if todo == 0 else f"{_count(todo)} of {rows}"
        cells = role.removeprefix("also."), label, weights, layers, many, _seconds(seconds)
        table.add_row(*map(escape, cells))
    return table


def _time(plans: Sequence[Plan]) -> str:
    """Returns how long it would take, as far as that was measured here."""
    unknown = [part.label for plan in plans for part in plan.parts if part.seconds is None]
    known = sum(part.seconds or 0.0 for plan in plans for part in plan.parts)
    features = f"features {f'about {_seconds(known)}' if known else 'are all here'}"
    if unknown:
        about = f"about {_seconds(known)}, and " if known else ""
        labels = list(dict.fromkeys(unknown))
        whom = ", ".join(labels) if len(labels) <= MOST_NAMED else f"{len(labels)} encoders"
        features = f"features {about}{UNMEASURED} for {whom}"
    return f"{features}; {_rest(plans)}"


def _rest(plans: Sequence[Plan]) -> str:
    """Returns how long all else takes, which grows with stimuli and permutations and not with networks."""
    took = [plan.rest for plan in plans if plan.rest is not None]
    if len(took) < len(plans):
        return f"the rest of a run {UNMEASURED}"
    total = _seconds(sum(measured.seconds for measured in took))
    if len(plans) == 1:
        return f"then about {total}, as the last such run, of {took[0].units:,} stimuli"
    return f"then about {total} in all, if each job takes as long as the last such run"


def _disk(plans: Sequence[Plan]) -> str:
    parts = {(part.role, part.label): part for plan in plans for part in plan.parts}
    states = [plans[0].data, *(part.state for part in parts.values())]
    loads = [state for state in states if state.kind == "download"]
    megabytes = sum(state.megabytes or 0 for state in loads)
    unsized = f"{' and ' if megabytes else ''}what {_places(loads)} sends" if _unsized(loads) else ""
    fetched = f"downloads {f'{megabytes:,.0f} MB' if megabytes else ''}{unsized}" if loads else "no downloads"
    return f"{fetched}; {_features([part.bytes for plan in plans for part in plan.parts])}"


def _features(sizes: Sequence[int | None]) -> str:
    known = sum(size or 0 for size in sizes)
    unknown = "features of unknown size" if None in sizes else ""
    said = [f"{_megabytes(known)} of features"] if known else []
    return " and ".join([*said, *filter(None, [unknown])]) or "no new features"


def _uncounted(plan: Plan) -> str:
    """Returns what a run shows to networks beyond its encoders' own layers."""
    dataset, beyond = plan.settings.dataset, getattr(plan.settings.inference, "beyond", ())
    twice = any(getattr(dataset, f"also_{how}", None) for how in ("drawn_by", "named_in"))
    told = {"untrained twins": "random_twin" in beyond, "the stimuli in a second version": twice}
    return " and ".join(name for name, there in told.items() if there)


def _unsized(loads: Sequence[object]) -> bool:
    return any(getattr(state, "megabytes", None) is None for state in loads)


def _places(loads: Sequence[object]) -> str:
    unsized = [state for state in loads if getattr(state, "megabytes", None) is None]
    return " and ".join(dict.fromkeys(str(getattr(state, "place", "")) for state in unsized))


def _where(plan: Plan) -> str:
    where = plan.settings.tracking
    return f"{masked(where.uri)}, experiment {where.experiment}"


def _line(terminal: Terminal, head: str, said: str) -> None:
    terminal.out.print(f"[bold cyan]{head:<8}[/] {escape(said)}", soft_wrap=True)


def _sum(numbers: Sequence[float | None]) -> float | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if len(known) == len(numbers) else None


def _count(number: float | None) -> str:
    return UNKNOWN if number is None else f"{number:,.0f}"


def _seconds(seconds: float | None) -> str:
    if seconds is None:
        return UNKNOWN
    if seconds < 0.05:
        return "none"
    if seconds < 90:
        return f"{max(1.0, seconds):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _megabytes(size: float) -> str:
    return f"{size / 1e6:,.0f} MB" if size >= 1e6 else f"{size / 1e3:,.0f} kB"
