import Testing

/// A library that wants to own the process has no place in a long-lived server, and ranks find theirs when they start.
@Suite struct LinkageTests {
  @Test(arguments: [Installation.server, Installation.worker])
  func `no program links an MPI library`(program: String) throws {
    let (code, output, _) = try Installation.run("/usr/bin/ldd", [program])
    #expect(code == 0)
    #expect(output.contains("libc.so"))
    #expect(!output.contains("libmpi") && !output.contains("libopen-rte") && !output.contains("libpmix"))
  }
}
