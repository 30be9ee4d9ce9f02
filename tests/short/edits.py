"""What people and programs do to a roster, a list and a zone between two runs."""

from __future__ import annotations

import os
import shutil
import zoneinfo

from .noted import ROSTER, SWAP
from .world import Answer, World


def swap(world: World) -> None:
    (world.rosters / "duty.overrides.toml").write_text(SWAP)


def new_roster(world: World) -> None:
    (world.rosters / "two.toml").write_text(ROSTER)


def in_place(world: World) -> None:
    path = world.rosters / "duty.toml"
    before = path.stat()
    path.write_text(ROSTER.replace('"alice", "bob"', '"bob", "alice"'))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size


def renamed(world: World) -> None:
    os.rename(world.rosters, world.home / "old")
    shutil.copytree(world.home / "old", world.rosters)
    (world.rosters / "duty.toml").write_text(ROSTER.replace('"alice", "bob"', '"bob", "alice"'))


def relinked(world: World) -> None:
    other = world.home / "other"
    other.mkdir()
    (other / "duty.toml").write_text(ROSTER.replace('"alice", "bob"', '"bob", "alice"'))
    link = world.home / "link"
    link.unlink()
    link.symlink_to("other")


def zone_moved(world: World) -> None:
    zones = world.home / "zones" / "Europe"
    shutil.copy("/usr/share/zoneinfo/Asia/Tokyo", zones / "London")


def zone_found_earlier(world: World) -> None:
    zones = world.home / "earlier" / "Europe"
    zones.mkdir(parents=True)
    shutil.copy("/usr/share/zoneinfo/Asia/Tokyo", zones / "London")


def touched(path: str, subject: str) -> bool:
    """Whether an entry of a note is the one that the change is about, or a folder that shows it."""
    return path.endswith((f"/{subject}", "/rosters", "/link"))


def tz_run(world: World, *words: str, fresh: bool = False) -> Answer:
    """A run of an interpreter that was started with PYTHONTZPATH."""
    zoneinfo.reset_tzpath(world.environment["PYTHONTZPATH"].split(":"))
    zoneinfo.ZoneInfo.clear_cache()
    try:
        return world.run(*words, fresh=fresh)
    finally:
        zoneinfo.reset_tzpath()


def chmod_roster(world: World) -> None:
    (world.rosters / "duty.toml").chmod(0o666)


def chmod_folder(world: World) -> None:
    world.rosters.chmod(0o777)


def other_list(world: World) -> None:
    world.target.write_text("carol@example.com\n")


def no_list(world: World) -> None:
    world.target.unlink()


def linked_list(world: World) -> None:
    real = world.target.rename(world.target.with_name("real"))
    world.target.symlink_to("real")
    real.write_text("carol@example.com\n")


def left_half_done(world: World) -> None:
    from rotation.host.locks import note_name

    (world.state / note_name(world.rosters / "../lists/duty")).write_text("carol@example.com\n")
