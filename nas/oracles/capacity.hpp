// SPDX-License-Identifier: Apache-2.0
// A capacity constraint: parameters and MACs at least a share of the baseline's, or a whole number. It is not accuracy
// and does not say so.
#pragma once

#include <memory>
#include <string>

#include "nas/oracles/accuracy_oracle.hpp"

namespace lanewise::nas {

class CapacityConstraint : public AccuracyOracle {
 public:
  // Shares in (0, 1]; 0: no constraint. Throws Error outside. `least` is a bound in whole numbers beside them, 0: none.
  // The shortfall adds up how far each falls below the larger of its bounds, relative to the bound.
  CapacityConstraint(NetworkFacts baseline, double parameter_share, double mac_share, NetworkFacts least = {});
  std::string name() const override;
  double shortfall(const NetworkFacts& candidate) const override;

 private:
  NetworkFacts baseline_;
  double parameter_share_, mac_share_;
  NetworkFacts least_;
};

// Of the settings "parameters" and "macs", both shares of the baseline's, "least_parameters" and "least_macs".
std::unique_ptr<AccuracyOracle> make_capacity_constraint(const AccuracySettings& settings, const NetworkFacts& baseline,
                                                         const AccuracyContext& context);

}  // namespace lanewise::nas
