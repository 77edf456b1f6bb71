"""What the tests of the built server share: where it is, and a client that speaks raw lines."""

import os
import pathlib
import shutil
import sys

import pytest

from rawclient import RawServer

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / ".build" / os.environ.get("COBRE_BUILD_CONFIGURATION", "release")
SERVER = BUILD / "cobre-mcp"
WORKER = BUILD / "cobre-worker"
# The package cobre as it is in the checkout, for the tests and the processes that they start.
sys.path.insert(0, str(ROOT / "python"))
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT / "python"), os.environ.get("PYTHONPATH")]))
os.environ.setdefault("COBRE_BUILD_CONFIGURATION", "release")
EXAMPLES = ROOT / "examples"


# Files whose tests make statements about time or memory, or take what the machine has one of: these run one at a time.
ALONE = {
    "adoption", "client", "conformance", "conversation", "disk", "hostile", "hostile_calls", "hostile_clients",
    "hostile_files", "hostile_network", "hostile_odd", "hostile_promises", "hostile_stores", "library", "moments",
    "options", "package", "runs", "scenarios", "setup", "slurm", "tasks", "together", "wheel", "wire", "worker",
}


def pytest_configure(config):
    config.addinivalue_line("markers", "alone: runs with nothing beside it (the files in conftest.ALONE)")


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.stem.removeprefix("test_") in ALONE:
            item.add_marker(pytest.mark.alone)


def pytest_terminal_summary(terminalreporter):
    """What the hostile tests tried and how much of it held."""
    from hostile import TALLY

    for line in TALLY.lines():
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def anyio_backend():
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def built():
    assert SERVER.exists() and WORKER.exists(), f"build first: there is no {SERVER} or {WORKER}"


@pytest.fixture
def runs_dir(tmp_path):
    """A runs directory of its own; runs that a test leaves going are stopped."""
    directory = tmp_path / "runs"
    yield directory
    if not directory.exists():
        return
    server = RawServer([SERVER, "--runs-dir", directory], cwd=ROOT)
    try:
        listed = server.call("list_runs", {"limit": 50})
        alive = {"queued", "starting", "running", "cancelling"}
        for run in listed["structuredContent"]["runs"]:
            if run["state"] in alive:
                server.call("cancel", {"run_id": run["run_id"]})
                server.call("status", {"run_id": run["run_id"], "wait_seconds": 20}, timeout=40)
    finally:
        server.close()


@pytest.fixture
def start(runs_dir):
    """Starts servers on the test's runs directory; all that they wrote on stdout is checked in the end."""
    servers = []

    def start_server(*arguments, cwd=ROOT, env=None, runs=runs_dir):
        command = [SERVER, "--runs-dir", runs, *arguments]
        servers.append(RawServer(command, cwd=cwd, env=env))
        return servers[-1]

    yield start_server
    for server in servers:
        server.close()
        server.check_output()


@pytest.fixture
def server(start):
    return start()


@pytest.fixture
def case(tmp_path):
    """A copy of a shipped case, for tests that change it, under the allowed examples no more."""

    def copy(name="single-hydro"):
        target = tmp_path / name
        shutil.copytree(EXAMPLES / name, target)
        return target

    return copy
