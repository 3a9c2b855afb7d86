// SPDX-License-Identifier: Apache-2.0
// A capacity constraint: parameters and MACs at least a share of the baseline's. It is not accuracy and does not say
// so.
#pragma once

#include <memory>
#include <string>

#include "nas/oracles/accuracy_oracle.hpp"

namespace lanewise::nas {

class CapacityConstraint : public AccuracyOracle {
 public:
  // Shares in (0, 1]; 0: no constraint. Throws Error outside. The shortfall adds up how far each falls below its bound,
  // relative to the bound.
  CapacityConstraint(NetworkFacts baseline, double parameter_share, double mac_share);
  std::string name() const override;
  double shortfall(const NetworkFacts& candidate) const override;

 private:
  NetworkFacts baseline_;
  double parameter_share_, mac_share_;
};

// Of the settings "parameters" and "macs", both shares of the baseline's.
std::unique_ptr<AccuracyOracle> make_capacity_constraint(const AccuracySettings& settings, const NetworkFacts& baseline,
                                                         const AccuracyContext& context);

}  // namespace lanewise::nas
