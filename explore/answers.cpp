// SPDX-License-Identifier: Apache-2.0
#include "explore/answers.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/base/error.hpp"
#include "core/engine/scaling_rules.hpp"
#include "study/evaluation/answer_metrics.hpp"
#include "study/evaluation/estimate.hpp"
#include "study/evaluation/sweep_wishes.hpp"

namespace lanewise::explore {
namespace {

constexpr std::size_t kMostSimulated = 1000;

std::optional<double> error_percent(double estimated, double simulated) {
  if (simulated == 0) return std::nullopt;
  return 100 * (estimated - simulated) / simulated;
}

study::SweepRow row_of(const study::NetworkAnswer& answer) {
  study::SweepRow row;
  row.network = answer.network;
  row.total = answer.total;
  row.reliability = answer.reliability;
  return row;
}

nas::Metrics metrics_of(const SharedAnswer& answer) {
  return answer == nullptr ? nas::Metrics() : study::metrics_of(answer->total);
}

}  // namespace

EstimateErrors errors_of(const study::NetworkAnswer& estimated, const study::NetworkAnswer& simulated) {
  const study::Totals &e = estimated.total, &s = simulated.total;
  EstimateErrors errors;
  errors.latency_percent = error_percent(static_cast<double>(e.latency_cycles), static_cast<double>(s.latency_cycles));
  errors.energy_percent = error_percent(e.energy_uj, s.energy_uj);
  errors.dram_percent = error_percent(static_cast<double>(e.dram_bytes), static_cast<double>(s.dram_bytes));
  errors.peak_sram_percent =
      error_percent(static_cast<double>(e.peak_sram_bytes), static_cast<double>(s.peak_sram_bytes));
  if (estimated.reliability && estimated.reliability->interval) {
    const study::LatencyInterval& interval = *estimated.reliability->interval;
    errors.within_interval = s.latency_cycles >= interval.low_cycles && s.latency_cycles <= interval.high_cycles;
  }
  return errors;
}

Answers::Answers(const Subject& subject, const DesignSpace& designs,
                 std::unique_ptr<study::MeasurementSource> simulator)
    : subject_(subject), designs_(designs), simulations_(std::move(simulator)) {
  for (std::size_t i = 0; i < subject.networks.size(); ++i) {
    Choice as_given;
    as_given.network = i;
    const Design design = designs.design(as_given);
    study::Answered answered = estimate(design);
    baselines_.push_back(
        answered.failure.empty() ? std::make_shared<const study::NetworkAnswer>(std::move(answered.answer)) : nullptr);
  }
  set_limits(subject.limits);
}

// What study answers leave to whoever asked.
void Answers::complete(const Design& design, study::NetworkAnswer& answer) const {
  for (const engine::ScalingWarning& warning : engine::scaling_warnings(design.engine)) {
    answer.warnings.push_back(warning.message);
  }
  answer.sizes = subject_.sizes;
}

study::Answered Answers::estimate(const Design& design) const {
  if (!design.refusal.empty()) return {{}, design.refusal};
  study::EstimateOptions options;
  options.level = subject_.level;
  study::Answered answered =
      study::estimate({{design.graph.get(), &design.engine}}, *subject_.estimator, options).front();
  if (answered.failure.empty()) complete(design, answered.answer);
  return answered;
}

std::vector<study::Answered> Answers::estimate(const std::vector<Design>& designs) const {
  std::vector<study::Answered> out(designs.size());
  std::vector<study::Question> questions;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < designs.size(); ++i) {
    out[i].failure = designs[i].refusal;
    if (!designs[i].refusal.empty()) continue;
    questions.push_back({designs[i].graph.get(), &designs[i].engine});
    places.push_back(i);
  }
  study::EstimateOptions options;
  options.level = subject_.level;
  options.explained = 0;
  std::vector<study::Answered> answered = study::estimate(questions, *subject_.estimator, options);
  for (std::size_t i = 0; i < places.size(); ++i) out[places[i]] = std::move(answered[i]);
  return out;
}

study::Answered Answers::simulate(const Design& design) {
  if (!design.refusal.empty()) return {{}, design.refusal};
  if (const SharedAnswer known = simulated(design)) return {*known, ""};
  study::Answered answered = simulations_.simulate(design.graph, design.engine);
  if (!answered.failure.empty()) return answered;
  complete(design, answered.answer);
  answered.answer.rtl = study::rtl_check_summary(subject_.engine_path, design.engine);
  const std::lock_guard<std::mutex> lock(guard_);
  if (simulated_.size() >= kMostSimulated) simulated_.clear();
  simulated_[designs_.identity(design)] = std::make_shared<const study::NetworkAnswer>(answered.answer);
  return answered;
}

SharedAnswer Answers::simulated(const Design& design) const {
  if (!design.refusal.empty()) return nullptr;
  const std::string identity = designs_.identity(design);
  const std::lock_guard<std::mutex> lock(guard_);
  const auto found = simulated_.find(identity);
  return found == simulated_.end() ? nullptr : found->second;
}

SharedAnswer Answers::baseline(std::size_t network) const { return baselines_.at(network); }

std::vector<nas::Limit> Answers::limits() const {
  const std::lock_guard<std::mutex> lock(guard_);
  return limits_;
}

void Answers::set_limits(std::vector<nas::Limit> limits) {
  for (const nas::Limit& limit : limits) {
    if (limit.metric == nas::Metric::kAccuracy) {
      throw Error(
          fmt::format("limit '{}': accuracy is not known here, where no network's quality is measured", limit.text));
    }
    if (!limit.of_baseline) continue;
    for (std::size_t i = 0; i < baselines_.size(); ++i) {
      if (baselines_[i] == nullptr) {
        throw Error(fmt::format("limit '{}': {} cannot run on the engine as given, so that there is no baseline",
                                limit.text, subject_.networks[i].name));
      }
    }
  }
  const std::lock_guard<std::mutex> lock(guard_);
  limits_ = std::move(limits);
}

std::vector<CheckedLimit> Answers::check(const study::NetworkAnswer& answer, std::size_t network) const {
  const std::vector<nas::Limit> limits = this->limits();
  const std::vector<study::LimitCheck> checks =
      study::check_limits(row_of(answer), limits, metrics_of(baseline(network)));
  std::vector<CheckedLimit> out;
  for (std::size_t i = 0; i < limits.size(); ++i) out.push_back({limits[i], checks.at(i)});
  return out;
}

}  // namespace lanewise::explore
