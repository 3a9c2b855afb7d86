// SPDX-License-Identifier: Apache-2.0
// What a design can be judged by: the one table of metrics, and the limits that people set on them. Objectives of a
// search, limits of a search or a sweep, and columns of their files all take their names from here.
#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

namespace lanewise::nas {

enum class Metric {
  kLatency,
  kEnergy,
  kEnergyDelayProduct,
  kAveragePower,
  kArea,
  kParameters,
  kParameterBytes,
  kPeakActivationBytes,
  kPeakSramBytes,
  kDramBytes,
  kMacs,
  kMacsPerPixel,
  kAccuracy,
};
inline constexpr std::size_t kMetricCount = 13;

struct MetricTraits {
  Metric metric;
  const char* name;      // "latency_ms"
  const char* old_name;  // "latency", which older command lines say; nullptr: none
  const char* meaning;   // one line with the unit, for help texts and tables
  bool maximised;        // whether more is better by itself, as of accuracy alone
};
// Every metric, in the order of the enumeration.
const std::vector<MetricTraits>& metrics();
const MetricTraits& traits_of(Metric metric);
// Reads "latency_ms" or an old name. Throws Error listing the known ones.
Metric parse_metric(const std::string& text);
// Reads "latency_ms,energy_uj". Throws Error for an unknown or repeated metric, and for an empty list.
std::vector<Metric> parse_metrics(const std::string& text);

// What a search is after: metrics, and which of them are to be as large as possible. Accuracy is so by itself and
// stands in `maximised` no more than the others do.
struct Objectives {
  std::vector<Metric> metrics, maximised;
};
// Reads "latency_ms,parameters:max": a metric is minimised unless ":max" stands behind it. Throws as parse_metrics
// does, and for any other word behind a colon.
Objectives parse_objectives(const std::string& text);
// The value as searches have it, who make everything small: turned over where the metric is among `maximised`.
double as_minimised(Metric metric, double value, const std::vector<Metric>& maximised);

// One number per metric, in its unit; NaN where it is not known.
struct Metrics {
  std::array<double, kMetricCount> values;
  Metrics() { values.fill(std::numeric_limits<double>::quiet_NaN()); }
  double& operator[](Metric metric) { return values[static_cast<std::size_t>(metric)]; }
  double operator[](Metric metric) const { return values[static_cast<std::size_t>(metric)]; }
};

// "latency_ms<=5", "parameters>=0.9*baseline".
struct Limit {
  Metric metric = Metric::kLatency;
  bool at_most = true;       // "<=", else ">="
  double bound = 0;          // in the metric's unit, or a factor of the baseline's value
  bool of_baseline = false;  // whether it is such a factor
  std::string text;          // as written
  // The bound in the metric's unit. Throws Error where it is a factor and the metric is NaN of the baseline.
  double bound_for(const Metrics& baseline) const;
  // By how much `candidate` misses the bound, relative to it, and in the metric's unit where the bound is 0; 0 where it
  // holds, which it does of a value equal to it. Throws Error where the metric is NaN, not known, of the candidate or,
  // for a factor, of the baseline: what is not known fulfils nothing.
  double violation(const Metrics& candidate, const Metrics& baseline) const;
};
// Reads METRIC<=BOUND or METRIC>=BOUND, with or without spaces. A bound is a number in the metric's unit, a number with
// a unit of the same kind ("5 ms", "2 MiB", "3.5 M"), "baseline", or a product of the two ("0.9*baseline"); only those
// of an accuracy may be negative. Throws Error naming the text and the rule.
Limit parse_limit(const std::string& text);
// Each of them. Throws Error as well where two bound the same metric on the same side, and where no value fulfils both.
std::vector<Limit> parse_limits(const std::vector<std::string>& texts);
// The violations summed; 0 where all hold. Throws as Limit::violation does.
double total_violation(const std::vector<Limit>& limits, const Metrics& candidate, const Metrics& baseline);

}  // namespace lanewise::nas
