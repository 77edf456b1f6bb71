import Testing

/// The server must not even link MPI: a library that wants to own the process has no place in a long-lived one.
@Suite struct LinkageTests {
  @Test func `the server links no MPI library`() throws {
    let (code, output, _) = try Installation.run("/usr/bin/ldd", [Installation.server])
    #expect(code == 0)
    #expect(output.contains("libc.so"))
    #expect(!output.contains("libmpi") && !output.contains("libopen-rte") && !output.contains("libpmix"))
  }
}
