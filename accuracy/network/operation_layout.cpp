// SPDX-License-Identifier: Apache-2.0
// Operators that move numbers without computing any.
#include <algorithm>

#include "accuracy/network/operation.hpp"

namespace lanewise::accuracy {

namespace {

using torch::Tensor;

std::size_t index(std::int64_t axis) { return static_cast<std::size_t>(axis); }

// Where each position of a padded axis comes from.
Tensor padded_positions(std::int64_t size, std::int64_t before, std::int64_t after, bool reflects) {
  std::vector<std::int64_t> from;
  for (std::int64_t i = -before; i < size + after; ++i) {
    std::int64_t at = i;
    if (reflects && size > 1) {
      while (at < 0 || at >= size) at = at < 0 ? -at : 2 * (size - 1) - at;
    }
    from.push_back(std::clamp<std::int64_t>(at, 0, size - 1));
  }
  return torch::tensor(from, torch::kLong);
}

}  // namespace

Compute make_pad(const Described& d) {
  const Sizes& in = d.input_shape();
  const Sizes& out = d.output_shape();
  if (in.size() != out.size() || d.op.offsets.size() != in.size()) d.refuse("it does not pad every dimension");
  const std::string mode = d.text("mode", "constant");
  std::vector<std::int64_t> before = d.op.offsets, after;
  for (std::size_t i = 0; i < in.size(); ++i) after.push_back(out[i] - in[i] - before[i]);
  if (mode == "constant") {
    const double value = d.number("value", 0);
    std::vector<std::int64_t> pads;
    for (std::size_t i = in.size(); i > 0; --i) {
      pads.push_back(before[i - 1]);
      pads.push_back(after[i - 1]);
    }
    return [=](Call& call) -> std::vector<Tensor> { return {at::constant_pad_nd(call.inputs[0], pads, value)}; };
  }
  if (mode != "edge" && mode != "reflect") d.refuse("it pads in the mode '" + mode + "'");
  return [=](Call& call) -> std::vector<Tensor> {
    Tensor x = call.inputs[0];
    for (std::size_t i = 0; i < before.size(); ++i) {
      if (before[i] == 0 && after[i] == 0) continue;
      const auto axis = static_cast<std::int64_t>(i);
      const Tensor from = padded_positions(x.size(axis), before[i], after[i], mode == "reflect");
      x = x.index_select(axis, from.to(x.device()));
    }
    return {x};
  };
}

// A constant part that stands for one image is the same for every image.
Compute make_concat(const Described& d) {
  const std::int64_t axis = d.op.axes.at(0);
  if (!d.op.weights.empty() && !d.knows_order()) d.refuse("where its constant parts stand, only its file says");
  return [=](Call& call) -> std::vector<Tensor> {
    std::vector<Tensor> parts = d.operands(call, true);
    for (Tensor& part : parts) {
      Sizes whole = *call.shapes[0];
      whole[index(axis)] = part.size(axis);
      const std::vector<std::int64_t> sizes = part.sizes().vec();
      if (sizes != whole) part = part.expand(whole);
    }
    return {at::cat(parts, axis)};
  };
}

Compute make_split(const Described& d) {
  const std::int64_t axis = d.op.axes.at(0);
  return [=](Call& call) -> std::vector<Tensor> {
    std::vector<Tensor> parts;
    std::int64_t begin = 0;
    for (const Sizes* shape : call.shapes) {
      const std::int64_t size = shape->at(index(axis));
      parts.push_back(call.inputs[0].narrow(axis, begin, size));
      begin += size;
    }
    return parts;
  };
}

Compute make_slice(const Described& d) {
  const network::Operator& op = d.op;
  const Sizes out = d.output_shape();
  if (op.offsets.size() != op.axes.size()) d.refuse("it does not say where each axis begins");
  return [axes = op.axes, offsets = op.offsets, steps = op.steps, out](Call& call) -> std::vector<Tensor> {
    Tensor x = call.inputs[0];
    for (std::size_t i = 0; i < axes.size(); ++i) {
      const std::int64_t axis = axes[i], step = steps.empty() ? 1 : steps[i], count = call.shapes[0]->at(index(axis));
      if (step > 0) {
        x = x.slice(axis, offsets[i], offsets[i] + (count - 1) * step + 1, step);
      } else {
        const std::int64_t last = offsets[i] + (count - 1) * step;
        x = x.flip(axis).slice(axis, x.size(axis) - 1 - offsets[i], x.size(axis) - last, -step);
      }
    }
    return {x};
  };
}

Compute make_gather(const Described& d) {
  const std::int64_t axis = d.op.axes.at(0);
  const bool is_table = !d.op.weights.empty();
  const bool is_computed = is_table || d.op.inputs.size() > 1;
  std::vector<std::int64_t> entries;
  if (!is_computed) {
    const std::vector<double>* known = d.list("indices");
    if (known == nullptr || known->empty()) d.refuse("which entries it takes, only its file says");
    for (const double entry : *known) {
      entries.push_back(
          static_cast<std::int64_t>(entry < 0 ? entry + static_cast<double>(d.input_shape()[index(axis)]) : entry));
    }
  }
  return [=](Call& call) -> std::vector<Tensor> {
    const Tensor& data = is_table ? call.weights[0] : call.inputs[0];
    Tensor chosen = is_table      ? call.inputs[0].to(torch::kLong)
                    : is_computed ? call.inputs[1].to(torch::kLong)
                                  : torch::tensor(entries, torch::kLong).to(data.device());
    chosen = at::where(chosen < 0, chosen + data.size(axis), chosen);
    return {data.index_select(axis, chosen.flatten()).reshape(*call.shapes[0])};
  };
}

Compute make_transpose(const Described& d) {
  const std::vector<std::int64_t> order = d.op.axes;
  return [=](Call& call) -> std::vector<Tensor> { return {call.inputs[0].permute(order)}; };
}

// Dimensions of 1 that change places move nothing, and the graph has them as a reshape; of more than one image they do.
Compute make_reshape(const Described& d) {
  const std::vector<double>* order = d.op.source_type == "Transpose" ? d.list("perm") : nullptr;
  if (order != nullptr && order->size() == d.input_shape().size()) {
    const std::vector<std::int64_t> permutation(order->begin(), order->end());
    return [=](Call& call) -> std::vector<Tensor> {
      return {call.inputs[0].permute(permutation).reshape(*call.shapes[0])};
    };
  }
  return [](Call& call) -> std::vector<Tensor> { return {call.inputs[0].reshape(*call.shapes[0])}; };
}

}  // namespace lanewise::accuracy
