"""Random cases of Novomodelo 0.19: small systems in which the features of the format meet.

`draft(seed)` gives the case of a number, always the same, with the names of its features.
"""

import random

from novomodelo_draft import SINCE, Draft, day, hours, shifted
from novomodelo_register import features_of

PRICES = {
    "bus": {"deficit_segments": [{"depth_mw": None, "cost": 900.0}], "excess_cost": 0.5}, "line": {"exchange_cost": 0.1},
    "non_controllable_source": {"curtailment_cost": 0.005},
    "hydro": {
        "spillage_cost": 0.01, "turbined_cost": 0.003, "diversion_cost": 0.02, "storage_violation_below_cost": 2000.0,
        "filling_target_violation_cost": 400.0, "turbined_violation_below_cost": 300.0, "outflow_violation_below_cost": 320.0,
        "outflow_violation_above_cost": 340.0, "generation_violation_below_cost": 350.0, "evaporation_violation_cost": 400.0,
        "water_withdrawal_violation_cost": 380.0}}


def calendar(rng):
    """Starts of the stages and of what follows, with whether they have seasons."""
    way = rng.choice(["months", "months", "months", "weeks", "weeks then month", "month then weeks"])
    count = rng.choice([2, 3, 3, 4])
    month = rng.randint(1, 12)
    starts = [f"2027-{month:02}-01" if way in ("months", "month then weeks") else f"2027-{month:02}-{rng.randint(1, 28):02}"]

    def after_month(start):
        year, number, _ = (int(part) for part in start.split("-"))
        return f"{year + number // 12}-{number % 12 + 1:02}-01"

    for index in range(count):
        is_month = way == "months" or (way == "weeks then month" and index == count - 1) or (
            way == "month then weeks" and index == 0)
        if not is_month:
            starts.append(shifted(starts[-1], 7))
        elif way == "weeks then month":
            starts.append(shifted(starts[-1], 30))
        else:
            starts.append(after_month(starts[-1]))
    return way, starts


def stage(rng, number, start, end, openings, has_seasons):
    total = 24.0 * (day(end) - day(start)).days
    if total > 600 and rng.random() < 0.2:
        total = 730.0
    count = rng.choice([1, 1, 2, 3])
    parts = [total / count + rng.uniform(-0.2, 0.2) * total / count for _ in range(count - 1)]
    parts.append(total - sum(parts))
    document = {
        "id": number, "start_date": start, "end_date": end, "num_openings": openings,
        "blocks": [{"id": k, "name": f"B{k}", "hours": round(part, 3)} for k, part in enumerate(parts)]}
    if rng.random() < 0.3:
        document["block_mode"] = rng.choice(["parallel", "chronological"])
    if has_seasons and rng.random() < 0.5:
        document["season_id"] = day(start).month - 1
    if rng.random() < 0.2:
        document["risk_measure"] = {"cvar": {"alpha": rng.choice([0.3, 0.5, 1.0]), "lambda": rng.choice([0.2, 0.7, 1.0])}}
    if rng.random() < 0.1:
        document["annual_discount_rate_override"] = rng.choice([0.0, 0.3])
    return document


def base(rng):
    """A system of one to three buses with thermal plants and reservoirs, and nothing else."""
    case = Draft()
    way, starts = calendar(rng)
    has_seasons = way == "months" or rng.random() < 0.5
    # A week and a month in one season are refused over there.
    lengths = {}
    for start, end in zip(starts, starts[1:]):
        lengths.setdefault(start[5:7], set()).add((day(end) - day(start)).days > 7)
    has_seasons = has_seasons and all(len(kinds) == 1 for kinds in lengths.values())
    openings = rng.choice([1, 1, 2, 3])
    first, step = rng.choice([(0, 1), (0, 1), (0, 1), (3, 1)])
    stages = [
        stage(rng, first + step * index, start, end, openings if index else rng.choice([1, openings]), has_seasons)
        for index, (start, end) in enumerate(zip(starts, starts[1:]))]
    graph = {"type": "finite_horizon", "annual_discount_rate": rng.choice([0.0, 0.0, 0.12])}
    case.documents["stages.json"] = {"policy_graph": graph, "stages": stages}
    if has_seasons:
        case.documents["stages.json"]["season_definitions"] = {
            "cycle_type": "monthly", "seasons": [{"id": m, "label": str(m), "month_start": m + 1} for m in range(12)]}
    case.documents["config.json"] = {
        "training": {
            "tree_seed": rng.randint(1, 1000), "selection": {"method": "sampled", "forward_passes": rng.choice([1, 2, 4])},
            "stopping_rules": [{"type": "iteration_limit", "limit": 20 if openings == 1 else 120}]},
        "modeling": {"inflow_non_negativity": {"method": "none"}}}
    case.documents["penalties.json"] = PRICES
    case.documents["initial_conditions.json"] = {"storage": [], "filling_storage": []}
    for name in ("buses", "lines", "thermals", "hydros"):
        case.entities(name)
    buses = rng.choice([1, 2, 2, 3])
    for index in range(buses):
        bus = {"id": index + 1, "name": f"B{index}", "operational_start_date": SINCE}
        if rng.random() < 0.2:
            bus["deficit_segments"] = [{"depth_mw": rng.uniform(3, 20), "cost": 400.0}, {"depth_mw": None, "cost": 950.0}]
        case.entities("buses").append(bus)
        for each in stages:
            deviation = rng.uniform(1, 6) if openings > 1 and index == 0 and seed_of(case) % 3 == 0 else 0.0
            case.add("scenarios/load_seasonal_stats", bus_id=index + 1, stage_id=each["id"], mean_mw=rng.uniform(40, 75) + (0 if index else 18),
                     std_mw=deviation)
        if index:
            case.entities("lines").append({
                "id": index, "name": f"L{index}", "operational_start_date": SINCE, "source_bus_id": index,
                "target_bus_id": index + 1, "losses_percent": rng.choice([0.0, 5.0]),
                "capacity": {"direct_mw": rng.uniform(8, 30), "reverse_mw": rng.uniform(4, 25)}})
    # What runs anyway makes every stage cost money: below 0 the future costs of the two programs part (finding 626).
    case.entities("thermals").append({
        "id": 9, "name": "BASE", "operational_start_date": SINCE, "bus_id": 1, "cost_per_mwh": 140.0,
        "generation": {"min_mw": 18.0, "max_mw": 18.0}})
    for index in range(buses + rng.randint(1, 2)):
        case.entities("thermals").append({
            "id": 10 + index, "name": f"T{index}", "operational_start_date": rng.choice([SINCE, "1990-05-05"]),
            "bus_id": 1 + index % buses, "cost_per_mwh": rng.uniform(30, 150),
            "generation": {"min_mw": rng.choice([0.0, 0.0, 2.0]), "max_mw": rng.uniform(15, 40)}})
    hydros(rng, case, buses, openings)
    return case


def seed_of(case):
    return case.documents["config.json"]["training"]["tree_seed"]


def hydros(rng, case, buses, openings):
    count = rng.choice([1, 2, 3, 3])
    models = case.documents.setdefault("system/hydro_production_models.json", {"production_models": []})["production_models"]
    for index in range(count):
        turbined, power = rng.uniform(35, 70), rng.uniform(30, 60)
        limits = {"min_turbined_m3s": 0.0, "max_turbined_m3s": turbined, "min_generation_mw": 0.0, "max_generation_mw": power}
        low = rng.choice([0.0, 10.0])
        high = low + rng.uniform(60, 200)
        number = 7 + index
        case.entities("hydros").append({
            "id": number, "name": f"H{index}", "operational_start_date": rng.choice([SINCE, SINCE, "1995-01-01"]),
            "downstream_id": number + 1 if index + 1 < count else None,
            "reservoir": {"min_storage_hm3": low, "max_storage_hm3": high},
            "outflow": {"min_outflow_m3s": rng.choice([0.0, 0.0, 6.0]), "max_outflow_m3s": rng.choice([None, None, 160.0])},
            "generation": {"model": "constant_productivity", **limits},
            "unit_groups": [{"id": 1, "name": "G", "bus_id": 1 + index % buses, **limits}]})
        models.append({"hydro_id": number, "selection_mode": "stage_ranges", "stage_ranges": [
            {"start_stage_id": case.stages[0]["id"], "end_stage_id": None, "model": "constant_productivity",
             "productivity_mw_per_m3s": rng.uniform(0.6, 1.1)}]})
        case.initial["storage"].append({"hydro_id": number, "value_hm3": rng.uniform(low, (low + high) / 2)})
        for each in case.stages:
            case.add("scenarios/inflow_seasonal_stats", hydro_id=number, stage_id=each["id"], mean_m3s=rng.uniform(10, 30),
                     std_m3s=rng.uniform(0.5, 3) if openings > 1 else 0.0)


def draft(seed):
    """The case of a number, and what is in it."""
    rng = random.Random(f"novomodelo {seed}")
    case = base(rng)
    features = features_of(seed)
    names = [name for name in features if rng.random() < features[name][0]]
    # Every feature is met: each takes its turn for sure.
    names.append(list(features)[seed % len(features)])
    present = []
    for name in features:
        if name in names and features[name][1](rng, case) is not False:
            present.append(name)
    shape = "+".join(sorted({str(each.get("block_mode", "parallel"))[:4] for each in case.stages}))
    lengths = "/".join(str(round(hours(each))) for each in case.stages)
    openings = "/".join(str(each.get("num_openings", "-")) for each in case.stages)
    return case, [f"stages {lengths} h", shape, f"openings {openings}", *present]
