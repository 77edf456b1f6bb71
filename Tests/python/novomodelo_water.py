"""Water and energy of random cases: cascades that join, tailrace families, energies, late plants and cascades that fill."""

from novomodelo_draft import hours, shifted
from novomodelo_features import blocks_of, entry, geometry, productivity_row

TAGS = ["equivalent_productivity", "accumulated_productivity", "reference_volume", "reference_turbine", "min_storage",
        "max_storage", "specific_productivity", "integrated_equivalent_productivity", "integrated_accumulated_productivity",
        "max_stored_energy", "integrated_equivalent_productivity_mwh_per_hm3", "integrated_accumulated_productivity_mwh_per_hm3",
        "max_stored_energy_mwh"]


def confluence(rng, case):
    """Two plants above one."""
    plants = case.entities("hydros")
    if len(plants) < 3:
        return False
    plants[0]["downstream_id"] = plants[2]["id"]


def runs_of_river(rng, case):
    """A plant without storage of its own, or one without turbines."""
    plant = rng.choice(case.entities("hydros"))
    if rng.random() < 0.7:
        low = max(plant["reservoir"]["min_storage_hm3"], 10.0)
        plant["reservoir"] = {"min_storage_hm3": low, "max_storage_hm3": low}
        for row in case.initial["storage"]:
            if row["hydro_id"] == plant["id"]:
                row["value_hm3"] = low
    else:
        for limits in (plant["generation"], *plant["unit_groups"]):
            limits.update(max_turbined_m3s=0.0, max_generation_mw=0.0)


def reference_volume(rng, plant):
    low, high = plant["reservoir"].values()
    return rng.choice([{"percentile": rng.uniform(0.2, 0.9)}, {"volume_hm3": rng.uniform(low + 1, max(high, low + 2))}])


def backwater(rng, case):
    """Planes of a plant whose tailrace follows the reservoir below, at a reference that changes by stage."""
    plants = case.entities("hydros")
    if case.tables.get("system/fpha_hyperplanes") or plants[0]["generation"]["max_turbined_m3s"] == 0:
        return False
    plant = plants[0]
    below = next((other for other in plants if other["id"] == plant["downstream_id"]), None)
    for each in [plant] + ([below] if below else []):
        geometry(rng, case, each)
    plant["generation"]["model"] = "fpha"
    # The families take the place of the plant's own tailrace, which must be there all the same.
    plant["tailrace"] = {"type": "polynomial", "coefficients": [100.0, 0.3]}
    plant["hydraulic_losses"] = rng.choice([{"type": "factor", "value": 0.02}, {"type": "constant", "value_m": 1.0}])
    plant["efficiency"] = {"type": "constant", "value": rng.uniform(0.85, 0.95)}
    levels = [row["height_m"] for row in case.tables["system/hydro_geometry"] if below and row["hydro_id"] == below["id"]]
    families = rng.choice([1, 2, 3])
    for family in range(families):
        level = rng.choice([None, 310.0]) if families == 1 else (min(levels) if levels else 300.0) - 4 + 14.0 * family
        start, height = 0.0, 215.0 + 6 * family
        for segment in range(rng.choice([1, 2, 3])):
            end, slope, bend = start + rng.uniform(40, 90), rng.uniform(0.01, 0.04), rng.choice([0.0, -0.00005, 0.00003])
            case.add("system/tailrace_curves", hydro_id=plant["id"], family_id=family + 1, downstream_reference_level_m=level,
                     segment_id=segment, outflow_min_m3s=start, outflow_max_m3s=end,
                     coefficient_0=height - slope * start - bend * start ** 2, coefficient_1=slope, coefficient_2=bend,
                     coefficient_3=0.0, coefficient_4=0.0)
            height += slope * (end - start) + bend * (end ** 2 - start ** 2)
            start = end
    configuration = {"source": "computed", "volume_discretization_points": rng.choice([1, 3, 5]),
                     "turbine_discretization_points": rng.randint(2, 5)}
    if rng.random() < 0.3:
        configuration["fitting_window"] = {"volume_min_hm3": plant["reservoir"]["min_storage_hm3"] + 2}
    first = case.stages[0]["id"]
    entry(case, plant)["stage_ranges"] = [
        {"start_stage_id": first, "end_stage_id": None, "model": "fpha", "fpha_config": configuration}]
    if rng.random() < 0.5:
        plant["specific_productivity_mw_per_m3s_per_m"] = rng.uniform(0.006, 0.009)
    else:
        productivity_row(rng, case, plant)
    if below and entry_or_none(case, below) and rng.random() < 0.6:
        spans = entry_or_none(case, below)
        if len(spans) == 1 and len(case.stages) > 1:
            later = dict(spans[0], start_stage_id=case.stages[1]["id"], reference_volume=reference_volume(rng, below))
            spans[0].update(end_stage_id=case.stages[1]["id"], reference_volume=reference_volume(rng, below))
            spans.append(later)
    if rng.random() < 0.2:
        case.documents["system/hydro_production_models.json"]["fpha_plane_reduction"] = {
            "method": "distance", "tolerance_pct": rng.choice([0.0, 1e-7]), "n_samples": 500}


def entry_or_none(case, plant):
    models = case.documents["system/hydro_production_models.json"]["production_models"]
    return next((model.get("stage_ranges") for model in models if model["hydro_id"] == plant["id"]), None)


def energies(rng, case):
    """Stored energy at the end of stages, with parameters of every computed tag."""
    plants = case.entities("hydros")
    if any(tag in case.documents for tag in ("constraints/generic_parameters.json", "constraints/generic_constraints.json")):
        return False
    rows = []
    for plant in plants:
        geometry(rng, case, plant)
        if rng.random() < 0.7:
            plant.setdefault("specific_productivity_mw_per_m3s_per_m", rng.uniform(0.006, 0.009))
        plant.setdefault("tailrace", {"type": "polynomial", "coefficients": [210.0, 0.01]})
        for tag in TAGS:
            if tag == "specific_productivity" and "specific_productivity_mw_per_m3s_per_m" not in plant:
                continue
            rows.append({"id": len(rows), "name": f"{tag}_{plant['id']}", "kind": "computed",
                         "computed_spec": {"tag": tag, "hydro_id": plant["id"]}})
    unit = rng.choice(["", "_mwh"])
    tag = "integrated_accumulated_productivity" + ("_mwh_per_hm3" if unit else "")
    share = rng.uniform(0.05, 0.4)
    terms = [f"@{tag}_{plant['id']} * hydro_useful_volume_final({plant['id']})" for plant in plants]
    most = [f"{share} * @max_stored_energy{unit}_{plant['id']}" for plant in plants]
    number = plants[0]["id"]
    other = rng.choice(["accumulated_productivity", "equivalent_productivity", "integrated_equivalent_productivity",
                        "reference_volume", "reference_turbine", "max_storage"])
    case.documents["constraints/generic_parameters.json"] = {"scalar_parameters": rows}
    case.documents["constraints/generic_constraints.json"] = {"constraints": [
        {"id": 0, "name": "ENERGY", "expression": " + ".join(terms) + " >= " + " + ".join(most),
         "slack": {"enabled": True, "penalty": rng.uniform(5, 60), "penalty_basis": rng.choice(["per_unit", "per_hour"])}},
        {"id": 1, "name": "OTHER", "expression": f"@{other}_{number} * hydro_turbined({number}) - 0.1 * hydro_spillage({number})",
         "slack": {"enabled": True, "penalty": rng.uniform(5, 60), "penalty_basis": "per_hour"}}]}
    for stage in case.stages:
        case.add("constraints/generic_constraint_bounds", constraint_id=0, stage_id=stage["id"], block_id=None, bound_lower=None,
                 bound_upper=None)
        if rng.random() < 0.6:
            case.add("constraints/generic_constraint_bounds", constraint_id=1, stage_id=stage["id"], block_id=None,
                     bound_lower=rng.uniform(0, 25), bound_upper=None)


def filling_cascade(rng, case):
    """Plants that fill one below the other, or a plant that enters late above one that fills."""
    plants = case.entities("hydros")
    withdraws = any(row.get("water_withdrawal_m3s") for row in case.tables.get("constraints/hydro_bounds", []))
    if len(case.stages) < 3 or len(plants) < 2 or case.entities("pumps") or withdraws or case.initial.get("past_defluences"):
        return False
    if any("entry_stage_id" in plant or "exit_stage_id" in plant for plant in plants) or any(
            plant["reservoir"]["min_storage_hm3"] == plant["reservoir"]["max_storage_hm3"] for plant in plants):
        return False
    first, last = case.stages[0]["id"], case.stages[-1]["id"]
    chosen = plants[:2]
    if rng.random() < 0.4:
        chosen[0]["entry_stage_id"] = rng.randint(first + 1, last)
        chosen = chosen[1:]
    for plant in chosen:
        start = first + rng.choice([0, 0, 1])
        plant["entry_stage_id"] = rng.randint(start + 1, last)
        rate = rng.uniform(2, 6)
        plant["filling"] = {"start_stage_id": start, "filling_min_rate_m3s": rate}
        total = sum(hours(stage) for stage in case.stages if start <= stage["id"] < plant["entry_stage_id"])
        low = 0.9 * rate * 0.0036 * total
        if rng.random() < 0.4:
            # Rates of single stages, all above the declared one, reach the volume, too.
            for stage in case.stages:
                if start <= stage["id"] < plant["entry_stage_id"] and rng.random() < 0.5:
                    case.add("constraints/hydro_bounds", hydro_id=plant["id"], stage_id=stage["id"], block_id=None,
                             filling_min_rate_m3s=rate * rng.uniform(1, 1.5))
        plant["reservoir"] = {"min_storage_hm3": low, "max_storage_hm3": low + 80}
        case.initial["storage"] = [row for row in case.initial["storage"] if row["hydro_id"] != plant["id"]]


def more_bounds(rng, case):
    """Columns that few cases have: least spill, limits of diverted water, every price by stage."""
    for plant in case.entities("hydros"):
        for stage in case.stages:
            if rng.random() < 0.5:
                continue
            for block in blocks_of(rng, stage):
                row = {"min_spillage_m3s": rng.choice([None, rng.uniform(0, 1.5)])}
                if "diversion" in plant:
                    row.update(min_diversion_m3s=rng.choice([None, 0.5]), max_diversion_m3s=rng.choice([None, 2.0]))
                if any(each["hydro_id"] == plant["id"] and each["stage_id"] == stage["id"] and each.get("block_id") == block
                       for each in case.tables.get("constraints/hydro_bounds", [])):
                    continue
                case.add("constraints/hydro_bounds", hydro_id=plant["id"], stage_id=stage["id"], block_id=block, **row)


def late_lanes(rng, case):
    """Two thermals that are committed ahead, by hours, on stages of any length, some past the end."""
    thermals = [thermal for thermal in case.entities("thermals")[2:] if "anticipated_config" not in thermal]
    if case.initial.get("past_anticipated_commitments") or not thermals:
        return False
    starts = [stage["start_date"] for stage in case.stages] + [case.stages[-1]["end_date"]]
    ends, total = [], 0.0
    for stage in case.stages:
        total += hours(stage)
        ends.append(total)
    shortest = min(hours(stage) for stage in case.stages)
    post = [24.0 * days for days in rng.choice([[30, 31], [7, 7, 28], [7, 30]])] if rng.random() < 0.6 else []
    starts_post, cells = [], []
    for length in post:
        starts_post.append({"start_date": shifted(starts[-1], sum(each["duration_hours"] for each in starts_post) / 24),
                            "duration_hours": length})
    for thermal in rng.sample(thermals, min(len(thermals), rng.choice([1, 2]))):
        thermal.pop("entry_stage_id", None)
        thermal.pop("exit_stage_id", None)
        number = thermal["id"]
        rows = [row for row in case.tables.get("constraints/thermal_bounds", []) if row["thermal_id"] != number]
        if "constraints/thermal_bounds" in case.tables:
            case.tables["constraints/thermal_bounds"] = rows
            if not rows:
                del case.tables["constraints/thermal_bounds"]
        lead = round(rng.uniform(1.02, 1.6) * shortest if rng.random() < 0.5 else rng.uniform(1.02, 2.2) * max(
            hours(stage) for stage in case.stages), 1)
        thermal["anticipated_config"] = {"lead_time_hours": lead}
        limits = thermal["generation"]
        lead = min(lead, ends[-1])
        later = [ends[-1] + sum(post[:index + 1]) for index in range(len(post))]
        deciders = [sum(1 for stop in ends if stop < end - lead) for end in ends + later if 0 < end - lead <= ends[-1]]
        if len(set(deciders)) < len(deciders):
            # A stage that decides several deliveries is refused over there.
            del thermal["anticipated_config"]
            continue
        fixed = [index for index, end in enumerate(ends) if end - lead <= 0]
        case.initial.setdefault("past_anticipated_commitments", []).extend(
            {"thermal_id": number, "start_date": starts[index], "end_date": starts[index + 1],
             "value_mw": rng.uniform(limits["min_mw"], limits["max_mw"])} for index in fixed)
        end = ends[-1]
        for index, length in enumerate(post):
            end += length
            if 0 < end - lead <= ends[-1]:
                cells.append({"thermal_id": number, "post_study_stage_index": index, "cost_per_mwh": 40.0,
                              "min_mw": rng.uniform(0, 4), "max_mw": 12.0})
    if not case.initial.get("past_anticipated_commitments"):
        return False
    if post:
        case.documents["post_study_stages.json"] = {"stages": starts_post, "thermal_bounds": cells}


def shuffled(rng, case):
    """Rows and entities in any order."""
    for rows in case.tables.values():
        rng.shuffle(rows)
    for name, document in case.documents.items():
        if name.startswith("system/"):
            for value in document.values():
                if isinstance(value, list):
                    rng.shuffle(value)
    rng.shuffle(case.initial["storage"])


def choices_of_cuts(rng, case):
    """Row selection leaves the converged bound as it is."""
    case.documents["config.json"]["training"]["cut_selection"] = {"selection": rng.choice([
        {"method": "level1", "check_frequency": 2}, {"method": "level1", "check_frequency": 1, "lookback_iterations": 20},
        {"method": "dynamic", "start_iteration": 2, "seed_window": 3, "max_added_per_round": 5}])}
    if case.documents["config.json"]["training"]["selection"]["method"] == "enumerated":
        case.documents["config.json"]["training"]["cut_selection"] = {"selection": {"method": "level1", "check_frequency": 2}}
