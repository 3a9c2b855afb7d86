// SPDX-License-Identifier: Apache-2.0
#include "accuracy/network/graph_module.hpp"

#include "core/base/error.hpp"

namespace lanewise::accuracy {

GraphModule::GraphModule(const network::Graph& graph) : graph_(graph) {}

std::vector<torch::Tensor> GraphModule::forward(const std::vector<torch::Tensor>&) {
  throw Error("networks do not run yet");
}

}  // namespace lanewise::accuracy
