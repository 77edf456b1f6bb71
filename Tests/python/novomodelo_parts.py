"""The first stages of a case as a case of their own, whose boundary is the policy of the whole."""

import copy

from novomodelo_draft import hours
from novomodelo_random import draft

# Paths of these cases depend on stages that the first part lacks.
WHOLE = {"external", "external loads", "several externals", "past years", "out of sample", "nodes", "wide nodes", "joining nodes"}


def decider(case, thermal, position):
    """Position of the stage that decides a delivery, below 0 for those decided before the study."""
    lead = thermal["anticipated_config"]
    if "lead_stages" in lead:
        return position - lead["lead_stages"]
    instant = sum(hours(stage) for stage in case.stages[: position + 1]) - lead["lead_time_hours"]
    total = 0.0
    for index, stage in enumerate(case.stages):
        total += hours(stage)
        if 0 < instant <= total:
            return index
    return -1


def delivery(case, thermal, stage):
    """Limits and price of a thermal at a stage of the whole case."""
    limits = {"min_mw": thermal["generation"]["min_mw"], "max_mw": thermal["generation"]["max_mw"],
              "cost_per_mwh": thermal["cost_per_mwh"]}
    for row in case.tables.get("constraints/thermal_bounds", []):
        if row["thermal_id"] == thermal["id"] and row["stage_id"] == stage["id"]:
            for name, key in (("min_generation_mw", "min_mw"), ("max_generation_mw", "max_mw"), ("cost_per_mwh", "cost_per_mwh")):
                if row.get(name) is not None:
                    limits[key] = row[name]
    if not thermal.get("entry_stage_id", stage["id"]) <= stage["id"] < thermal.get("exit_stage_id", stage["id"] + 1):
        limits.update(min_mw=0.0, max_mw=0.0)
    return limits


def periods(case, keep):
    """What follows the first part: its stages, then those after the study, with limits of what the first part decides."""
    after = case.documents.get("post_study_stages.json", {"stages": [], "thermal_bounds": []})
    rest, cells = case.stages[keep:], []
    for thermal in case.entities("thermals"):
        if "anticipated_config" not in thermal:
            continue
        cells += [{"thermal_id": thermal["id"], "post_study_stage_index": index, **delivery(case, thermal, stage)}
                  for index, stage in enumerate(rest) if 0 <= decider(case, thermal, keep + index) < keep]
        cells += [dict(cell, post_study_stage_index=len(rest) + cell["post_study_stage_index"]) for cell in after["thermal_bounds"]
                  if cell["thermal_id"] == thermal["id"]
                  and 0 <= decider(case, thermal, len(case.stages) + cell["post_study_stage_index"]) < keep]
    return {"stages": [{"start_date": stage["start_date"], "duration_hours": hours(stage)} for stage in rest] + after["stages"],
            "thermal_bounds": cells}


def first_part(case, keep, boundary):
    """The first stages of a case, with a policy behind them."""
    short = copy.deepcopy(case)
    gone = {stage["id"] for stage in case.stages[keep:]}
    document = short.documents["stages.json"]
    document["stages"] = document["stages"][:keep]
    arcs = [arc for arc in document["policy_graph"].pop("transitions", []) if arc["target_id"] not in gone]
    if arcs:
        document["policy_graph"]["transitions"] = arcs
    short.tables = {name: kept for name, rows in short.tables.items()
                    if (kept := [row for row in rows if row.get("stage_id") not in gone])}
    for name, key in (("load_factors", "load_factors"), ("non_controllable_factors", "non_controllable_factors"),
                      ("correlation", "schedule")):
        file = short.documents.get(f"scenarios/{name}.json", {})
        if key in file:
            file[key] = [row for row in file[key] if row["stage_id"] not in gone]
    for model in short.documents["system/hydro_production_models.json"]["production_models"]:
        if "stage_ranges" in model:
            model["stage_ranges"] = [
                dict(span, end_stage_id=None if span["end_stage_id"] in gone else span["end_stage_id"])
                for span in model["stage_ranges"] if span["start_stage_id"] not in gone]
    for row in short.documents.get("constraints/generic_parameters.json", {}).get("scalar_parameters", []):
        for key in ("values", "block_values"):
            if row["kind"] in ("per_stage", "per_stage_block") and key in row:
                row[key] = [value for value in row[key] if value[0] < keep]
    plants, thermals = case.entities("hydros"), case.entities("thermals")
    if any("anticipated_config" in thermal for thermal in thermals) or any("travel_time_hours" in plant for plant in plants):
        short.documents["post_study_stages.json"] = periods(case, keep)
    short.documents["config.json"]["policy"] = {"boundary": {"path": boundary, "strict": False}}
    return short


def fits(seed):
    """Whether the case of a number can be cut in two."""
    case, names = draft(seed)
    lead_hours = any("lead_time_hours" in thermal.get("anticipated_config", {}) for thermal in case.entities("thermals"))
    # Deliveries and water follow dates across the boundary, and blocks may last longer or shorter than these.
    exact = all(hours(stage) % 24 == 0 for stage in case.stages)
    follows = any("anticipated_config" in thermal for thermal in case.entities("thermals")) or any(
        "travel_time_hours" in plant for plant in case.entities("hydros"))
    return len(case.stages) > 2 and not WHOLE & set(names) and (exact or not follows) and not (
        lead_hours and "post_study_stages.json" in case.documents)


def has_own_rates(seed):
    """Whether arcs or stages have rates of their own: behind the first part the rate of the study counts."""
    document = draft(seed)[0].documents["stages.json"]
    return any("annual_discount_rate_override" in row
               for row in document["stages"] + document["policy_graph"].get("transitions", []))
