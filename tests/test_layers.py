"""The shape of the code: which file may import which, and who may touch what."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src" / "rotation"
FILES = sorted(SOURCE.rglob("*.py"))

# lowest first; a file may import its own room and those of the lines before its own
LEVELS = (
    {"__init__", "dataclasses"},
    {"errors"},
    {"model", "address"},
    {"clock"},
    {"toml", "schedule", "system"},
    {"roster, the text of it"},
    {"plan"},
    {"changes", "check", "report", "imports", "host"},
    {"mail", "calendars", "checkers", "export"},
    {"route", "roster", "notify"},
    {"audit"},
    {"watch"},
    {"cli"},
    {"short"},
    {"__main__"},
)
LEVEL = {room: number for number, rooms in enumerate(LEVELS) for room in rooms}
# what people do to a plan is written as they would write it, so `changes` needs the writer and the
# parser, while finding the files and asking the calendars is far above
LOWER = {"roster.__init__", "roster.parse", "roster.entries", "roster.rotations", "roster.roles"}
LOWER |= {"roster.targets", "roster.zone", "roster.write", "roster.monitor", "roster.keys"}
LOWER |= {"roster.pages", "roster.dated", "roster.notices", "roster.starter", "roster.sql"}
LOWER |= {"roster.target_keys", "roster.elsewhere"}
PURE = {"errors", "model", "address", "plan", "clock", "toml", "schedule"}
PURE |= {"changes", "check", "report", "imports"}
HOST = {"host", "cli.context", "short.keep", "short.watch", "short.watched"}
"""Who may import the real host."""
EFFECTS = {
    "os",
    "socket",
    "subprocess",
    "shutil",
    "tempfile",
    "fcntl",
    "ssl",
    "sys",
    "rotation.system",
}
"""What the pure rooms do without."""
OUTSIDE = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time"}
OUTSIDE |= {
    "os.environ",
    "os.environb",
    "os.getenv",
    "os.getenvb",
    "os.getcwd",
    "sys.argv",
    "Path.cwd",
}
OUTSIDE |= {"time.localtime", "time.gmtime", "time.time_ns", "os.getlogin", "os.path.expandvars"}
"""The clock, the environment and the command line, which only `cli` reads, and `short`: it is an
entry of its own, which answers for a run of `cli` before any of that is imported."""
ENTRIES = {"cli", "short"}


def name_of(path: Path) -> str:
    """A file's module below `rotation`: `schedule.final`; a package is its `__init__`."""
    return ".".join(path.relative_to(SOURCE).with_suffix("").parts)


NAMES = {name_of(path) for path in FILES}


def room(name: str) -> str:
    return name.partition(".")[0]


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def imports(path: Path) -> tuple[str, ...]:
    """Every module that a file imports, wherever in it; `rotation`'s own to the file."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            for alias in node.names:
                yield from own(f"{node.module}.{alias.name}", node.module or "")


def own(full: str, module: str) -> Iterator[str]:
    for name in (full, module):
        below = name.removeprefix("rotation.")
        if name != below and below in NAMES:
            yield f"rotation.{below}"
            return
        if name != below and f"{below}.__init__" in NAMES:
            yield f"rotation.{below}.__init__"
            return
    yield module


def below(path: Path) -> Iterator[str]:
    """The files of `rotation` that a file imports."""
    for name in imports(path):
        if name.startswith("rotation."):
            yield name.removeprefix("rotation.")


def level(name: str) -> int:
    return LEVEL["roster, the text of it" if name in LOWER else room(name)]


def each_file(check: Callable[[Path], None]) -> Callable[[], None]:
    """A test that holds every file to a rule, and names all of those that break it."""

    def test() -> None:
        broken = []
        for path in FILES:
            try:
                check(path)
            except AssertionError as error:
                broken.append(f"{name_of(path)}: {error}")
        assert not broken, "\n".join(broken)

    test.__doc__ = check.__doc__
    return test


def test_every_file_has_a_level() -> None:
    assert {room(name) for name in NAMES} | {"roster, the text of it"} == set(LEVEL)
    assert {path for path in LOWER if path not in NAMES} == set()


@each_file
def test_arrows_point_one_way(path: Path) -> None:
    here = name_of(path)
    for there in below(path):
        if room(there) == room(here) or there == "__init__":
            continue
        assert level(there) < level(here), f"{here} imports {there}"


def test_there_are_no_circles() -> None:
    TopologicalSorter({name_of(path): set(below(path)) for path in FILES}).prepare()


@each_file
def test_only_the_command_line_makes_the_real_host(path: Path) -> None:
    here = name_of(path)
    for there in below(path):
        if room(there) == "host":
            assert here in HOST or room(here) in HOST, f"{here} touches the host itself"


@each_file
def test_the_core_is_pure(path: Path) -> None:
    here = name_of(path)
    if room(here) not in PURE and here not in LOWER:
        return
    for name in imports(path):
        assert name not in EFFECTS, f"{here} imports {name}"
        seam = name.startswith("rotation.system") and name != "rotation.system.link"
        assert not seam, f"{here} imports {name}"


@each_file
def test_only_the_command_line_reads_the_clock_and_the_environment(path: Path) -> None:
    here = name_of(path)
    if room(here) in ENTRIES:
        return
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom):
            taken = {f"{node.module}.{alias.name}" for alias in node.names}
            assert not taken & OUTSIDE, here
        if isinstance(node, ast.Attribute):
            assert ast.unparse(node) not in OUTSIDE, f"{here}: {ast.unparse(node)}"
            assert node.attr not in ("expanduser", "home") or not is_path_call(node), here


def is_path_call(node: ast.Attribute) -> bool:
    """Whether it is Path(…).expanduser or Path.home, which read the environment."""
    value = node.value
    return (isinstance(value, ast.Name) and value.id == "Path") or (
        isinstance(value, ast.Call) and ast.unparse(value.func) == "Path"
    )


@each_file
def test_only_the_host_runs_programs_and_nobody_a_shell(path: Path) -> None:
    here = name_of(path)
    if room(here) != "host":
        # the short way asks whether a folder is locked, and runs nothing
        allowed = {"fcntl"} if here == "short.__init__" else set()
        assert not set(imports(path)) & {"subprocess", "fcntl", "tempfile", "pty"} - allowed, here
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.keyword):
            assert node.arg != "shell", here
        if isinstance(node, ast.Attribute):
            assert ast.unparse(node) not in ("os.system", "os.popen"), here


LIGHT = {"__future__", "collections.abc", "typing", "fcntl", "io", "marshal", "os", "stat", "sys"}
LIGHT |= {"gc", "time"}
"""What the short way may import: the interpreter has it, or it costs next to nothing."""


def test_the_short_way_imports_next_to_nothing() -> None:
    for name in ("__main__", "short.__init__"):
        (path,) = (path for path in FILES if name_of(path) == name)
        outside = {module for module in imports(path) if not module.startswith("rotation.")}
        assert outside <= LIGHT
        # what the long way takes is imported where the short one ends
        assert {m for m in at_the_top(path) if m.startswith("rotation")} == set()


def at_the_top(path: Path) -> Iterator[str]:
    for node in tree_of(path).body:
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_the_command_line_does_not_know_the_short_way() -> None:
    """It answers alike with and without; nothing in it can depend on which way was taken."""
    for path in FILES:
        if room(name_of(path)) not in ("short", "__main__"):
            assert not any(name.startswith("short") for name in below(path)), name_of(path)


def test_few_files_lie_at_the_top() -> None:
    assert len(list(SOURCE.glob("*.py"))) <= 6


@each_file
def test_no_file_is_long(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 300


def test_tests_lie_where_the_code_is() -> None:
    """In a folder of the same name as the room; what needs a running mail server in `servers`."""
    tests = Path(__file__).parent
    folders = {path.relative_to(tests).parts[0] for path in tests.glob("*/**/test_*.py")}
    assert folders - {room(name) for name in NAMES} == {"servers"}


def test_no_file_of_tests_is_long() -> None:
    """About 300 lines are enough: a file that grows past this wants to be two, by behaviour."""
    files = Path(__file__).parent.rglob("test_*.py")
    assert [f.name for f in files if len(f.read_text("utf-8").splitlines()) > 320] == []


@each_file
def test_no_function_takes_a_crowd(path: Path) -> None:
    """What always goes together is one value: `cli/grouped.py` does it for options."""
    functions = [n for n in ast.walk(tree_of(path)) if isinstance(n, ast.FunctionDef)]
    crowded = [f.name for f in functions if len(f.args.args) + len(f.args.kwonlyargs) > 11]
    assert crowded == []
