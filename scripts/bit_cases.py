#!/usr/bin/env python3
"""Writes small cases that together pass through every part of the algorithm, derived from those in `examples/`.

`record-bits.py --variants` trains them. Usage on its own: bit_cases.py DIRECTORY
"""

import json
import pathlib
import shutil
import sys

EXAMPLES = pathlib.Path(__file__).resolve().parent.parent / "examples"
CVAR = {"cvar": {"alpha": 0.3, "lambda": 0.6}}
SEASONS = {"cycle_type": "monthly", "seasons": [
    {"id": month - 1, "label": str(month), "month_start": month} for month in range(1, 13)]}


class Draft:
    """A copy of an example whose files can be changed."""

    def __init__(self, directory: pathlib.Path, name: str, example: str):
        self.path = directory / name
        shutil.copytree(EXAMPLES / example, self.path)
        (self.path / "expected.json").unlink()
        self.config(simulation={"enabled": True})

    def read(self, file: str):
        return json.loads((self.path / file).read_text())

    def write(self, file: str, content) -> None:
        text = content if isinstance(content, str) else json.dumps(content, indent=1)
        (self.path / file).parent.mkdir(exist_ok=True)
        (self.path / file).write_text(text)

    def config(self, **sections) -> "Draft":
        config = self.read("config.json")
        for name, changes in sections.items():
            config[name] = config.get(name, {}) | changes
        self.write("config.json", config)
        return self

    def training(self, **changes) -> "Draft":
        return self.config(training=changes)

    def stages(self, change) -> "Draft":
        document = self.read("stages.json")
        change(document)
        self.write("stages.json", document)
        return self

    def table(self, name: str, header: str, rows) -> "Draft":
        self.write(name, header + "\n" + "".join(",".join(map(str, row)) + "\n" for row in rows))
        return self

    def averse(self) -> "Draft":
        def change(document):
            for stage in document["stages"]:
                stage["risk_measure"] = CVAR

        return self.stages(change)

    def shorten(self, count: int) -> "Draft":
        def change(document):
            del document["stages"][count:]

        for file in (self.path / "scenarios").glob("*.csv"):
            lines = file.read_text().splitlines()
            column = lines[0].split(",").index("stage_id")
            file.write_text("\n".join(
                [lines[0]] + [line for line in lines[1:] if int(line.split(",")[column]) < count]) + "\n")
        factors = self.path / "scenarios" / "load_factors.json"
        if factors.exists():
            document = json.loads(factors.read_text())
            for entries in document.values():
                if isinstance(entries, list):
                    entries[:] = [entry for entry in entries if entry["stage_id"] < count]
            self.write("scenarios/load_factors.json", document)
        return self.stages(change)

    def graph(self, kind: str, arcs, rate: float) -> "Draft":
        def change(document):
            document["policy_graph"] = {
                "type": kind, "annual_discount_rate": rate,
                "transitions": [{"source_id": s, "target_id": t, "probability": p} for s, t, p in arcs]}

        return self.stages(change)

    def branch(self) -> "Draft":
        """Some stages are skipped by some trajectories."""
        count = len(self.read("stages.json")["stages"])
        arcs = [(s, s + 1, 0.6 if s + 2 < count else 1.0) for s in range(count - 1)]
        return self.graph("finite_horizon", arcs + [(s, s + 2, 0.4) for s in range(count - 2)], 0.1)

    def cycle(self, rate: float = 100.0) -> "Draft":
        count = len(self.read("stages.json")["stages"])
        return self.graph("cyclic", [(s, (s + 1) % count, 1.0) for s in range(count)], rate)

    def seasonal(self) -> "Draft":
        def change(document):
            document["season_definitions"] = SEASONS
            for stage in document["stages"]:
                stage["season_id"] = int(stage["start_date"][5:7]) - 1

        return self.stages(change)

    def hydros(self) -> list:
        return [hydro["id"] for hydro in self.read("system/hydros.json")["hydros"]]

    def past(self, lags: int) -> "Draft":
        start = self.read("initial_conditions.json")
        start["past_inflows"] = [
            {"hydro_id": hydro, "values_m3s": [40.0 + (7 * hydro + 5 * lag) % 11 for lag in range(lags)]}
            for hydro in self.hydros()]
        self.write("initial_conditions.json", start)
        return self

    def history(self, years: int) -> "Draft":
        """Past inflows with a memory, by a fixed recursion and a fixed pseudo-random sequence."""
        rows, word = [], 12345
        for hydro in self.hydros():
            value = 0.0
            for month in range(12 * years):
                word = (1103515245 * word + 12345) % (1 << 31)
                value = 0.6 * value + 60.0 * (word / (1 << 31) - 0.5)
                rows.append((hydro, f"{2032 - years + month // 12}-{month % 12 + 1:02d}-01", round(max(5, 45 + hydro / 10 + value), 6)))
        return self.table("scenarios/inflow_history.csv", "hydro_id,date,value_m3s", rows)


def write(directory: pathlib.Path) -> list[pathlib.Path]:
    """Writes all cases below a directory and returns their paths."""
    drafts: list[Draft] = []

    def draft(name: str, example: str = "cascade", stages: int = 6) -> Draft:
        drafts.append(Draft(directory, name, example))
        if example != "single-hydro":
            drafts[-1].shorten(stages)
        return drafts[-1]

    draft("chain")
    draft("cvar").averse()
    draft("multi-cut").training(cut_formulation="multi")
    draft("in-a-box").training(forward_passes=5, trial_region=0.05)
    draft("by-twos").training(forward_passes=5, passes_together=2)
    draft("by-twos-branching").branch().training(forward_passes=5, passes_together=2)
    draft("branching").branch()
    draft("branching-cvar-multi").branch().averse().training(cut_formulation="multi")
    draft("cyclic", stages=3).cycle()
    draft("cyclic-cvar-multi", stages=3).cycle().averse().training(cut_formulation="multi")
    draft("inner", "single-hydro").config(
        upper_bound_evaluation={"enabled": True, "interval_iterations": 2}, simulation={"policy_type": "inner"})
    draft("inner-branching", stages=4).branch().config(
        upper_bound_evaluation={"enabled": True, "lipschitz": {"fallback_value": 90000.0}})
    draft("inner-cyclic", "single-hydro").cycle().config(
        upper_bound_evaluation={"enabled": True, "lipschitz": {"fallback_value": 90000.0}})
    for method in ("level1", "lml1", "domination"):
        draft(f"select-{method}").training(
            cut_selection={"enabled": True, "method": method, "check_frequency": 2, "memory_window": 1})
    draft("select-budget").training(cut_selection={"max_active_per_stage": 9})
    draft("select-cyclic", stages=3).cycle().training(
        cut_selection={"enabled": True, "method": "domination", "check_frequency": 2})
    draft("stopping").training(stopping_rules=[
        {"type": "iteration_limit", "limit": 40},
        {"type": "simulation", "replications": 7, "period": 2, "bound_window": 1, "distance_tol": 1e-9, "bound_tol": 10.0}])

    head = draft("head")
    system = head.read("system/hydros.json")
    for hydro in system["hydros"]:
        hydro["generation"]["model"] = "linearized_head"
    head.write("system/hydros.json", system)
    head.table("system/hydro_geometry.csv", "hydro_id,volume_hm3,height_m,area_km2", [
        (hydro["id"], volume, 100 + 40 * share, 5 + 3 * share)
        for hydro in system["hydros"] for share, volume in
        ((0, hydro["reservoir"]["min_storage_hm3"]), (1, hydro["reservoir"]["max_storage_hm3"]))])

    for annual in (False, True):
        par = draft("par-annual" if annual else "par").seasonal().history(40).past(48)
        (par.path / "scenarios" / "inflow_seasonal_stats.csv").unlink()
        par.config(estimation={"max_order": 3, "order_selection": "pacf_annual" if annual else "pacf"})
    for scheme in ("external", "historical", "out_of_sample"):
        source = draft(scheme).seasonal().history(12).past(1)
        count = len(source.read("stages.json")["stages"])
        source.table("scenarios/inflow_ar_coefficients.csv", "hydro_id,stage_id,lag,coefficient,residual_std_ratio", [
            (hydro, stage, 1, 0.4, 0.9) for hydro in source.hydros() for stage in range(count)])
        if scheme == "external":
            source.table("scenarios/external_inflow_scenarios.csv", "stage_id,scenario_id,hydro_id,value_m3s", [
                (stage, scenario, hydro, 50 + 9 * scenario + stage + hydro / 10)
                for stage in range(count) for scenario in range(5) for hydro in source.hydros()])
        source.training(scenario_source={"seed": 3, "inflow": {"scheme": scheme}})

    boundary = draft("boundary")
    boundary.write("cuts.json", [
        {"node": "1", "multi_cuts": [], "risk_set_cuts": [], "single_cuts": [
            {"intercept": 4e6 + 3e5 * cut, "state": None,
             "coefficients": {f"storage[{hydro}]": -2500.0 - 400.0 * cut - hydro for hydro in boundary.hydros()}}
            for cut in range(3)]}])
    boundary.config(policy={"boundary": {"path": str((boundary.path / "cuts.json").resolve()), "source_stage": 0}})
    return [one.path for one in drafts]


if __name__ == "__main__":
    for path in write(pathlib.Path(sys.argv[1])):
        print(path)
