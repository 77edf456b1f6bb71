"""libcobre as a C program sees it: the header, what the library exports, hostile calls."""

import ctypes
import json
import pathlib
import re
import shutil
import subprocess

import pytest

from conftest import BUILD, EXAMPLES, ROOT

HEADER = ROOT / "Sources/CobreHeader/include/cobre.h"
LIBRARY = BUILD / "libcobre.so"


@pytest.fixture(scope="module")
def library():
    loaded = ctypes.CDLL(str(LIBRARY))
    loaded.cobre_error_message.restype = ctypes.c_char_p
    loaded.cobre_error_json.restype = ctypes.c_char_p
    return loaded


def declared():
    text = re.sub(r"/\*.*?\*/", "", HEADER.read_text(), flags=re.S)
    return set(re.findall(r"\b(cobre_[a-z_]+)\(", text))


def test_what_is_declared_is_what_is_exported():
    listing = subprocess.run(
        ["nm", "-D", "--defined-only", LIBRARY], check=True, capture_output=True, text=True
    ).stdout
    exported = {line.split()[-1].split("@")[0] for line in listing.splitlines() if " T " in line}
    assert exported == declared()


def test_no_mpi_is_linked():
    listing = subprocess.run(["ldd", LIBRARY], check=True, capture_output=True, text=True).stdout
    assert "libmpi" not in listing


@pytest.mark.parametrize("language", ["c11", "c++17"])
def test_the_header_stands_alone(tmp_path, language):
    compiler = "cc" if language.startswith("c1") else "c++"
    source = tmp_path / ("a.c" if compiler == "cc" else "a.cpp")
    source.write_text('#include "cobre.h"\nint main(void) { return cobre_abi() == 0; }\n')
    subprocess.run(
        [compiler, f"-std={language}", "-Wall", "-Wextra", "-Werror", "-pedantic", "-I", HEADER.parent, "-c", source,
         "-o", tmp_path / "a.o"], check=True)  # fmt: skip


def test_the_example_in_c_trains(tmp_path):
    source = ROOT / "examples/c/train.c"
    program = tmp_path / "train"
    subprocess.run(
        ["cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-I", HEADER.parent, source, "-L", BUILD, "-lcobre",
         f"-Wl,-rpath,{BUILD}", "-o", program], check=True)  # fmt: skip
    runs = tmp_path / "runs"
    done = subprocess.run([program, EXAMPLES / "single-hydro", runs], check=True, capture_output=True, text=True)
    news = json.loads(done.stdout.splitlines()[-1])
    assert news["ended"] and news["outcome"]["stop_reason"] == "iteration_limit"
    assert news["outcome"]["last"]["iteration"] == 12
    assert (pathlib.Path(news["outcome"]["directory"]) / "run.json").exists()
    refused = subprocess.run([program, tmp_path, runs], capture_output=True, text=True)
    assert refused.returncode == 1 and "config.json" in refused.stderr


def test_handles_that_make_no_sense_are_errors(library):
    assert library.cobre_close(ctypes.c_uint64(0)) == 1
    assert library.cobre_close(ctypes.c_uint64(2**63)) == 1
    text = ctypes.c_void_p()
    assert library.cobre_study_describe(ctypes.c_uint64(77777), ctypes.byref(text)) == 1
    assert b"not open" in library.cobre_error_message()
    study = ctypes.c_uint64()
    assert library.cobre_study_open(str(EXAMPLES / "single-hydro").encode(), ctypes.byref(study)) == 0
    assert library.cobre_job_stop(study) == 1
    assert b"not that of a job" in library.cobre_error_message()
    assert library.cobre_close(study) == 0
    assert library.cobre_close(study) == 1


@pytest.mark.parametrize(
    "request_text, word",
    [
        (None, "NULL"),
        (b"", "JSON"),
        (b"[]", "object"),
        (b"\xff\xfe", "UTF-8"),
        (b'{"case_dir": 1}', "case_dir"),
        (b'{"case_dir": "x", "iterations": 0, "wings": 2}', "iterations"),
        (b"{" * 100_000, "JSON"),
        (b"x" * (2 << 20), "bytes"),
    ],
)
def test_requests_that_make_no_sense_are_errors(library, tmp_path, request_text, word):
    runs, job = ctypes.c_uint64(), ctypes.c_uint64()
    assert library.cobre_runs_open(str(tmp_path / "runs").encode(), None, ctypes.byref(runs)) == 0
    assert library.cobre_job_start(runs, request_text, None, ctypes.byref(job)) == 1
    error = json.loads(library.cobre_error_json())
    assert error["code"] == "argument" and word in error["message"]
    assert not (tmp_path / "runs").exists()
    library.cobre_close(runs)


def test_all_problems_of_a_request_are_told_at_once(library, tmp_path):
    runs, job = ctypes.c_uint64(), ctypes.c_uint64()
    library.cobre_runs_open(str(tmp_path / "runs").encode(), None, ctypes.byref(runs))
    request = json.dumps({"case_dir": "x", "iterations": 0, "wings": 2, "num_workers": 3}).encode()
    assert library.cobre_job_start(runs, request, None, ctypes.byref(job)) == 1
    assert len(json.loads(library.cobre_error_json())["problems"]) == 3
    library.cobre_close(runs)


def test_a_case_with_errors_fails_with_its_findings(library, tmp_path):
    case = tmp_path / "case"
    shutil.copytree(EXAMPLES / "single-hydro", case)
    (case / "stages.json").write_text("{")
    study = ctypes.c_uint64()
    assert library.cobre_study_open(str(case).encode(), ctypes.byref(study)) == 2
    error = json.loads(library.cobre_error_json())
    assert any(finding["file"] == "stages.json" for finding in error["findings"])
