extension Rule {
  static let structure: [Rule] = [
    .error(101, "Every required file exists."),
    .error(102, "No <stem>.csv together with <stem>.parquet."),
    .error(103, "No <stem>.parquet alone."),
    .warning(104, "Every file in system/, scenarios/, constraints/ has a known name (the nearest is suggested)."),
    .error(105, "Files are readable and UTF-8."),
    .error(106, "JSON parses, without duplicate keys, and its top level is an object."),
    .error(
      107,
      "CSV: quoting closed, as many fields in each row as in the header, header names unique and not empty."),
    .error(
      108,
      "inflow_openings excludes inflow_seasonal_stats, inflow_ar_coefficients, inflow_annual_component, "
        + "inflow_history, noise_openings."),
    .error(109, "load_openings excludes load_seasonal_stats, noise_openings, inflow_seasonal_stats, inflow_history."),
    .warning(
      110,
      "Reported: inflow_ar_coefficients or inflow_annual_component without inflow_seasonal_stats and "
        + "inflow_history: ignored."),
    .warning(111, "Reported: inflow_annual_component in a case whose model is estimated from the history: ignored."),
    .error(112, "The case stays within the reader's limits of size."),
    .error(113, "All files are of one format: Cobre's own or Novomodelo's."),
    .warning(114, "Files of a case have one name each and belong to the user who reads them."),
  ]
}
