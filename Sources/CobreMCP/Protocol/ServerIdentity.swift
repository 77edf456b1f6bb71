package import CobreEngine

/// What the server says about itself in either era.
package enum ServerIdentity {
  package static let info: JSONValue = [
    "name": "cobre-mcp",
    "title": "Cobre",
    "version": .string(engineVersion),
  ]

  package static let capabilities: JSONValue = ["tools": [:], "resources": [:], "prompts": [:]]

  /// Modern clients may use extensions too.
  package static let modernCapabilities: JSONValue = [
    "tools": [:], "resources": [:], "prompts": [:], "extensions": [TaskExtension.identifier: [:]],
  ]

  /// Guidance that concerns all tools; hosts show it to the model once.
  package static let instructions = """
    Cobre trains dispatch policies for hydrothermal power systems (SDDP) on several processes. A case is a directory of \
    JSON and CSV files; `create_case` writes one to start from. Usual order: `describe_case` or `validate_case`, then `train`, then `status` until the state is \
    succeeded, cancelled, failed or interrupted. A run computes in processes of its own: it goes on when a call times \
    out or this server ends, and only `cancel` stops it. After training: `convergence` and `plot` show how it went, \
    `query_results` (after `describe_results`) what the simulation gave, `inspect_policy` what water is worth, `simulate` \
    tries the policy on other scenarios, `compare_runs` sets runs side by side, `export_results` writes files. Money is in $, energy in MWh, storage in hm3. The lower bound is exact for the sampled \
    tree; the upper bound is a statistical estimate, so the gap may be negative by chance.
    """
}
