"""Paths that lead out, files that are not what they seem, and what may be written where."""

import hashlib
import json
import os
import pathlib
import shutil
import stat
import time

import pytest

from conftest import ROOT
from hostile import TALLY, resident_megabytes

SHORT = {"case_dir": "examples/single-hydro", "iterations": 2, "num_workers": 1, "wait_seconds": 40}
SECRET = "root:$6$abcdefghijklmnopqrstuvwxyz0123456789ABCDEF:19000:0:99999:7:::"


@pytest.fixture
def tree(tmp_path):
    """A directory that is allowed, one next to it that is not, and links between them."""
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    shutil.copytree(ROOT / "examples/single-hydro", inside / "case")
    shutil.copytree(ROOT / "examples/single-hydro", outside / "case")
    (outside / "secret.txt").write_text(SECRET)
    (inside / "link").symlink_to(outside)
    (inside / "chain").symlink_to(inside / "link")
    (inside / "loop").symlink_to(inside / "loop")
    (inside / "empty").mkdir()
    return tmp_path


def snapshot(directory):
    """Everything below a directory, with contents and modes."""
    found = {}
    for path in sorted(directory.rglob("*")):
        try:
            status = path.lstat()
            digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() and not path.is_symlink() else ""
        except FileNotFoundError:
            # What a process that ends has just removed is no longer there.
            continue
        found[str(path)] = (status.st_mode, digest)
    return found


def ways_out(tree):
    outside = tree / "outside"
    return [
        str(outside / "case"), "../outside/case", "inside/../../outside/case", "link/case", "chain/case",
        str(tree / "inside/link/case"), str(tree / "inside/case/../../outside/case"), "/proc/self/root" + str(outside),
        "/proc/self/cwd/../outside/case", "/etc", "/", "~", "~root", "loop", "loop/case", "case\0/../../outside",
        "file://" + str(outside / "case"), "//" + str(outside / "case").lstrip("/"), "x" * 5000, "/".join(["a"] * 2000),
        "./../outside/case", "case/../link/case", "%2e%2e/outside/case", "..\\outside\\case", "",
    ]


READERS = ["validate_case", "describe_case", "describe_stochastic", "train"]


def test_no_path_leads_out(tree, start):
    """Every way out is refused for each argument that is a path: nothing outside is read, created or revealed."""
    server = start("--allow-dir", tree / "inside", cwd=tree / "inside")
    run = server.ok("train", {**SHORT, "case_dir": "case"})
    assert run["state"] == "succeeded"
    before = snapshot(tree / "outside")
    for path in ways_out(tree):
        calls = [(tool, {"case_dir": path}) for tool in READERS]
        calls.append(("simulate", {"run_id": run["run_id"], "scenarios": 2, "case_dir": path}))
        calls.append(("create_case", {"template": "single-hydro", "directory": path}))
        calls.append(("export_results", {"directory": path + "/new"}))
        calls += [("save_plot", {"kind": "convergence", "file": path + name}) for name in ["/plot.svg", "/../x.png"]]
        for tool, arguments in calls:
            result = server.call(tool, arguments, 30)
            text = json.dumps(result)
            # A relative path that stays inside is none of this test's business.
            own = [name for name in ("case_dir", "directory", "file") if name in arguments]
            target = os.path.realpath(tree / "inside" / arguments[own[0]].split("\0")[0]) if own else ""
            led_out = not (target == str(tree / "inside") or target.startswith(str(tree / "inside") + "/"))
            if led_out or "\0" in path or path == "":
                TALLY.check("paths", result["isError"] is True, f"{tool} {path[:80]!r}: {text[:300]}")
            TALLY.check("paths", SECRET[:12] not in text and "secret.txt" not in text, f"{tool} {path[:80]!r}")
    TALLY.check("paths", snapshot(tree / "outside") == before, "something outside was changed")


def test_messages_do_not_tell_whether_something_is_outside(tree, start):
    server = start("--allow-dir", tree / "inside", cwd=tree / "inside")
    for tool in ["validate_case", "describe_case"]:
        there = server.error_text(tool, {"case_dir": str(tree / "outside/case")})
        missing = server.error_text(tool, {"case_dir": str(tree / "outside/none")})
        TALLY.check("paths", there.replace("case", "none") == missing.replace("case", "none"), f"{there} / {missing}")


@pytest.mark.parametrize("file", ["config.json", "stages.json", "system/buses.json", "system/hydros.json"])
def test_files_in_the_place_of_a_case_file_are_hardly_quoted(file, tree, start):
    """Nothing is read through a link. Of a hard link or a copy, at most 40 characters of one line are shown."""
    server = start("--allow-dir", tree / "inside", cwd=tree / "inside")
    place = tree / "inside/case" / file
    for kind in ["link", "hard link", "copy"]:
        place.unlink()
        if kind == "link":
            place.symlink_to(tree / "outside/secret.txt")
        elif kind == "hard link":
            os.link(tree / "outside/secret.txt", place)
        else:
            shutil.copy(tree / "outside/secret.txt", place)
        for tool in READERS:
            result = server.call(tool, {"case_dir": "case"}, 30)
            text = json.dumps(result, ensure_ascii=False)
            length = 1 if kind == "link" else 41
            told = [SECRET[at:at + length] in text for at in range(len(SECRET) - length + 1)] if length > 1 else [
                SECRET[:8] in text]
            TALLY.check("links", not any(told), f"{kind} {tool} {file}: {text[:300]}")
            if kind == "hard link" and tool == "validate_case":
                TALLY.check("links", "another name" in text, text[:500])


def test_a_table_that_was_never_written_takes_no_memory(tree, start):
    server = start("--allow-dir", tree / "inside", cwd=tree / "inside")
    table = next((tree / "inside/case/scenarios").glob("*.csv"))
    os.truncate(table, 1 << 30)
    server.call("validate_case", {"case_dir": "case"}, 60)
    peak = resident_megabytes(server.process.pid, "VmHWM")
    TALLY.worst("memory of reading a table of 1 GB that was never written, in MB", peak)
    TALLY.check("sizes", peak <= 300, f"{peak} MB")


def test_objects_in_great_number_end_the_reading(tree, start):
    """Two million empty objects in the list of stages."""
    server = start("--allow-dir", tree / "inside", cwd=tree / "inside")
    stages = tree / "inside/case/stages.json"
    stages.write_text('{"policy_graph": {}, "stages": [' + ",".join(["{}"] * 2_000_000) + "]}")
    started = time.monotonic()
    result = server.call("validate_case", {"case_dir": "case"}, 120)
    seconds = time.monotonic() - started
    TALLY.worst("seconds for a list of two million empty stages", seconds)
    TALLY.check("sizes", seconds < 10, f"{seconds} s")
    TALLY.check("sizes", "reading stopped" in json.dumps(result))


def test_what_is_written_is_its_owners_alone(tree, start):
    server = start("--allow-dir", tree / "inside", cwd=tree / "inside")
    server.ok("train", {**SHORT, "case_dir": "case"})
    made = [
        pathlib.Path(server.ok("create_case", {"template": "single-hydro", "directory": "new/deep"})["case_dir"]).parent,
        pathlib.Path(server.ok("save_plot", {"kind": "convergence", "file": "plots/a.svg"})["file"]).parent,
    ]
    for format in ["csv", "both", "novomodelo"]:
        made.append(pathlib.Path(server.ok("export_results", {"directory": f"out/{format}", "format": format})["directory"]))
    for top in made:
        for path in [top, *top.rglob("*")]:
            TALLY.check("modes", stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, f"{path}: {path.stat().st_mode:o}")


def test_paths_in_messages_have_one_slash(tree, start):
    server = start("--allow-dir", tree / "inside", cwd=tree / "inside")
    for directory in [str(tree / "inside/case"), "case", str(tree / "inside/case/config.json")]:
        text = server.error_text("create_case", {"template": "single-hydro", "directory": directory})
        TALLY.check("messages", "//" not in text, text)


def test_a_server_that_allows_less_says_so(tree, start):
    """Resuming a run whose case is elsewhere is refused for that reason, and so are more workers than are granted."""
    first = start("--allow-dir", tree / "inside", cwd=tree / "inside")
    run = first.ok("train", {**SHORT, "case_dir": "case", "iterations": 1_000_000, "wait_seconds": 0, "num_workers": 2})
    first.ok("cancel", {"run_id": run["run_id"]})
    first.ok("status", {"run_id": run["run_id"], "wait_seconds": 30}, 40)
    second = start("--allow-dir", tree / "inside/empty", cwd=tree / "inside/empty")
    text = second.error_text("resume", {"run_id": run["run_id"]})
    TALLY.check("messages", "outside the directories that may be read" in text and "--allow-dir" in text, text)
    third = start("--allow-dir", tree / "inside", "--max-workers", 1, cwd=tree / "inside")
    text = third.error_text("resume", {"run_id": run["run_id"]})
    TALLY.check("messages", "--max-workers" in text, text)


def test_a_rank_follows_no_link_that_was_swapped(tree, start):
    """A run waits in the queue; its case becomes a link that leads out; the rank refuses it unread."""
    server = start("--allow-dir", tree / "inside", "--max-runs", 1, cwd=tree / "inside")
    shutil.copytree(tree / "inside/case", tree / "inside/other")
    first = server.ok("train", {**SHORT, "case_dir": "other", "iterations": 1_000_000, "wait_seconds": 0})
    second = server.ok("train", {**SHORT, "case_dir": "case", "wait_seconds": 0})
    assert second["state"] == "queued", second
    shutil.rmtree(tree / "inside/case")
    (tree / "inside/case").symlink_to(tree / "outside/case")
    server.ok("cancel", {"run_id": first["run_id"]})
    server.ok("status", {"run_id": first["run_id"], "wait_seconds": 30}, 40)
    ended = server.ok("status", {"run_id": second["run_id"], "wait_seconds": 30}, 40)
    TALLY.check("links", ended["state"] == "failed" and "outside the directories" in ended["error"], f"{ended}")


def test_read_only_changes_nothing(tree, start):
    writer = start("--allow-dir", tree / "inside", cwd=tree / "inside")
    run = writer.ok("train", {**SHORT, "case_dir": "case"})
    writer.close()
    # The processes of the run may still be closing its files.
    before = None
    while before != (now := snapshot(tree)):
        before = now
        time.sleep(1)
    reader = start("--allow-dir", tree / "inside", "--read-only", cwd=tree / "inside")
    calls = [
        ("train", {"case_dir": "case"}), ("resume", {"run_id": run["run_id"]}), ("cancel", {"run_id": run["run_id"]}),
        ("delete_run", {"run_id": run["run_id"]}), ("simulate", {"run_id": run["run_id"], "scenarios": 2}),
        ("create_case", {"template": "single-hydro", "directory": "new"}), ("export_results", {"directory": "out"}),
        ("save_plot", {"kind": "convergence", "file": "a.svg"}), ("select_backend", {"backend": "tcp"}),
    ]
    for tool, arguments in calls:
        TALLY.check("read only", "--read-only" in reader.error_text(tool, arguments), tool)
    for tool, arguments in [
        ("status", {}), ("list_runs", {}), ("convergence", {}), ("query_results", {"sql": "SELECT * FROM cut"}),
        ("validate_case", {"case_dir": "case"}), ("describe_results", {}), ("inspect_policy", {}),
    ]:
        TALLY.check("read only", not reader.call(tool, arguments).get("isError"), tool)
    reader.close()
    after = snapshot(tree)
    # Readers take their turns in memory that the database shares with its writers (-shm).
    differences = {
        path for path in before.keys() | after.keys()
        if before.get(path) != after.get(path) and not path.endswith("-shm")}
    TALLY.check("read only", not differences, f"{differences}")
