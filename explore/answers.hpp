// SPDX-License-Identifier: Apache-2.0
// What designs cost: estimated at once, simulated on demand, and both held against limits and each other.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "explore/design_space.hpp"
#include "explore/simulations.hpp"
#include "explore/subject.hpp"
#include "nas/metric.hpp"
#include "study/evaluation/answer.hpp"
#include "study/evaluation/sweep_table.hpp"

namespace lanewise::explore {

using SharedAnswer = std::shared_ptr<const study::NetworkAnswer>;

// How far an estimate of a design was off: (estimated - simulated) / simulated, in percent. nullopt where the simulated
// value is 0.
struct EstimateErrors {
  std::optional<double> latency_percent, energy_percent, dram_percent, peak_sram_percent;
  std::optional<bool> within_interval;  // whether the simulated latency lies in the interval; nullopt without one
};
EstimateErrors errors_of(const study::NetworkAnswer& estimated, const study::NetworkAnswer& simulated);

struct CheckedLimit {
  nas::Limit limit;
  study::LimitCheck check;
};

// May be asked by several threads at once.
class Answers {
 public:
  // Both must outlive it; `simulator` as Simulations takes it.
  Answers(const Subject& subject, const DesignSpace& designs, std::unique_ptr<study::MeasurementSource> simulator);

  // Of a design without a refusal. A network that the engine cannot run is answered with the reason as its failure.
  study::Answered estimate(const Design& design) const;
  // One per design, in order; of those with a refusal the refusal is the failure. What subgraphs are bound by is left
  // out.
  std::vector<study::Answered> estimate(const std::vector<Design>& designs) const;
  // Waits; throws Busy and Cancelled as Simulations does. What was simulated before is known at once.
  study::Answered simulate(const Design& design);
  // What was simulated of this design; null where nothing was.
  SharedAnswer simulated(const Design& design) const;
  Simulations& simulations() { return simulations_; }

  // The estimate of a network as it is on the engine as it is; null where that cannot run it.
  SharedAnswer baseline(std::size_t network) const;
  std::vector<nas::Limit> limits() const;
  // Throws Error for a limit of accuracy, and for one relative to a baseline that cannot run.
  void set_limits(std::vector<nas::Limit> limits);
  // Against all limits; a factor of the baseline is of its estimate.
  std::vector<CheckedLimit> check(const study::NetworkAnswer& answer, std::size_t network) const;

 private:
  void complete(const Design& design, study::NetworkAnswer& answer) const;

  const Subject& subject_;
  const DesignSpace& designs_;
  std::vector<SharedAnswer> baselines_;
  mutable std::mutex guard_;
  std::vector<nas::Limit> limits_;
  std::map<std::string, SharedAnswer> simulated_;  // by identity of the design
  Simulations simulations_;                        // last: it ends first
};

}  // namespace lanewise::explore
