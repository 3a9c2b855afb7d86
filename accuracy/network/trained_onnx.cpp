// SPDX-License-Identifier: Apache-2.0
#include "accuracy/network/trained_onnx.hpp"

#include <utility>

#include "core/network/file_details.hpp"

namespace lanewise::accuracy {

void write_onnx(const GraphModule& module, const std::string& path, const std::string& from,
                const network::ImportOptions& read_as) {
  network::OnnxExport options;
  options.weights_from = from;
  options.read_as = read_as;
  for (const GraphModule::Weight& weight : module.weights()) {
    const torch::Tensor numbers =
        module.whole(weight.id).detach().to(torch::kCPU, torch::kFloat).contiguous(at::MemoryFormat::Contiguous);
    const float* first = numbers.data_ptr<float>();
    options.numbers[weight.id].assign(first, first + numbers.numel());
  }
  network::export_onnx(module.graph(), path, options);
}

std::shared_ptr<GraphModule> read_onnx(const std::string& path, const network::ImportOptions& read_as,
                                       bool channels_last) {
  const network::Graph graph = network::import_network(path, read_as);
  GraphModuleOptions options;
  options.channels_last = channels_last;
  options.file = std::make_shared<network::FileDetails>(network::read_file_details(graph, path, read_as));
  return std::make_shared<GraphModule>(graph, options);
}

}  // namespace lanewise::accuracy
