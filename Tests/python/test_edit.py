"""Editing cases from Python and from the command line."""

import json
import subprocess

import pytest

import cobre
from conftest import WORKER

STATS = "scenarios/inflow_seasonal_stats.csv"


def inflows(case):
    lines = (case / STATS).read_text().splitlines()
    column = lines[0].split(",").index("mean_m3s")
    return [float(line.split(",")[column]) for line in lines[1:]]


def test_python_edits_and_copies(case, tmp_path):
    source = case("cascade")
    before = {path.name: path.read_bytes() for path in source.rglob("*.*")}
    dry = [{"file": STATS, "where": {}, "multiply": {"mean_m3s": 0.5}}]
    planned = cobre.edit(source, dry, dry_run=True)
    assert planned["valid"] and not planned["applied"]
    copied = cobre.copy(source, tmp_path / "dry", dry)
    assert copied["applied"] and copied["valid"]
    assert {path.name: path.read_bytes() for path in source.rglob("*.*")} == before
    assert inflows(tmp_path / "dry") == pytest.approx([value / 2 for value in inflows(source)], rel=1e-15)
    assert STATS in [entry["file"] for entry in cobre.case_files(source)]
    with pytest.raises(cobre.CobreError, match="no row has hydro_id 77"):
        cobre.edit(source, [{"file": STATS, "delete_rows": [{"hydro_id": 77}]}])
    assert {path.name: path.read_bytes() for path in source.rglob("*.*")} == before


def run(*words, edits=None):
    return subprocess.run(
        [WORKER, *map(str, words)], input=None if edits is None else json.dumps(edits), capture_output=True, text=True)


def test_the_worker_shows_edits_and_copies(case, tmp_path):
    source = case("cascade")
    listed = run("show", source)
    assert listed.returncode == 0 and STATS in listed.stdout
    shown = run("show", source, "stages.json", "--at", "stages[0].num_scenarios")
    openings = int(shown.stdout)
    edited = run("edit", source, edits={"file": "stages.json", "at": "stages[*]", "merge": {"num_scenarios": openings + 1}})
    assert edited.returncode == 0, edited.stderr
    assert json.loads((source / "stages.json").read_text())["stages"][5]["num_scenarios"] == openings + 1
    rows = run("show", source, STATS, "--where", "stage_id=3")
    assert rows.stdout.splitlines()[0].startswith("hydro_id,stage_id") and len(rows.stdout.splitlines()) == 4
    copied = run("copy", source, tmp_path / "few", "--edits", "-", edits=[
        {"file": "stages.json", "at": "stages[*]", "merge": {"num_scenarios": 2}}])
    assert copied.returncode == 0 and (tmp_path / "few" / "config.json").exists()
    # The edits themselves are taken as well as a file of them.
    inline = json.dumps([{"file": "stages.json", "at": "stages[*]", "merge": {"num_scenarios": 3}}])
    file = tmp_path / "edits.json"
    file.write_text(inline.replace("3", "4"))
    for given, count in [(inline, 3), (" " + inline[1:-1], 3), (file, 4)]:
        written = run("edit", source, "--edits", given)
        assert written.returncode == 0, written.stderr
        assert json.loads((source / "stages.json").read_text())["stages"][5]["num_scenarios"] == count
    missing = run("edit", source, "--edits", tmp_path / "nowhere.json")
    assert missing.returncode == 65 and "cannot be read" in missing.stderr
    # What does not fit, and what would break the case, changes nothing.
    text = (source / "stages.json").read_bytes()
    for edits, words in [
        ([{"file": "stages.json", "at": "stages[id=77]", "merge": {}}], "no element has id 77"),
        ([{"file": "stages.json", "at": "stages[0]", "merge": {"num_scenarios": 0}}], "Nothing was written"),
        ("x", "Edit 1"),
    ]:
        refused = run("edit", source, edits=edits)
        assert refused.returncode == 65 and words in refused.stderr, refused
    assert (source / "stages.json").read_bytes() == text
    assert run("show", tmp_path / "nowhere").returncode == 65
