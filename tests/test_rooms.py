"""Data flows one way through the rooms of the package, by the imports, wherever in a file they stand."""

import ast
import re
from collections import Counter
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "prh"
MAP = (PACKAGE.parent / "ARCHITECTURE.md").read_text()
MOST_LOOSE, MOST_LINES = 6, 250
BASIS = {"errors", "ground"}
NUMBERS = {"similarity", "inference"}
KNOWS = {
    "errors": set(),
    "ground": {"errors"},
    "console": BASIS,
    "stimuli": BASIS,
    "encoders": BASIS | {"stimuli"},
    "features": BASIS | {"stimuli", "encoders"},
    "similarity": {"ground"},
    "inference": {"ground", "similarity"},
    "findings": BASIS | NUMBERS | {"stimuli", "encoders", "features"},
    "study": NUMBERS | {"ground", "findings"},
    "figures": NUMBERS | {"ground", "stimuli", "findings"},
    "report": NUMBERS | {"ground", "console", "stimuli", "findings", "study", "figures"},
    "tracking": BASIS | {"console", "inference"},
    "sweep": BASIS | {"console", "inference", "findings", "study", "figures", "report", "tracking"},
    "compare": BASIS
    | NUMBERS
    | {"console", "features", "findings", "figures", "report", "tracking", "sweep"},
    "ui": {"errors", "ground", "console", "tracking"},
    "export": BASIS | {"console", "inference", "findings", "figures", "report", "tracking", "sweep"},
}
"""What each room may import, rooms from left to right."""
ABOVE = {"config", "experiment", "results", "run", "extract", "commands", "__main__"}
"""What may import everything, and what no room imports."""
ENTRY = "prh.__main__"
"""Lets ``python -m prh`` be said, and has no code of its own."""
INSIDE = {
    "encoders": ("network", "hugging_face", "weights", "vision", "text", "signal", "clip"),
    "similarity": ("rdms", "neighbours", "kernels", "linear"),
}
"""Rooms within rooms, from left to right; what lies loose beside them stands to their left."""
ARRAYS_ALONE = {"similarity", "inference"}
"""They know of the rest of the package no more than the kinds of values that their fields may have, and
how numbers are printed."""

MODULES = {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}
PACKAGES = {name: path.parent for name, path in MODULES.items() if path.name == "__init__.py"}


def imports(path):
    """The package's modules that a file imports: at its top, in functions, or for annotations alone."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path} imports relatively in line {node.lineno}"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                if found := next((name for name in (full, node.module) if name in MODULES), None):
                    yield found


ARROWS = {name: set(imports(path)) - {name, "prh"} for name, path in MODULES.items()}


def room(module):
    return module.split(".")[1]


def place(module):
    """Where in its room a module stands; the face of a room is made of all that is in it."""
    _, outer, *inner = module.split(".")
    order = INSIDE[outer]
    if not inner:
        return len(order)
    return order.index(inner[0]) if inner[0] in order else -1


def test_every_room_has_its_place():
    assert {room(module) for module in MODULES if module != "prh"} == set(KNOWS) | ABOVE
    rooms = list(KNOWS)
    for name, known in KNOWS.items():
        assert known <= set(rooms[: rooms.index(name)]), f"{name} may know what stands to its right"


def test_no_arrow_runs_back():
    back = [
        f"{module} → {other}"
        for module, others in ARROWS.items()
        if module != "prh" and room(module) not in ABOVE
        for other in others
        if room(other) not in KNOWS[room(module)] | {room(module)}
    ]
    assert not back


def test_no_arrow_runs_back_within_a_room():
    back = [
        f"{module} → {other}"
        for module, others in ARROWS.items()
        for other in others
        if room(module) in INSIDE and room(other) == room(module) and place(other) > place(module)
    ]
    assert not back


def test_no_two_rooms_know_more_of_each_other_than_is_used():
    used = {(room(module), room(other)) for module, others in ARROWS.items() for other in others}
    idle = [f"{name} → {other}" for name, known in KNOWS.items() for other in known - {name}]
    assert not [arrow for arrow in idle if tuple(arrow.split(" → ")) not in used]


def test_numbers_are_computed_from_arrays_alone():
    known = {
        other
        for module, others in ARROWS.items()
        if module != "prh" and room(module) in ARRAYS_ALONE
        for other in others
        if room(other) not in ARRAYS_ALONE
    }
    assert known == {"prh.ground.numbers", "prh.ground.values"}


def test_no_modules_import_each_other():
    try:
        TopologicalSorter(ARROWS).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


def test_few_modules_lie_loose():
    loose = {name for name, path in MODULES.items() if path.parent == PACKAGE} - {"prh", ENTRY}
    assert len(loose) <= MOST_LOOSE, loose


def test_no_module_is_long():
    lines = Counter({name: len(path.read_text().splitlines()) for name, path in MODULES.items()})
    assert not {name: n for name, n in lines.items() if n > MOST_LINES}


def test_every_room_says_what_it_is_for():
    for name, folder in PACKAGES.items():
        said = ast.get_docstring(ast.parse((folder / "__init__.py").read_text())) or ""
        assert len(said.splitlines()) >= 3, name


def test_the_map_names_files_that_are_there():
    rows = [line for line in MAP.splitlines() if line.startswith("| `prh/")]
    assert len(rows) > 50
    for row in rows:
        first, *others = re.findall("`([^`]+)`", row.split("|")[1])
        for path in (first, *(f"{first.rsplit('/', 1)[0]}/{name}" for name in others)):
            assert (PACKAGE.parent / path).exists(), path


def test_no_module_hides_what_its_room_offers():
    for name, folder in PACKAGES.items():
        tree = ast.parse((folder / "__init__.py").read_text())
        offered = {
            alias.asname or alias.name
            for node in tree.body
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        inside = {module.removeprefix(f"{name}.") for module in MODULES if module.startswith(f"{name}.")}
        assert not offered & inside, name
