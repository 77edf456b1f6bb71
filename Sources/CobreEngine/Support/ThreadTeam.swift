internal import CobreBase
internal import Glibc
internal import Synchronization

/// A fixed number of threads that share the units of a loop, the caller being one of them.
///
/// Units are handed out in ascending order, each to a free thread. What a unit does may depend on the unit, not on the
/// thread. Threads are made once and sleep between loops. Loops are started by one thread at a time and never nested.
package final class ThreadTeam {
  /// Threads at work, the caller included.
  ///
  /// Fewer than requested if the system grants no more.
  package let count: Int
  private let shared = TeamLoop()
  private let threads: [pthread_t]

  /// The failure of a loop: the failure of the lowest unit that fails, whatever the number of threads.
  package struct UnitFailure: Error {
    package let unit: Int
    /// The thread that computed it, which has not touched anything since.
    package let thread: Int
    package let cause: any Error
  }

  /// - Parameter count: threads, the caller included.
  package init(count: Int) {
    // Signals are handled by the caller's thread. A new thread inherits this mask.
    let mask = SignalMask.blockAll()
    defer { mask.restore() }
    var threads: [pthread_t] = []
    for index in 1..<max(1, count) {
      var thread = pthread_t()
      let member = Unmanaged.passRetained(TeamMember(shared: shared, index: index))
      let status = pthread_create(
        &thread, nil,
        { argument in
          guard let argument else { return nil }
          let member = Unmanaged<TeamMember>.fromOpaque(argument).takeRetainedValue()
          member.shared.serve(index: member.index)
          return nil
        }, member.toOpaque())
      guard status == 0 else {
        member.release()
        break
      }
      threads.append(thread)
    }
    self.threads = threads
    self.count = threads.count + 1
  }

  deinit {
    shared.end()
    for thread in threads { pthread_join(thread, nil) }
  }

  /// Calls `body` for every unit and returns when all have been computed.
  ///
  /// - Parameters:
  ///   - units: their number.
  ///   - body: computes one unit, given the thread (0 ..< `count`, the caller being 0) and the unit. Calls on different
  ///     threads run at the same time: it may write only to what belongs to its unit or its thread.
  /// - Throws: `UnitFailure`. Units above the one that fails may have been left out.
  package func forEach(_ units: Int, _ body: (_ thread: Int, _ unit: Int) throws -> Void) throws(UnitFailure) {
    let helpers = min(threads.count, units - 1)
    guard helpers > 0 else {
      for unit in 0..<max(0, units) {
        do { try body(0, unit) } catch { throw UnitFailure(unit: unit, thread: 0, cause: error) }
      }
      return
    }
    let failure = withoutActuallyEscaping(body) { shared.run($0, units: units, helpers: helpers) }
    if let failure { throw failure }
  }
}

/// Which thread of a team a new thread is.
private final class TeamMember {
  let shared: TeamLoop
  let index: Int

  init(shared: TeamLoop, index: Int) {
    self.shared = shared
    self.index = index
  }
}

/// What the threads of a team have in common.
///
/// Sendable, since everything mutable is atomic or touched under the lock alone.
private final class TeamLoop: @unchecked Sendable {
  typealias Body = (Int, Int) throws -> Void

  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let wake = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let done = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  /// Number of the loop.
  private var loop = 0
  /// Helpers that take part in the loop: the threads from 1 to this.
  private var helpers = 0
  /// Helpers that have not finished yet.
  private var busy = 0
  private var isOver = false
  private var body: Body?
  private var units = 0
  private var failure: ThreadTeam.UnitFailure?
  private let next = Atomic<Int>(0)
  private let hasFailed = Atomic<Bool>(false)

  init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(wake, nil)
    pthread_cond_init(done, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    pthread_cond_destroy(wake)
    pthread_cond_destroy(done)
    mutex.deallocate()
    wake.deallocate()
    done.deallocate()
  }

  /// Runs one loop, called by the owner of the team.
  func run(_ body: @escaping Body, units: Int, helpers: Int) -> ThreadTeam.UnitFailure? {
    pthread_mutex_lock(mutex)
    self.body = body
    self.units = units
    self.helpers = helpers
    busy = helpers
    failure = nil
    next.store(0, ordering: .relaxed)
    hasFailed.store(false, ordering: .relaxed)
    loop += 1
    pthread_cond_broadcast(wake)
    pthread_mutex_unlock(mutex)
    work(body, units: units, thread: 0)
    pthread_mutex_lock(mutex)
    while busy > 0 { pthread_cond_wait(done, mutex) }
    self.body = nil
    let failure = failure
    self.failure = nil
    pthread_mutex_unlock(mutex)
    return failure
  }

  /// The life of a helper.
  func serve(index: Int) {
    var seen = 0
    pthread_mutex_lock(mutex)
    while true {
      while loop == seen && !isOver { pthread_cond_wait(wake, mutex) }
      guard !isOver else { break }
      seen = loop
      guard index <= helpers, let body else { continue }
      let units = units
      pthread_mutex_unlock(mutex)
      work(body, units: units, thread: index)
      pthread_mutex_lock(mutex)
      busy -= 1
      if busy == 0 { pthread_cond_signal(done) }
    }
    pthread_mutex_unlock(mutex)
  }

  /// Takes unit after unit until there are none left or one has failed.
  ///
  /// When a unit fails all lower ones have been taken already and will be finished, so the lowest failing unit is
  /// always among those that were computed.
  private func work(_ body: Body, units: Int, thread: Int) {
    while !hasFailed.load(ordering: .relaxed) {
      let unit = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard unit < units else { return }
      do {
        try body(thread, unit)
      } catch {
        hasFailed.store(true, ordering: .relaxed)
        pthread_mutex_lock(mutex)
        if failure.map({ unit < $0.unit }) ?? true {
          failure = ThreadTeam.UnitFailure(unit: unit, thread: thread, cause: error)
        }
        pthread_mutex_unlock(mutex)
        return
      }
    }
  }

  func end() {
    pthread_mutex_lock(mutex)
    isOver = true
    pthread_cond_broadcast(wake)
    pthread_mutex_unlock(mutex)
  }
}
