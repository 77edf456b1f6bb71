internal import CobreCommunication
internal import CobreEngine
internal import CobreMPI
internal import Foundation

/// Joins the ranks that the environment describes.
func connectFromEnvironment(problem: UInt64) throws -> any Communicator {
  let environment = ProcessInfo.processInfo.environment
  let mpi = MPISupport(
    load: { () throws(CommunicationError) in try MPILibrary.load(environment: environment) },
    join: { try MPICommunicator(options: $0) })
  return try CommunicatorFactory.make(environment: environment, problem: problem, mpi: mpi)
}
