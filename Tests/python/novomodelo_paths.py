"""Paths of random cases: past years, external loads and sources, graphs that join, seasons of other calendars."""

from novomodelo_draft import day, shifted
from novomodelo_noise import external, is_monthly, is_noisy, month_before, rows


def source(case):
    return case.documents["config.json"]["training"].setdefault("scenario_source", {})


def history(rng, case, years=33):
    """Monthly observations up to the start of the study."""
    start = case.stages[0]["start_date"]
    for plant in case.entities("hydros"):
        value = 20.0
        for back in range(years * 12, 0, -1):
            season = 20 + 8 * ((int(month_before(start, back)[5:7]) % 12) / 6 - 1)
            value = season + 0.6 * (value - 20) + rng.gauss(0, 3)
            case.add("scenarios/inflow_history", hydro_id=plant["id"], start_date=month_before(start, back),
                     end_date=month_before(start, back - 1), value_m3s=max(1.0, value))


def past_years(rng, case):
    """Paths of past years, or openings with the residuals of past years."""
    if not is_monthly(case) or not is_noisy(case) or rows(case, "scenarios/inflow_ar_coefficients") or rows(
            case, "scenarios/noise_openings") or "inflow" in source(case) or len(case.entities("hydros")) > 2:
        return False
    if case.documents["stages.json"]["season_definitions"]["cycle_type"] == "custom" and len(
            {(day(stage["start_date"]).month - 1) // 3 for stage in case.stages}) < len(case.stages):
        # Months of one quarter each count as a lag there (finding 626).
        return False
    if not rows(case, "scenarios/inflow_history"):
        case.documents["config.json"]["estimation"] = {"max_order": rng.choice([1, 2]), "order_selection": "pacf"}
        for stage in case.stages:
            stage["state_variables"] = {"storage": True, "inflow_lags": True}
        history(rng, case)
        if rng.random() < 0.4:
            del case.tables["scenarios/inflow_seasonal_stats"]
    if rng.random() < 0.6:
        for stage in case.stages:
            stage["sampling_method"] = "historical_residuals"
    else:
        source(case).update(seed=rng.randint(1, 99), inflow={"scheme": "historical"})
        if rng.random() < 0.6:
            last = int(case.stages[0]["start_date"][:4]) - 2
            source(case)["historical_years"] = rng.choice([
                {"from": last - 9, "to": last}, [last - year for year in (1, 4, 9)]])


def several_externals(rng, case):
    """Inflows, loads and sources from scenarios at once."""
    if "inflow" in source(case) or "load" in source(case) or "ncs" in source(case):
        return False
    if external(rng, case) is False:
        return False
    kinds = ["load", "ncs"] if case.entities("sources") else ["load"]
    # Classes of one stage have as many scenarios each.
    return external_load(rng, case, kinds, 5)


def external_load(rng, case, kinds=None, count=4):
    """Loads and sources from scenarios, whose moments the openings have."""
    if not is_noisy(case) or rows(case, "scenarios/noise_openings") or "nodes" in case.documents["stages.json"]["policy_graph"]:
        return False
    if len(case.entities("hydros")) > 1 or {"load", "ncs"} & set(source(case)):
        return False
    kinds = kinds or rng.choice([["load"], ["ncs"], ["load", "ncs"]])
    if not case.entities("sources") and "ncs" in kinds:
        return False
    source(case).setdefault("seed", rng.randint(1, 99))
    for name in kinds:
        source(case)[name] = {"scheme": "external"}
    if "ncs" in kinds:
        drop_bare_factors(case)
    for stage in case.stages:
        for scenario in range(count):
            for bus in case.entities("buses") if "load" in kinds else []:
                case.add("scenarios/external_load_scenarios", stage_id=stage["id"], scenario_id=scenario, bus_id=bus["id"],
                         value_mw=rng.uniform(45, 80))
            for each in case.entities("sources") if "ncs" in kinds else []:
                case.add("scenarios/external_ncs_scenarios", stage_id=stage["id"], scenario_id=scenario, ncs_id=each["id"],
                         availability_factor=rng.uniform(0.1, 0.9))


def drop_bare_factors(case):
    """Over there external values of sources without statistics leave out the block factors."""
    document = case.documents.get("scenarios/non_controllable_factors.json", {"non_controllable_factors": []})
    known = {row["ncs_id"] for row in rows(case, "scenarios/non_controllable_stats")}
    document["non_controllable_factors"] = [row for row in document["non_controllable_factors"] if row["ncs_id"] in known]


def joins(rng, case):
    """A graph whose nodes share successors, walked by drawn paths over generated openings."""
    graph = case.documents["stages.json"]["policy_graph"]
    if "nodes" in graph or rows(case, "scenarios/noise_openings") or source(case) or any(
            stage.get("sampling_method") == "historical_residuals" for stage in case.stages):
        return False
    graph.pop("transitions", None)
    levels, number = [], 0
    for index, stage in enumerate(case.stages):
        width = 1 if index == 0 else rng.choice([1, 2])
        levels.append([{"id": number + k, "stage_id": stage["id"]} for k in range(width)])
        number += width
    edges = []
    for above, below in zip(levels, levels[1:]):
        for node in above:
            shares = [rng.uniform(0.2, 1) for _ in below]
            edges += [{"source_id": node["id"], "target_id": other["id"], "probability": share / sum(shares)}
                      for share, other in zip(shares, below)]
    graph["nodes"], graph["transitions"] = [node for level in levels for node in level], edges


def wide_nodes(rng, case):
    """A tree with loads and sources of its nodes as well, walked in full."""
    graph = case.documents["stages.json"]["policy_graph"]
    if "nodes" in graph or rows(case, "scenarios/noise_openings") or source(case) or rows(
            case, "scenarios/inflow_ar_coefficients") or rows(case, "scenarios/inflow_history") or len(case.stages) > 3:
        return False
    graph.pop("transitions", None)
    tree, edges, level, number = [], [], [], 0
    kinds = {"inflow", "load"} | ({"ncs"} if case.entities("sources") else set())
    for index, stage in enumerate(case.stages):
        below = []
        for parent in level if index else [None]:
            shares = [rng.uniform(0.2, 1) for _ in range(1 if index == 0 else rng.choice([1, 2]))]
            for share in shares:
                # Two nodes may name one scenario.
                tree.append({"id": number, "stage_id": stage["id"], "scenario_id": rng.randint(0, 2)})
                if parent is not None:
                    edges.append({"source_id": parent, "target_id": number, "probability": share / sum(shares)})
                below.append(number)
                number += 1
        level = below
        stage.pop("num_openings")
        stage.pop("sampling_method", None)
        for scenario in range(3):
            for plant in case.entities("hydros"):
                case.add("scenarios/external_inflow_scenarios", stage_id=stage["id"], scenario_id=scenario, hydro_id=plant["id"],
                         value_m3s=rng.uniform(5, 35))
            for bus in case.entities("buses"):
                case.add("scenarios/external_load_scenarios", stage_id=stage["id"], scenario_id=scenario, bus_id=bus["id"],
                         value_mw=rng.uniform(45, 80))
            for each in case.entities("sources"):
                case.add("scenarios/external_ncs_scenarios", stage_id=stage["id"], scenario_id=scenario, ncs_id=each["id"],
                         availability_factor=rng.uniform(0.1, 0.9))
    graph["nodes"], graph["transitions"] = tree, edges
    training = case.documents["config.json"]["training"]
    training["selection"] = {"method": "enumerated"}
    training["scenario_source"] = {"seed": 5, **{kind: {"scheme": "external"} for kind in kinds}}
    for name in ("scenarios/inflow_seasonal_stats", "scenarios/load_seasonal_stats", "scenarios/non_controllable_stats"):
        # Statistics are not needed where every value comes from the tables.
        if rng.random() < 0.5:
            case.tables.pop(name, None)
    drop_bare_factors(case)
    case.documents.pop("scenarios/correlation.json", None)


def all_classes(rng, case):
    """Correlated loads and sources, and profiles by stage."""
    if not is_noisy(case) or "scenarios/correlation.json" in case.documents:
        return False
    loads = sorted({row["bus_id"] for row in rows(case, "scenarios/load_seasonal_stats") if row["std_mw"] > 0})
    sources = sorted({row["ncs_id"] for row in rows(case, "scenarios/non_controllable_stats") if row["std"] > 0})
    groups = [("inflow", [plant["id"] for plant in reversed(case.entities("hydros"))]), ("load", loads), ("ncs", sources)]

    def profile():
        found = []
        for kind, ids in groups:
            if ids and rng.random() < 0.8:
                share = rng.uniform(0.1, 0.8)
                found.append({"name": kind, "entities": [{"type": kind, "id": number} for number in ids],
                              "matrix": [[1.0 if a == b else share for a in ids] for b in ids]})
        return {"correlation_groups": found}

    document = {"method": "spectral", "profiles": {"default": profile(), "other": profile()}}
    if rng.random() < 0.6:
        document["schedule"] = [{"stage_id": stage["id"], "profile_name": rng.choice(["default", "other"])} for stage in case.stages
                                if rng.random() < 0.7]
    case.documents["scenarios/correlation.json"] = document


def quarters(rng, case):
    """Seasons of several months, weeks of the year, or days of a cycle of its own, without and with lags."""
    document = case.documents["stages.json"]
    if "season_definitions" not in document or is_monthly(case) and rng.random() < 0.3:
        return False
    if rows(case, "scenarios/inflow_ar_coefficients") or rows(case, "scenarios/inflow_history") or any(
            model["selection_mode"] == "seasonal"
            for model in case.documents["system/hydro_production_models.json"]["production_models"]):
        return False
    document["season_definitions"] = {"cycle_type": "custom", "seasons": [
        {"id": k, "label": f"Q{k}", "month_start": 3 * k + 1, "day_start": 1, "month_end": 3 * k + 3,
         "day_end": (31, 30, 30, 31)[k]} for k in range(4)]}
    for stage in case.stages:
        stage.pop("season_id", None)
    starts = {stage["start_date"] for stage in case.stages}
    if len({(day(start).month - 1) // 3 for start in starts}) == len(starts) and is_noisy(case):
        # One stage a season: a lag reaches into the season before.
        start = case.stages[0]["start_date"]
        index = (day(start).month - 1) // 3
        begin = f"{int(start[:4]) - (index == 0)}-{3 * ((index - 1) % 4) + 1:02}-01"
        end = f"{start[:4]}-{3 * index + 1:02}-01"
        document["pre_study_stages"] = [{"id": -1, "start_date": begin, "end_date": end, "season_id": (index - 1) % 4}]
        for stage in case.stages:
            stage["state_variables"] = {"storage": True, "inflow_lags": True}
        case.initial["recent_observations"] = []
        for row in rows(case, "scenarios/inflow_seasonal_stats"):
            row["std_m3s"] = max(row["std_m3s"], 1.0)
        for plant in case.entities("hydros"):
            case.add("scenarios/inflow_seasonal_stats", hydro_id=plant["id"], stage_id=-1, mean_m3s=rng.uniform(10, 30), std_m3s=2.0)
            middle = shifted(begin, rng.randint(5, 60))
            for first, last in ((begin, middle), (middle, end)):
                case.initial["recent_observations"].append({"hydro_id": plant["id"], "start_date": first, "end_date": last,
                                                            "value_m3s": rng.uniform(10, 30)})
            for stage in case.stages:
                case.add("scenarios/inflow_ar_coefficients", hydro_id=plant["id"], stage_id=stage["id"], lag=1,
                         coefficient=rng.uniform(0.1, 0.45))
