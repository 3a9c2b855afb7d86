// SPDX-License-Identifier: Apache-2.0
// Precisions of single layers (--layer-precision), given to a network.
#include "core/network/import.hpp"
#include "tests/fuzz/target.hpp"

namespace lanewise::fuzz {

void read_layer_precision(const std::string& path, const std::string&) {
  network::ImportOptions options;
  options.layers = network::read_layer_precisions(path);
  network::import_network(source_folder() + "/models/squeezenet1_1.onnx", options);
}

}  // namespace lanewise::fuzz
