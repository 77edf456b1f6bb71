extension Rule {
  static let references: [Rule] = [
    .error(301, "bus_id, source_bus_id, target_bus_id of every element name a bus."),
    .error(302, "downstream_id, diversion.downstream_id, source_hydro_id, destination_hydro_id name a hydro."),
    .error(303, "hydro_id in every table, in production_models and in initial_conditions.json names a hydro."),
    .error(
      304,
      "bus_id, line_id, thermal_id, station_id, contract_id, ncs_id, source_id in tables and factor files "
        + "name an element of their registry."),
    .error(305, "Entity ids in expressions exist; constraint_id names a constraint."),
    .error(
      306,
      "Correlation entities have type inflow, load or ncs and an id of that registry; profile_name names a "
        + "profile."),
    .error(
      307,
      "Every stage_id (also filling.start_stage_id and the correlation schedule) names a study stage; "
        + "inflow statistics, coefficients and annual rows may also name a pre-study stage."),
    .error(308, "Every block_id, also in expressions, names a block of the stage it applies to."),
    .error(309, "Transition ends name study stages."),
    .error(
      310,
      "With season_definitions, every season_id of stages, pre-study stages, production models and "
        + "past_inflows is defined there."),
    .error(311, "price_process_id of a contract names a price process."),
  ]
}
