"""The worker as a program for the command line: its verbs, what they say, and how they end."""

import csv
import io
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import time

import pytest

from conftest import EXAMPLES, ROOT, WORKER

CASE = EXAMPLES / "cascade"
MPI = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}


def worker(*arguments, code=0):
    done = subprocess.run([WORKER, *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, done.stderr + done.stdout
    return done


def bits(run):
    """Everything that a training has learnt, as it is stored."""
    with sqlite3.connect(f"file:{run}/run.sqlite?mode=ro", uri=True) as database:
        rows = database.execute(
            "SELECT iteration, lower_bound, upper_bound FROM convergence ORDER BY iteration").fetchall()
        cuts = database.execute("SELECT stage, position, iteration, coefficients FROM cut ORDER BY 1, 2").fetchall()
        return rows, cuts


def test_a_run_is_continued_with_the_bits_of_one_long_run(tmp_path):
    worker("train", CASE, "--output", tmp_path / "whole", "--iterations", 8)
    worker("train", CASE, "--output", tmp_path / "half", "--iterations", 4)
    done = worker("train", "--from", tmp_path / "half", "--output", tmp_path / "next", "--iterations", 8)
    assert "going on after iteration 4" in done.stdout
    assert bits(tmp_path / "next") == bits(tmp_path / "whole")
    refused = worker("train", "--from", tmp_path / "half", "--output", tmp_path / "no", "--iterations", 4, code=64)
    assert "has completed 4 iterations" in refused.stderr and not (tmp_path / "no").exists()


def test_a_run_is_continued_over_shared_memory(tmp_path):
    worker("train", CASE, "--output", tmp_path / "whole", "--iterations", 8)
    worker("train", CASE, "--output", tmp_path / "half", "--iterations", 4)
    ranks = [
        subprocess.Popen(
            [WORKER, "train", "--from", tmp_path / "half", "--output", tmp_path / "next", "--iterations", "8"],
            env=os.environ | {
                "COBRE_COMM_BACKEND": "shm", "COBRE_SHM_SIZE": "2", "COBRE_SHM_RANK": str(rank),
                "COBRE_SHM_NAME": f"/cobre-continue-{os.getpid()}"},
            stdout=subprocess.DEVNULL) for rank in range(2)]
    assert [rank.wait(60) for rank in ranks] == [0, 0]
    assert bits(tmp_path / "next") == bits(tmp_path / "whole")


def test_a_run_is_named(tmp_path):
    runs = tmp_path / "runs"
    start = ["start", CASE, "--runs-dir", runs, "--wait", 60]
    first, second, _ = [
        worker(*start, "--iterations", n, *named).stdout.split()[0]
        for n, named in ((2, ["--run-name", "nightly"]), (3, ["--run-name", "weekly"]), (2, []))]
    status = json.loads(worker("status", runs / "weekly", "--log", "json").stdout)
    assert (status["run_id"], status["run_name"], status["iteration"]) == (second, "weekly", 3)
    worker("export", runs / "nightly", tmp_path / "out")
    worker("diagnose", str(runs / "nightly") + "/")
    worker("train", "--from", runs / "nightly", "--output", tmp_path / "next", "--iterations", 4)
    worker("train", CASE, "--output", tmp_path / "whole", "--iterations", 4)
    assert bits(tmp_path / "next") == bits(tmp_path / "whole")
    worker("simulate", runs / "nightly", "--output", tmp_path / "tried", "--scenarios", 5)
    refused = worker("resume", runs / "nihgtly", code=64).stderr
    assert f"There is no run in {runs}/nihgtly to resume." in refused and f"{first} (nightly)" in refused


def test_header_and_closing_line(tmp_path):
    lines = worker("train", CASE, "--output", tmp_path / "run", "--iterations", 3, "--simulate", 5).stdout.splitlines()
    assert re.match(r"cobre-worker \S+ trains .*/cascade in .*/run; local, 1 rank of 1 thread; solver", lines[0])
    assert lines[1].split() == ["iteration", "lower", "bound", "upper", "bound", "+-", "gap", "seconds"]
    assert [line.split()[0] for line in lines[2:5]] == ["1", "2", "3"]
    assert lines[5].startswith("done (iteration_limit); 3 of 3 iterations; lower bound ") and "over 5 scenarios" in lines[5]
    assert len(lines) == 6


def test_logs_for_programs(tmp_path):
    done = worker("train", CASE, "--output", tmp_path / "a", "--iterations", 3, "--log", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [int(row["iteration"]) for row in rows] == [1, 2, 3]
    assert [float(row["lower_bound"]) for row in rows] == [row[1] for row in bits(tmp_path / "a")[0]]
    assert done.stderr.splitlines()[-1].startswith("done (iteration_limit)")
    done = worker("train", CASE, "--output", tmp_path / "b", "--iterations", 3, "--log", "json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["event"] for event in events] == ["start"] + ["iteration"] * 3 + ["end"]
    assert events[-1]["exit_code"] == 0 and events[-1]["stop_reason"] == "iteration_limit"
    assert events[0]["iteration_limit"] == 3 and events[2]["lower_bound"] == float(rows[1]["lower_bound"])


def test_wrong_arguments_and_broken_cases(tmp_path):
    worker("train", CASE, "--output", tmp_path / "run", "--iterations", 0, code=64)
    worker("train", "--output", tmp_path / "run", code=64)
    assert "There is no run" in worker("status", tmp_path / "run", code=64).stderr
    assert "There is no run" in worker("resume", tmp_path / "run", code=64).stderr
    broken = tmp_path / "broken"
    shutil.copytree(CASE, broken)
    hydros = json.loads((broken / "system/hydros.json").read_text())
    for hydro in hydros["hydros"][:2]:
        hydro["reservoir"]["min_storage_hm3"] = 1e9
    (broken / "system/hydros.json").write_text(json.dumps(hydros))
    stated = worker("validate", broken, code=65).stdout.splitlines()
    assert len([line for line in stated if line.startswith("error")]) >= 2 and "cannot be trained" in stated[-1]
    # Training names every error too, not the first alone.
    refused = worker("train", broken, "--output", tmp_path / "run", code=65).stderr
    assert len([line for line in refused.splitlines() if line.startswith("error")]) >= 2
    assert "is valid: 0 errors" in worker("validate", CASE).stdout


def test_describe_simulate_and_status(tmp_path):
    described = json.loads(worker("describe", CASE, "--log", "json").stdout)
    assert described["counts"]["hydros"] == 3 and described["state_dimension"] == 3
    worker("train", CASE, "--output", tmp_path / "run", "--iterations", 3)
    worker("simulate", tmp_path / "run", "--output", tmp_path / "sim", "--scenarios", 4, "--keep", "stages")
    state = json.loads(worker("status", tmp_path / "sim", "--log", "json").stdout)
    assert state["state"] == "succeeded" and state["simulation"]["scenarios"] == 4
    with sqlite3.connect(tmp_path / "sim/run.sqlite") as database:
        names = {row[0] for row in database.execute("SELECT name FROM element WHERE kind = 'hydro'")}
        figures = database.execute(
            "SELECT element, start_date, mean FROM named_statistics WHERE quantity = 'storage' AND stage = 0").fetchall()
        assert {figure[0] for figure in figures} == names and len(names) == 3
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", figure[1]) for figure in figures)
        # The mean of the single values, added up here.
        sums = dict(database.execute(
            "SELECT element, AVG(value) FROM named_value WHERE quantity = 'storage' AND stage = 0 GROUP BY element"))
        assert {figure[0]: pytest.approx(figure[2], rel=1e-12) for figure in figures} == sums


def test_describe_counts_the_lags_of_an_estimated_model(tmp_path):
    case = tmp_path / "case"
    shutil.copytree(CASE, case)
    (case / "scenarios/inflow_seasonal_stats.csv").unlink()
    draw = random.Random(1)
    lines = ["hydro_id,date,value_m3s"]
    for plant in (hydro["id"] for hydro in json.loads((case / "system/hydros.json").read_text())["hydros"]):
        level = 0.0
        for month in range(1991 * 12, 2031 * 12):
            level = 0.8 * level + draw.gauss(0, 1)
            lines.append(f"{plant},{month // 12}-{month % 12 + 1:02}-01,{100 + 10 * level}")
    (case / "scenarios/inflow_history.csv").write_text("\n".join(lines) + "\n")
    stages = json.loads((case / "stages.json").read_text())
    stages["season_definitions"] = {
        "cycle_type": "monthly", "seasons": [{"id": month, "label": str(month), "month_start": month + 1} for month in range(12)]}
    for month, stage in enumerate(stages["stages"]):
        stage["season_id"] = month
    (case / "stages.json").write_text(json.dumps(stages))
    described = json.loads(worker("describe", case, "--log", "json").stdout)
    # Three storages and, with so much memory, a lag of each inflow at least.
    assert described["inflow_model"] == "estimated" and described["state_dimension"] >= 6
    told = subprocess.run(
        [WORKER.parent / "cobre-mcp", "call", "describe_case", json.dumps({"case_dir": str(case)}), "--json",
         "--allow-dir", tmp_path],
        capture_output=True, text=True, timeout=120, check=False)
    assert f'"state_dimension":{described["state_dimension"]}' in told.stdout.replace(" ", ""), told


def test_a_stop_is_no_success_and_is_resumed(tmp_path):
    process = subprocess.Popen(
        [WORKER, "train", CASE, "--output", tmp_path / "run", "--iterations", "400"], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    while not re.match(r"\s+3 ", process.stdout.readline()):
        pass
    process.send_signal(signal.SIGTERM)
    rest = process.stdout.read()
    assert process.wait(30) == 3 and rest.splitlines()[-1].startswith("stopped (cancelled)")
    assert "cobre-worker resume" in rest
    assert json.loads(worker("status", tmp_path / "run", "--log", "json").stdout)["state"] == "cancelled"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """What a training that nothing disturbs learns."""
    run = tmp_path_factory.mktemp("whole") / "run"
    worker("train", CASE, "--output", run, "--iterations", 100)
    return bits(run)


def kill_and_resume(tmp_path, whole, command, environment, victims):
    """Kills ranks in the middle and resumes by the same launcher."""
    run = tmp_path / "run"
    process = subprocess.Popen(
        [*command, WORKER, "train", CASE, "--output", run, "--iterations", "100"], env=os.environ | environment,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True)
    assert process.stdout
    while not re.match(r"\s+5 ", line := process.stdout.readline()):
        assert line, "the training ended before it could be killed"
    for pid in victims(process):
        os.kill(pid, signal.SIGKILL)
    assert process.wait(60) != 0
    deadline = time.monotonic() + 30
    while (state := json.loads(worker("status", run, "--log", "json").stdout)["state"]) not in ("interrupted", "failed"):
        if state == "succeeded":
            # Ranks whose launcher alone was killed may come to the end before they notice it.
            assert bits(run) == whole
            return
        assert time.monotonic() < deadline, state
        time.sleep(0.1)
    # In a session of its own, since a launcher that fails sends signals to its group.
    resumed = subprocess.run(
        [*command, WORKER, "resume", run], env=os.environ | environment, capture_output=True, text=True, timeout=120,
        check=False, stdin=subprocess.DEVNULL, start_new_session=True)
    assert resumed.returncode == 0, resumed.stderr
    assert "goes on with" in resumed.stdout and "done (iteration_limit)" in resumed.stdout
    assert bits(run) == whole
    refused = subprocess.run([WORKER, "resume", run], capture_output=True, text=True, timeout=30, check=False)
    assert refused.returncode == 64 and "train --from" in refused.stderr


def test_a_killed_run_is_resumed(tmp_path, whole):
    kill_and_resume(tmp_path, whole, [], {}, lambda process: [process.pid])


def ranks_of(launcher):
    """The ranks that it has started, by their number: processes of its session, by their environment."""
    found = {}
    for entry in os.listdir("/proc"):
        try:
            if entry.isdigit() and os.getsid(int(entry)) == launcher:
                with open(f"/proc/{entry}/environ", "rb") as file:
                    for variable in file.read().split(b"\0"):
                        if variable.startswith(b"OMPI_COMM_WORLD_RANK="):
                            found[int(variable.partition(b"=")[2])] = int(entry)
        except OSError:
            continue
    assert sorted(found) == [0, 1]
    return found


# Whom a kill that cannot be caught meets: a rank, which its launcher notices, the launcher, which its ranks notice, or all at once.
VICTIMS = {
    "rank 0": lambda launcher, ranks: [ranks[0]], "rank 1": lambda launcher, ranks: [ranks[1]],
    "launcher": lambda launcher, ranks: [launcher], "launcher and rank 0": lambda launcher, ranks: [launcher, ranks[0]],
    "launcher and rank 1": lambda launcher, ranks: [launcher, ranks[1]], "all": lambda launcher, ranks: [launcher, *ranks.values()],
}


@pytest.mark.skipif(shutil.which("mpiexec") is None, reason="there is no mpiexec")
@pytest.mark.parametrize("killed", VICTIMS)
def test_a_run_that_was_killed_under_mpiexec_is_resumed(tmp_path, whole, killed):
    kill_and_resume(
        tmp_path, whole, ["mpiexec", "--oversubscribe", "-n", "2"], MPI,
        lambda process: VICTIMS[killed](process.pid, ranks_of(process.pid)))


VERBS = {
    "validate": ["validate", CASE], "describe": ["describe", CASE], "status": ["status", "RUN"],
    "export": ["export", "RUN", "OUT"], "export-cuts": ["export-cuts", "RUN/policy", "--output", "OUT"],
    "openings": ["openings", EXAMPLES / "four-areas"], "inflow": ["inflow", CASE, "OUT"],
    "conformance": ["conformance", "--check", "elementTypes"],
}
# Their tables of results are on stdout.
SAYS_ON_STDERR = {"openings"}
# Answers that are one object.
ONE_OBJECT = {"describe", "status"}


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_a_first_and_a_last_line_in_three_forms(verb, tmp_path):
    worker("train", CASE, "--output", tmp_path / "run", "--iterations", 2)
    said = {}
    for form in ("text", "csv", "json"):
        words = [str(word).replace("RUN", str(tmp_path / "run")).replace("OUT", str(tmp_path / form)) for word in VERBS[verb]]
        done = worker(*words, "--log", form)
        said[form] = (done.stderr if verb in SAYS_ON_STDERR else done.stdout, done)
    lines = said["text"][0].splitlines()
    assert re.match(r"cobre-worker \d+\.\d+\.\d+ \w+ ", lines[0])
    assert re.match(r"done; .*\d\.\d\d s$|\S+ is (valid|succeeded)", lines[-1]), lines[-1]
    assert not said["text"][1].stderr or verb in SAYS_ON_STDERR
    if verb in SAYS_ON_STDERR:
        assert len(lines) == 2 and said["csv"][0].splitlines()[0] == lines[0]
        assert said["csv"][1].stdout == said["text"][1].stdout == said["json"][1].stdout != ""
    elif said["csv"][0]:
        rows = list(csv.reader(io.StringIO(said["csv"][0])))
        assert rows[0] and all(len(row) == len(rows[0]) for row in rows) and "cobre-worker" not in rows[0][0]
    objects = [json.loads(line) for line in said["json"][0].splitlines()]
    if verb in ONE_OBJECT:
        assert len(objects) == 1
    elif verb != "validate":
        assert [objects[0]["event"], objects[-1]["event"]] == ["start", "end"] and objects[-1]["exit_code"] == 0
        assert {event["event"] for event in objects[1:-1]} <= {"part"}
    if verb == "export":
        listed = {event["file"]: event.get("rows") for event in objects[1:-1]}
        for name, count in listed.items():
            assert count == len(list(csv.reader((tmp_path / "json" / name).open(newline="")))) - 1, name
        assert objects[-1]["files"] == len(listed) == len(os.listdir(tmp_path / "json"))


@pytest.mark.parametrize("verb", [
    ["export-cuts", "RUN/policy", "--output", "OUT"], ["export-model", CASE, "--output", "OUT"], ["inflow", CASE, "OUT"]])
def test_exports_replace_nothing_unless_told_to(verb, tmp_path):
    worker("train", CASE, "--output", tmp_path / "run", "--iterations", 2)
    words = [str(word).replace("RUN", str(tmp_path / "run")).replace("OUT", str(tmp_path / "out")) for word in verb]
    worker(*words)
    made = [path for path in ([tmp_path / "out"] if verb[0] != "inflow" else sorted((tmp_path / "out").iterdir()))]
    before = [path.read_bytes() for path in made]
    made[0].write_bytes(b"mine")
    refused = worker(*words, code=74)
    assert "is there already" in refused.stderr and "--overwrite" in refused.stderr
    assert made[0].read_bytes() == b"mine"
    worker(*words, "--overwrite")
    assert [path.read_bytes() for path in made] == before
    assert not list(tmp_path.rglob("*.tmp"))
    if verb[0] != "inflow":
        # What is no file stays what it is.
        words[words.index(str(tmp_path / "out"))] = "/dev/null"
        assert "not a plain file" in worker(*words, "--overwrite", code=74).stderr
        assert not os.path.isfile("/dev/null")


def truncated(tmp_path):
    """The example with an inflow that has a lag and is truncated at 0."""
    case = tmp_path / "case"
    shutil.copytree(CASE, case)
    rows = "".join(f"10,{stage},1,0.3,0.95\n" for stage in range(12))
    (case / "scenarios/inflow_ar_coefficients.csv").write_text("hydro_id,stage_id,lag,coefficient,residual_std_ratio\n" + rows)
    for name, key, value in (("initial_conditions", "past_inflows", [{"hydro_id": 10, "values_m3s": [40.0]}]),
                             ("config", "modeling", {"inflow_non_negativity": {"method": "truncation"}})):
        file = case / f"{name}.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | {key: value}))
    stages = json.loads((case / "stages.json").read_text())
    for month, stage in enumerate(stages["stages"]):
        stage["season_id"] = month
    (case / "stages.json").write_text(json.dumps(stages))
    return case


@pytest.mark.parametrize("settings", [
    {"upper_bound_evaluation": {"enabled": True}},
    {"simulation": {"enabled": True, "num_scenarios": 5, "policy_type": "inner"}},
])
def test_a_bound_that_no_slope_allows_is_refused_before_the_training(settings, tmp_path):
    case = truncated(tmp_path)
    config = json.loads((case / "config.json").read_text()) | settings
    (case / "config.json").write_text(json.dumps(config))
    refused = worker("train", case, "--output", tmp_path / "run", "--iterations", 2, code=65)
    assert "568" in refused.stderr and "fallback_value" in refused.stderr
    assert not (tmp_path / "run").exists()
    # With a slope it runs to its end.
    config["upper_bound_evaluation"] = {"enabled": True, "lipschitz": {"fallback_value": 1e6}}
    (case / "config.json").write_text(json.dumps(config))
    worker("train", case, "--output", tmp_path / "run", "--iterations", 2)


def test_scenarios_as_an_option_are_refused_before_the_training(tmp_path):
    case = truncated(tmp_path)
    config = json.loads((case / "config.json").read_text()) | {"simulation": {"enabled": False, "policy_type": "inner"}}
    (case / "config.json").write_text(json.dumps(config))
    worker("train", case, "--output", tmp_path / "plain", "--iterations", 2)
    refused = worker("train", case, "--output", tmp_path / "run", "--iterations", 2, "--simulate", 5, code=64)
    assert "fallback_value" in refused.stderr and not (tmp_path / "run").exists()


@pytest.mark.parametrize(("words", "code"), [
    (["export", "NONE", "OUT"], 64), (["diagnose", "NONE"], 64), (["compare", "RUN", "NONE"], 64), (["report", "NONE", "--output", "OUT"], 64),
    (["explain-price", "NONE"], 64), (["explain-cost", "NONE"], 64), (["explain-violation", "NONE"], 64), (["status", "NONE"], 64),
    (["simulate", "NONE", "--output", "OUT", "--scenarios", "3"], 64), (["export-cuts", "NONE", "--output", "OUT"], 64),
    (["train", CASE, "--output", "RUN"], 64), (["resume", "RUN"], 64),
    (["train", "NONE", "--output", "OUT"], 65), (["start", "NONE", "--runs-dir", "OUT"], 65), (["estimate", "NONE"], 65),
    (["openings", "NONE"], 65), (["inflow", "NONE", "OUT"], 65), (["describe", "NONE"], 65), (["validate", "NONE"], 65),
    (["show", "NONE"], 65), (["copy", "NONE", "OUT"], 65), (["table", "dump", "RUN/run.json"], 65),
    (["inflow", CASE, "/proc/none"], 74), (["export", "RUN", "/proc/none"], 74), (["report", "RUN", "--output", "/proc/none"], 74),
    (["start", CASE, "--runs-dir", "/proc/none"], 74), (["train", CASE, "--output", "/proc/none"], 74),
    (["export-cuts", "RUN/policy", "--output", "/proc/none/x"], 74), (["table", "schema", "NONE"], 74),
], ids=lambda value: "-".join(str(word).rsplit("/", 1)[-1] for word in value) if isinstance(value, list) else str(value))
def test_exit_codes_are_those_of_the_document(words, code, tmp_path):
    if "RUN" in " ".join(map(str, words)):
        worker("train", CASE, "--output", tmp_path / "run", "--iterations", 2)
    names = {"RUN": tmp_path / "run", "NONE": tmp_path / "none", "OUT": tmp_path / "out"}
    spelt = [str(word) for word in words]
    for name, path in names.items():
        spelt = [word.replace(name, str(path)) if word.startswith(name) else word for word in spelt]
    done = worker(*spelt, code=code)
    # A sentence, and no dump of an error object.
    assert (done.stderr or done.stdout).strip() and "Domain=" not in done.stderr
    assert f"| {code} |" in (ROOT / "Documentation/Runs.md").read_text()


def test_a_reader_that_goes_away_ends_no_training(tmp_path):
    """What cannot be printed is lost; what is computed is not."""
    run = tmp_path / "run"
    process = subprocess.Popen(
        [WORKER, "train", CASE, "--output", run, "--iterations", "40"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout.readline().startswith(b"cobre-worker")
    process.stdout.close()
    errors = process.stderr.read()
    assert (process.wait(120), errors) == (0, b"")
    process.stderr.close()
    assert len(bits(run)[0]) == 40


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
@pytest.mark.parametrize("words", [
    ["train", CASE, "--iterations", "2", "--output", "run"], ["describe", CASE], ["validate", CASE], ["openings", CASE], ["format"],
    ["train", CASE, "--iterations", "2", "--log", "csv", "--output", "run"], ["capabilities"]])
def test_a_full_disk_of_the_reader_is_said_in_the_end(words, tmp_path):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([WORKER, *map(str, words)], stdout=full, stderr=subprocess.PIPE, cwd=tmp_path, timeout=120)
    assert done.returncode == 74, done.stderr
    assert b"could not be written to stdout: No space left on device" in done.stderr
    if words[0] == "train":
        assert len(bits(tmp_path / "run")[0]) == 2
