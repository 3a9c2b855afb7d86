// SPDX-License-Identifier: Apache-2.0
#include "report/subgraph_text.hpp"

#include <fmt/format.h>

namespace lanewise::report {
namespace {

bool has_window(const mapping::SubgraphShape& shape) {
  using mapping::SubgraphFamily;
  switch (shape.family) {
    case SubgraphFamily::kConvolution:
    case SubgraphFamily::kGrouped:
    case SubgraphFamily::kDepthwise:
    case SubgraphFamily::kPooling:
      return true;
    default:
      return false;
  }
}

std::string window_text(const network::Window& w) {
  std::string text = fmt::format(" {}x{}", w.kernel[0], w.kernel[1]);
  if (w.stride[0] > 1 || w.stride[1] > 1) text += fmt::format(" s{}", w.stride[0]);
  if (w.dilation[0] > 1 || w.dilation[1] > 1) text += fmt::format(" d{}", w.dilation[0]);
  return text;
}

}  // namespace

std::string shape_text(const mapping::SubgraphShape& s) {
  std::string text = mapping::to_string(s.family);
  if (has_window(s)) text += window_text(s.window);
  if (s.family == mapping::SubgraphFamily::kGrouped) text += fmt::format(" in {} groups", s.groups);
  text += fmt::format(", {}x{}x{} -> {}x{}x{}", s.in_channels, s.in_height, s.in_width, s.out_channels, s.out_height,
                      s.out_width);
  if (s.batch > 1) text += fmt::format(", batch {}", s.batch);
  if (s.inputs > 1) text += fmt::format(", {} inputs", s.inputs);
  if (s.activation != network::ActivationFunction::kNone) text += fmt::format(", {}", network::to_string(s.activation));
  if (s.operand != mapping::FusedOperand::kNone) text += fmt::format(", operand {}", mapping::to_string(s.operand));
  if (s.pooled) text += fmt::format(", pooled{}", window_text(s.pool));
  if (s.input_precision != Precision::kInt8 || s.weight_precision != Precision::kInt8 ||
      s.output_precision != Precision::kInt8) {
    text += fmt::format(", {} x {} -> {}", lanewise::to_string(s.input_precision),
                        lanewise::to_string(s.weight_precision), lanewise::to_string(s.output_precision));
  }
  return text;
}

std::string context_text(const mapping::SubgraphShape& shape, const mapping::SubgraphContext& context) {
  const auto place = [](bool on_chip) { return on_chip ? "on chip" : "in DRAM"; };
  std::string text = fmt::format("input {}, output {}", place(context.input_on_chip), place(context.output_on_chip));
  if (shape.operand == mapping::FusedOperand::kTensor)
    text += fmt::format(", operand {}", place(context.operand_on_chip));
  text += fmt::format(", {} banks resident", context.resident_banks);
  if (context.resident_weight_banks > 0) {
    text += fmt::format(", weights {} for the cascade in {} banks", context.weights_on_chip ? "on chip" : "loaded",
                        context.resident_weight_banks);
  }
  return text;
}

std::string plan_text(const mapping::TilePlan& plan) {
  return fmt::format("{}, {} tiles of {}x{} pixels, {} of outputs, {} of inputs", mapping::to_string(plan.order),
                     plan.steps.size(), plan.tile_rows, plan.tile_columns, plan.tile_out_channels,
                     plan.tile_in_channels);
}

}  // namespace lanewise::report
