"""The wheel: installed in four ways, and in a root that holds Python, the C library and little more."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import zipfile

import pytest

from conftest import EXAMPLES, ROOT
from rawclient import RawServer

WHEELS = sorted((ROOT / "dist").glob("cobre_mcp-*.whl"), key=lambda path: path.stat().st_mtime)
pytestmark = pytest.mark.skipif(not WHEELS, reason="make wheel has not been run")
LIST = (
    b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},'
    b'"clientInfo":{"name":"t","version":"1"}}}\n{"jsonrpc":"2.0","method":"notifications/initialized"}\n'
    b'{"jsonrpc":"2.0","id":2,"method":"tools/list"}\n'
)
TRAIN = """
import sys, cobre
assert sys.argv[1] in cobre.__file__, cobre.__file__
if __name__ == "__main__":
    results = [cobre.train(sys.argv[2], num_workers=n, iterations=4, runs_dir=sys.argv[3], progress=False) for n in (1, 2)]
    assert results[0].lower_bound == results[1].lower_bound
    print(results[1].backend, results[1].lower_bound)
"""
MPIEXEC = shutil.which("mpiexec")
AS_ROOT = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}


@pytest.fixture(scope="module")
def wheel():
    return WHEELS[-1]


def clean(**variables):
    """An environment in which nothing of this machine's build is found."""
    return {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8", **variables}


def check_server(command, environment, best_of=1):
    """The tools of a server; the time to its first answer is the best of a few starts, since others use the machine too."""
    best = float("inf")
    for _ in range(best_of):
        began = time.monotonic()
        server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        server.stdin.write(LIST)
        server.stdin.flush()
        server.stdout.readline()
        answer = json.loads(server.stdout.readline())
        best = min(best, time.monotonic() - began)
        server.stdin.close()
        assert server.wait(10) == 0
    assert {"train", "status"} <= {tool["name"] for tool in answer["result"]["tools"]}
    return best


def check_package(python, place, tmp_path, environment):
    done = subprocess.run(
        [python, "-c", TRAIN, str(place), EXAMPLES / "single-hydro", tmp_path / "runs"], env=environment,
        capture_output=True, text=True, cwd=tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[0] == "shm"


def check_worker(worker, environment):
    said = subprocess.run([worker, "capabilities"], env=environment, check=True, capture_output=True, text=True).stdout
    assert "backend shm" in said
    return said


def pip(python, *arguments, **variables):
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--disable-pip-version-check", *arguments],
        check=True, env={**os.environ, "PYTHONPATH": "", **variables})  # fmt: skip


@pytest.fixture(scope="module")
def environment_with_wheel(tmp_path_factory, wheel):
    place = tmp_path_factory.mktemp("venv") / "venv"
    subprocess.run([sys.executable, "-m", "venv", place], check=True)
    pip(place / "bin/python", wheel)
    return place


def native(place):
    (found,) = place.glob("lib/python3*/site-packages/cobre/native")
    return found


def test_it_is_small_and_suits_every_python(wheel):
    assert wheel.stat().st_size <= 45_000_000
    assert re.fullmatch(r"cobre_mcp-[\d.]+-py3-none-manylinux_2_\d+_[a-z0-9_]+\.whl", wheel.name), wheel.name
    names = zipfile.ZipFile(wheel).namelist()
    assert "cobre/py.typed" in names and any(name.endswith("/single-hydro/config.json") for name in names)
    assert not [name for name in names if "libmpi" in name or "libswift" in name]
    # The terms of what is carried along.
    for word in ("swift", "libcairo2", "libsqlite3"):
        assert [name for name in names if "/licenses/" in name and word in name], word


def test_the_tag_says_what_the_files_need(wheel):
    said = subprocess.run(
        [sys.executable, "-m", "auditwheel", "show", wheel], check=True, capture_output=True, text=True).stdout
    platform = wheel.stem.rsplit("-", 1)[1]
    assert f'the following platform tag: "{platform}"' in " ".join(said.split()), said


def test_nothing_is_loaded_from_elsewhere(environment_with_wheel):
    """All but the C and the C++ library comes out of the wheel."""
    place = native(environment_with_wheel)
    listing = subprocess.run(["ldd", place / "cobre-mcp"], check=True, capture_output=True, text=True).stdout
    outside = [line.split()[0] for line in listing.splitlines() if "=>" in line and str(place) not in line]
    allowed = {"libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libstdc++.so.6", "libgcc_s.so.1"}
    assert set(outside) <= allowed


def test_installed_in_an_environment(environment_with_wheel, tmp_path):
    place = environment_with_wheel
    check_package(place / "bin/python", place, tmp_path, clean())
    seconds = check_server([place / "bin/cobre-mcp"], clean(HOME=str(tmp_path)), best_of=5)
    assert seconds <= 0.15, f"the first tools/list took {seconds:.3f} s"
    check_worker(place / "bin/cobre-worker", clean())


def test_languages_that_the_wheel_leaves_out_change_nothing(environment_with_wheel, tmp_path):
    """Its data on languages is cut down to English; every other language must fall back to what no language owns."""
    said = set()
    for number, language in enumerate(["C", "en_US.UTF-8", "pt_BR.UTF-8", "tr_TR.UTF-8", "ar_EG.UTF-8", "zh_TW.UTF-8"]):
        output = tmp_path / str(number)
        done = subprocess.run(
            [environment_with_wheel / "bin/cobre-worker", "train", EXAMPLES / "single-hydro", "--output", output, "--iterations", "3"],
            env=clean(LANG=language, LC_ALL=language), check=True, capture_output=True, text=True)  # fmt: skip
        # The rows of the iterations, without their seconds: the other lines name the run's directory and the time.
        said.add(tuple(re.findall(r"^ +(\d+ .*?) +[\d.]+$", done.stdout, flags=re.M)))
        check_server([environment_with_wheel / "bin/cobre-mcp"], clean(LANG=language, LC_ALL=language, HOME=str(tmp_path)))
    assert len(said) == 1 and len(next(iter(said))) == 3


def test_the_server_trains_with_the_worker_beside_it(environment_with_wheel, tmp_path):
    server = RawServer(
        [environment_with_wheel / "bin/cobre-mcp", "--runs-dir", tmp_path / "runs"], cwd=tmp_path, env=clean())
    try:
        answer = server.call(
            "train", {"case_dir": "examples/cascade", "num_workers": 2, "iterations": 3, "wait_seconds": 20}, timeout=40)
        assert answer["structuredContent"]["state"] == "succeeded", answer
    finally:
        server.close()


def test_installed_for_a_user(wheel, tmp_path):
    base = tmp_path / "base"
    python = pathlib.Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    pip(python, "--user", "--break-system-packages", wheel, PYTHONUSERBASE=str(base))
    check_package(python, base, tmp_path, clean(PYTHONUSERBASE=str(base)))
    check_server([base / "bin/cobre-mcp"], clean(HOME=str(tmp_path)))
    check_worker(base / "bin/cobre-worker", clean())


def test_installed_into_a_directory(wheel, tmp_path):
    target = tmp_path / "target"
    pip(sys.executable, "--target", target, wheel)
    check_package(sys.executable, target, tmp_path, clean(PYTHONPATH=str(target)))
    check_server([target / "bin/cobre-mcp"], clean(HOME=str(tmp_path)))
    check_worker(target / "bin/cobre-worker", clean())


def test_uvx(wheel, tmp_path):
    uvx = pathlib.Path(sys.executable).parent / "uvx"
    environment = clean(HOME=str(tmp_path), UV_PYTHON=sys.executable, UV_OFFLINE="1", UV_CACHE_DIR=str(tmp_path / "uv"))
    check_server([uvx, "--from", wheel, "cobre-mcp"], environment)
    check_worker_command = [uvx, "--from", wheel, "cobre-worker", "capabilities"]
    assert b"backend shm" in subprocess.run(check_worker_command, env=environment, check=True, capture_output=True).stdout


def interpreter(version):
    """A Python of that version, on the path or among those of pyenv; None where there is none."""
    found = [*sorted(pathlib.Path.home().glob(f".pyenv/versions/{version}.*/bin/python")), shutil.which(f"python{version}")]
    for python in filter(None, found):
        if subprocess.run([python, "-c", "import venv, ensurepip"], capture_output=True).returncode == 0:
            return python
    return None


@pytest.mark.parametrize("version", ["3.9", "3.10", "3.11", "3.12", "3.13", "3.14"])
def test_every_python(wheel, tmp_path, version):
    python = interpreter(version)
    if python is None:
        pytest.skip(f"there is no Python {version}")
    place = tmp_path / "venv"
    subprocess.run([python, "-m", "venv", place], check=True)
    pip(place / "bin/python", wheel)
    check_package(place / "bin/python", place, tmp_path, clean())


def test_a_program_without_its_package_says_so(environment_with_wheel, tmp_path):
    shutil.copy(environment_with_wheel / "bin/cobre-mcp", tmp_path / "cobre-mcp")
    done = subprocess.run([tmp_path / "cobre-mcp"], capture_output=True, text=True)
    assert done.returncode == 70 and "Install it again" in done.stderr


@pytest.mark.skipif(MPIEXEC is None, reason="mpiexec is not installed")
def test_ranks_over_the_mpi_of_the_machine(environment_with_wheel, tmp_path):
    worker = environment_with_wheel / "bin/cobre-worker"
    case = EXAMPLES / "single-hydro"
    assert "backend mpi" in check_worker(worker, clean())
    together, alone = tmp_path / "together", tmp_path / "alone"
    for command, output in (([MPIEXEC, "--oversubscribe", "-n", "2"], together), ([], alone)):
        done = subprocess.run(
            [*command, worker, "train", case, "--output", output, "--iterations", "4"], env=clean(**AS_ROOT),
            capture_output=True, text=True)  # fmt: skip
        assert done.returncode == 0, done.stderr
    question = "select iteration, lower_bound from convergence order by iteration"
    bounds = [
        subprocess.run(["sqlite3", "-readonly", place / "run.sqlite", question], capture_output=True, text=True).stdout
        if shutil.which("sqlite3") else sqlite_rows(place / "run.sqlite", question)
        for place in (together, alone)
    ]  # fmt: skip
    assert bounds[0] and bounds[0] == bounds[1]


def sqlite_rows(path, question):
    import sqlite3

    return sqlite3.connect(f"file:{path}?mode=ro", uri=True).execute(question).fetchall()


def test_without_an_mpi_library_the_worker_says_so(environment_with_wheel):
    said = check_worker(environment_with_wheel / "bin/cobre-worker", clean(COBRE_MPI_LIBRARY="/no/libmpi.so"))
    assert "backend mpi" not in said and "/no/libmpi.so" in said


# A root of its own: the C and the C++ library, what the interpreter needs, and the wheel, but no Swift, no Clp, no X11.
BARE = r"""
set -eu
root=$1 python=$2 package=$3
mount -t tmpfs none "$root"
mkdir -p "$root/proc" "$root/dev/shm" "$root/tmp" "$root$python" "$root/package" "$root/lib64" "$root/bin"
mount --rbind /proc "$root/proc"
mount -t tmpfs none "$root/dev/shm"
mount --bind "$python" "$root$python"
mount --bind "$package" "$root/package"
: > "$root/dev/null"
mount --bind /dev/null "$root/dev/null"
for library in ld-linux-x86-64.so.2 libc.so.6 libm.so.6 libdl.so.2 libpthread.so.0 librt.so.1 libutil.so.1 libstdc++.so.6 \
    libgcc_s.so.1 libffi.so.8 libz.so.1 libssl.so.3 libcrypto.so.3; do
  for folder in /lib64 /lib/x86_64-linux-gnu /usr/lib/x86_64-linux-gnu; do
    [ ! -e "$folder/$library" ] || { cp -L "$folder/$library" "$root/lib64/"; break; }
  done
done
shift 3
chroot=$(PATH=$PATH:/usr/sbin:/sbin command -v chroot)
exec env -i PATH=/bin HOME=/tmp LD_LIBRARY_PATH=/lib64 PYTHONPATH=/package "$chroot" "$root" "$@"
"""


def in_bare_root(tmp_path, package, *command):
    root = tmp_path / "root"
    root.mkdir(exist_ok=True)
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    return ["unshare", "--mount", *user, "sh", "-c", BARE, "bare", root, sys.base_prefix, package, *command]


def test_in_a_root_without_swift_and_packages(wheel, tmp_path):
    if "Operation not permitted" in subprocess.run(["unshare", "--mount", "true"], capture_output=True, text=True).stderr:
        pytest.skip("no mount namespace can be made here")
    package = tmp_path / "package"
    pip(sys.executable, "--target", package, wheel)
    probe = subprocess.run(
        in_bare_root(tmp_path, package, "/package/bin/cobre-worker", "--version"), capture_output=True, text=True)
    assert probe.returncode == 0, probe.stderr
    python = pathlib.Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    case = "/package/cobre/share/cobre/examples/cascade"
    trained = subprocess.run(
        in_bare_root(tmp_path, package, python, "-c", TRAIN, "/package", case, "/tmp/runs"), capture_output=True, text=True)
    assert trained.returncode == 0, trained.stderr
    assert trained.stdout.split()[0] == "shm"
    server = RawServer(in_bare_root(tmp_path, package, "/package/bin/cobre-mcp", "--runs-dir", "/tmp/runs"), cwd=tmp_path)
    try:
        run = server.call("train", {"case_dir": "examples/single-hydro", "iterations": 5, "wait_seconds": 20}, timeout=40)
        assert run["structuredContent"]["state"] == "succeeded", run
        chart = server.call("plot", {"kind": "convergence"}, timeout=40)
        assert chart["content"][1]["type"] == "image", chart
        backends = server.call("select_backend", {"backend": "auto"}, timeout=40)["structuredContent"]["backends"]
        (mpi,) = [entry for entry in backends if entry["backend"] == "mpi"]
        assert not mpi["usable"] and "No MPI library" in mpi["reason"]
    finally:
        server.close()
