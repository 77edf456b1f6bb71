"""A case directory of Novomodelo 0.19 in memory: documents and rows of tables, and how it is written."""

import datetime
import json
import pathlib

import pyarrow as pa
import pyarrow.parquet as pq

KEYS = {"stage_id", "hydro_id", "bus_id", "thermal_id", "line_id", "ncs_id", "contract_id", "pumping_station_id", "block_id", "lag",
        "scenario_id", "constraint_id", "hydro_unit_group_id", "family_id", "segment_id", "plane_id"}
UNSIGNED = {"opening_index", "entity_index"}
DATES = {"start_date", "end_date"}
SINCE = "2000-01-01"
# Columns that must be there although no row has a value.
WHOLE = {"system/hydro_energy_productivity": [
    "hydro_id", "stage_id", "equivalent_productivity_mw_per_m3s", "reference_outflow_m3s",
    "specific_productivity_mw_per_m3s_per_m", "integrated_equivalent_productivity_mw_per_m3s"],
    "system/fpha_hyperplanes": [
        "hydro_id", "stage_id", "plane_id", "gamma_0", "gamma_v", "gamma_q", "gamma_s", "kappa", "valid_v_min_hm3",
        "valid_v_max_hm3", "valid_q_max_m3s"]}


def kind(name):
    return pa.int32() if name in KEYS else pa.uint32() if name in UNSIGNED else pa.date32() if name in DATES else pa.float64()


class Draft:
    def __init__(self):
        self.documents = {}
        self.tables = {}

    def add(self, table, **row):
        self.tables.setdefault(table, []).append(row)

    def write(self, directory):
        directory = pathlib.Path(directory)
        for name, document in self.documents.items():
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(document, indent=1))
        for name in self.tables:
            path = directory / f"{name}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(self.table(name), path, compression="zstd")

    def table(self, name):
        """The rows of a table as a table of Arrow."""
        rows, columns = self.tables[name], list(WHOLE.get(name, []))
        for row in rows:
            columns += [key for key in row if key not in columns]

        def cell(column, value):
            if value is None:
                return None
            return datetime.date.fromisoformat(value) if column in DATES else value

        return pa.table({
            column: pa.array([cell(column, row.get(column)) for row in rows], kind(column)) for column in columns})

    # Shortcuts to the lists of documents.

    def entities(self, name):
        file, key = {
            "buses": ("system/buses.json", "buses"), "lines": ("system/lines.json", "lines"),
            "thermals": ("system/thermals.json", "thermals"), "hydros": ("system/hydros.json", "hydros"),
            "sources": ("system/non_controllable_sources.json", "non_controllable_sources"),
            "pumps": ("system/pumping_stations.json", "pumping_stations"),
            "contracts": ("system/energy_contracts.json", "contracts")}[name]
        return self.documents.setdefault(file, {key: []})[key]

    @property
    def stages(self):
        return self.documents["stages.json"]["stages"]

    @property
    def initial(self):
        return self.documents["initial_conditions.json"]


def hours(stage):
    return sum(block["hours"] for block in stage["blocks"])


def day(text):
    return datetime.date.fromisoformat(text)


def shifted(text, days):
    return (day(text) + datetime.timedelta(days=days)).isoformat()
