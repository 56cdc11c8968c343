"""The same seed brings the same faults, and each kind of them before any comes twice."""

from __future__ import annotations

from itertools import islice

from tests.chaos.plan import KINDS, Act, Target, plan


def test_the_same_seed_brings_the_same_faults() -> None:
    assert list(islice(plan(1, disk=True), 100)) == list(islice(plan(1, disk=True), 100))
    assert list(islice(plan(1, disk=True), 100)) != list(islice(plan(2, disk=True), 100))


def test_each_kind_comes_before_any_comes_twice() -> None:
    faults = [(fault.target, fault.act) for fault in islice(plan(3, disk=True), 3 * len(KINDS))]
    for turn in range(3):
        assert set(faults[turn * len(KINDS) : (turn + 1) * len(KINDS)]) == set(KINDS)


def test_only_what_lasts_has_a_length() -> None:
    for fault in islice(plan(4, disk=True), 200):
        assert (fault.lasts > 0) == (fault.act in {Act.FREEZE, Act.FILL})


def test_without_a_disk_to_fill_none_is_filled() -> None:
    assert all(fault.target is not Target.DISK for fault in islice(plan(5, disk=False), 200))
