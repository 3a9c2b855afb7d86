// SPDX-License-Identifier: Apache-2.0
// Layer lists of SCALE-Sim, taken as far as ONNX files are.
#include "tests/fuzz/target.hpp"

namespace lanewise::fuzz {

void read_scale_sim(const std::string& path, const std::string& folder) { read_onnx(path, folder); }

}  // namespace lanewise::fuzz
