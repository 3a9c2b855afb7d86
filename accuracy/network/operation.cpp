// SPDX-License-Identifier: Apache-2.0
#include "accuracy/network/operation.hpp"

#include <fmt/format.h>

#include <iterator>

#include "core/base/error.hpp"

namespace lanewise::accuracy {

double Described::number(const std::string& name, double usual) const {
  if (details == nullptr) return usual;
  const auto found = details->numbers.find(name);
  return found == details->numbers.end() ? usual : found->second;
}

bool Described::has_number(const std::string& name) const {
  return details != nullptr && details->numbers.count(name) > 0;
}

std::string Described::text(const std::string& name, const std::string& usual) const {
  if (details == nullptr) return usual;
  const auto found = details->texts.find(name);
  return found == details->texts.end() ? usual : found->second;
}

const std::vector<double>* Described::list(const std::string& name) const {
  if (details == nullptr) return nullptr;
  const auto found = details->lists.find(name);
  return found == details->lists.end() ? nullptr : &found->second;
}

bool Described::knows_order() const {
  if (op.weights.empty() || op.inputs.empty()) return true;
  if (details == nullptr || details->operands.size() != op.inputs.size() + op.weights.size()) return false;
  std::size_t weights = 0;
  for (const bool is_weight : details->operands) weights += is_weight ? 1 : 0;
  return weights == op.weights.size();
}

std::vector<torch::Tensor> Described::operands(const Call& call, bool weights_first) const {
  std::vector<torch::Tensor> all;
  if (details != nullptr && !op.weights.empty() && knows_order()) {
    std::size_t input = 0, weight = 0;
    for (const bool is_weight : details->operands) {
      all.push_back(is_weight ? call.weights[weight++] : call.inputs[input++]);
    }
    return all;
  }
  all = weights_first ? call.weights : call.inputs;
  const std::vector<torch::Tensor>& rest = weights_first ? call.inputs : call.weights;
  all.insert(all.end(), rest.begin(), rest.end());
  return all;
}

void Described::refuse(const std::string& rule) const {
  throw Error(fmt::format("network '{}': operator '{}' ({}, from {}) cannot be trained: {}", graph.name(), op.name,
                          to_string(op.kind), op.source_type.empty() ? "no file" : op.source_type, rule));
}

namespace {

Compute refuse_host(const Described& d) { d.refuse("it runs on the host, and has no gradient here"); }

using Make = Compute (*)(const Described&);

// In the order of the enumeration.
constexpr Make kRows[] = {
    make_convolution,
    make_fully_connected,
    make_matmul,
    make_batch_normalization,
    make_layer_normalization,
    make_max_pool,
    make_average_pool,
    make_global_pool,
    make_global_pool,
    make_reduce,
    make_elementwise,
    make_activation,
    make_pad,
    make_concat,
    make_split,
    make_slice,
    make_gather,
    make_resize,
    make_transpose,
    make_reshape,
    make_softmax,
    make_local_response,
    refuse_host,
};
static_assert(std::size(kRows) == network::kOperatorKindCount);

}  // namespace

Compute make_operation(const Described& described) {
  const auto row = static_cast<std::size_t>(described.op.kind);
  if (row >= std::size(kRows)) throw InternalError("an operator kind has no computation");
  if (described.op.outputs.empty() ||
      (described.op.inputs.empty() && described.op.kind != network::OperatorKind::kHost)) {
    described.refuse("it reads or writes nothing");
  }
  return kRows[row](described);
}

}  // namespace lanewise::accuracy
