// SPDX-License-Identifier: Apache-2.0
#include "study/training/accuracy_target.hpp"

#include <fmt/format.h>

#include <charconv>

#include "core/base/error.hpp"

namespace lanewise::study {
namespace {

struct Rule {
  AccuracyTarget::Metric metric;
  const char* name;
  const char* comparison;
};
constexpr Rule kRules[] = {{AccuracyTarget::Metric::kWithin5, "within5", ">="},
                           {AccuracyTarget::Metric::kWithin10, "within10", ">="},
                           {AccuracyTarget::Metric::kMape, "mape", "<="}};

const Rule& rule_of(const AccuracyTarget& target) {
  for (const Rule& rule : kRules) {
    if (rule.metric == target.metric) return rule;
  }
  throw InternalError("a target without a rule");
}

[[noreturn]] void refuse(const std::string& text, const std::string& rule) {
  throw Error(fmt::format("target '{}': {}", text, rule));
}

}  // namespace

AccuracyTarget parse_accuracy_target(const std::string& text) {
  const std::size_t sign = text.find_first_of("<>=");
  const std::string name = text.substr(0, sign);
  for (const Rule& rule : kRules) {
    if (name != rule.name) continue;
    const std::string comparison = sign == std::string::npos ? "" : text.substr(sign, 2);
    if (comparison != rule.comparison) refuse(text, fmt::format("must be {}{}VALUE", rule.name, rule.comparison));
    AccuracyTarget target;
    target.metric = rule.metric;
    const char* first = text.data() + sign + 2;
    const char* last = text.data() + text.size();
    const auto [end, error] = std::from_chars(first, last, target.value);
    if (error != std::errc() || end != last) refuse(text, fmt::format("'{}' is no number", first));
    const bool share = rule.metric != AccuracyTarget::Metric::kMape;
    if (share && !(target.value > 0 && target.value <= 1)) {
      refuse(text, fmt::format("{} is a share of the rows: must be above 0 and at most 1", rule.name));
    }
    if (!share && !(target.value > 0 && target.value <= 1e6)) {
      refuse(text, "mape is in percent: must be above 0 and at most 1000000");
    }
    return target;
  }
  refuse(text, "must be within5>=SHARE, within10>=SHARE or mape<=PERCENT");
}

std::string to_string(const AccuracyTarget& target) {
  const Rule& rule = rule_of(target);
  return fmt::format("{}{}{}", rule.name, rule.comparison, target.value);
}

const char* metric_name(const AccuracyTarget& target) { return rule_of(target).name; }

double metric_of(const AccuracyTarget& target, const estimator::Accuracy& accuracy) {
  switch (target.metric) {
    case AccuracyTarget::Metric::kWithin5:
      return accuracy.within_5_percent / 100;
    case AccuracyTarget::Metric::kWithin10:
      return accuracy.within_10_percent / 100;
    case AccuracyTarget::Metric::kMape:
      return accuracy.mape_percent;
  }
  throw InternalError("a target without a metric");
}

bool meets(const AccuracyTarget& target, const estimator::Accuracy& accuracy) {
  if (accuracy.rows == 0) return false;
  const double value = metric_of(target, accuracy);
  return target.metric == AccuracyTarget::Metric::kMape ? value <= target.value : value >= target.value;
}

}  // namespace lanewise::study
