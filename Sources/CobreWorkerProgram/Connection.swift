internal import CobreEngine
internal import Foundation

#if MPI
internal import CobreMPI
#endif

/// Joins the ranks that the environment describes.
func connectFromEnvironment(problem: UInt64) throws -> any Communicator {
  #if MPI
  return try CommunicatorFactory.make(
    environment: ProcessInfo.processInfo.environment, problem: problem, mpi: { try MPICommunicator(options: $0) })
  #else
  return try CommunicatorFactory.make(environment: ProcessInfo.processInfo.environment, problem: problem)
  #endif
}
