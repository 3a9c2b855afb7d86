// SPDX-License-Identifier: Apache-2.0
#include "nas/metric.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

#include "core/base/error.hpp"
#include "core/base/printable.hpp"
#include "core/base/quantity_text.hpp"
#include "core/engine/suggestion.hpp"

namespace lanewise::nas {
namespace {

constexpr const char* kRule =
    "must be METRIC<=BOUND or METRIC>=BOUND, where a bound is a number or a factor of the baseline's value, as in "
    "'latency_ms<=5' and 'parameters>=0.9*baseline'";

// A unit that a bound may have, as a power of ten of the metric's own, or for bytes as a power of two.
struct BoundUnit {
  const char* name;
  int decimal = 0, binary = 0;
};
using BoundUnits = std::vector<BoundUnit>;

const BoundUnits& units_of(Metric metric) {
  static const BoundUnits milliseconds = {{"ns", -6}, {"us", -3}, {"ms", 0}, {"s", 3}};
  static const BoundUnits microjoules = {{"pJ", -6}, {"nJ", -3}, {"uJ", 0}, {"mJ", 3}, {"J", 6}};
  static const BoundUnits milliwatts = {{"uW", -3}, {"mW", 0}, {"W", 3}};
  static const BoundUnits square_millimetres = {{"um2", -6}, {"mm2", 0}};
  static const BoundUnits counts = {{"k", 3}, {"M", 6}, {"G", 9}};
  static const BoundUnits bytes = {{"B"}, {"KiB", 0, 10}, {"MiB", 0, 20}, {"GiB", 0, 30}};
  static const BoundUnits none;
  switch (metric) {
    case Metric::kLatency:
      return milliseconds;
    case Metric::kEnergy:
      return microjoules;
    case Metric::kAveragePower:
      return milliwatts;
    case Metric::kArea:
      return square_millimetres;
    case Metric::kParameters:
    case Metric::kMacs:
    case Metric::kMacsPerPixel:
      return counts;
    case Metric::kParameterBytes:
    case Metric::kPeakActivationBytes:
    case Metric::kPeakSramBytes:
    case Metric::kDramBytes:
      return bytes;
    case Metric::kEnergyDelayProduct:
    case Metric::kAccuracy:
      return none;
  }
  throw InternalError("a metric without units");
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::vector<std::string> known_names() {
  std::vector<std::string> names;
  for (const MetricTraits& traits : metrics()) names.emplace_back(traits.name);
  return names;
}

class LimitReader {
 public:
  explicit LimitReader(const std::string& text) : text_(text) {}

  Limit read() const {
    const std::size_t at = text_.find_first_of("<>=");
    if (at == std::string::npos) fail(kRule);
    const std::size_t end = std::min(text_.find_first_not_of("<>=", at), text_.size());
    const std::string sign = text_.substr(at, end - at);
    if (sign != "<=" && sign != ">=") fail(fmt::format("'{}' is no comparison here: {}", sign, kRule));
    Limit limit;
    limit.text = text_;
    limit.at_most = sign == "<=";
    try {
      limit.metric = parse_metric(std::string(trimmed(std::string_view(text_).substr(0, at))));
    } catch (const Error& error) {
      fail(error.what());
    }
    read_bound(trimmed(std::string_view(text_).substr(end)), limit);
    return limit;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(fmt::format("limit '{}': {}", printable(text_), what));
  }

  void read_bound(std::string_view text, Limit& limit) const {
    if (text.empty()) fail(fmt::format("the bound is missing: {}", kRule));
    const std::size_t star = text.find('*');
    limit.of_baseline = star != std::string_view::npos || text == "baseline";
    if (limit.of_baseline && star == std::string_view::npos) {
      limit.bound = 1;
      return;
    }
    if (limit.of_baseline) {
      const std::string_view left = trimmed(text.substr(0, star)), right = trimmed(text.substr(star + 1));
      if (left != "baseline" && right != "baseline") fail("a product must be a number times 'baseline'");
      limit.bound = number(right == "baseline" ? left : right, {}, false);
      return;
    }
    limit.bound = number(text, units_of(limit.metric), limit.metric == Metric::kAccuracy);
  }

  // A number with one of `units` or without.
  double number(std::string_view text, const BoundUnits& units, bool may_be_negative) const {
    const std::string_view whole = text;
    double value = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (status == std::errc::result_out_of_range) fail(fmt::format("'{}' is too large or too small a number", whole));
    if (status != std::errc()) fail(fmt::format("'{}' is not a number: {}", whole, kRule));
    if (!std::isfinite(value)) fail(fmt::format("'{}' must be a finite number", whole));
    if (value < 0 && !may_be_negative) fail(fmt::format("'{}' is negative: must be 0 or above", whole));
    text = trimmed(text.substr(static_cast<std::size_t>(end - text.data())));
    if (text.empty()) return value;
    std::vector<std::string> names;
    for (const BoundUnit& unit : units) {
      if (text == unit.name) return scaled(value, unit, whole);
      names.emplace_back(unit.name);
    }
    const std::string rule = names.empty() ? "must be a number without a unit"
                                           : fmt::format("units here are {}, or none", fmt::join(names, ", "));
    fail(fmt::format("'{}' has '{}' behind its number: {}", whole, text, rule));
  }

  // The value in the metric's own unit. Dividing by a power of ten rounds once; multiplying by its inverse would round
  // twice.
  double scaled(double value, const BoundUnit& unit, std::string_view whole) const {
    const double decimal =
        unit.decimal < 0 ? value / std::pow(10.0, -unit.decimal) : value * std::pow(10.0, unit.decimal);
    const double out = std::ldexp(decimal, unit.binary);
    if (!std::isfinite(out)) fail(fmt::format("'{}' is too large or too small a number", whole));
    return out;
  }

  const std::string& text_;
};

void refuse_together(const Limit& a, const Limit& b) {
  if (a.metric != b.metric) return;
  if (a.at_most == b.at_most) {
    throw Error(fmt::format("limit '{}': '{}' already bounds {} from {}", b.text, a.text, traits_of(a.metric).name,
                            a.at_most ? "above" : "below"));
  }
  const Limit &above = a.at_most ? a : b, &below = a.at_most ? b : a;
  if (a.of_baseline == b.of_baseline && below.bound > above.bound) {
    throw Error(fmt::format("limit '{}': nothing fulfils it together with '{}'", b.text, a.text));
  }
}

}  // namespace

const std::vector<MetricTraits>& metrics() {
  static const std::vector<MetricTraits> all = {
      {Metric::kLatency, "latency_ms", "latency", "latency of one inference, of the whole batch, in ms", false},
      {Metric::kEnergy, "energy_uj", "energy", "energy of one inference, of the whole batch, in uJ", false},
      {Metric::kEnergyDelayProduct, "edp", nullptr, "energy-delay product: energy_uj x latency_ms, in uJ ms", false},
      {Metric::kAveragePower, "average_power_mw", nullptr, "energy over latency, in mW", false},
      {Metric::kArea, "area_mm2", "area", "area of the engine, in mm2", false},
      {Metric::kParameters, "parameters", nullptr, "trained parameters of the network", false},
      {Metric::kParameterBytes, "parameter_bytes", nullptr, "bytes of the parameters in their precisions", false},
      {Metric::kPeakActivationBytes, "peak_activation_bytes", nullptr,
       "bytes of the activations that live at once, without tiling", false},
      {Metric::kPeakSramBytes, "peak_sram_bytes", "peak_memory", "most bytes on chip that any subgraph needs", false},
      {Metric::kDramBytes, "dram_bytes", "dram", "bytes moved to and from DRAM", false},
      {Metric::kMacs, "macs", nullptr, "multiply-accumulates of the network", false},
      {Metric::kMacsPerPixel, "macs_per_pixel", nullptr,
       "multiply-accumulates over the rows x columns of the largest input, of each image", false},
      {Metric::kAccuracy, "accuracy", nullptr, "score of the accuracy oracle, as it gives it", true},
  };
  return all;
}

const MetricTraits& traits_of(Metric metric) { return metrics().at(static_cast<std::size_t>(metric)); }

Metric parse_metric(const std::string& text) {
  for (const MetricTraits& traits : metrics()) {
    if (text == traits.name || (traits.old_name != nullptr && text == traits.old_name)) return traits.metric;
  }
  const std::vector<std::string> known = known_names();
  throw Error(fmt::format("metric '{}' is unknown{}; known are {}", printable(text), engine::suggestion(text, known),
                          fmt::join(known, ", ")));
}

std::vector<Metric> parse_metrics(const std::string& text) {
  std::vector<Metric> out;
  std::size_t begin = 0;
  for (;;) {
    const std::size_t comma = text.find(',', begin);
    const std::string_view name =
        std::string_view(text).substr(begin, comma == std::string::npos ? comma : comma - begin);
    if (trimmed(name).empty()) {
      throw Error(fmt::format("metrics '{}': a name is missing: must be names with commas between them, of {}",
                              printable(text), fmt::join(known_names(), ", ")));
    }
    const Metric metric = parse_metric(std::string(trimmed(name)));
    if (std::find(out.begin(), out.end(), metric) != out.end()) {
      throw Error(fmt::format("metric '{}' stands twice in '{}'", traits_of(metric).name, printable(text)));
    }
    out.push_back(metric);
    if (comma == std::string::npos) return out;
    begin = comma + 1;
  }
}

Objectives parse_objectives(const std::string& text) {
  constexpr std::string_view kMax = ":max";
  std::vector<std::string> words;
  std::vector<bool> maximised;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    std::string word(trimmed(std::string_view(text).substr(begin, end - begin)));
    const std::size_t colon = std::min(word.find(':'), word.size());
    maximised.push_back(colon < word.size());
    if (maximised.back() && std::string_view(word).substr(colon) != kMax) {
      throw Error(fmt::format("objective '{}': must be a metric, minimised, or a metric with '{}' behind it",
                              printable(word), kMax));
    }
    words.push_back(word.substr(0, colon));
    begin = end + 1;
  }
  Objectives out;
  out.metrics = parse_metrics(fmt::format("{}", fmt::join(words, ",")));
  for (std::size_t i = 0; i < out.metrics.size(); ++i) {
    if (maximised[i] && !traits_of(out.metrics[i]).maximised) out.maximised.push_back(out.metrics[i]);
  }
  return out;
}

double as_minimised(Metric metric, double value, const std::vector<Metric>& maximised) {
  return std::find(maximised.begin(), maximised.end(), metric) == maximised.end() ? value : -value;
}

double Limit::bound_for(const Metrics& baseline) const {
  if (!of_baseline) return bound;
  if (std::isnan(baseline[metric])) {
    throw Error(fmt::format("limit '{}': {} of the baseline is not known", text, traits_of(metric).name));
  }
  return bound * baseline[metric];
}

double Limit::violation(const Metrics& candidate, const Metrics& baseline) const {
  const double value = candidate[metric];
  if (std::isnan(value)) throw Error(fmt::format("limit '{}': {} is not known", text, traits_of(metric).name));
  const double most = bound_for(baseline);
  const double miss = at_most ? value - most : most - value;
  if (!(miss > 0)) return 0;
  return most == 0 ? miss : miss / std::abs(most);
}

Limit parse_limit(const std::string& text) { return LimitReader(text).read(); }

std::vector<Limit> parse_limits(const std::vector<std::string>& texts) {
  std::vector<Limit> limits;
  for (const std::string& text : texts) {
    limits.push_back(parse_limit(text));
    for (std::size_t i = 0; i + 1 < limits.size(); ++i) refuse_together(limits[i], limits.back());
  }
  return limits;
}

double total_violation(const std::vector<Limit>& limits, const Metrics& candidate, const Metrics& baseline) {
  double sum = 0;
  for (const Limit& limit : limits) sum += limit.violation(candidate, baseline);
  return sum;
}

}  // namespace lanewise::nas
