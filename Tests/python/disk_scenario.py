"""What a server says of a disk that is full or cannot be written. Run it in its own mount namespace.

    unshare -m python disk_scenario.py SERVER CASE PLACE (full | read-only | broken)

Mounts a small file system at PLACE, stores the runs there, and prints the answers to a client as JSON. Every wait is
bounded. `broken` is a disk that turns read-only under a run that has its files open, as after an error of the device.
"""

import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import time

from rawclient import RawServer

PATIENCE = 60


def mount(place, options):
    subprocess.run(["mount", *options, str(place)], check=True, stderr=subprocess.PIPE)


def breakable(place):
    """Mounts a disk that can be broken at PLACE/disk and returns that path. Needs a loop device."""
    image, disk = place / "image", place / "disk"
    image.write_bytes(b"")
    os.truncate(image, 32 << 20)
    subprocess.run(["mkfs.ext4", "-q", str(image)], check=True, stderr=subprocess.PIPE)
    disk.mkdir()
    mount(disk, ["-o", "loop", str(image)])
    return disk


def mended(place):
    """Mounts a broken disk again. Returns False while an ending process has a file open there."""
    if subprocess.run(["umount", str(place / "disk")], stderr=subprocess.PIPE, check=False).returncode != 0:
        return False
    mount(place / "disk", ["-o", "loop", str(place / "image")])
    return True


def fill(path):
    """Takes all the room there is."""
    with open(path, "wb", buffering=0) as filler:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    filler.write(bytes(size))
            except OSError:
                pass


def made_read_only(place):
    """False as long as a process that is ending has a file open for writing."""
    return subprocess.run(
        ["mount", "-o", "remount,ro", place], stderr=subprocess.PIPE, check=False).returncode == 0


def wait_for(server, condition, **which):
    deadline = time.monotonic() + PATIENCE
    while not condition(status := server.ok("status", {"since_iteration": 0, **which})):
        assert time.monotonic() < deadline, status
        time.sleep(0.05)
    return status


def main(executable, case, place, kind):
    ground = place = pathlib.Path(place)
    mount(place, ["-t", "tmpfs", "-o", "size=64m" if kind == "broken" else "size=2m", "tmpfs"])
    if kind == "broken":
        place = breakable(ground)
    server = RawServer([executable, "--runs-dir", place / "runs", "--allow-dir", case])
    told = {}
    server.ok("train", {
        "case_dir": case, "iterations": 1_000_000, "simulate_scenarios": 0, "num_workers": 1, "wait_seconds": 0})
    going = wait_for(server, lambda status: status["iteration"] >= 3)
    if kind == "read-only":
        # A file system with files open for writing cannot be made read-only, so the run is broken off first.
        database = sqlite3.connect(f"file:{place}/runs/{going['run_id']}/run.sqlite?mode=ro", uri=True)
        os.kill(database.execute("SELECT supervisor_pid FROM run").fetchone()[0], signal.SIGKILL)
        database.close()
        wait_for(server, lambda status: status["state"] == "interrupted")
        deadline = time.monotonic() + PATIENCE
        while not made_read_only(place):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        told["resume"] = server.call("resume", {"run_id": going["run_id"], "wait_seconds": 5})
    if kind == "broken":
        # What a disk has not taken yet when it breaks is lost, as in a power cut.
        os.sync()
        mount(place, ["-o", "remount,abort"])
    told["ended"] = wait_for(
        server, lambda status: status["state"] in ("failed", "interrupted", "succeeded", "cancelled"))
    told["before"] = going
    if kind == "full":
        fill(place / "filler")
    told["refused"] = server.call("train", {"case_dir": case, "iterations": 2, "wait_seconds": 5})
    which = {"run_id": going["run_id"]}
    told["meanwhile"] = server.ok("status", {"since_iteration": 0, **which})
    if kind == "broken":
        deadline = time.monotonic() + PATIENCE
        while not mended(ground):
            assert time.monotonic() < deadline
            time.sleep(0.1)
    else:
        mount(place, ["-o", "remount,rw,size=64m"])
    told["after"] = server.ok("status", {"since_iteration": 0, **which})
    server.ok("resume", {"run_id": going["run_id"], "wait_seconds": 0})
    first = told["ended"]["iteration"]
    told["resumed"] = wait_for(
        server, lambda status: status["iteration"] >= first + 2 or status["state"] not in (
            "queued", "starting", "running"), **which)
    server.ok("cancel", {"run_id": going["run_id"]})
    told["cancelled"] = wait_for(server, lambda status: status["state"] not in ("running", "cancelling"), **which)
    server.close()
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
