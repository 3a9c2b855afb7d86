// SPDX-License-Identifier: Apache-2.0
#include "core/record/measurement.hpp"

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

}  // namespace lanewise::record
