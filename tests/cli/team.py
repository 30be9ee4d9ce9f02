"""A roster of root's whose overrides are a group's, and the people who are not root."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest

ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="being several users needs root")
ALICE, BOB, MALLORY, GROUP = 54321, 54323, 54324, 54322
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
ROSTER = """\
timezone = "Europe/London"
overrides = "../lib/duty.overrides.toml"
fallback = ["managers@example.com"]
[people]
alice = "alice@example.com"
bob = "bob@example.com"
carol = "carol@example.com"
[[rotation]]
name = "weekly"
people = ["alice", "bob", "carol"]
every = "1 week"
start = 2026-11-23
[[target]]
aliases = "../mail/aliases"
name = "duty"
rebuild = [{rebuild}]
"""
