"""Generic constraints of random cases: expressions with parameters over what the case has."""


def variables(rng, case):
    """Terms that fit the case; withdrawals and sources count as 0 over there and are left out."""
    def block(text):
        return text + rng.choice(["", "", ", 0"])

    found = []
    for plant in case.entities("hydros"):
        number = plant["id"]
        found += [f"{name}({number})" for name in (
            "hydro_storage", "hydro_storage_final", "hydro_storage_initial", "hydro_useful_volume_initial",
            "hydro_useful_volume_final")]
        travels = any("travel_time_hours" in other for other in case.entities("hydros"))
        chronological = any(stage.get("block_mode") == "chronological" for stage in case.stages)
        found += [f"{name}({block(str(number))})" for name in (
            "hydro_turbined", "hydro_generation", "hydro_spillage", "hydro_outflow",
            # Spread otherwise over chronological blocks there.
            *([] if travels and chronological else ["hydro_inflow"]))]
        if "diversion" in plant:
            found.append(f"hydro_diversion({block(str(number))})")
        buses = {group["bus_id"] for group in plant["unit_groups"]}
        if len(buses) > 1:
            found.append(f"hydro_generation({number}, bus={min(buses)})")
    for thermal in case.entities("thermals"):
        found.append(f"thermal_generation({block(str(thermal['id']))})")
        if "anticipated_config" in thermal:
            found.append(f"anticipated_decision({thermal['id']})")
    for line in case.entities("lines"):
        found += [f"{name}({block(str(line['id']))})" for name in ("line_direct", "line_reverse", "line_exchange")]
    # Over there deficits of buses with fewer segments than others are free.
    alike = len({len(bus.get("deficit_segments", [1])) for bus in case.entities("buses")}) == 1
    for bus in case.entities("buses") if alike else []:
        found += [f"{name}({block(str(bus['id']))})" for name in ("bus_deficit", "bus_excess")]
    for pump in case.entities("pumps"):
        found += [f"{name}({block(str(pump['id']))})" for name in ("pumping_flow", "pumping_power")]
    for contract in case.entities("contracts"):
        found.append(f"contract_{contract['type']}({block(str(contract['id']))})")
    return found


def parameters(rng, case):
    """One parameter of every kind."""
    stages = case.stages
    rows = [
        {"kind": "constant", "value": rng.uniform(0.5, 2)},
        {"kind": "per_stage", "values": [[index, rng.uniform(0.5, 2)] for index in range(len(stages))]},
        {"kind": "per_stage_block", "block_values": [
            [index, block["id"], rng.uniform(0.5, 2)] for index, stage in enumerate(stages) for block in stage["blocks"]]},
        {"kind": "computed", "computed_spec": {
            "tag": rng.choice(["min_storage", "max_storage", "equivalent_productivity", "accumulated_productivity"]),
            "hydro_id": case.entities("hydros")[0]["id"]}},
        {"kind": "expression", "expression": "(@p0 + 1) * 2 / @p0"},
    ]
    if "season_definitions" in case.documents["stages.json"]:
        rows.append({"kind": "seasonal", "values": [[month, rng.uniform(0.5, 2)] for month in range(12)]})
    return [{"id": index, "name": f"p{index}", **row} for index, row in enumerate(rows)]


def generic(rng, case):
    if "constraints/generic_constraints.json" in case.documents:
        return False
    found = variables(rng, case)
    names = []
    if rng.random() < 0.6:
        rows = parameters(rng, case)
        case.documents["constraints/generic_parameters.json"] = {"scalar_parameters": rows}
        # A parameter of stages and blocks belongs to rows of blocks.
        names = [f"@{row['name']}" for row in rows if row["kind"] != "per_stage_block"]
    document = case.documents.setdefault("constraints/generic_constraints.json", {"constraints": []})
    if rng.random() < 0.4:
        document["expressions"] = [{"name": "e0", "expression": f"2 * {rng.choice(found)} - 0.5 * {rng.choice(found)}"}]
        names.append("@e0")
    for number in range(rng.choice([1, 2, 3])):
        terms = []
        for _ in range(rng.choice([1, 2, 3])):
            variable = rng.choice(found)
            factor = rng.choice(["", "", "0.5 * ", "-", "2*(1 - 0.25)*"])
            if names and rng.random() < 0.4:
                name = rng.choice(names)
                terms.append(f"{name} * {variable}" if name != "@e0" else name)
            else:
                terms.append(factor + variable)
        text = " + ".join(terms)
        is_inline = rng.random() < 0.3
        if is_inline:
            text += rng.choice([" <= ", " >= "]) + str(round(rng.uniform(5, 60), 2))
        slack = {"enabled": True, "penalty": rng.uniform(5, 300), "penalty_basis": rng.choice(["per_hour", "per_unit"])}
        document["constraints"].append({"id": number, "name": f"R{number}", "expression": text, "slack": slack})
        for stage in case.stages:
            if rng.random() < 0.3 and stage is not case.stages[0]:
                continue
            for block in {None, *([0] if rng.random() < 0.3 else [])} if rng.random() < 0.8 else {stage["blocks"][-1]["id"]}:
                low = rng.uniform(0, 25)
                lower, upper = rng.choice([(low, None), (None, low + 10), (low, low + rng.uniform(0, 15)), (low, low)])
                if is_inline:
                    lower, upper = None, None
                case.add("constraints/generic_constraint_bounds", constraint_id=number, stage_id=stage["id"], block_id=block,
                         bound_lower=lower, bound_upper=upper)
