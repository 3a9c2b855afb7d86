// SPDX-License-Identifier: Apache-2.0
#include "core/record/measurement.hpp"

#include <algorithm>

#include "core/base/error.hpp"

namespace lanewise::record {

const char* to_string(Source source) {
  switch (source) {
    case Source::kSimulated:
      return "simulated";
    case Source::kEstimated:
      return "estimated";
  }
  throw InternalError("a source of measurements without a name");
}

std::string bound_by(const engine::PerResource<double>& gains) {
  constexpr double kAboutAsMuch = 0.995;
  const double most = *std::max_element(gains.begin(), gains.end());
  if (most <= 0) return kNoBound;
  for (const engine::ResourceName& name : engine::resource_names()) {
    if (gains[name.resource] >= kAboutAsMuch * most) return name.text;
  }
  return kNoBound;
}

}  // namespace lanewise::record
