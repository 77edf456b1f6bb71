"""Keys of random cases that few cases have: prices by direction, mixed production models, rarer terms of constraints, settings."""

from novomodelo_draft import hours, shifted
from novomodelo_features import blocks_of, entry, geometry, productivity_row, window
from novomodelo_noise import is_noisy, rows

PRICES = [
    "spillage_cost", "turbined_cost", "diversion_cost", "storage_violation_below_cost", "filling_target_violation_cost",
    "turbined_violation_below_cost", "outflow_violation_below_cost", "outflow_violation_above_cost",
    "generation_violation_below_cost", "evaporation_violation_cost", "water_withdrawal_violation_cost"]
DIRECTED = [
    "evaporation_violation_pos_cost", "evaporation_violation_neg_cost", "water_withdrawal_violation_pos_cost",
    "water_withdrawal_violation_neg_cost"]


def price(rng, name):
    if name in ("spillage_cost", "turbined_cost", "diversion_cost"):
        return rng.uniform(0.002, 0.05)
    return rng.uniform(150, 500)


def every_price(rng, case):
    """All prices of violations: for the system, of plants and of stages, with one for each direction."""
    prices = case.documents["penalties.json"] = {
        name: dict(value) for name, value in case.documents["penalties.json"].items()}
    prices["hydro"].update({name: price(rng, name) for name in DIRECTED if rng.random() < 0.6})
    if rng.random() < 0.5:
        prices["hydro"]["inflow_nonnegativity_cost"] = rng.uniform(100, 700)
    if rng.random() < 0.5:
        prices["bus"]["deficit_segments"] = [{"depth_mw": 12.0, "cost": 500.0}, {"depth_mw": None, "cost": 1100.0}]
        for bus in case.entities("buses"):
            bus.pop("deficit_segments", None)
    for line in case.entities("lines"):
        if rng.random() < 0.5:
            line["exchange_cost"] = rng.uniform(0.05, 2)
    for plant in case.entities("hydros"):
        if rng.random() < 0.4:
            plant["penalties"] = {name: price(rng, name) for name in PRICES if rng.random() < 0.5}
        for stage in case.stages:
            known = [row for row in rows(case, "constraints/penalty_overrides_hydro")
                     if row["hydro_id"] == plant["id"] and row["stage_id"] == stage["id"]]
            if not known and rng.random() < 0.4:
                case.add("constraints/penalty_overrides_hydro", hydro_id=plant["id"], stage_id=stage["id"], **{
                    name: price(rng, name) if rng.random() < 0.4 else None for name in PRICES + DIRECTED})


def mixed_models(rng, case):
    """A plant with constant productivity in some stages or seasons, and computed planes in the others."""
    plant = case.entities("hydros")[-1]
    if rows(case, "system/fpha_hyperplanes") or plant["generation"]["model"] == "fpha":
        return False
    models = case.documents["system/hydro_production_models.json"]["production_models"]
    if not any(model["hydro_id"] == plant["id"] for model in models) or plant["generation"]["max_turbined_m3s"] == 0:
        return False
    geometry(rng, case, plant)
    plant["generation"]["model"] = "fpha"
    plant.setdefault("tailrace", rng.choice([
        {"type": "polynomial", "coefficients": [220.0, 0.02]},
        {"type": "piecewise", "points": [{"outflow_m3s": 0.0, "height_m": 215.0}, {"outflow_m3s": 40.0, "height_m": 216.5},
                                         {"outflow_m3s": 200.0, "height_m": 219.0}]}]))
    plant["efficiency"] = {"type": "constant", "value": rng.uniform(0.85, 0.93)}
    plant.setdefault("hydraulic_losses", {"type": "factor", "value": 0.02})
    productivity_row(rng, case, plant)
    low, high = plant["reservoir"].values()
    computed = {"source": "computed", "volume_discretization_points": rng.choice([1, 3, 5]),
                "turbine_discretization_points": rng.randint(2, 4)}
    if rng.random() < 0.4 and high > low + 4:
        computed["fitting_window"] = {"volume_min_hm3": low + 1, "volume_max_hm3": high - 1}
    constant = {"model": "constant_productivity", "productivity_mw_per_m3s": rng.choice([0.0, 0.8, 0.95])}
    planes = {"model": "fpha", "fpha_config": computed}
    first, last = case.stages[0]["id"], case.stages[-1]["id"]
    model = entry(case, plant)
    if "season_definitions" in case.documents["stages.json"] and rng.random() < 0.5:
        for key in [key for key in model if key != "hydro_id"]:
            del model[key]
        ids = [season["id"] for season in case.documents["stages.json"]["season_definitions"]["seasons"]]
        model.update(selection_mode="seasonal", default_model="fpha", seasons=[
            {"season_id": number, **rng.choice([constant, planes])} for number in ids])
    else:
        model["stage_ranges"] = [
            {"start_stage_id": first, "end_stage_id": last, **(constant if rng.random() < 0.5 else planes)},
            {"start_stage_id": last, "end_stage_id": None, **(constant if rng.random() < 0.5 else planes)}]


def rare_terms(rng, case):
    """Rows without a slack, evaporation, exchanges by buses, numbers in other spellings."""
    document = case.documents.setdefault("constraints/generic_constraints.json", {"constraints": []})
    number = 1 + max((row["id"] for row in document["constraints"]), default=-1)
    plant, thermal = rng.choice(case.entities("hydros")), rng.choice(case.entities("thermals")[1:])
    texts = [
        f"1e1 * hydro_turbined({plant['id']}) - --.5 * thermal_generation({thermal['id']})",
        f"(hydro_outflow({plant['id']}) + 2. * hydro_generation({plant['id']})) / 4"]
    if "evaporation" in plant and not any(stage.get("block_mode") == "chronological" for stage in case.stages):
        texts.append(f"5 * hydro_evaporation({plant['id']}) + thermal_generation({thermal['id']})")
    for line in case.entities("lines"):
        texts.append(f"line_exchange(source_bus={line['source_bus_id']}, target_bus={line['target_bus_id']})")
        texts.append(f"3 * line_direct({line['id']}) + 0.5 * line_reverse({line['id']})")
    for text in rng.sample(texts, min(len(texts), 2)):
        is_hard = rng.random() < 0.3
        slack = {"enabled": False} if is_hard else {
            "enabled": True, "penalty": rng.uniform(5, 90), "penalty_basis": rng.choice(["per_hour", "per_unit"])}
        document["constraints"].append({"id": number, "name": f"X{number}", "expression": text, "slack": slack})
        for stage in case.stages:
            for block in blocks_of(rng, stage):
                upper = rng.uniform(600, 900) if is_hard else rng.uniform(5, 60)
                case.add("constraints/generic_constraint_bounds", constraint_id=number, stage_id=stage["id"], block_id=block,
                         bound_lower=None, bound_upper=upper)
        number += 1


def late_pumps(rng, case):
    """Pumps and contracts with a time in service, and a second pump."""
    plants = case.entities("hydros")
    if len(plants) < 2 or any("entry_stage_id" in plant or "exit_stage_id" in plant for plant in plants):
        return False
    for number in (71, 72)[: rng.choice([1, 2])]:
        upper, lower = sorted(rng.sample(range(len(plants)), 2))
        pump = {
            "id": number, "name": f"P{number}", "operational_start_date": "2001-01-01",
            "bus_id": rng.choice(case.entities("buses"))["id"], "source_hydro_id": plants[lower]["id"],
            "destination_hydro_id": plants[upper]["id"], "consumption_mw_per_m3s": rng.uniform(0.05, 0.4),
            "flow": {"min_m3s": 0.0, "max_m3s": rng.uniform(3, 9)}}
        window(rng, case, pump)
        case.entities("pumps").append(pump)


def more_travel(rng, case):
    """Water of several plants on its way, also to one plant."""
    senders = [plant for plant in case.entities("hydros") if plant["downstream_id"] is not None]
    late = any("entry_stage_id" in plant or "exit_stage_id" in plant for plant in case.entities("hydros"))
    if len(senders) < 2 or late or any(stage.get("block_mode") == "chronological" for stage in case.stages):
        return False
    longest = sum(hours(stage) for stage in case.stages[:-1])
    start = case.stages[0]["start_date"]
    case.initial["past_defluences"] = []
    for plant in senders:
        plant["travel_time_hours"] = round(rng.uniform(0.05, 0.98) * longest, 1)
        days = int(plant["travel_time_hours"] // 24) + 1
        cuts = sorted({days, 0, rng.randint(0, days), rng.randint(0, days)}, reverse=True)
        case.initial["past_defluences"] += [
            {"hydro_id": plant["id"], "start_date": shifted(start, -begin), "end_date": shifted(start, -end),
             "value_m3s": rng.uniform(0, 40)} for begin, end in zip(cuts, cuts[1:])]


def weeks_of_the_year(rng, case):
    """Seasons of a week each."""
    document = case.documents["stages.json"]
    if "season_definitions" in document or rows(case, "scenarios/inflow_ar_coefficients") or any(
            hours(stage) > 200 for stage in case.stages):
        return False
    document["season_definitions"] = {"cycle_type": "weekly", "seasons": [
        {"id": week, "label": f"W{week}", "month_start": 1 + min(11, week * 12 // 52)} for week in range(52)]}


def settings(rng, case):
    """Settings that leave a converged bound as it is."""
    config = case.documents["config.json"]
    training = config["training"]
    training["solver"] = {"forward": {"presolve": "off", "scale": "solver_scaling"}, "backward": {"price": "row"},
                          "retry_max_attempts": 3}
    training["parallelism"] = {"backward_scheduler": {"method": "by_node", "block_size": rng.choice([None, 1])}}
    training["stopping_mode"] = rng.choice(["any", "all"])
    if "cut_selection" not in training:
        # A cap does not go with trajectories that are enumerated.
        most = None if training["selection"]["method"] == "enumerated" else 5000
        training["cut_selection"] = {"row_activity_tolerance": 1e-7, "max_active_per_stage": rng.choice([None, most])}
    config["modeling"]["cost_scale_factor"] = rng.choice([None, 1e4, 1e6])
    config["upper_bound_evaluation"] = {"enabled": True, "initial_iteration": 2, "interval_iterations": 3}
    config["exports"] = {"states": True, "stochastic": rng.random() < 0.3}
    config["policy"] = {"checkpointing": {"enabled": True, "interval_iterations": 50, "store_basis": True}}
    for stage in case.stages:
        if rng.random() < 0.3 and "state_variables" not in stage:
            # Without storages the cuts of that program are no bounds.
            stage["state_variables"] = {"storage": True, "inflow_lags": False}


def whole_tree(rng, case):
    """A chain of one opening each that is walked in full, until the exact gap is closed."""
    training = case.documents["config.json"]["training"]
    graph = case.documents["stages.json"]["policy_graph"]
    if "nodes" in graph or is_noisy(case) or training.get("scenario_source") or any(
            "risk_measure" in stage for stage in case.stages):
        return False
    training["selection"] = {"method": "enumerated"}
    training["stopping_rules"].append({"type": "gap", "relative_tolerance": 1e-9})
    if training.get("cut_selection", {}).get("selection", {}).get("method") == "dynamic":
        del training["cut_selection"]


def renumbered(rng, case):
    """Dates of service that order elements otherwise than their ids, and loads that all vary."""
    for name in ("lines", "thermals", "sources", "pumps", "contracts", "buses"):
        for element in case.entities(name):
            element["operational_start_date"] = f"{rng.randint(1950, 2040)}-0{rng.randint(1, 9)}-15"
    if "nodes" not in case.documents["stages.json"]["policy_graph"] and is_noisy(case) and not rows(
            case, "scenarios/noise_openings") and not case.documents.get("scenarios/correlation.json"):
        for row in rows(case, "scenarios/load_seasonal_stats"):
            row["std_mw"] = rng.uniform(0.5, 4)
