"""Decks become cases by the bridge program, here a stand-in, and the real one if it is installed."""

import json
import os
import pathlib
import shutil
import stat
import subprocess

import pytest

from conftest import EXAMPLES, WORKER

VERDICT = {
    "schema_version": 1, "command": "convert newave", "status": "ok", "summary": {"hydros": 1, "stages": 2},
    "diagnostics": [
        {"code": "note", "severity": "info", "title": "N", "summary": "A plant was renamed.", "notes": []},
        {"code": "penalty", "severity": "warning", "title": "P", "summary": "A price was left out.",
         "notes": ["file: penalid.dat"], "remediation": "Give the price."},
    ],
}
REFUSAL = {
    "status": "error", "summary": {}, "diagnostics": [
        {"code": "source-file-missing", "severity": "error", "summary": "caso.dat not found", "notes": [],
         "remediation": "Check the named file."}],
}


@pytest.fixture
def bridge(tmp_path):
    """Writes a stand-in: it copies a case to its last argument, or refuses decks without caso.dat."""
    program = tmp_path / "bin" / "novomodelo-bridge"
    program.parent.mkdir()
    (tmp_path / "ok.json").write_text(json.dumps(VERDICT, indent=2))
    (tmp_path / "no.json").write_text(json.dumps(REFUSAL, indent=2))
    program.write_text(f"""#!/bin/sh
for last; do :; done
for argument; do [ "$previous" = -- ] && deck=$argument; previous=$argument; done
[ -e "$deck/slow" ] && sleep 60
if [ ! -e "$deck/caso.dat" ]; then cat "{tmp_path}/no.json"; echo; exit 1; fi
cp -r "{EXAMPLES}/single-hydro/." "$last"
[ -e "$deck/spoil" ] && echo x > "$last/config.json"
cat "{tmp_path}/ok.json"; echo
""")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


@pytest.fixture
def deck(tmp_path):
    directory = tmp_path / "area" / "deck"
    directory.mkdir(parents=True)
    (directory / "caso.dat").write_text("x")
    return directory


def environment(bridge):
    return {**os.environ, "COBRE_BRIDGE": str(bridge)}


def convert(bridge, *arguments):
    return subprocess.run([WORKER, "convert", *arguments], env=environment(bridge), capture_output=True, text=True,
                          timeout=100)


def test_the_worker_makes_a_case_that_trains(bridge, deck, tmp_path):
    done = convert(bridge, "newave", deck, tmp_path / "case")
    assert done.returncode == 0, done.stderr
    assert "1 hydros, 2 stages" in done.stdout and "valid case" in done.stdout
    assert "warning penalty: A price was left out." in done.stderr and "→ Give the price." in done.stderr
    subprocess.run([WORKER, "train", tmp_path / "case", "--output", tmp_path / "run", "--iterations", "1"], check=True,
                   capture_output=True, timeout=100)
    again = convert(bridge, "newave", deck, tmp_path / "case")
    assert again.returncode == 74 and "not empty" in again.stderr


def test_what_goes_wrong_leaves_nothing(bridge, deck, tmp_path):
    (deck / "caso.dat").unlink()
    refused = convert(bridge, "decomp", deck, tmp_path / "case")
    assert refused.returncode == 65 and "caso.dat not found" in refused.stderr
    (deck / "slow").touch()
    late = convert(bridge, "decomp", deck, tmp_path / "case", "--time-limit", "0.5")
    assert late.returncode == 70 and "0.5 s" in late.stderr
    missing = convert(tmp_path / "nowhere", "newave", deck, tmp_path / "case")
    assert missing.returncode == 69 and "pip install novomodelo-bridge" in missing.stderr
    assert convert(bridge, "newave", tmp_path / "none", tmp_path / "case").returncode == 65
    assert not (tmp_path / "case").exists() and not list(tmp_path.glob(".*.part"))
    (deck / "slow").unlink()
    for name in ("caso.dat", "spoil"):
        (deck / name).touch()
    spoilt = convert(bridge, "newave", deck, tmp_path / "case")
    assert spoilt.returncode == 65 and "is written, but" in spoilt.stderr and (tmp_path / "case").exists()


def test_the_server_has_a_tool_for_it(bridge, deck, start):
    area = deck.parent
    server = start("--allow-dir", str(area), env=environment(bridge))
    arguments = {"model": "newave", "deck_dir": str(deck), "directory": str(area / "case")}
    made = server.ok("convert_deck", arguments)
    assert made["converted"] and made["valid"] and made["counts"] == {"hydros": 1, "stages": 2}
    assert [finding["severity"] for finding in made["findings"]] == ["warning", "info"]
    assert made["findings"][0]["suggestion"] == "Give the price." and made["omitted"] == 0
    assert server.ok("validate_case", {"case_dir": made["case_dir"]})["valid"]
    assert "not empty" in server.error_text("convert_deck", arguments)
    outside = {**arguments, "directory": str(area.parent / "case")}
    assert "must lie under" in server.error_text("convert_deck", outside)
    assert "must lie under" in server.error_text("convert_deck", {**arguments, "deck_dir": "/etc"})
    (deck / "caso.dat").unlink()
    refused = server.ok("convert_deck", {**arguments, "directory": str(area / "other")})
    assert refused["converted"] is False and refused["findings"][0]["code"] == "source-file-missing"
    assert sorted(path.name for path in area.iterdir()) == ["case", "deck"]


def test_the_server_says_how_to_get_the_program(deck, start, tmp_path):
    server = start("--toolsets", "all", "--allow-dir", str(deck.parent), env=environment(tmp_path / "nowhere"))
    text = server.error_text(
        "convert_deck", {"model": "newave", "deck_dir": str(deck), "directory": str(deck.parent / "case")})
    assert "pip install novomodelo-bridge==0.19.1" in text
    listed = [tool["name"] for tool in server.request("tools/list")["result"]["tools"]]
    assert listed.count("convert_deck") == 1
    reading = start("--read-only", "--toolsets", "all", "--allow-dir", str(deck.parent))
    assert "convert_deck" not in [tool["name"] for tool in reading.request("tools/list")["result"]["tools"]]


REAL = os.environ.get("COBRE_BRIDGE") or shutil.which("novomodelo-bridge")


@pytest.mark.skipif(not REAL, reason="novomodelo-bridge is not installed: put it on PATH or name it in COBRE_BRIDGE")
def test_the_real_program_is_understood(deck, tmp_path):
    (deck / "caso.dat").unlink()
    for model in ("newave", "decomp"):
        done = convert(pathlib.Path(REAL), model, deck, tmp_path / "case")
        assert done.returncode == 65, done.stderr
        assert "error source-file-missing: " in done.stderr and "→ " in done.stderr
        assert not (tmp_path / "case").exists()
