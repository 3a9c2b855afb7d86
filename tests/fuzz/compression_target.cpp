// SPDX-License-Identifier: Apache-2.0
// Forms of weights (--compression), given to a network.
#include "core/network/compression_file.hpp"
#include "core/network/import.hpp"
#include "tests/fuzz/target.hpp"

namespace lanewise::fuzz {

void read_compression(const std::string& path, const std::string&) {
  const network::CompressionFile file = network::read_compression(path);
  network::ImportOptions options;
  options.layers = file.precisions;
  options.compression.layers = file.forms;
  const network::Graph graph = network::import_network(source_folder() + "/models/squeezenet1_1.onnx", options);
  for (const network::Tensor& tensor : graph.tensors()) {
    require_sane("nonzeros", static_cast<double>(network::nonzeros(tensor)));
  }
}

}  // namespace lanewise::fuzz
