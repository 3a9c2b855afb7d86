// SPDX-License-Identifier: Apache-2.0
// Networks of TensorFlow Lite, taken as far as ONNX files are.
#include "tests/fuzz/target.hpp"

namespace lanewise::fuzz {

void read_tflite(const std::string& path, const std::string& folder) { read_onnx(path, folder); }

}  // namespace lanewise::fuzz
