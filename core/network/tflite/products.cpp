// SPDX-License-Identifier: Apache-2.0
// Matrix products.
#include <fmt/format.h>

#include "core/network/tflite/operators.hpp"

namespace lanewise::network::tflite {

// Its weight holds [outputs, inputs]; what it reads is a matrix with as many columns as there are inputs.
void fully_connected(const Call& call) {
  const auto* options = call.options<schema::FullyConnectedOptions>();
  if (options != nullptr && options->format() != 0) call.fail("weights in shuffled order are not supported");
  const schema::Fused fused = options == nullptr ? schema::Fused::NONE : options->fused();
  const Shape weight = call.in_shape(1);
  if (weight.size() != 2) call.fail(fmt::format("its weight has {} dimensions, where 2 are needed", weight.size()));
  const bool keeps = options != nullptr && options->keep_dims() && call.rank(0) > 2;
  if (keeps || !call.is_constant(1)) {
    const std::string turned = call.weight(1, {1, 0});
    const std::string x = call.rank(0) < 2 || (!keeps && call.rank(0) > 2)
                              ? call.emit("Reshape", {call.plain(0), call.whole({-1, weight[1]})})
                              : call.plain(0);
    if (!call.has(2)) return call.finish("MatMul", {x, turned}, {}, false, fused);
    return call.finish("Add", {call.emit("MatMul", {x, turned}), call.weight(2, {0})}, {}, false, fused);
  }
  // A map of one place is a row of channels either way.
  const Shape in = call.in_shape(0);
  const bool is_row = call.is_image(0) && in.size() == 4 && in[1] == 1 && in[2] == 1 && call.is_static(call.in(0));
  std::string x = call.operand(0, is_row);
  if (in.size() != 2) x = call.emit("Reshape", {x, call.whole({-1, weight[1]})});
  Names inputs = {x, call.weight(1, {0, 1})};
  if (call.has(2)) inputs.push_back(call.weight(2, {0}));
  call.finish("Gemm", inputs, {attribute("transB", std::int64_t{1})}, false, fused);
}

void batch_matmul(const Call& call) {
  const auto* options = call.options<schema::BatchMatMulOptions>();
  const auto read = [&](std::size_t input, bool turned) {
    const std::size_t rank = call.rank(input);
    if (rank < 2) call.fail(fmt::format("input {} has {} dimensions and is no matrix", input, rank));
    if (!turned) return call.plain(input);
    Axes order;
    for (std::size_t i = 0; i < rank; ++i) order.push_back(static_cast<std::int64_t>(i));
    std::swap(order[rank - 1], order[rank - 2]);
    return call.weight(input, order);
  };
  const bool turn_x = options != nullptr && options->adjoint_x();
  const bool turn_y = options != nullptr && options->adjoint_y();
  const std::string left = read(0, turn_x);
  call.finish("MatMul", {left, read(1, turn_y)});
}

void embedding_lookup(const Call& call) {
  call.finish("Gather", {call.plain(1), call.plain(0)}, {attribute("axis", std::int64_t{0})});
}

}  // namespace lanewise::network::tflite
