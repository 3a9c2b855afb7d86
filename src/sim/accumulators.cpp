// SPDX-License-Identifier: Apache-2.0
#include "sim/accumulators.hpp"

namespace lanewise::sim {

void Accumulators::reset() {
  claimed_ = 0;
  full_.clear();
}

bool Accumulators::claim() {
  if (claimed_ == kHalves) return false;
  ++claimed_;
  return true;
}

void Accumulators::hand_over(Sums sums) {
  full_.push_back(sums);
  filled_.notify(sc_core::SC_ZERO_TIME);
}

void Accumulators::release() {
  full_.pop_front();
  --claimed_;
  freed_.notify(sc_core::SC_ZERO_TIME);
}

}  // namespace lanewise::sim
