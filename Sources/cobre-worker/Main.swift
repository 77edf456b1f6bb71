internal import CobreWorkerProgram

@main
struct Main {
  static func main() { CobreWorker.start() }
}
