#!/usr/bin/env python3
"""Writes a case that takes dozens of iterations: scarce water, small reservoirs, seasonal and very variable inflow.

All numbers are invented. Areas meet most of their load by cascades whose reservoirs hold a month or two of a wet season's inflow,
lines between them are limited, thermals cover half of the load at rising costs, and what is missing is a dear deficit. Inflows
follow a first-order model by month, correlated within a cascade. The same arguments write the same files.

    python3 scarce_case.py OUT [--hydros 30] [--stages 12] [--openings 10] [--deviation 0.2] [--memory 0.2] [--seed 1]
"""
import argparse, calendar, math, random

from production_case import dump, table

CASCADE = 5
# hm³ of a flow of 1 m³/s in a mean month.
MONTH = 0.0036 * 730.5


class Plant:
    def __init__(self, rng, number, areas):
        self.number, self.place = number, number % CASCADE
        self.cascade = number // CASCADE
        self.area = self.cascade % areas
        self.inflow = rng.uniform(60, 220) if self.place == 0 else rng.uniform(10, 90)
        self.productivity = rng.uniform(0.3, 1.0)
        self.has_storage = self.place in (0, 2)
        self.months = rng.uniform(1.0, 2.5)
        self.phase = 2 * math.pi * rng.uniform(-1, 1) / 12 + math.pi * (self.area % 2) / 2

    def mean(self, stage):
        """Of the inflow between this plant and the one above, m³/s."""
        return self.inflow * (1 + 0.75 * math.cos(2 * math.pi * stage / 12 - self.phase))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--hydros", type=int, default=30, help=f"a multiple of {CASCADE}")
    parser.add_argument("--stages", type=int, default=12)
    parser.add_argument("--openings", type=int, default=10)
    parser.add_argument("--deviation", type=float, default=0.2, help="standard deviation of an inflow over its mean")
    parser.add_argument("--memory", type=float, default=0.2, help="coefficient of the month before")
    parser.add_argument("--lines", type=float, default=0.4, help="capacity of a line over the load of an area")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.hydros % CASCADE or min(arguments.hydros, arguments.stages, arguments.openings) < 1:
        parser.error(f"hydros come in cascades of {CASCADE}; there is at least one stage and one opening")
    out, rng, stages = arguments.out, random.Random(arguments.seed), arguments.stages
    areas = max(1, min(6, arguments.hydros // 10))
    plants = [Plant(rng, number, areas) for number in range(arguments.hydros)]
    flows, energy = [], [0.0] * areas
    for plant in plants:
        above = flows[-1] if plant.place else 0.0
        flows.append(above + plant.inflow)
        energy[plant.area] += plant.productivity * flows[-1]
    load = [mean / 0.72 for mean in energy]

    dump(out, "config.json", {
        "training": {"tree_seed": 7, "forward_passes": 4, "stopping_rules": [{"type": "iteration_limit", "limit": 100}]},
        "modeling": {"inflow_non_negativity": {"method": "penalty"}}})
    dump(out, "penalties.json", {
        "bus": {"deficit_segments": [{"depth_mw": 0.05 * load[0], "cost": 1200.0}, {"depth_mw": None, "cost": 4000.0}],
                "excess_cost": 0.1},
        "line": {"exchange_cost": 0.1},
        "hydro": {
            "spillage_cost": 0.01, "fpha_turbined_cost": 0.02, "diversion_cost": 0.05,
            "storage_violation_below_cost": 9000.0, "filling_target_violation_cost": 9000.0,
            "turbined_violation_below_cost": 600.0, "outflow_violation_below_cost": 500.0,
            "outflow_violation_above_cost": 500.0, "generation_violation_below_cost": 800.0,
            "evaporation_violation_cost": 900.0, "water_withdrawal_violation_cost": 900.0,
            "inflow_nonnegativity_cost": 5000.0},
        "non_controllable_source": {"curtailment_cost": 0.01}})
    hours = [24 * calendar.monthrange(2027 + t // 12, t % 12 + 1)[1] for t in range(stages)]
    day = lambda t: f"{2027 + t // 12}-{t % 12 + 1:02}-01"
    dump(out, "stages.json", {
        "policy_graph": {"type": "finite_horizon", "annual_discount_rate": 0.06},
        "season_definitions": {
            "cycle_type": "monthly",
            "seasons": [{"id": m, "label": calendar.month_abbr[m + 1], "month_start": m + 1} for m in range(12)]},
        "pre_study_stages": [{"id": -1, "start_date": day(-1), "end_date": day(0), "season_id": 11}],
        "stages": [{
            "id": t, "start_date": day(t), "end_date": day(t + 1), "season_id": t % 12,
            "num_scenarios": 1 if t == 0 else arguments.openings, "blocks": [{"id": 0, "name": "ALL", "hours": hours[t]}]}
            for t in range(stages)]})

    hydros, volumes, past = [], [], []
    for plant, flow in zip(plants, flows):
        top = round(plant.months * flow * MONTH, 1) if plant.has_storage else 0.0
        most = round(1.5 * flow, 1)
        volumes.append({"hydro_id": plant.number, "value_hm3": round(0.45 * top, 1)})
        past.append({"hydro_id": plant.number, "values_m3s": [round(0.8 * plant.mean(-1), 2)]})
        hydros.append({
            "id": plant.number, "name": f"H{plant.number:02}", "bus_id": plant.area,
            "downstream_id": None if plant.place == CASCADE - 1 else plant.number + 1,
            "reservoir": {"min_storage_hm3": 0.0, "max_storage_hm3": top},
            "outflow": {"min_outflow_m3s": round(0.15 * flow, 1), "max_outflow_m3s": None},
            "generation": {
                "model": "constant_productivity", "productivity_mw_per_m3s": round(plant.productivity, 4),
                "min_turbined_m3s": 0.0, "max_turbined_m3s": most, "min_generation_mw": 0.0,
                "max_generation_mw": round(plant.productivity * most, 2)}})
    dump(out, "initial_conditions.json", {"storage": volumes, "filling_storage": [], "past_inflows": past})
    dump(out, "system/hydros.json", {"hydros": hydros})
    dump(out, "system/buses.json", {"buses": [{"id": b, "name": f"AREA {b}"} for b in range(areas)]})
    pairs = [(b, (b + 1) % areas) for b in range(areas if areas > 2 else areas - 1)]
    dump(out, "system/lines.json", {"lines": [
        {"id": n, "name": f"LINE {n}", "source_bus_id": a, "target_bus_id": b, "losses_percent": 3.0,
         "capacity": {"direct_mw": round(arguments.lines * load[a], 1), "reverse_mw": round(arguments.lines * load[b], 1)}}
        for n, (a, b) in enumerate(pairs)]})
    thermals = []
    for area in range(areas):
        for step in range(10):
            thermals.append({
                "id": len(thermals), "name": f"T{len(thermals):02}", "bus_id": area,
                "cost_per_mwh": round(40 * 1.42 ** step * rng.uniform(0.9, 1.1), 2),
                "generation": {"min_mw": 0.0, "max_mw": round(0.05 * load[area], 1)}})
    dump(out, "system/thermals.json", {"thermals": thermals})

    table(out, "scenarios/inflow_seasonal_stats.csv", "hydro_id,stage_id,mean_m3s,std_m3s", [
        f"{p.number},{t},{p.mean(t):.4f},{arguments.deviation * p.mean(t):.4f}" for p in plants for t in range(-1, stages)])
    table(out, "scenarios/inflow_ar_coefficients.csv", "hydro_id,stage_id,lag,coefficient,residual_std_ratio", [
        f"{p.number},{t},1,{arguments.memory},{math.sqrt(1 - arguments.memory ** 2):.6f}" for p in plants for t in range(stages)])
    members = [list(range(first, first + CASCADE)) for first in range(0, arguments.hydros, CASCADE)]
    dump(out, "scenarios/correlation.json", {"method": "spectral", "profiles": {"default": {"correlation_groups": [
        {"name": f"CASCADE {n}", "entities": [{"type": "inflow", "id": h} for h in group],
         "matrix": [[1.0 if a == b else 0.7 for b in group] for a in group]} for n, group in enumerate(members)]}}})
    table(out, "scenarios/load_seasonal_stats.csv", "bus_id,stage_id,mean_mw,std_mw", [
        f"{b},{t},{load[b] * (1 + 0.06 * math.cos(2 * math.pi * (t + 6) / 12)):.2f},0"
        for b in range(areas) for t in range(stages)])


if __name__ == "__main__":
    main()
