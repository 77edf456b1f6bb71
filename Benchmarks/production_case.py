#!/usr/bin/env python3
"""Writes a case of production size: 60 months, 160 hydros, 130 thermals, 5 areas, 3 blocks, 80 years of inflow history.

All numbers are invented, with the sizes and proportions of a large hydrothermal system. The same seed writes the same
files.

    python3 production_case.py OUT            the inflow model is estimated from the history
    python3 production_case.py OUT --given    means, deviations and first-order coefficients are given beside it
    python3 production_case.py OUT --hydros 30 --thermals 60 --stages 24   the same kind of system, smaller
"""
import argparse, calendar, json, math, os, random

STAGES, HYDROS, THERMALS, BUSES, YEARS, FIRST = 60, 160, 130, 5, 80, 1946
BASINS = HYDROS // 10


def write(out, name, text):
    path = os.path.join(out, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", newline="\n") as file:
        file.write(text)


def dump(out, name, value):
    write(out, name, json.dumps(value, indent=1) + "\n")


def table(out, name, header, rows):
    write(out, name, "\n".join([header, *rows]) + "\n")


def stages():
    result = []
    for t in range(STAGES):
        year, month = 2027 + t // 12, t % 12 + 1
        hours = 24 * calendar.monthrange(year, month)[1]
        parts = [round(0.2 * hours), round(0.45 * hours)]
        blocks = [*parts, hours - sum(parts)]
        after = f"{year + month // 12}-{month % 12 + 1:02}-01"
        result.append({
            "id": t, "start_date": f"{year}-{month:02}-01", "end_date": after, "season_id": month - 1, "num_scenarios": 20,
            "blocks": [{"id": k, "name": n, "hours": h} for k, (n, h) in enumerate(zip(("PEAK", "MIDDLE", "LOW"), blocks))]})
    return result


def hydros(rng):
    """Cascades of ten plants, each with a few large reservoirs and the others run of river."""
    plants, geometry = [], []
    for h in range(HYDROS):
        place = h % (HYDROS // BASINS)
        last = place == HYDROS // BASINS - 1
        flow = round(rng.uniform(80, 250) * (1 + 0.35 * place), 1)
        productivity = round(rng.uniform(0.25, 1.1), 4)
        reservoir = place % 3 == 0
        top = round(rng.uniform(800, 12000), 1) if reservoir else round(rng.uniform(20, 200), 1)
        low = round(0.3 * top, 1) if reservoir else top
        plant = {
            "id": h, "name": f"H{h:03}", "bus_id": h // (HYDROS // BUSES), "downstream_id": None if last else h + 1,
            "reservoir": {"min_storage_hm3": low, "max_storage_hm3": top},
            "outflow": {"min_outflow_m3s": round(0.15 * flow, 1), "max_outflow_m3s": None},
            "generation": {
                "model": "constant_productivity", "productivity_mw_per_m3s": productivity, "min_turbined_m3s": 0.0,
                "max_turbined_m3s": flow, "min_generation_mw": 0.0, "max_generation_mw": round(productivity * flow, 2)},
            "hydraulic_losses": {"type": "factor", "value": 0.02}, "efficiency": {"type": "constant", "value": 0.92}}
        base = rng.uniform(10, 900)
        head = productivity / (9.81e-3 * 0.92 * 0.98)
        plant["tailrace"] = {"type": "polynomial", "coefficients": [round(base, 2), 0.003, -1e-7]}
        points = 5 if reservoir else 2
        for i in range(points):
            share = i / (points - 1)
            volume = low + share * (top - low) if reservoir else top * (0.9 + 0.1 * share)
            height = base + head * (0.85 + 0.25 * math.sqrt(share))
            geometry.append(f"{h},{volume:.3f},{height:.3f},{0.02 * top * (0.4 + 0.6 * share):.4f}")
        if reservoir:
            plant["evaporation"] = {"coefficients_mm": [round(rng.uniform(20, 160), 1) for _ in range(12)]}
        plants.append(plant)
    return plants, geometry


def inflows(rng, plants):
    """Monthly history with a wet season and a memory, and its statistics."""
    history, statistics = [], []
    for plant in plants:
        mean = plant["generation"]["max_turbined_m3s"] * (0.55 if plant["id"] % (HYDROS // BASINS) == 0 else 0.12)
        wet = [mean * (1 + 0.6 * math.cos(2 * math.pi * (m - 1) / 12)) for m in range(12)]
        noise, values = 0.0, [[] for _ in range(12)]
        for year in range(FIRST, FIRST + YEARS):
            for month in range(12):
                noise = 0.6 * noise + 0.8 * rng.gauss(0, 1)
                value = round(wet[month] * math.exp(0.3 * noise - 0.045), 2)
                values[month].append(value)
                history.append(f"{plant['id']},{year}-{month + 1:02}-01,{value}")
        for month in range(12):
            average = sum(values[month]) / YEARS
            deviation = math.sqrt(sum((x - average) ** 2 for x in values[month]) / YEARS)
            statistics.append((plant["id"], month, average, deviation))
    return history, statistics


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--given", action="store_true", help="give the inflow model beside the history")
    parser.add_argument("--hydros", type=int, default=HYDROS, help="a multiple of 10, at most 160")
    parser.add_argument("--thermals", type=int, default=THERMALS)
    parser.add_argument("--stages", type=int, default=STAGES)
    arguments = parser.parse_args()
    if arguments.hydros % 10 or not 10 <= arguments.hydros <= 160 or arguments.thermals < 1 or arguments.stages < 1:
        parser.error("hydros come in cascades of 10, up to 160; there is at least one thermal and one stage")
    globals().update(HYDROS=arguments.hydros, BASINS=arguments.hydros // 10, THERMALS=arguments.thermals,
                     STAGES=arguments.stages)
    out, rng = arguments.out, random.Random(arguments.seed)
    plants, geometry = hydros(rng)
    history, statistics = inflows(rng, plants)
    periods = stages()

    dump(out, "config.json", {
        "training": {"tree_seed": 7, "forward_passes": 8, "stopping_rules": [{"type": "iteration_limit", "limit": 50}]},
        "modeling": {"inflow_non_negativity": {"method": "penalty"}}})
    dump(out, "penalties.json", {
        "bus": {"deficit_segments": [{"depth_mw": 500.0, "cost": 1500.0}, {"depth_mw": None, "cost": 3000.0}],
                "excess_cost": 0.1},
        "line": {"exchange_cost": 0.05},
        "hydro": {
            "spillage_cost": 0.01, "fpha_turbined_cost": 0.02, "diversion_cost": 0.05,
            "storage_violation_below_cost": 5000.0, "filling_target_violation_cost": 9000.0,
            "turbined_violation_below_cost": 600.0, "outflow_violation_below_cost": 700.0,
            "outflow_violation_above_cost": 700.0, "generation_violation_below_cost": 800.0,
            "evaporation_violation_cost": 900.0, "water_withdrawal_violation_cost": 900.0,
            "inflow_nonnegativity_cost": 1000.0},
        "non_controllable_source": {"curtailment_cost": 0.01}})
    dump(out, "stages.json", {
        "policy_graph": {"type": "finite_horizon", "annual_discount_rate": 0.08},
        "season_definitions": {
            "cycle_type": "monthly",
            "seasons": [{"id": m, "label": calendar.month_abbr[m + 1], "month_start": m + 1} for m in range(12)]},
        "pre_study_stages": [
            {"id": -1, "start_date": "2026-12-01", "end_date": "2027-01-01", "season_id": 11}],
        "stages": periods})
    dump(out, "initial_conditions.json", {
        "storage": [{"hydro_id": p["id"], "value_hm3": round(
            0.5 * (p["reservoir"]["min_storage_hm3"] + p["reservoir"]["max_storage_hm3"]), 1)} for p in plants],
        "filling_storage": [],
        "past_inflows": [{"hydro_id": p["id"], "values_m3s": [
            round(0.3 * p["generation"]["max_turbined_m3s"] * rng.uniform(0.6, 1.4), 1) for _ in range(12)]}
            for p in plants]})
    dump(out, "system/buses.json", {"buses": [{"id": b, "name": f"AREA {b}"} for b in range(BUSES)]})
    dump(out, "system/lines.json", {"lines": [
        {"id": b, "name": f"LINE {b}", "source_bus_id": b, "target_bus_id": (b + 1) % BUSES, "losses_percent": 2.0,
         "capacity": {"direct_mw": 4000.0, "reverse_mw": 3500.0}} for b in range(BUSES)]})
    dump(out, "system/hydros.json", {"hydros": plants})
    thermals = []
    for n in range(THERMALS):
        least = round(rng.uniform(20, 150), 1) if rng.random() < 0.25 else 0.0
        thermals.append({
            "id": n, "name": f"T{n:03}", "bus_id": n % BUSES, "cost_per_mwh": round(rng.uniform(40, 1100), 2),
            "generation": {"min_mw": least, "max_mw": round(least + rng.uniform(50, 700), 1)}})
    dump(out, "system/thermals.json", {"thermals": thermals})
    # A third of the large plants with a head that matters, by planes fitted from the geometry.
    fitted = [p for p in plants if "evaporation" in p][::3]
    dump(out, "system/hydro_production_models.json", {"production_models": [
        {"hydro_id": p["id"], "selection_mode": "stage_ranges", "stage_ranges": [
            {"start_stage_id": 0, "end_stage_id": min(23, STAGES - 1), "model": "fpha", "fpha_config": {"source": "computed"}}]}
        for p in fitted]})
    table(out, "system/hydro_geometry.csv", "hydro_id,volume_hm3,height_m,area_km2", geometry)
    table(out, "scenarios/inflow_history.csv", "hydro_id,date,value_m3s", history)
    if arguments.given:
        by_month = {(h, m): (mean, deviation) for h, m, mean, deviation in statistics}
        rows, coefficients = [], []
        for p in plants:
            for t in range(-1, STAGES):
                mean, deviation = by_month[p["id"], t % 12]
                rows.append(f"{p['id']},{t},{mean:.4f},{deviation:.4f}")
                if t >= 0:
                    coefficients.append(f"{p['id']},{t},1,0.6,0.8")
        table(out, "scenarios/inflow_seasonal_stats.csv", "hydro_id,stage_id,mean_m3s,std_m3s", rows)
        table(out, "scenarios/inflow_ar_coefficients.csv",
              "hydro_id,stage_id,lag,coefficient,residual_std_ratio", coefficients)
    capacity = sum(p["generation"]["max_generation_mw"] for p in plants) / BUSES
    table(out, "scenarios/load_seasonal_stats.csv", "bus_id,stage_id,mean_mw,std_mw", [
        f"{b},{t},{capacity * (0.75 + 0.05 * math.sin(2 * math.pi * t / 12)) * 1.02 ** (t / 12):.2f},0"
        for b in range(BUSES) for t in range(STAGES)])
    dump(out, "scenarios/load_factors.json", {"load_factors": [
        {"bus_id": b, "stage_id": t, "block_factors": [
            {"block_id": 0, "factor": 1.15}, {"block_id": 1, "factor": 1.05}, {"block_id": 2, "factor": 0.85}]}
        for b in range(BUSES) for t in range(STAGES)]})
    table(out, "constraints/thermal_bounds.csv", "thermal_id,stage_id,max_generation_mw", [
        f"{n['id']},{t},{0.7 * n['generation']['max_mw'] + 0.3 * n['generation']['min_mw']:.1f}"
        for n in thermals for t in range(n["id"] % 12, STAGES, 12)])
    table(out, "constraints/hydro_bounds.csv", "hydro_id,stage_id,water_withdrawal_m3s", [
        f"{p['id']},{t},{0.01 * p['generation']['max_turbined_m3s']:.3f}"
        for p in plants if p["id"] % 4 == 0 for t in range(STAGES)])
    dump(out, "constraints/generic_constraints.json", {"constraints": [
        {"id": b, "name": f"EXPORT OF AREA {b}", "sense": "<=", "slack": {"enabled": True, "penalty": 300.0},
         "expression": f"line_exchange({b}) - line_exchange({(b - 1) % BUSES})"} for b in range(BUSES)]})
    table(out, "constraints/generic_constraint_bounds.csv", "constraint_id,stage_id,bound", [
        f"{b},{t},5000" for b in range(BUSES) for t in range(STAGES)])


if __name__ == "__main__":
    main()
