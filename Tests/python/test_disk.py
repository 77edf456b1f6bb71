"""Disks that are full or cannot be written: a clear word, and nothing lost that was there."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

from conftest import EXAMPLES, ROOT, SERVER
from rawclient import RawServer

SCENARIO = pathlib.Path(__file__).with_name("disk_scenario.py")


@pytest.fixture
def scenario(tmp_path):
    """Runs the scenario where mounting is allowed: by root, or by a user who may have a user namespace."""

    def run(kind):
        place = tmp_path / "disk"
        place.mkdir()
        trial = f"mount -t tmpfs -o size=8m tmpfs '{place}'"
        if kind == "broken":
            trial += (f" && truncate -s 4M '{place}/i' && mkfs.ext4 -q '{place}/i' && mkdir '{place}/d'"
                      f" && mount -o loop '{place}/i' '{place}/d' && mount -o remount,abort '{place}/d'")
        for words in (["unshare", "-m"], ["unshare", "-r", "-m"]):
            tried = subprocess.run([*words, "sh", "-c", trial], stderr=subprocess.PIPE, text=True, check=False)
            if tried.returncode == 0:
                break
        else:
            pytest.skip(f"no file system may be mounted here: {tried.stderr.strip()}")
        done = subprocess.run(
            [*words, sys.executable, SCENARIO, SERVER, EXAMPLES / "four-areas", place, kind],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=240, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.mark.parametrize("kind,word", [("full", "disk is full"), ("read-only", "read-only"), ("broken", "read-only")])
def test_disk_that_takes_no_more(scenario, kind, word):
    told = scenario(kind)
    ended = told["ended"]
    assert ended["state"] in ("failed", "interrupted")
    assert word in ended["error"].lower(), ended["error"]
    # What was there is there still, to the last bit, before and after.
    seen = told["before"]["convergence"]["rows"]
    assert told["before"]["iteration"] >= 3 and ended["iteration"] >= told["before"]["iteration"]
    assert ended["convergence"]["rows"][:1] == seen[:1]
    for later in (told["meanwhile"]["convergence"]["rows"], told["after"]["convergence"]["rows"]):
        # Iterations after the last synchronization of a disk that broke may be gone. Those before it are not.
        kept = ended["convergence"]["rows"][:len(later)] if kind == "broken" else ended["convergence"]["rows"]
        assert later == kept
        assert len(later) >= len(seen)
    # A new run is refused with the reason, or fails with it.
    refused = told["refused"]
    text = json.dumps(refused)
    assert refused.get("isError") or refused["structuredContent"]["state"] in ("failed", "interrupted"), refused
    assert "full" in text or "No space" in text or "read-only" in text.lower(), refused
    if kind == "read-only":
        assert told["resume"]["isError"] and "read-only" in json.dumps(told["resume"]), told["resume"]
    # With room again it goes on from where it was.
    resumed = told["resumed"]
    assert resumed["state"] == "running" and resumed["iteration"] >= ended["iteration"] + 2, resumed
    assert told["cancelled"]["state"] == "cancelled"


def test_runs_directory_of_somebody_else(tmp_path):
    """A user who may not write there gets a message, and can still read."""
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    os.chmod(tmp_path, 0o755)
    for parent in list(tmp_path.parents)[:2]:
        os.chmod(parent, os.stat(parent).st_mode | 0o055)
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    if shutil.which("setpriv") is None or subprocess.run(
            [*nobody, SERVER, "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0:
        pytest.skip("the server cannot be run by somebody else here")
    (tmp_path / "runs").mkdir(mode=0o755)
    server = RawServer([*nobody, SERVER, "--runs-dir", tmp_path / "runs"], cwd=ROOT)
    try:
        text = server.error_text("train", {"case_dir": "examples/single-hydro", "iterations": 2})
        assert "read-only for this user" in text and str(tmp_path / "runs") in text, text
        assert server.ok("status")["state"] == "none"
    finally:
        server.close()
    assert list((tmp_path / "runs").iterdir()) == []
