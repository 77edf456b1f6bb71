internal import CobreServerProgram

@main
struct Main {
  static func main() { CobreMCPCommand.main() }
}
