import CobreBase
import CobreCase
import CobreEngine
import Testing

@Suite struct FilePathTests {
  /// As dirname(1) has it, but for names without a slash.
  @Test(arguments: [("a", ""), ("run", ""), ("/a", "/"), ("a/b", "a"), ("/a/b/c", "/a/b"), ("", ""), ("./a", ".")])
  func `the parent is what stands before the last slash`(path: String, parent: String) {
    #expect(FilePath.parent(of: path) == parent)
  }
}
