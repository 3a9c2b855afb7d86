// SPDX-License-Identifier: Apache-2.0
// The outcome of measuring a subgraph: a measurement, or the reason why there is none.
#pragma once

#include <string>

#include "core/record/measurement.hpp"

namespace lanewise::record {

struct SubgraphResult {
  Measurement measurement;  // empty when it failed
  std::string failure;      // "", or why this subgraph cannot run on this engine
};

}  // namespace lanewise::record
