internal import CobreCommunication

/// A program that starts servers from a file of its configuration.
package enum ClientProgram: String, CaseIterable, Sendable {
  case claudeCode = "claude-code"
  case claudeDesktop = "claude-desktop"
  case cursor
  case vscode
  case codex

  package var title: String {
    switch self {
    case .claudeCode: "Claude Code"
    case .claudeDesktop: "Claude Desktop"
    case .cursor: "Cursor"
    case .vscode: "VS Code"
    case .codex: "Codex"
    }
  }

  /// How the file says which servers there are.
  enum Form {
    /// A JSON object under this key, with a server by name.
    case json(key: String)
    /// A table `[mcp_servers.NAME]`.
    case toml
  }

  var form: Form {
    switch self {
    case .claudeCode, .claudeDesktop, .cursor: .json(key: "mcpServers")
    case .vscode: .json(key: "servers")
    case .codex: .toml
    }
  }

  /// Whether the entry of a server names its kind of transport.
  var namesTransport: Bool { self == .claudeCode || self == .vscode }

  /// The file that a user's own configuration is in.
  ///
  /// - Parameters:
  ///   - home: the user's directory.
  ///   - environment: where some programs let a user move it.
  /// - Returns: its path, whether it is there or not.
  func userFile(home: String, environment: [String: String]) -> String {
    let settings = environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? home + "/.config"
    switch self {
    case .claudeCode:
      return environment["CLAUDE_CONFIG_DIR"].flatMap { $0.hasPrefix("/") ? $0 + "/.claude.json" : nil }
        ?? home + "/.claude.json"
    case .claudeDesktop: return settings + "/Claude/claude_desktop_config.json"
    case .cursor: return home + "/.cursor/mcp.json"
    case .vscode: return settings + "/Code/User/mcp.json"
    case .codex:
      return environment["CODEX_HOME"].flatMap { $0.hasPrefix("/") ? $0 + "/config.toml" : nil }
        ?? home + "/.codex/config.toml"
    }
  }

  /// The file of one project; nil where the program knows none.
  func projectFile(_ directory: String) -> String? {
    switch self {
    case .claudeCode: directory + "/.mcp.json"
    case .claudeDesktop: nil
    case .cursor: directory + "/.cursor/mcp.json"
    case .vscode: directory + "/.vscode/mcp.json"
    case .codex: directory + "/.codex/config.toml"
    }
  }

  /// Directories or files whose presence shows that the program is in use.
  func traces(home: String, environment: [String: String]) -> [String] {
    let file = userFile(home: home, environment: environment)
    let folder = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? file
    switch self {
    // Its file is in the user's own directory, which proves nothing.
    case .claudeCode: return [file, home + "/.claude"]
    case .vscode: return [file, folder, home + "/.vscode"]
    case .claudeDesktop, .cursor, .codex: return [folder]
    }
  }
}
