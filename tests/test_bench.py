"""What `make bench` says of its measurements: the table, the limits that are missed, the aims that are not reached."""

import json
from fnmatch import fnmatch

import pytest

from tools import bench

LIMITS = [
    {"groups": "fit *", "peer": "statsmodels", "limit": 1.0, "aim": 0.5},
    {"groups": "fit hard *", "peer": "statsmodels", "limit": 3.0},
    {"groups": "fit *", "peer": "scipy", "limit": 0.25},
]


def groups(ours=0.02, statsmodels=0.05, scipy=0.1, hard=0.05):
    def entry(seconds):
        return {"median_seconds": seconds, "rounds": 5}

    return {
        "fit easy n=10": {"ours": entry(ours), "statsmodels": entry(statsmodels), "scipy": entry(scipy)},
        "fit hard n=10": {"ours": entry(hard), "statsmodels": entry(0.02)},
        "derivatives easy n=10": {"value and gradient": entry(0.01), "hessian": entry(0.025)},
        "a peer alone": {"scipy": entry(1.0)},
    }


def test_limits_that_are_kept_are_not_spoken_of():
    assert bench.missed(groups(), LIMITS) == []
    assert bench.short_of_aim(groups(), LIMITS) == []


def test_a_missed_limit_is_said_in_words():
    assert bench.missed(groups(ours=0.055), LIMITS) == [
        "fit easy n=10: 1.10 of the time of statsmodels, where at most 1 is allowed.",
        "fit easy n=10: 0.55 of the time of scipy, where at most 0.25 is allowed.",
    ]


def test_the_last_limit_that_fits_a_group_is_its_own():
    assert bench.missed(groups(hard=0.061), LIMITS) == [
        "fit hard n=10: 3.05 of the time of statsmodels, where at most 3 is allowed."
    ]


def test_an_aim_that_is_not_reached_is_told_from_a_missed_limit():
    assert bench.short_of_aim(groups(ours=0.03, scipy=1.0), LIMITS) == [
        "fit easy n=10: 0.60 of the time of statsmodels keeps the limit of 1; the aim is 0.5."
    ]
    assert bench.short_of_aim(groups(ours=0.055, scipy=1.0), LIMITS) == []


def test_a_peer_that_was_not_measured_is_not_taken_for_a_limit_that_is_kept():
    found = groups()
    del found["fit easy n=10"]["scipy"]
    assert bench.missed(found, LIMITS) == ["fit *: nothing was measured against scipy; is it installed?"]


def test_the_table_holds_every_peer_with_its_limit_and_every_cost():
    found = groups()
    found["fit easy n=10"]["scipy"]["short_of_the_maximum"] = 3.2e-7
    lines = bench.table(found, LIMITS).splitlines()
    assert lines[0].split() == ["peer", "ours/peer", "limit", "aim"]
    assert [line.split() for line in lines[1:]] == [
        "fit easy n=10 statsmodels 0.40 1 0.5".split(),
        "fit easy n=10 scipy 0.20 0.25 stops 3e-07 nats an observation below the maximum".split(),
        "fit hard n=10 statsmodels 2.50 3".split(),
        "derivatives easy n=10 hessian 2.50 value-and-gradients".split(),
    ]
    assert bench.table({}, LIMITS) == ""


def raw(medians):
    """As pytest-benchmark writes it."""
    return {
        "datetime": "2026-01-02T03:04:05",
        "machine_info": {"cpu": {"brand_raw": "a processor"}, "machine": "x86_64"},
        "benchmarks": [
            {
                "group": group,
                "name": f"bench_x[{peer}]",
                "params": {"peer": peer},
                "stats": {"median": median, "rounds": 3},
                "extra_info": {},
            }
            for group, peer, median in medians
        ],
    }


def test_ratios_are_taken_to_ours_or_else_to_a_value_and_gradient():
    found = bench.summary(raw([("a", "ours", 0.2), ("a", "x", 0.1), ("b", "value and gradient", 2.0), ("b", "h", 6.0)]))
    assert found["groups"]["a"]["x"]["ratio"] == 0.5 and found["groups"]["a"]["ours"]["ratio"] == 1
    assert found["groups"]["b"]["h"]["ratio"] == 3


@pytest.mark.parametrize("ours, status", [(0.1, 0), (0.3, 1)])
def test_a_run_with_options_leaves_the_file_and_fails_on_a_missed_limit(ours, status, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(bench, "measure", lambda options: raw([("fit a", "ours", ours), ("fit a", "scipy", 1.0)]))
    monkeypatch.setattr(bench, "TIMINGS", tmp_path / "timings.json")
    assert bench.main(["-k", "fit"]) == status
    printed = capsys.readouterr().out
    assert "is left as it is" in printed and not (tmp_path / "timings.json").exists()
    assert ("0.30 of the time of scipy, where at most 0.25 is allowed." in printed) == bool(status)
    assert ("Every limit is kept and every aim reached." in printed) == (not status)


def test_the_limits_are_well_formed_and_each_names_groups_that_exist():
    limits = json.loads(bench.LIMITS.read_text())
    source = "".join(path.read_text() for path in (bench.ROOT / "benchmarks").glob("bench_*.py"))
    for one in limits:
        assert set(one) - {"aim"} == {"groups", "peer", "limit"}
        assert 0 < one.get("aim", one["limit"]) <= one["limit"]
        assert f'"{one["peer"]}"' in source
    assert all(
        any(fnmatch(name, one["groups"]) for one in limits) for name in ("fit gaussian n=1", "regression a p=20")
    )
