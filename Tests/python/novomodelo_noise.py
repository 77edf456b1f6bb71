"""Noise of random cases: lags, fitted models, openings, external scenarios and policy nodes."""

from novomodelo_draft import day, shifted


def rows(case, name):
    return case.tables.get(name, [])


def is_noisy(case):
    return any(stage["num_openings"] > 1 for stage in case.stages)


def correlation(rng, case):
    numbers = [plant["id"] for plant in case.entities("hydros")]
    if len(numbers) < 2 or not is_noisy(case):
        return False
    share = rng.uniform(-0.4, 0.8)
    matrix = [[1.0 if a == b else share for a in numbers] for b in numbers]
    if len(numbers) > 2:
        matrix = [[1.0 if a == b else abs(share) for a in numbers] for b in numbers]
    case.documents["scenarios/correlation.json"] = {
        "method": "spectral", "profiles": {"default": {"correlation_groups": [
            {"name": "all", "entities": [{"type": "inflow", "id": number} for number in numbers], "matrix": matrix}]}}}


def sampling(rng, case):
    if not is_noisy(case):
        return False
    for stage in case.stages:
        stage["sampling_method"] = rng.choice(["saa", "lhs", "qmc_sobol", "qmc_halton"])


def is_monthly(case):
    return "season_definitions" in case.documents["stages.json"] and all(
        stage["start_date"].endswith("-01") and 28 <= (day(stage["end_date"]) - day(stage["start_date"])).days <= 31
        for stage in case.stages)


def month_before(start, back):
    year, month = int(start[:4]), int(start[5:7]) - 1 - back
    return f"{year + month // 12}-{month % 12 + 1:02}-01"


def lags(rng, case):
    """Supplied coefficients of one or two lags, with statistics and observations before the study."""
    if not is_monthly(case):
        return False
    start = case.stages[0]["start_date"]
    depth = rng.choice([1, 2])
    case.documents["stages.json"]["pre_study_stages"] = [
        {"id": -1 - back, "start_date": month_before(start, back + 1), "end_date": month_before(start, back),
         "season_id": int(month_before(start, back + 1)[5:7]) - 1} for back in range(depth)]
    for stage in case.stages:
        stage["state_variables"] = {"storage": True, "inflow_lags": True}
    statistics = rows(case, "scenarios/inflow_seasonal_stats")
    for row in statistics:
        row["std_m3s"] = max(row["std_m3s"], 1e-6 if not is_noisy(case) else 1.0)
    case.initial["recent_observations"] = []
    for plant in case.entities("hydros"):
        for back in range(depth):
            case.add("scenarios/inflow_seasonal_stats", hydro_id=plant["id"], stage_id=-1 - back, mean_m3s=rng.uniform(10, 30),
                     std_m3s=rng.uniform(1, 3) if is_noisy(case) else 1e-6)
            case.initial["recent_observations"].append({
                "hydro_id": plant["id"], "start_date": month_before(start, back + 1), "end_date": month_before(start, back),
                "value_m3s": rng.uniform(10, 30) if is_noisy(case) else 20.0})
        for stage in case.stages:
            for lag in range(1, depth + 1):
                if is_noisy(case) or lag == 1:
                    case.add("scenarios/inflow_ar_coefficients", hydro_id=plant["id"], stage_id=stage["id"], lag=lag,
                             coefficient=rng.uniform(0.1, 0.45))


def annual(rng, case):
    """An annual component on top of the coefficients; it needs twelve months before the study."""
    if not rows(case, "scenarios/inflow_ar_coefficients") or not is_noisy(case):
        return False
    start = case.stages[0]["start_date"]
    depth = len(case.documents["stages.json"]["pre_study_stages"])
    # A row before the study in the season of one of its stages would give that season's residuals over there.
    own = {stage["start_date"][5:7] for stage in case.stages}
    earlier = [back for back in range(depth, 12) if month_before(start, back + 1)[5:7] not in own]
    for back in earlier:
        case.documents["stages.json"]["pre_study_stages"].append({
            "id": -1 - back, "start_date": month_before(start, back + 1), "end_date": month_before(start, back),
            "season_id": int(month_before(start, back + 1)[5:7]) - 1})
    for plant in case.entities("hydros"):
        for back in range(depth, 12):
            if back in earlier:
                case.add("scenarios/inflow_seasonal_stats", hydro_id=plant["id"], stage_id=-1 - back,
                         mean_m3s=rng.uniform(10, 30), std_m3s=rng.uniform(1, 3))
            case.initial["recent_observations"].append({
                "hydro_id": plant["id"], "start_date": month_before(start, back + 1), "end_date": month_before(start, back),
                "value_m3s": rng.uniform(10, 30)})
        for stage in case.stages:
            case.add("scenarios/inflow_annual_component", hydro_id=plant["id"], stage_id=stage["id"],
                     annual_coefficient=rng.uniform(0.05, 0.25), annual_mean_m3s=rng.uniform(15, 25),
                     annual_std_m3s=rng.uniform(1, 3))


def estimated(rng, case):
    """Coefficients out of a history of 36 years, whose statistics are given."""
    if not is_monthly(case) or rows(case, "scenarios/inflow_ar_coefficients") or not is_noisy(case):
        return False
    start = case.stages[0]["start_date"]
    case.documents["config.json"]["estimation"] = {
        # Annual terms need a study of all twelve months over there.
        "max_order": rng.choice([2, 4]), "order_selection": "pacf"}
    for stage in case.stages:
        stage["state_variables"] = {"storage": True, "inflow_lags": True}
    # The end of the history is the past of the study.
    for plant in case.entities("hydros"):
        value = 20.0
        for back in range(36 * 12, 0, -1):
            season = 20 + 8 * ((int(month_before(start, back)[5:7]) % 12) / 6 - 1)
            value = season + 0.6 * (value - 20) + rng.gauss(0, 3)
            case.add("scenarios/inflow_history", hydro_id=plant["id"], start_date=month_before(start, back),
                     end_date=month_before(start, back - 1), value_m3s=max(1.0, value))


def nonnegative(rng, case):
    method = rng.choice(["truncation", "penalty", "truncation_with_penalty"])
    if rows(case, "scenarios/inflow_ar_coefficients") or rows(case, "scenarios/inflow_history"):
        # Truncated inflows with lags make no bound, so there is nothing to compare.
        method = "penalty"
    case.documents["config.json"]["modeling"]["inflow_non_negativity"]["method"] = method
    for row in rows(case, "scenarios/inflow_seasonal_stats"):
        if row["stage_id"] >= 0 and rng.random() < 0.3 and not rows(case, "scenarios/inflow_ar_coefficients"):
            row["mean_m3s"] = rng.uniform(-6, 2)
    for plant in case.entities("hydros"):
        if rng.random() < 0.5:
            plant.setdefault("penalties", {})["inflow_nonnegativity_cost"] = rng.uniform(100, 800)


def entities_with_noise(case):
    """The order of the noise vector: plants by date and id, loads with a deviation, sources with statistics."""
    plants = sorted(case.entities("hydros"), key=lambda plant: (plant["operational_start_date"], plant["id"]))
    loads = {row["bus_id"] for row in rows(case, "scenarios/load_seasonal_stats") if row["std_mw"] > 0}
    sources = {row["ncs_id"] for row in rows(case, "scenarios/non_controllable_stats")}
    return len(plants) + len(loads) + len(sources)


def file_openings(rng, case):
    if not is_noisy(case) or rows(case, "scenarios/inflow_history"):
        return False
    source = case.documents["config.json"]["training"].setdefault("scenario_source", {})
    source["openings"] = {"source": "file"}
    for stage in case.stages:
        for opening in range(stage["num_openings"]):
            for entity in range(entities_with_noise(case)):
                case.add("scenarios/noise_openings", stage_id=stage["id"], opening_index=opening, entity_index=entity,
                         value=rng.gauss(0, 1))


def external(rng, case):
    """Scenarios of inflow, load or sources from tables; paths take them, and the openings have their moments."""
    if not is_noisy(case) or rows(case, "scenarios/inflow_ar_coefficients") or rows(case, "scenarios/inflow_history") or rows(
            case, "scenarios/noise_openings"):
        return False
    # Paths that never come where the openings lead leave the bounds of both programs below the optimum, at values of their own.
    if len(case.entities("hydros")) > 1:
        return False
    source = case.documents["config.json"]["training"].setdefault("scenario_source", {})
    source["seed"] = rng.randint(1, 99)
    source["inflow"] = {"scheme": "external"}
    for stage in case.stages:
        for scenario in range(5):
            for plant in case.entities("hydros"):
                case.add("scenarios/external_inflow_scenarios", stage_id=stage["id"], scenario_id=scenario, hydro_id=plant["id"],
                         value_m3s=rng.uniform(8, 32))


def out_of_sample(rng, case):
    source = case.documents["config.json"]["training"].setdefault("scenario_source", {})
    if not is_noisy(case) or "inflow" in source:
        return False
    source["seed"] = rng.randint(1, 99)
    source["inflow"] = {"scheme": "out_of_sample"}


def nodes(rng, case):
    """A tree of policy nodes, walked in full: inflows of the nodes come from a table."""
    blocked = ("scenarios/inflow_ar_coefficients", "scenarios/inflow_history", "scenarios/noise_openings",
               "scenarios/external_inflow_scenarios", "constraints/penalty_overrides_none")
    graph = case.documents["stages.json"]["policy_graph"]
    if any(rows(case, name) for name in blocked) or len(case.stages) > 3:
        return False
    if any(row["std_mw"] for row in rows(case, "scenarios/load_seasonal_stats")):
        return False
    if any(row["std"] for row in rows(case, "scenarios/non_controllable_stats")):
        return False
    graph.pop("transitions", None)
    tree, edges, level = [], [], []
    number = 0
    for index, stage in enumerate(case.stages):
        width = 1 if index == 0 else rng.choice([1, 2])
        below = []
        for parent in level if index else [None]:
            shares = [rng.uniform(0.2, 1) for _ in range(width)]
            for share in shares:
                tree.append({"id": number, "stage_id": stage["id"], "scenario_id": len(below)})
                if parent is not None:
                    edges.append({"source_id": parent, "target_id": number, "probability": share / sum(shares)})
                below.append(number)
                number += 1
        level = below
        stage.pop("num_openings")
        stage.pop("sampling_method", None)
        for scenario in range(len(below)):
            for plant in case.entities("hydros"):
                case.add("scenarios/external_inflow_scenarios", stage_id=stage["id"], scenario_id=scenario, hydro_id=plant["id"],
                         value_m3s=rng.uniform(5, 35))
    graph["nodes"], graph["transitions"] = tree, edges
    training = case.documents["config.json"]["training"]
    training["selection"] = {"method": "enumerated"}
    training["scenario_source"] = {"seed": 5, "inflow": {"scheme": "external"}}
    for name in ("scenarios/inflow_seasonal_stats", "scenarios/non_controllable_stats"):
        for row in rows(case, name):
            row["std_m3s" if "inflow" in name else "std"] = 0.0
    case.documents.pop("scenarios/correlation.json", None)
