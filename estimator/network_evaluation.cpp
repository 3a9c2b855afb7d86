// SPDX-License-Identifier: Apache-2.0
#include "estimator/network_evaluation.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <set>
#include <utility>

#include "estimator/features.hpp"

namespace lanewise::estimator {
namespace {

constexpr std::size_t kLevels = sizeof(kReportedLevels) / sizeof(kReportedLevels[0]);

// The word that a name begins with: "resnet" of resnet50.
std::string first_word(const std::string& name) {
  const auto end = std::find_if(name.begin(), name.end(), [](unsigned char c) { return std::isalpha(c) == 0; });
  return end == name.begin() ? name : std::string(name.begin(), end);
}

double percent(double predicted, double measured) { return 100 * (predicted - measured) / measured; }

}  // namespace

// Networks compared, in percent of what was measured.
struct NetworkEvaluation::Counted {
  std::vector<double> latency, energy, peak;
  CoverageCount coverage;
  std::set<std::string> engines;

  NetworkAccuracy accuracy() const {
    return {static_cast<std::int64_t>(engines.size()), network_errors(latency), network_errors(energy),
            network_errors(peak), coverage.report()};
  }
};

NetworkEvaluation::NetworkEvaluation(const TrainingSet& set, const std::vector<bool>& use, const OutOfFold& folds,
                                     const TrainOptions& options)
    : set_(set), use_(use), folds_(folds), options_(options) {
  const std::size_t samples = set.samples().size();
  energy_.assign(samples, 0);
  peak_.assign(samples, 0);
  without_family_.assign(samples, 0);
  if (folds.folds == 0) return;
  find_networks();
  find_families();
}

void NetworkEvaluation::find_networks() {
  std::map<std::string, MixCounter> counters;
  for (MeasuredNetwork& network : measured_networks(set_, use_, options_.seed)) {
    if (!network.complete) continue;
    MixCounter& counter = counters[network.name];
    for (const MeasuredNetwork::Part& part : network.parts) {
      counter.add(set_.samples()[part.sample].subgraph.shape, static_cast<double>(part.occurrences));
    }
    networks_.push_back(std::move(network));
  }
  for (const auto& [name, counter] : counters) mixes_[name] = counter.mix();
}

// A network joins the first family in which one member is like it; families that it is like join, too.
void NetworkEvaluation::find_families() {
  std::vector<std::vector<std::string>> groups;
  for (const auto& [name, mix] : mixes_) {
    std::vector<std::string> joined = {name};
    for (auto& group : groups) {
      const bool alike =
          std::any_of(group.begin(), group.end(), [&, &name = name, &mix = mix](const std::string& other) {
            return first_word(other) == first_word(name) || mixes_.at(other).distance(mix) <= kAlike;
          });
      if (!alike) continue;
      joined.insert(joined.end(), group.begin(), group.end());
      group.clear();
    }
    groups.erase(std::remove_if(groups.begin(), groups.end(), [](const auto& group) { return group.empty(); }),
                 groups.end());
    std::sort(joined.begin(), joined.end());
    groups.push_back(std::move(joined));
  }
  std::sort(groups.begin(), groups.end());
  for (std::vector<std::string>& group : groups) {
    for (const std::string& name : group) family_of_[name] = families_.size();
    NetworkFamily family;
    family.name = first_word(group.front());
    family.members = std::move(group);
    families_.push_back(std::move(family));
  }
}

void NetworkEvaluation::add_training(std::vector<std::function<void()>>& jobs) {
  if (networks_.empty()) return;
  for (int fold = 0; fold < folds_.folds; ++fold) {
    jobs.push_back([this, fold] { predict_left_out(fold); });
    for (const Target target : {Target::kEnergy, Target::kPeakSram}) {
      jobs.push_back([this, target, fold] { predict(target, fold); });
    }
  }
}

// Whether nothing would be known of the sample without the families of the group.
bool NetworkEvaluation::left_out(std::size_t sample, int group) const {
  const std::vector<record::NetworkMembership>& members = set_.samples()[sample].networks;
  return !members.empty() && std::all_of(members.begin(), members.end(), [&](const record::NetworkMembership& member) {
    const auto family = family_of_.find(member.network);
    return family != family_of_.end() && static_cast<int>(family->second) % folds_.folds == group;
  });
}

void NetworkEvaluation::predict(Target target, int fold) {
  std::vector<bool> use(use_.size());
  for (std::size_t i = 0; i < use.size(); ++i) use[i] = folds_.fold[i] >= 0 && folds_.fold[i] != fold;
  std::vector<std::size_t> asked;
  std::vector<float> features;
  for (const MeasuredNetwork& network : networks_) {
    if (fold_of(network) != fold) continue;
    for (const MeasuredNetwork::Part& part : network.parts) {
      asked.push_back(part.sample);
      features.insert(features.end(), set_.features(part.sample).begin(), set_.features(part.sample).end());
    }
  }
  if (asked.empty()) return;
  const std::vector<float> ratios = set_.train(target, use, options_).predict(features, asked.size());
  for (std::size_t i = 0; i < asked.size(); ++i) {
    std::array<double, kTargetCount> row{};
    row[static_cast<std::size_t>(target)] = static_cast<double>(ratios[i]);
    const Prediction prediction = to_prediction(row, set_.analytic(asked[i]), *set_.samples()[asked[i]].engine);
    if (target == Target::kEnergy) energy_[asked[i]] = prediction.energy.count();
    if (target == Target::kPeakSram) peak_[asked[i]] = as_double(prediction.peak_sram);
  }
}

void NetworkEvaluation::predict_left_out(int fold) {
  std::vector<bool> use(use_.size());
  bool any = false;
  for (std::size_t i = 0; i < use.size(); ++i) {
    use[i] = folds_.fold[i] >= 0 && folds_.fold[i] != fold && !left_out(i, fold);
    any = any || use[i];
  }
  std::vector<std::size_t> asked;
  std::vector<float> features;
  for (const MeasuredNetwork& network : networks_) {
    if (fold_of(network) != fold || static_cast<int>(family_of_.at(network.name)) % folds_.folds != fold) continue;
    for (const MeasuredNetwork::Part& part : network.parts) {
      asked.push_back(part.sample);
      features.insert(features.end(), set_.features(part.sample).begin(), set_.features(part.sample).end());
    }
  }
  if (asked.empty() || !any) return;
  const std::vector<float> ratios = set_.train(Target::kLatency, use, options_).predict(features, asked.size());
  for (std::size_t i = 0; i < asked.size(); ++i) {
    without_family_[asked[i]] = predicted_cycles(ratios[i], set_.analytic(asked[i]), *set_.samples()[asked[i]].engine);
  }
}

void NetworkEvaluation::add(const MeasuredNetwork& network, const std::vector<double>& latencies,
                            const Interval intervals[], Counted& counted) const {
  double measured_cycles = 0, cycles = 0, measured_energy = 0, energy = 0, measured_peak = 0, peak = 0;
  for (const MeasuredNetwork::Part& part : network.parts) {
    const auto times = static_cast<double>(part.occurrences);
    const record::Measurement& m = set_.samples()[part.sample].measurement;
    measured_cycles += times * measured(Target::kLatency, m);
    cycles += times * latencies[part.sample];
    measured_energy += times * measured(Target::kEnergy, m);
    energy += times * energy_[part.sample];
    measured_peak = std::max(measured_peak, measured(Target::kPeakSram, m));
    peak = std::max(peak, peak_[part.sample]);
  }
  counted.engines.insert(network.engine_hash);
  counted.latency.push_back(percent(cycles, measured_cycles));
  if (&latencies != &without_family_) {
    if (measured_energy > 0) counted.energy.push_back(percent(energy, measured_energy));
    if (measured_peak > 0) counted.peak.push_back(percent(peak, measured_peak));
  }
  for (std::size_t level = 0; level < kLevels; ++level) {
    counted.coverage.add(level, {measured_cycles, cycles}, intervals[level]);
  }
}

NetworkReport NetworkEvaluation::report(const std::vector<double>& difficulty, const Intervals& intervals) const {
  NetworkReport report;
  if (networks_.empty() || intervals.folds == 0) return report;
  // The intervals that the networks of a fold get are calibrated on those of the other folds.
  std::vector<Intervals> calibrated;
  for (int fold = 0; fold < folds_.folds; ++fold) {
    std::vector<MeasuredNetwork> others;
    for (const MeasuredNetwork& network : networks_) {
      if (fold_of(network) != fold) others.push_back(network);
    }
    Intervals of_fold;
    of_fold.correlation = intervals.correlation;
    of_fold.networks = network_scores(set_, others, folds_.predicted, difficulty, intervals.correlation);
    calibrated.push_back(std::move(of_fold));
  }
  std::vector<Counted> held_out(families_.size()), left_out(families_.size());
  Counted all_held_out, all_left_out;
  for (const MeasuredNetwork& network : networks_) {
    const std::size_t family = family_of_.at(network.name);
    const auto count = [&](const std::vector<double>& latencies, Counted& of_family, Counted& all) {
      Interval ranges[kLevels];
      const ComparedNetwork whole = compared(network, set_, latencies, difficulty);
      for (std::size_t level = 0; level < kLevels; ++level) {
        ranges[level] = calibrated[static_cast<std::size_t>(fold_of(network))].network_interval(whole.parts,
                                                                                                kReportedLevels[level]);
      }
      add(network, latencies, ranges, of_family);
      add(network, latencies, ranges, all);
    };
    count(folds_.predicted, held_out[family], all_held_out);
    if (without_family_[network.parts.front().sample] > 0) count(without_family_, left_out[family], all_left_out);
  }
  report.families = families_;
  for (std::size_t i = 0; i < families_.size(); ++i) {
    report.families[i].held_out = held_out[i].accuracy();
    report.families[i].left_out = left_out[i].accuracy();
  }
  report.held_out = all_held_out.accuracy();
  report.left_out = all_left_out.accuracy();
  report.mixes = mixes_;
  return report;
}

}  // namespace lanewise::estimator
