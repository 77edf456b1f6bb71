extension Skill {
  package static let buildACase = Skill(
    name: "build-a-case",
    description: "Build or change a Cobre case of a hydrothermal system from a description, a table of inflows or an "
      + "existing case. Use when a user describes areas, plants, demand or costs, or asks for a variant.",
    body: """
      # Build a case

      1. Begin with `create_case`: `two-areas` for two areas with a line, `cascade` for plants in a row, the others as they are
         described. It is valid and trains as it is, so every later error is yours.
      2. See what is there: `read_case_file` without `file` lists the files, `get_schema` says what each key or column means.
         Units are MW, m3/s, hm3, $/MWh.
      3. Change it by `edit_case`, several edits in one call. JSON: `{"file": "system/hydros.json", "at": "hydros[id=1].reservoir",
         "merge": {"max_storage_hm3": 900}}`. Tables: `rows` by key, `set` and `multiply` with `where`, or `content` for a whole
         CSV file such as `scenarios/inflow_history.csv`.
      4. Take care of what makes results wrong without an error:
         * past inflows: give `past_inflows` in `initial_conditions.json`, or a history that reaches the start of the study;
         * deficit must cost more than the dearest plant, or the policy prefers to black out;
         * penalties must cost more than what they allow to avoid;
         * productivity in MW per m3/s times the largest flow should come near the installed power.
      5. `validate_case` until there is no error; read every warning. `describe_case` for counts, power and storage: compare
         them with the description.
      6. `train` with few iterations as a trial. Say what the case holds, what was assumed, and the bounds.

      For a variant, `copy_case` with `edits` leaves the original alone: `multiply` the inflow means by 0.8 for a dry one, merge
      a `risk_measure` (CVaR, entropic, Wasserstein, worst case). Train both, then `compare_runs`.
      """)

  package static let readWaterValues = Skill(
    name: "read-water-values",
    description:
      "Explain water values and prices of a trained Cobre policy, such as what stored water is worth, why a price "
      + "is what it is, when water is kept. Use when a user asks for water values, prices or the use of reservoirs.",
    body: """
      # Read water values

      1. `inspect_policy` with a stage (from 0, the end of that stage) and `share` for the storage: it answers $/hm3 by plant
         and $/MWh through the cascade. Without `share` it takes the storage at the start of the study.
      2. A water value is the slope of the cost to go: what one more hm3 saves later. It falls with storage and rises before a
         dry season. Ask for two or three shares, such as 0.2, 0.5 and 0.9, before saying so.
      3. From $/hm3 to $/MWh: 1 hm3 is 277.8 m3/s for an hour; divide by 277.8 times the productivity in MW per m3/s of the plant
         and of all plants below it.
      4. A price is set by what serves the last MWh: a thermal plant at its cost, water at its value, a deficit at its penalty,
         or a line that is full. `explain_price` says which, where the server has it; `query_results` on prices, generation and
         flows by stage shows it, after `describe_results`.
      5. `plot` with kind `water_value` or `marginal_cost` shows the spread over scenarios; a mean alone hides the dry years.
      6. Say how far the run has converged (`convergence`): water values of a policy far from its bound are not final.
      """)

  package static let whyIsItSlow = Skill(
    name: "why-is-it-slow",
    description: "Find out why a Cobre run is slow, how long it will take and whether it has converged, and what would "
      + "help. Use when a user asks how long, why slow, or when to stop.",
    body: """
      # Why is it slow

      1. `status` for elapsed and remaining time, workers and memory; `diagnose_run` for where time goes, where the server has
         it; `convergence` for the seconds of each iteration.
      2. Iterations that get slower: cuts grow. Fewer `forward_passes` with more iterations, or cut selection in `config.json`
         (`get_schema` with part `training`), keep the programs small.
      3. Waiting of workers: there are more of them than forward passes, or than cores. `num_workers` times
         `threads_per_worker` should not exceed the physical cores. Results do not depend on either.
      4. Converged or not: the lower bound no longer rises, and lies within the 95 % interval of the upper bound. A wide interval
         is no convergence: more scenarios make it narrow (`simulate` with 2000). Under risk aversion (CVaR) the upper bound is
         a mean and bounds nothing.
      5. To stop earlier: `time_limit_seconds`, or `statistical_gap`. `cancel` keeps what was learnt, `resume` goes on.
      6. Before a long run: `estimate`, where the server has it, or a trial of ten iterations.
      """)

  package static let bringANewaveDeck = Skill(
    name: "bring-a-newave-deck",
    description:
      "Convert a NEWAVE or DECOMP deck into a Cobre case, check it and train it. Use when a user has a deck of "
      + "the Brazilian models, or files such as caso.dat, hidr.dat or dadger.",
    body: """
      # Bring a NEWAVE or DECOMP deck

      1. The deck must be unpacked, in a directory that the server may read (`--allow-dir`), the one that holds `caso.dat`.
      2. `convert_deck` with `model` newave or decomp and a new `directory`. It needs the program novomodelo-bridge; the answer
         says how to install it (`pip install novomodelo-bridge`). Where the tool is not listed, `more_tools` opens the group `cases`.
      3. Read the findings: what the bridge leaves out (cut files of DECOMP, some constraints) changes results.
      4. `validate_case` with the new directory, then `describe_case`: compare plants, reservoirs, stages and demand with the
         deck. Tables of such a case are Parquet; `read_case_file` shows them as CSV.
      5. Real decks are large: begin with `train` and `iterations` 5, see the seconds per iteration in `status`, then decide on
         `num_workers`.
      6. Results: `export_results` with format `novomodelo` writes the Parquet layout that other tools of the sector read.
      """)
}
