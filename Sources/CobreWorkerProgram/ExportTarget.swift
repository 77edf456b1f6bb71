internal import ArgumentParser
internal import CobreEngine
internal import Glibc

/// The one file that a command writes.
struct ExportTarget: ParsableArguments {
  @Option(help: "The file to write.")
  var output: String

  @Flag(help: "Replace the file if it is there.")
  var overwrite = false

  /// Refuses a file that is there already, unless it may be replaced, and everything that is no file.
  ///
  /// - Throws: `RunError` with a sentence.
  func check() throws {
    var status = stat()
    guard lstat(output, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw RunError(.storage, "\(output) is there already and is not a plain file. Choose another name.")
    }
    if !overwrite {
      throw RunError(.storage, "\(output) is there already. Choose another name, or replace it with --overwrite.")
    }
  }

  /// Writes the file as a whole.
  ///
  /// - Parameter bytes: all of its contents.
  /// - Throws: `RunError`, also where a file has come in between.
  func write(_ bytes: [UInt8]) throws {
    try check()
    try AtomicFile.write(bytes, to: output, mode: 0o644, replaces: overwrite)
  }
}
