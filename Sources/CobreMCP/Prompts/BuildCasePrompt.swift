package import CobreBase
internal import CobreCase
internal import CobreEngine

/// `build_case`: a case from the user's description of a system.
package struct BuildCasePrompt: Prompt {
  package init() {}

  package let name = "build_case"
  package let title = "Build a case from a description"
  package let description = "Turn the description of a power system into a case that validates and trains."
  package let parameters = [
    PromptParameter(
      "description", required: true, "The system in your own words: areas, plants, demand, inflows, costs, horizon."),
    PromptParameter("directory", "New or empty directory for the case, e.g. cases/north."),
  ]

  package func messages(_ values: [String: String]) throws -> [JSONValue] {
    let place = values["directory"].map { "Write it into the directory \"\($0)\"." } ?? "Ask me for a directory first."
    let text = """
      Build a Cobre case from the description below. \(place)

      1. Call create_case with the template that comes nearest: \
      \(CaseTemplate.allCases.map { "\($0.rawValue) (\($0.summary))" }.joined(separator: " ")).
      2. Call get_schema without file for the files there are, then with a file before you change it. Mind the units: MW, \
      m3/s, hm3, $/MWh; penalties must cost more than the dearest plant.
      3. Edit the files so that they say what the description says. Where it leaves something open, take a usual value and \
      note it.
      4. Call validate_case and correct what it finds, until there is no error; look at every warning.
      5. Call describe_case and compare its counts, power and storage with the description.
      6. Call train with few iterations as a trial, then tell me: what the case holds, what you assumed, and the bounds.

      The description:

      \(values["description"] ?? "")
      """
    return [["role": "user", "content": ["type": "text", "text": .string(text)]]]
  }
}
