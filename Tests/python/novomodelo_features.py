"""What a random case of Novomodelo may have: each function adds one feature, or returns False where it does not fit."""

from novomodelo_draft import SINCE, hours, shifted


def blocks_of(rng, stage, chance=0.4):
    """Null for the whole stage, or some of its blocks."""
    if rng.random() > chance:
        return [None]
    return [block["id"] for block in stage["blocks"] if rng.random() < 0.6] + ([None] if rng.random() < 0.4 else [])


def load_factors(rng, case):
    rows = case.documents.setdefault("scenarios/load_factors.json", {"load_factors": []})["load_factors"]
    for bus in case.entities("buses"):
        for stage in case.stages:
            if rng.random() < 0.7:
                rows.append({"bus_id": bus["id"], "stage_id": stage["id"], "block_factors": [
                    {"block_id": block["id"], "factor": rng.uniform(0.6, 1.4)} for block in stage["blocks"]]})


def thermal_bounds(rng, case):
    for thermal in case.entities("thermals")[1:]:
        for stage in case.stages:
            if rng.random() < 0.4:
                continue
            for block in blocks_of(rng, stage):
                row = {"min_generation_mw": rng.choice([None, rng.uniform(0, 3)]),
                       "max_generation_mw": rng.choice([None, rng.uniform(6, 45)])}
                if block is None:
                    row["cost_per_mwh"] = rng.choice([None, rng.uniform(20, 140)])
                case.add("constraints/thermal_bounds", thermal_id=thermal["id"], stage_id=stage["id"], block_id=block, **row)


def line_bounds(rng, case):
    if not case.entities("lines"):
        return False
    for line in case.entities("lines"):
        for stage in case.stages:
            for block in blocks_of(rng, stage):
                case.add("constraints/line_bounds", line_id=line["id"], stage_id=stage["id"], block_id=block,
                         direct_mw=rng.choice([None, rng.uniform(2, 30)]), reverse_mw=rng.choice([None, rng.uniform(2, 30)]))
    if rng.random() < 0.5:
        for stage in case.stages:
            case.add("constraints/penalty_overrides_line", line_id=1, stage_id=stage["id"], exchange_cost=rng.uniform(0.05, 3))


def window(rng, case, entity):
    """A window of service within or beyond the study."""
    first, last = case.stages[0]["id"], case.stages[-1]["id"]
    if rng.random() < 0.6:
        entity["entry_stage_id"] = rng.randint(first, last + 1)
    if rng.random() < 0.5:
        entity["exit_stage_id"] = max(entity.get("entry_stage_id", first) + 1, rng.randint(first + 1, last + 1))


def windows(rng, case):
    for entity in case.entities("thermals")[1:] + case.entities("lines"):
        if rng.random() < 0.6:
            window(rng, case, entity)


def sources(rng, case):
    rows = case.documents.setdefault("scenarios/non_controllable_factors.json", {"non_controllable_factors": []})
    for index in range(rng.choice([1, 2])):
        number = 50 + index
        source = {"id": number, "name": f"W{index}", "operational_start_date": SINCE,
                  "bus_id": rng.choice(case.entities("buses"))["id"], "max_generation_mw": rng.uniform(5, 25)}
        if rng.random() < 0.4:
            source["allow_curtailment"] = rng.random() < 0.5
        if rng.random() < 0.4:
            source["curtailment_cost"] = rng.uniform(0.001, 0.01)
        if rng.random() < 0.3:
            window(rng, case, source)
        case.entities("sources").append(source)
        has_statistics = rng.random() < 0.6
        varies = any(stage["num_openings"] > 1 for stage in case.stages) and rng.random() < 0.6
        for stage in case.stages:
            if has_statistics and rng.random() < 0.9:
                case.add("scenarios/non_controllable_stats", ncs_id=number, stage_id=stage["id"], mean=rng.uniform(0.1, 0.95),
                         std=rng.uniform(0.05, 0.3) if varies else 0.0)
            if rng.random() < 0.4:
                rows["non_controllable_factors"].append({
                    "ncs_id": number, "stage_id": stage["id"], "block_factors": [
                        {"block_id": block["id"], "factor": rng.uniform(0.3, 1.5)} for block in stage["blocks"]]})
            if rng.random() < 0.4:
                # Rows of single blocks count in all of them over there.
                case.add("constraints/ncs_bounds", ncs_id=number, stage_id=stage["id"], block_id=None,
                         available_generation_mw=rng.uniform(3, 30))
            if rng.random() < 0.2:
                case.add("constraints/penalty_overrides_ncs", ncs_id=number, stage_id=stage["id"],
                         curtailment_cost=rng.uniform(0.001, 0.02))


def contracts(rng, case):
    for index in range(rng.choice([1, 2])):
        kind = rng.choice(["import", "export"])
        contract = {
            "id": 60 + index, "name": f"C{index}", "operational_start_date": SINCE,
            "bus_id": rng.choice(case.entities("buses"))["id"], "type": kind,
            "price_per_mwh": rng.uniform(30, 200) if kind == "import" else rng.uniform(-90, 20),
            "limits": {"min_mw": rng.choice([0.0, 1.0]), "max_mw": rng.uniform(3, 9)}}
        if rng.random() < 0.3:
            window(rng, case, contract)
        case.entities("contracts").append(contract)
        for stage in case.stages:
            for block in blocks_of(rng, stage):
                if rng.random() < 0.5:
                    case.add("constraints/contract_bounds", contract_id=60 + index, stage_id=stage["id"], block_id=block,
                             min_mw=rng.choice([None, 0.5]), max_mw=rng.choice([None, rng.uniform(2, 12)]),
                             price_per_mwh=rng.choice([None, contract["price_per_mwh"] + rng.uniform(-20, 10)]))


def pumps(rng, case):
    plants = case.entities("hydros")
    if len(plants) < 2:
        return False
    upper, lower = sorted(rng.sample(range(len(plants)), 2))
    case.entities("pumps").append({
        "id": 70, "name": "P", "operational_start_date": SINCE, "bus_id": rng.choice(case.entities("buses"))["id"],
        "source_hydro_id": plants[lower]["id"], "destination_hydro_id": plants[upper]["id"],
        "consumption_mw_per_m3s": rng.uniform(0.2, 0.8), "flow": {"min_m3s": rng.choice([0.0, 1.0]), "max_m3s": 8.0}})
    for stage in case.stages:
        for block in blocks_of(rng, stage):
            if rng.random() < 0.6:
                case.add("constraints/pumping_bounds", pumping_station_id=70, stage_id=stage["id"], block_id=block,
                         min_m3s=rng.choice([None, 0.5]), max_m3s=rng.choice([None, rng.uniform(2, 12)]))


def groups(rng, case):
    buses = [bus["id"] for bus in case.entities("buses")]
    for plant in case.entities("hydros"):
        limits = plant["generation"]
        if limits["max_turbined_m3s"] == 0 or rng.random() < 0.4:
            continue
        shares = [rng.uniform(0.2, 1) for _ in range(rng.choice([2, 2, 3]))]
        total = sum(shares) * rng.choice([1.0, 1.1])
        plant["unit_groups"] = [
            {"id": 1 + index, "name": f"G{index}", "bus_id": rng.choice(buses),
             "min_turbined_m3s": rng.choice([0.0, 0.0, 1.5]), "min_generation_mw": rng.choice([0.0, 0.0, 1.0]),
             "max_turbined_m3s": share / total * limits["max_turbined_m3s"],
             "max_generation_mw": share / total * limits["max_generation_mw"]} for index, share in enumerate(shares)]
        for group in plant["unit_groups"]:
            for stage in case.stages:
                if rng.random() < 0.5:
                    continue
                for block in blocks_of(rng, stage):
                    case.add("constraints/hydro_unit_group_bounds", hydro_id=plant["id"], hydro_unit_group_id=group["id"],
                             stage_id=stage["id"], block_id=block, min_turbined_m3s=rng.choice([None, 1.0]),
                             max_turbined_m3s=rng.choice([None, group["max_turbined_m3s"] * rng.uniform(0.5, 1)]),
                             min_generation_mw=rng.choice([None, 0.5]),
                             max_generation_mw=rng.choice([None, group["max_generation_mw"] * rng.uniform(0.5, 1)]))


def hydro_bounds(rng, case):
    for plant in case.entities("hydros"):
        limits, reservoir = plant["generation"], plant["reservoir"]
        for stage in case.stages if limits["max_turbined_m3s"] > 0 else []:
            if rng.random() < 0.4:
                continue
            for block in blocks_of(rng, stage):
                def some(value, chance=0.35):
                    return value if rng.random() < chance else None

                row = {"min_turbined_m3s": some(rng.uniform(0, 12)),
                       "max_turbined_m3s": some(limits["max_turbined_m3s"] * rng.uniform(0.4, 1)),
                       "min_generation_mw": some(rng.uniform(0, 10)),
                       "max_generation_mw": some(limits["max_generation_mw"] * rng.uniform(0.4, 1)),
                       "min_outflow_m3s": some(rng.uniform(0, 20)), "max_outflow_m3s": some(rng.uniform(25, 120), 0.2),
                       "max_spillage_m3s": some(rng.uniform(300, 500), 0.2)}
                if block is None:
                    row["min_storage_hm3"] = some(reservoir["min_storage_hm3"] + rng.uniform(0, 15), 0.2)
                    row["max_storage_hm3"] = some(reservoir["max_storage_hm3"] * rng.uniform(0.7, 1.1), 0.2)
                case.add("constraints/hydro_bounds", hydro_id=plant["id"], stage_id=stage["id"], block_id=block, **row)


def withdrawals(rng, case):
    plant = rng.choice(case.entities("hydros"))
    for stage in case.stages:
        bounds = case.tables.get("constraints/hydro_bounds", [])
        row = next((row for row in bounds if row["hydro_id"] == plant["id"] and row["stage_id"] == stage["id"]
                    and row["block_id"] is None), None)
        if row is None:
            case.add("constraints/hydro_bounds", hydro_id=plant["id"], stage_id=stage["id"], block_id=None)
            row = case.tables["constraints/hydro_bounds"][-1]
        row["water_withdrawal_m3s"] = rng.choice([None, rng.uniform(-4, 8), rng.uniform(10, 40)])


def geometry(rng, case, plant):
    """A reservoir that widens, from below its minimum to above its maximum."""
    if any(row["hydro_id"] == plant["id"] for row in case.tables.get("system/hydro_geometry", [])):
        return
    top = plant["reservoir"]["max_storage_hm3"] * 1.2
    height, area = rng.uniform(300, 500), rng.uniform(1, 3)
    for index in range(4):
        case.add("system/hydro_geometry", hydro_id=plant["id"], volume_hm3=top * index / 3, height_m=height + 12 * index - index ** 2,
                 area_km2=area * (1 + index))


def evaporation(rng, case):
    for plant in case.entities("hydros"):
        if rng.random() < 0.6:
            geometry(rng, case, plant)
            plant["evaporation"] = {"coefficients_mm": [rng.uniform(-40, 130) for _ in range(12)]}
            if rng.random() < 0.3:
                low, high = plant["reservoir"].values()
                plant["evaporation"]["reference_volumes_hm3"] = [rng.uniform(low + 1, high) for _ in range(12)]


def diversion(rng, case):
    plants = case.entities("hydros")
    if len(plants) < 2:
        return False
    plant = plants[0]
    plant["diversion"] = {"downstream_id": plants[-1]["id"]}
    if rng.random() < 0.6:
        plant["diversion"]["max_flow_m3s"] = rng.uniform(3, 12)
    for row in case.tables.get("constraints/hydro_bounds", []):
        if row["hydro_id"] == plant["id"] and rng.random() < 0.5:
            row["min_diversion_m3s"] = rng.choice([None, 1.0])
            row["max_diversion_m3s"] = rng.choice([None, rng.uniform(1.5, 10)])


def entry(case, plant):
    models = case.documents["system/hydro_production_models.json"]["production_models"]
    return next(model for model in models if model["hydro_id"] == plant["id"])


def productivity_row(rng, case, plant):
    case.add("system/hydro_energy_productivity", hydro_id=plant["id"], stage_id=None,
             equivalent_productivity_mw_per_m3s=rng.uniform(0.6, 1.0))


def planes(rng, case):
    plant = case.entities("hydros")[0]
    plant["generation"]["model"] = "fpha"
    # Over there plants with given planes need rows, too, as soon as the table is there.
    geometry(rng, case, plant)
    productivity_row(rng, case, plant)
    entry(case, plant)["stage_ranges"] = [
        {"start_stage_id": case.stages[0]["id"], "end_stage_id": None, "model": "fpha", "fpha_config": {"source": "precomputed"}}]
    for stage in [None] + [each["id"] for each in case.stages if rng.random() < 0.3]:
        for number in range(rng.choice([1, 2, 3])):
            case.add("system/fpha_hyperplanes", hydro_id=plant["id"], stage_id=stage, plane_id=number, gamma_0=rng.uniform(0, 4),
                     gamma_v=rng.uniform(0, 0.03), gamma_q=rng.uniform(0.6, 0.95), gamma_s=-rng.uniform(0, 0.02),
                     kappa=rng.uniform(0.9, 1))


def fitted(rng, case):
    plant = case.entities("hydros")[-1]
    # Given and computed planes in one case are refused over there.
    if case.tables.get("system/fpha_hyperplanes"):
        return False
    geometry(rng, case, plant)
    plant["generation"]["model"] = "fpha"
    plant["tailrace"] = {"type": "polynomial", "coefficients": [220.0, 0.02] + rng.choice([[], [-0.0001]])}
    plant["hydraulic_losses"] = rng.choice([{"type": "factor", "value": 0.03}, {"type": "constant", "value_m": 1.5}])
    plant["efficiency"] = {"type": "constant", "value": rng.uniform(0.85, 0.93)}
    productivity_row(rng, case, plant)
    configuration = {"source": "computed"}
    if rng.random() < 0.5:
        configuration.update(volume_discretization_points=rng.randint(2, 6), turbine_discretization_points=rng.randint(2, 6))
    if rng.random() < 0.4:
        configuration["fitting_window"] = {"volume_min_percentile": 0.1, "volume_max_percentile": rng.uniform(0.6, 1)}
    if rng.random() < 0.3:
        configuration["turbined_fit_max_m3s"] = plant["generation"]["max_turbined_m3s"] * rng.uniform(0.7, 1)
    if rng.random() < 0.3:
        configuration["spillage_fit_max_m3s"] = rng.uniform(10, 90)
    first = case.stages[0]["id"]
    span = {"start_stage_id": first, "end_stage_id": None, "model": "fpha", "fpha_config": configuration}
    if rng.random() < 0.3:
        span["reference_volume"] = {"percentile": rng.uniform(0.3, 0.9)}
    entry(case, plant)["stage_ranges"] = [span]
    if rng.random() < 0.3:
        case.documents["system/hydro_production_models.json"]["fpha_plane_reduction"] = {
            "method": "angle", "tolerance_deg": rng.choice([0.5, 2.0])}


def seasonal(rng, case):
    if "season_definitions" not in case.documents["stages.json"]:
        return False
    plant = case.entities("hydros")[-1]
    if plant["generation"]["model"] == "fpha":
        return False
    model = entry(case, plant)
    del model["stage_ranges"]
    model.update(selection_mode="seasonal", default_model="constant_productivity", seasons=[
        {"season_id": month, "model": "constant_productivity", "productivity_mw_per_m3s": rng.choice([0.0, 0.7, 0.9, 1.05])}
        for month in range(12)])


def table_productivity(rng, case):
    plant = case.entities("hydros")[0]
    if plant["generation"]["model"] == "fpha":
        return False
    models = case.documents["system/hydro_production_models.json"]["production_models"]
    if entry(case, plant)["selection_mode"] != "stage_ranges":
        return False
    models.remove(entry(case, plant))
    for stage in case.stages:
        case.add("system/hydro_energy_productivity", hydro_id=plant["id"], stage_id=stage["id"],
                 equivalent_productivity_mw_per_m3s=rng.uniform(0.6, 1.1))


def travel(rng, case):
    senders = [plant for plant in case.entities("hydros") if plant["downstream_id"] is not None]
    if not senders:
        return False
    plant = rng.choice(senders)
    # Not into the last stage: what was released before the study and arrives there is lost over there.
    longest = sum(hours(stage) for stage in case.stages[:-1])
    plant["travel_time_hours"] = round(rng.uniform(0.05, 0.98) * longest, 1)
    start = case.stages[0]["start_date"]
    days = int(plant["travel_time_hours"] // 24) + 1
    cut = rng.randint(0, days)
    windows = [(days, cut), (cut, 0)]
    case.initial["past_defluences"] = [
        {"hydro_id": plant["id"], "start_date": shifted(start, -begin), "end_date": shifted(start, -end),
         "value_m3s": rng.uniform(0, 40)} for begin, end in windows if begin > end]


def hydro_windows(rng, case):
    plants = case.entities("hydros")
    # A withdrawal of a plant out of service must be met over there, and no water travels to one.
    withdraws = any(row.get("water_withdrawal_m3s") for row in case.tables.get("constraints/hydro_bounds", []))
    if len(plants) < 2 or case.entities("pumps") or withdraws or case.initial.get("past_defluences"):
        return False
    window(rng, case, rng.choice(plants[:-1]))


def no_volume(rng, case):
    """Reservoirs without an entry start at their minimum, or empty."""
    case.initial["storage"] = [row for row in case.initial["storage"] if rng.random() < 0.5]


def filling(rng, case):
    plants = case.entities("hydros")
    if len(case.stages) < 3 or case.entities("pumps"):
        return False
    plant = plants[0]
    withdraws = any(row.get("water_withdrawal_m3s") for row in case.tables.get("constraints/hydro_bounds", []))
    if "entry_stage_id" in plant or "exit_stage_id" in plant or withdraws:
        return False
    first = case.stages[0]["id"]
    start = first + rng.choice([0, 0, 1])
    plant["entry_stage_id"] = rng.randint(start + 1, case.stages[-1]["id"])
    spans = [hours(stage) for stage in case.stages if start <= stage["id"] < plant["entry_stage_id"]]
    rate = rng.uniform(2, 8)
    plant["filling"] = {"start_stage_id": start, "filling_min_rate_m3s": rate}
    plant["reservoir"]["min_storage_hm3"] = 0.95 * rate * 0.0036 * sum(spans)
    plant["reservoir"]["max_storage_hm3"] = plant["reservoir"]["min_storage_hm3"] + 90
    case.initial["storage"] = [row for row in case.initial["storage"] if row["hydro_id"] != plant["id"]]
    if start == first and rng.random() < 0.5:
        case.initial["filling_storage"] = [
            {"hydro_id": plant["id"], "value_hm3": plant["reservoir"]["min_storage_hm3"] * rng.uniform(0, 0.9)}]


def anticipated(rng, case):
    thermal = case.entities("thermals")[-1]
    if "entry_stage_id" in thermal or "exit_stage_id" in thermal:
        return False
    rows = case.tables.get("constraints/thermal_bounds", [])
    case.tables["constraints/thermal_bounds"] = [
        row for row in rows if row["thermal_id"] != thermal["id"] or row["block_id"] is None]
    if not case.tables["constraints/thermal_bounds"]:
        del case.tables["constraints/thermal_bounds"]
    starts = [stage["start_date"] for stage in case.stages] + [case.stages[-1]["end_date"]]
    ends, total = [], 0.0
    for stage in case.stages:
        total += hours(stage)
        ends.append(total)
    lengths = {hours(stage) for stage in case.stages}
    if rng.random() < 0.5 or len(lengths) > 1:
        lead = rng.choice([1, 2])
        thermal["anticipated_config"] = {"lead_stages": lead}
        fixed = min(lead, len(case.stages))
    else:
        lead = rng.uniform(1.02, 1.9) * max(lengths)
        thermal["anticipated_config"] = {"lead_time_hours": round(lead, 1)}
        fixed = sum(1 for end in ends if end - round(lead, 1) <= 0)

    def bounds(stage):
        limits = dict(thermal["generation"])
        for row in case.tables.get("constraints/thermal_bounds", []):
            if row["thermal_id"] == thermal["id"] and row["stage_id"] == stage["id"]:
                limits["min_mw"] = limits["min_mw"] if row["min_generation_mw"] is None else row["min_generation_mw"]
                limits["max_mw"] = limits["max_mw"] if row["max_generation_mw"] is None else row["max_generation_mw"]
        return limits

    case.initial["past_anticipated_commitments"] = [
        {"thermal_id": thermal["id"], "start_date": starts[index], "end_date": starts[index + 1],
         "value_mw": rng.uniform(bounds(case.stages[index])["min_mw"], bounds(case.stages[index])["max_mw"])}
        for index in range(fixed)]
    if "lead_stages" in thermal["anticipated_config"] and len(case.stages) > 2 and rng.random() < 0.4:
        length = 24.0 * 30
        later = [starts[-1], shifted(starts[-1], 30)]
        case.documents["post_study_stages.json"] = {
            "stages": [{"start_date": start, "duration_hours": length} for start in later],
            "thermal_bounds": [{"thermal_id": thermal["id"], "post_study_stage_index": index, "cost_per_mwh": 40.0,
                                "min_mw": rng.uniform(0, 4), "max_mw": 12.0} for index in range(min(lead, 2))]}


def own_prices(rng, case):
    for plant in case.entities("hydros"):
        if rng.random() < 0.5:
            plant["penalties"] = {key: value for key, value in {
                "spillage_cost": rng.uniform(0.005, 0.05), "turbined_cost": rng.uniform(0, 0.01),
                "water_withdrawal_violation_cost": rng.uniform(100, 500), "outflow_violation_below_cost": rng.uniform(100, 500),
                "evaporation_violation_cost": rng.uniform(100, 500), "turbined_violation_below_cost": rng.uniform(100, 500),
            }.items() if rng.random() < 0.5}
        for stage in case.stages:
            if rng.random() < 0.3:
                case.add("constraints/penalty_overrides_hydro", hydro_id=plant["id"], stage_id=stage["id"],
                         spillage_cost=rng.choice([None, 0.03]), turbined_cost=rng.choice([None, 0.02]),
                         diversion_cost=rng.choice([None, 0.04]), outflow_violation_below_cost=rng.choice([None, 150.0]),
                         water_withdrawal_violation_neg_cost=rng.choice([None, 90.0]),
                         generation_violation_below_cost=rng.choice([None, 210.0]),
                         storage_violation_below_cost=rng.choice([None, 900.0]))
    for bus in case.entities("buses"):
        for stage in case.stages:
            if rng.random() < 0.3:
                case.add("constraints/penalty_overrides_bus", bus_id=bus["id"], stage_id=stage["id"],
                         excess_cost=rng.uniform(0.1, 2))


def rates(rng, case):
    graph = case.documents["stages.json"]["policy_graph"]
    ids = [stage["id"] for stage in case.stages]
    graph["transitions"] = [
        {"source_id": source, "target_id": target, "probability": 1.0,
         **({"annual_discount_rate_override": rng.choice([0.0, 0.2, 0.5])} if rng.random() < 0.7 else {})}
        for source, target in zip(ids, ids[1:])]
