// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/stored_operands.hpp"

#include <algorithm>
#include <numeric>

namespace lanewise::mapping {
namespace {

using network::Graph;
using network::kNone;
using network::Operator;
using network::OperatorKind;
using network::TensorId;
using Shape = std::vector<std::int64_t>;

std::int64_t product(const Shape& shape, std::size_t from, std::size_t to) {
  return std::accumulate(shape.begin() + static_cast<std::ptrdiff_t>(from),
                         shape.begin() + static_cast<std::ptrdiff_t>(to), std::int64_t{1}, std::multiplies<>());
}

// The axis of `from` that a reshape makes `axis` of `to`; kNone where it is joined or split.
std::int64_t before_reshape(const Shape& from, const Shape& to, std::int64_t axis) {
  const auto at = static_cast<std::size_t>(axis);
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (from[i] == to[at] && product(from, 0, i) == product(to, 0, at)) return static_cast<std::int64_t>(i);
  }
  return kNone;
}

// Operators that take the graph input, or a part of it, on as it is.
bool takes_part(const Operator& op) {
  return op.kind == OperatorKind::kReshape || op.kind == OperatorKind::kTranspose || op.kind == OperatorKind::kSlice ||
         op.kind == OperatorKind::kSplit;
}

}  // namespace

StoredOperands::StoredOperands(const Graph& graph, const TensorViews& views)
    : graph_(graph), views_(views), flags_(graph.tensors().size()) {
  for (const TensorId output : graph.outputs()) flags_[index(output)].leaves = true;
  for (auto op = graph.operators().rbegin(); op != graph.operators().rend(); ++op) follow_readers(*op);
  for (const Operator& op : graph.operators()) {
    if (op.kind == OperatorKind::kConcat) find_cache(op);
  }
  for (const Operator& op : graph.operators()) {
    if (op.kind == OperatorKind::kMatMul) {
      for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) agree_on_order(op, side);
    }
  }
}

// Readers come after what they read, so that walking back from the end knows all of them.
void StoredOperands::follow_readers(const Operator& op) {
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    Flags& flags = flags_[index(op.inputs[i])];
    const std::int64_t wanted = wanted_axis(op, i);
    if (wanted != kNone) flags.channels = wanted;  // the first reader comes last
    if (op.kind == OperatorKind::kMatMul) {
      flags.in_product = true;
      flags.only_products = flags.only_products && views_.repeats_matrices_only(op, i);
    } else if (is_look(op)) {
      const Flags& out = flags_[index(op.outputs[0])];
      flags.in_product = flags.in_product || out.in_product;
      flags.only_products = flags.only_products && out.only_products;
      flags.stored_for_products = flags.stored_for_products && out.stored_for_products;
      flags.leaves = flags.leaves || out.leaves;
      flags.is_broadcast = flags.is_broadcast || out.is_broadcast;
    } else if (is_broadcast_in(op, i)) {
      flags.is_broadcast = true;
      flags.stored_for_products = false;
    } else {
      flags.only_products = false;
      flags.stored_for_products = flags.stored_for_products && op.kind == OperatorKind::kConcat &&
                                  flags_[index(op.outputs[0])].stored_for_products;
    }
  }
}

// Whether another operand has the result's shape, so that this one may be smaller.
bool StoredOperands::is_broadcast_in(const Operator& op, std::size_t input) const {
  if (op.kind != OperatorKind::kElementwise) return false;
  const std::vector<std::int64_t>& out = graph_.tensor(op.outputs.at(0)).shape;
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    const TensorId other = op.inputs[i];
    const network::Tensor& tensor = graph_.tensor(other);
    if (i != input && tensor.shape == out && views_.distinct_elements(other) == tensor.elements()) return true;
  }
  return false;
}

// The axis of an operator's input that it takes for the channels, or that its readers do.
std::int64_t StoredOperands::wanted_axis(const Operator& op, std::size_t input) const {
  const Shape& from = graph_.tensor(op.inputs[input]).shape;
  const std::int64_t last = static_cast<std::int64_t>(from.size()) - 1;
  const std::int64_t out_axis = op.outputs.empty() ? kNone : flags_[index(op.outputs[0])].channels;
  const Shape& to = op.outputs.empty() ? from : graph_.tensor(op.outputs[0]).shape;
  switch (op.kind) {
    case OperatorKind::kConvolution:
    case OperatorKind::kMaxPool:
    case OperatorKind::kAveragePool:
    case OperatorKind::kGlobalAveragePool:
    case OperatorKind::kGlobalMaxPool:
    case OperatorKind::kBatchNormalization:
    case OperatorKind::kLocalResponseNormalization:
      return last >= 1 ? 1 : kNone;
    case OperatorKind::kFullyConnected:
      return last;
    case OperatorKind::kMatMul:
      return input == 0 ? last : last - 1;
    case OperatorKind::kTranspose:
      return out_axis == kNone ? kNone : op.axes.at(static_cast<std::size_t>(out_axis));
    case OperatorKind::kReshape:
      return out_axis == kNone ? kNone : before_reshape(from, to, out_axis);
    default:
      return from.size() == to.size() ? out_axis : kNone;
  }
}

// The largest part of a concatenation that comes from a graph input, and all that leads to it, lies in the cache.
void StoredOperands::find_cache(const Operator& concatenation) {
  const TensorId out = concatenation.outputs.at(0);
  if (!flags_[index(out)].in_product) return;
  TensorId largest = kNone;
  for (const TensorId part : concatenation.inputs) {
    TensorId at = part;
    while (graph_.producer(at) != kNone && takes_part(graph_.op(graph_.producer(at)))) {
      at = graph_.op(graph_.producer(at)).inputs.at(0);
    }
    if (graph_.tensor(at).role != network::TensorRole::kGraphInput ||
        graph_.tensor(part).precision != graph_.tensor(out).precision) {
      continue;
    }
    if (largest == kNone || graph_.tensor(part).elements() > graph_.tensor(largest).elements()) largest = part;
  }
  if (largest == kNone) return;
  flags_[index(out)].cache = true;
  for (TensorId at = largest;; at = graph_.op(graph_.producer(at)).inputs[0]) {
    flags_[index(at)].in_cache = true;
    if (graph_.producer(at) == kNone) return;
  }
}

bool StoredOperands::is_stored(TensorId source) const {
  return graph_.tensor(source).role == network::TensorRole::kGraphInput || flags_[index(source)].cache;
}

void StoredOperands::agree_on_order(const Operator& product, std::size_t side) {
  const TensorId source = views_.of(product.inputs.at(side)).source;
  if (!is_stored(source)) return;
  const ViewAxis summed = views_.summed_axis(product, side);
  const auto [order, is_first] = orders_.insert({source, {summed, true}});
  if (!is_first) {
    order->second.agreed = order->second.agreed && order->second.summed == summed;
  } else if (!flags_[index(source)].stored_for_products) {
    // What else reads it finds the network's order, the last axis innermost.
    const Shape& shape = graph_.tensor(source).shape;
    order->second.agreed = !shape.empty() && summed == ViewAxis{{shape.back(), 1}};
  }
}

bool StoredOperands::is_free_repetition(const Operator& repetition) const {
  const Flags& out = flags_[index(repetition.outputs.at(0))];
  return is_repetition(repetition) && (out.in_product || out.is_broadcast) && out.only_products && !out.leaves;
}

bool StoredOperands::is_free_transposition(const Operator& transpose) const {
  const Flags& out = flags_[index(transpose.outputs.at(0))];
  if (!out.in_product || !out.stored_for_products) return false;
  const auto order = orders_.find(views_.of(transpose.outputs[0]).source);
  return order != orders_.end() && order->second.agreed;
}

bool StoredOperands::appends_across(const Operator& concatenation) const {
  const auto order = orders_.find(concatenation.outputs.at(0));
  if (order == orders_.end() || !order->second.agreed || !is_cache(concatenation.outputs[0])) return false;
  const Shape& shape = graph_.tensor(concatenation.outputs[0]).shape;
  const std::int64_t stride = product(shape, static_cast<std::size_t>(concatenation.axes.at(0)) + 1, shape.size());
  const ViewAxis& summed = order->second.summed;
  return std::any_of(summed.begin(), summed.end(), [&](const ViewFactor& factor) {
    return factor.stride <= stride && stride < factor.stride * factor.size;
  });
}

}  // namespace lanewise::mapping
