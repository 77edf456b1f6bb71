"""The features that random cases of Novomodelo draw from."""

import novomodelo_features as features
import novomodelo_more as more
import novomodelo_noise as noise
import novomodelo_paths as paths
import novomodelo_water as water
from novomodelo_formulas import generic

# The chance of each feature, and the function that adds it, in the order in which they are added.
FEATURES = {
    "joining rivers": (0.3, water.confluence), "no storage or turbines": (0.15, water.runs_of_river),
    "load factors": (0.3, features.load_factors), "thermal bounds": (0.3, features.thermal_bounds),
    "line bounds": (0.2, features.line_bounds), "windows": (0.2, features.windows), "sources": (0.3, features.sources),
    "contracts": (0.25, features.contracts), "pumps": (0.2, features.pumps), "groups": (0.3, features.groups),
    "hydro bounds": (0.4, features.hydro_bounds), "withdrawals": (0.2, features.withdrawals),
    "evaporation": (0.25, features.evaporation), "diversion": (0.2, features.diversion), "more bounds": (0.2, water.more_bounds),
    "planes": (0.15, features.planes), "fitted planes": (0.2, features.fitted), "backwater": (0.3, water.backwater),
    "mixed models": (0.2, more.mixed_models), "seasonal productivity": (0.2, features.seasonal), "productivity table": (0.15, features.table_productivity),
    "travel": (0.25, features.travel), "more travel": (0.15, more.more_travel), "hydro windows": (0.15, features.hydro_windows),
    "filling cascade": (0.15, water.filling_cascade), "filling": (0.15, features.filling),
    "anticipated": (0.25, features.anticipated), "lanes by hours": (0.2, water.late_lanes),
    "late pumps": (0.15, more.late_pumps), "own prices": (0.25, features.own_prices), "every price": (0.25, more.every_price),
    "rates": (0.15, features.rates), "energies": (0.2, water.energies),
    "generic": (0.4, generic), "rare terms": (0.25, more.rare_terms), "weeks of the year": (0.3, more.weeks_of_the_year),
    "correlation": (0.15, noise.correlation), "correlated classes": (0.2, paths.all_classes),
    "sampling": (0.2, noise.sampling), "lags": (0.15, noise.lags), "annual": (0.1, noise.annual),
    "estimated": (0.05, noise.estimated), "quarters": (0.2, paths.quarters), "negative inflow": (0.15, noise.nonnegative),
    "past years": (0.15, paths.past_years), "file openings": (0.15, noise.file_openings), "external": (0.08, noise.external),
    "several externals": (0.3, paths.several_externals),
    "external loads": (0.2, paths.external_load), "out of sample": (0.08, noise.out_of_sample), "nodes": (0.12, noise.nodes),
    "wide nodes": (0.15, paths.wide_nodes), "joining nodes": (0.1, paths.joins), "no volume": (0.1, features.no_volume),
    "selected cuts": (0.2, water.choices_of_cuts), "whole tree": (0.2, more.whole_tree), "settings": (0.2, more.settings),
    "renumbered": (0.25, more.renumbered), "shuffled": (0.3, water.shuffled),
}  # fmt: skip
# What only the cases from this number on have, so that earlier ones stay as they are.
LATER = {
    "joining rivers", "no storage or turbines", "more bounds", "backwater", "filling cascade", "lanes by hours", "energies",
    "correlated classes", "quarters", "past years", "external loads", "wide nodes", "joining nodes", "selected cuts", "shuffled"}
LATEST = {
    "mixed models", "more travel", "late pumps", "every price", "rare terms", "weeks of the year", "whole tree", "settings",
    "renumbered"}
LAST = {"several externals"}
SINCE_NUMBER, LATEST_NUMBER, LAST_NUMBER = 1000, 3000, 9000


def features_of(seed):
    left_out = (LAST if seed < LAST_NUMBER else set()) | (LATEST if seed < LATEST_NUMBER else set()) | (LATER if seed < SINCE_NUMBER else set())
    return {name: value for name, value in FEATURES.items() if name not in left_out}
