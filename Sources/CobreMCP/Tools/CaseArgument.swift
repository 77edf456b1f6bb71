/// The argument that names the case for tools that look at one.
package enum CaseArgument {
  package static let parameter = Parameter(
    "case_dir", .text(maximumLength: 4096), required: true, brief: "Directory of the case, with config.json.",
    "Directory of the case (the one that holds config.json), absolute or relative to the server's working directory.")
}
