"""Runs the peer solver (PyPI `cobre-python` 0.5.1) on one case and prints what it took as one line of JSON.

The peer reads tables as Parquet where this project reads CSV, so the case is first written again, table by table.

Usage: peer.py CASE_DIR --threads N [--iterations N]
"""

import argparse
import csv
import json
import pathlib
import shutil
import sys
import tempfile
import time

import pyarrow as pa
import pyarrow.parquet as pq

# Columns that the peer wants as unsigned integers. Other integer columns are ids (int32).
UNSIGNED = {"opening_index", "entity_index"}
INTEGER = {"hydro_id", "bus_id", "line_id", "thermal_id", "stage_id", "block_id", "lag", "ncs_id", "scenario_id",
           "station_id", "contract_id", "source_id", "constraint_id", "plane_id"}


def column(name: str, fields: list[str]) -> pa.Array:
    """One CSV column with the type that the peer's reader expects. An empty field is null."""
    if name in UNSIGNED:
        return pa.array([int(f) if f else None for f in fields], pa.uint32())
    if name in INTEGER:
        return pa.array([int(f) if f else None for f in fields], pa.int32())
    if name == "date":
        return pa.array(fields).cast(pa.date32())
    return pa.array([float(f) if f else None for f in fields], pa.float64())


def convert_table(source: pathlib.Path, target: pathlib.Path) -> None:
    """Writes a CSV table as Parquet, with zstd, the only codec that the peer can read."""
    with source.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.reader(file))
    header, body = rows[0], rows[1:]
    columns = [column(name, [row[i] for row in body]) for i, name in enumerate(header)]
    pq.write_table(pa.table(columns, names=header), target, compression="zstd")


def convert_case(source: pathlib.Path, target: pathlib.Path, iterations: int | None, simulate: bool = False) -> None:
    """Copies a case in the form that the peer reads, with the given number of iterations."""
    for path in sorted(source.rglob("*")):
        if path.is_dir():
            continue
        place = target / path.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".csv":
            convert_table(path, place.with_suffix(".parquet"))
        elif path.suffix == ".json":
            shutil.copy(path, place)
    config_path = target / "config.json"
    config = json.loads(config_path.read_text(encoding="utf-8"))
    if iterations is not None:
        config["training"]["stopping_rules"] = [{"type": "iteration_limit", "limit": iterations}]
    config.setdefault("simulation", {})["enabled"] = simulate
    config_path.write_text(json.dumps(config, indent=2), encoding="utf-8")


def phases(output: pathlib.Path) -> dict:
    """Seconds and solves per phase, summed over the iterations that the peer logged."""
    convergence = pq.read_table(output / "training/convergence.parquet").to_pydict()
    solver = pq.read_table(output / "training/solver/iterations.parquet").to_pydict()
    solves: dict[str, int] = {}
    for phase, count in zip(solver["phase"], solver["lp_solves"]):
        solves[phase] = solves.get(phase, 0) + count
    return {
        "forward_seconds": sum(convergence["time_forward_ms"]) / 1000,
        "backward_seconds": sum(convergence["time_backward_ms"]) / 1000,
        "lp_solves": sum(convergence["lp_solves"]),
        "forward_solves": solves.get("forward", 0),
        "backward_solves": solves.get("backward", 0),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case_dir", type=pathlib.Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--iterations", type=int, default=None)
    parser.add_argument("--keep", type=pathlib.Path, default=None, help="keep the peer's output in this folder")
    arguments = parser.parse_args()

    import cobre.run  # imported late: the conversion can be used without the peer

    with tempfile.TemporaryDirectory() as scratch:
        case = pathlib.Path(scratch) / "case"
        convert_case(arguments.case_dir, case, arguments.iterations)
        output = arguments.keep or pathlib.Path(scratch) / "output"
        begin = time.perf_counter()
        begin_cpu = time.process_time()
        result = cobre.run.run(str(case), output_dir=str(output), threads=arguments.threads)
        seconds = time.perf_counter() - begin
        # The clock of the process counts all its threads.
        answer = {"seconds": seconds, "cpu_seconds": time.process_time() - begin_cpu, "threads": arguments.threads}
        for key, value in dict(result).items():
            answer[key] = value if isinstance(value, (int, float, str, bool, type(None))) else str(value)
        answer.update(phases(output))
        print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
