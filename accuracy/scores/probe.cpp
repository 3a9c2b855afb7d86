// SPDX-License-Identifier: Apache-2.0
#include "accuracy/scores/probe.hpp"

#include <algorithm>

#include "core/base/error.hpp"

namespace lanewise::accuracy {
namespace {

std::int64_t elements(const std::vector<std::int64_t>& shape) {
  std::int64_t out = 1;
  for (const std::int64_t size : shape) out *= size;
  return out;
}

template <class Draw>
torch::Tensor drawn(const std::vector<std::int64_t>& shape, const Draw& draw) {
  torch::Tensor out = torch::empty(shape, torch::kFloat);
  float* const data = out.data_ptr<float>();
  for (std::int64_t i = 0; i < elements(shape); ++i) data[i] = draw();
  return out;
}

}  // namespace

torch::Tensor normal_tensor(const std::vector<std::int64_t>& shape, Random& random) {
  return drawn(shape, [&] { return static_cast<float>(random.normal()); });
}

torch::Tensor sign_tensor(const std::vector<std::int64_t>& shape, Random& random) {
  std::uint64_t bits = 0;
  int left = 0;
  return drawn(shape, [&] {
    if (left == 0) {
      bits = random.next();
      left = 64;
    }
    --left;
    const float sign = (bits & 1U) != 0 ? 1.0F : -1.0F;
    bits >>= 1U;
    return sign;
  });
}

Tensors normal_inputs(const network::Graph& graph, std::int64_t batch, Random& random) {
  Tensors out;
  for (const network::TensorId id : graph.inputs()) {
    std::vector<std::int64_t> shape = graph.tensor(id).shape;
    if (shape.empty()) throw Error("network '" + graph.name() + "': an input without any dimension takes no batch");
    shape[0] = batch;
    out.push_back(normal_tensor(shape, random));
  }
  return out;
}

torch::Tensor channel_rows(const torch::Tensor& value) {
  if (value.dim() == 4) return value.permute({0, 2, 3, 1}).reshape({-1, value.size(1)});
  return value.reshape({-1, value.size(-1)});
}

torch::Tensor product(const torch::Tensor& a, const torch::Tensor& b) {
  const torch::NoGradGuard no_grad;
  const torch::Tensor left = a.detach().to(torch::kFloat).contiguous();
  const torch::Tensor right = b.detach().to(torch::kFloat).contiguous();
  if (!at::hasMKLDNN()) return left.matmul(right.t());
  return at::linear(left.to_mkldnn(), right.to_mkldnn()).to_dense();
}

Tensors run_and_see(GraphModule& module, const Tensors& inputs, std::map<network::TensorId, torch::Tensor>& seen) {
  const std::vector<network::TensorId>& ids = module.graph().inputs();
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto wanted = seen.find(ids[i]);
    if (wanted != seen.end()) wanted->second = inputs[i];
  }
  module.observe([&](const network::Operator&, network::TensorId id, torch::Tensor value) {
    const auto wanted = seen.find(id);
    if (wanted != seen.end()) wanted->second = value;
    return value;
  });
  Tensors outputs = module.forward(inputs);
  module.observe({});
  return outputs;
}

torch::Tensor total(const Tensors& outputs) {
  torch::Tensor sum = outputs.at(0).sum();
  for (std::size_t i = 1; i < outputs.size(); ++i) sum = sum + outputs[i].sum();
  return sum;
}

bool bends_at_zero(network::ActivationFunction function) {
  switch (function) {
    case network::ActivationFunction::kRelu:
    case network::ActivationFunction::kRelu6:
    case network::ActivationFunction::kClip:
    case network::ActivationFunction::kLeakyRelu:
    case network::ActivationFunction::kPRelu:
    case network::ActivationFunction::kElu:
    case network::ActivationFunction::kHardSwish:
    case network::ActivationFunction::kSilu:
    case network::ActivationFunction::kGelu:
      return true;
    default:
      return false;
  }
}

Tensors layer_weights(const GraphModule& module) {
  Tensors out;
  for (const GraphModule::Weight& weight : module.weights()) {
    if (weight.role == WeightRole::kConvolution || weight.role == WeightRole::kLinear) out.push_back(weight.tensor);
  }
  return out;
}

}  // namespace lanewise::accuracy
