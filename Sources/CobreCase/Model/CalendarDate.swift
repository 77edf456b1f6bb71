/// A calendar day without time zone, proleptic Gregorian.
package struct CalendarDate: Sendable, Hashable, Comparable {
  /// Days since 1970-01-01.
  ///
  /// Negative before it.
  package let dayNumber: Int

  /// The day `dayNumber` days after 1970-01-01.
  package init(dayNumber: Int) {
    self.dayNumber = dayNumber
  }

  /// The given day, or nil if it does not exist.
  ///
  /// Years 1 to 9999.
  package init?(year: Int, month: Int, day: Int) {
    guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
      day <= CalendarDate.daysInMonth(month, year: year)
    else { return nil }
    self.dayNumber = CalendarDate.dayNumber(year: year, month: month, day: day)
  }

  package var year: Int { civil.year }
  package var month: Int { civil.month }
  package var day: Int { civil.day }

  /// ISO 8601 week of the year, 1 to 53.
  package var isoWeek: Int {
    // The week belongs to the year that holds its Thursday. 1970-01-01 was a Thursday (weekday 3, Monday = 0).
    let weekday = ((dayNumber + 3) % 7 + 7) % 7
    let thursday = CalendarDate(dayNumber: dayNumber - weekday + 3)
    let newYear = CalendarDate.dayNumber(year: thursday.year, month: 1, day: 1)
    return (thursday.dayNumber - newYear) / 7 + 1
  }

  package static func < (left: CalendarDate, right: CalendarDate) -> Bool {
    left.dayNumber < right.dayNumber
  }

  /// Days from `start` (included) to `end` (excluded).
  package static func days(from start: CalendarDate, to end: CalendarDate) -> Int {
    end.dayNumber - start.dayNumber
  }

  static func isLeap(_ year: Int) -> Bool {
    (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
  }

  static func daysInMonth(_ month: Int, year: Int) -> Int {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Year, month and day.
  ///
  /// Era arithmetic of Hinnant, "chrono-compatible low-level date algorithms" (2013).
  package var civil: (year: Int, month: Int, day: Int) {
    let z = dayNumber + 719_468
    let era = (z >= 0 ? z : z - 146_096) / 146_097
    let dayOfEra = z - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shifted + 2) / 5 + 1
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  private static func dayNumber(year: Int, month: Int, day: Int) -> Int {
    let y = month <= 2 ? year - 1 : year
    let era = (y >= 0 ? y : y - 399) / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }
}

extension CalendarDate: CustomStringConvertible {
  /// The day as `YYYY-MM-DD`.
  package var description: String {
    let (year, month, day) = civil
    func padded(_ number: Int, _ width: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
  }
}
