// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/pointwise_shape.hpp"

namespace lanewise::mapping {
namespace {

bool is_pointwise(const SubgraphShape& s) {
  network::Window one = s.window;
  one.dilation[0] = one.dilation[1] = 1;  // of a single tap
  return s.uses_array() && s.family != SubgraphFamily::kMatMul && !s.pooled && one == network::Window{} &&
         s.in_height == s.out_height && s.in_width == s.out_width;
}

// The largest divisor that is no larger than the quotient.
std::int64_t squarest_width(std::int64_t pixels) {
  std::int64_t width = 1;
  for (std::int64_t divisor = 2; divisor * divisor <= pixels; ++divisor) {
    if (pixels % divisor == 0) width = divisor;
  }
  return width;
}

}  // namespace

void fold_pointwise(SubgraphShape& shape, const engine::EngineConfig& engine) {
  if (!is_pointwise(shape)) return;
  if (engine.mapping.cascade && shape.family != SubgraphFamily::kFullyConnected) return;
  // Values per channel are others for each image.
  const std::int64_t images = shape.operand == FusedOperand::kPerChannel ? 1 : shape.batch;
  const std::int64_t pixels = images * shape.in_height * shape.in_width;
  shape.batch /= images;
  shape.window = network::Window{};
  shape.in_width = shape.out_width = engine.patch_pixels() > 0 ? 1 : squarest_width(pixels);
  shape.in_height = shape.out_height = pixels / shape.in_width;
}

}  // namespace lanewise::mapping
