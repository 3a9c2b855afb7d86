// SPDX-License-Identifier: Apache-2.0
// Logs of RKNN's profiler, as rows of measurements.
#include <cmath>

#include "study/calibration/measured_rows.hpp"
#include "study/validation/validation_rows.hpp"
#include "tests/fuzz/target.hpp"

namespace lanewise::fuzz {

void read_rknn_log(const std::string& path, const std::string&) {
  const study::RowSettings settings{"", Hertz(1e9)};
  const study::ValidationRows rows = study::read_validation_rows(path, settings);
  for (const study::LayerRow& row : rows.layers) {
    const mapping::SubgraphShape& shape = row.subgraph.subgraph.shape;
    require_sane("MACs", static_cast<double>(shape.macs()), 1e15);
    require_sane("bytes", static_cast<double>(shape.input_bytes().count()), 1e17);
    mapping::parse_subgraph_key(mapping::subgraph_key(row.subgraph.subgraph));
  }
  study::read_measured_rows(path, "any", settings);
}

}  // namespace lanewise::fuzz
