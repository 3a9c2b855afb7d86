// SPDX-License-Identifier: Apache-2.0
#include "core/network/rewrite_sites.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/network/rewrite_channels.hpp"

namespace lanewise::network {
namespace {

bool owns_weight(const Graph& graph, const Operator& op) {
  return op.inputs.size() == 1 && !op.weights.empty() && graph.consumers(op.weights[0]).size() == 1;
}

// The edge of the window, the same on every axis along which it has one; 0 where it has none or two.
std::int64_t edge_of(const Window& window) {
  const std::int64_t height = window.kernel[0], width = window.kernel[1];
  if (height == 1) return width;
  return width == 1 || width == height ? height : 0;
}

// Why the kernel of a convolution cannot change; "" where it can.
std::string fixed_kernel(const Graph& graph, const Operator& op) {
  const std::int64_t edge = edge_of(op.window);
  if (op.transposed) return "a transposed convolution takes its size from its kernel";
  if (edge == 0) return fmt::format("its kernel is {}x{}, not square", op.window.kernel[0], op.window.kernel[1]);
  if (edge != 3 && edge != 5 && edge != 7) return fmt::format("its kernel is {}, not 3, 5 or 7", edge);
  if (!owns_weight(graph, op)) return "it shares its weights with another operator, or computes them";
  if (graph.tensor(op.weights[0]).shape.size() != 4) return "its weights have other than four dimensions";
  // Without padding of its own, a smaller kernel would change the size of its map.
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const std::int64_t span = (op.window.kernel[axis] - 1) * op.window.dilation[axis];
    const std::int64_t padding = op.window.pad_begin[axis] + op.window.pad_end[axis];
    const std::int64_t slack = op.window.stride[axis] - 1;
    if (op.window.kernel[axis] > 1 && (padding < span - slack || padding > span)) {
      return "its padding is not that of equal sizes, so its map would change with the kernel";
    }
  }
  return "";
}

std::string fixed_groups(const Graph& graph, const Operator& op) {
  if (op.transposed) return "it is a transposed convolution";
  if (channels_of(graph, op.outputs[0]) != op.groups) return "it has several filters a channel";
  if (!owns_weight(graph, op)) return "it shares its weights with another operator, or computes them";
  return "";
}

template <class Visit>
void for_convolutions(const Graph& graph, Visit visit) {
  int number = 0;
  for (OperatorId id = 0; id < static_cast<OperatorId>(graph.operators().size()); ++id) {
    if (graph.op(id).kind == OperatorKind::kConvolution) visit(id, fmt::format("conv{}", number++));
  }
}

class Repeats {
 public:
  explicit Repeats(const Graph& graph) : graph_(graph) {}

  // Why the block is no repeat; "" with `repeat` filled in where it is one.
  std::string read(const Block& block, Repeat& repeat) const {
    const std::set<OperatorId> members(block.operators.begin(), block.operators.end());
    const Operator& add = graph_.op(block.residual_add);
    repeat.block = block.name;
    repeat.operators = block.operators;
    for (const TensorId operand : add.inputs) {
      if (members.count(graph_.producer(operand)) == 0) repeat.input = operand;
    }
    if (repeat.input == kNone) return "its skip connection holds layers of its own";
    repeat.output = add.outputs[0];
    if (graph_.tensor(repeat.input).shape != graph_.tensor(repeat.output).shape) return "it changes the shape";
    for (const OperatorId id : block.operators) {
      const Operator& op = graph_.op(id);
      for (const TensorId input : op.inputs) {
        const bool is_inside = members.count(graph_.producer(input)) > 0;
        if (!is_inside && input != repeat.input) return fmt::format("'{}' reads a second tensor from outside", op.name);
      }
      if (id != block.residual_add && leaves(op, members)) {
        return fmt::format("what '{}' writes is read outside", op.name);
      }
    }
    take_activation(repeat);
    if (graph_.is_output(repeat.output)) return "it gives an output of the network";
    return "";
  }

 private:
  const Graph& graph_;

  bool leaves(const Operator& op, const std::set<OperatorId>& members) const {
    return std::any_of(op.outputs.begin(), op.outputs.end(), [&](TensorId output) {
      const auto& readers = graph_.consumers(output);
      return graph_.is_output(output) ||
             std::any_of(readers.begin(), readers.end(), [&](OperatorId reader) { return members.count(reader) == 0; });
    });
  }

  // The activation behind the addition goes too where the block's input has been through the same.
  void take_activation(Repeat& repeat) const {
    const auto& readers = graph_.consumers(repeat.output);
    const OperatorId before = graph_.producer(repeat.input);
    if (readers.size() != 1 || before == kNone || graph_.is_output(repeat.output)) return;
    const Operator& behind = graph_.op(readers[0]);
    const Operator& ahead = graph_.op(before);
    const bool same = behind.kind == OperatorKind::kActivation && ahead.kind == OperatorKind::kActivation &&
                      behind.activation == ahead.activation && behind.weights.empty();
    if (!same) return;
    repeat.operators.push_back(readers[0]);
    repeat.output = behind.outputs[0];
  }
};

}  // namespace

void find_kernel_sites(const Graph& graph, MoveSites& sites) {
  for_convolutions(graph, [&](OperatorId id, const std::string& name) {
    const Operator& op = graph.op(id);
    if (op.window.kernel[0] == 1 && op.window.kernel[1] == 1) return;  // nobody expects a 1x1 to become another
    const std::string reason = fixed_kernel(graph, op);
    if (reason.empty()) {
      sites.kernels.push_back({name, op.name, id, edge_of(op.window)});
    } else {
      sites.left_out.push_back({"kernel", fmt::format("{} ({})", name, op.name), reason});
    }
  });
}

void find_group_sites(const Graph& graph, MoveSites& sites) {
  for_convolutions(graph, [&](OperatorId id, const std::string& name) {
    const Operator& op = graph.op(id);
    if (!is_depthwise(graph, op)) return;
    const std::string reason = fixed_groups(graph, op);
    if (reason.empty()) {
      sites.groups.push_back({name, op.name, id, op.groups});
    } else {
      sites.left_out.push_back({"groups", fmt::format("{} ({})", name, op.name), reason});
    }
  });
}

void find_repeats(const Graph& graph, MoveSites& sites) {
  const Repeats repeats(graph);
  for (const Block& block : graph.blocks()) {
    if (block.kind != BlockKind::kResidual) continue;
    Repeat repeat;
    const std::string reason = repeats.read(block, repeat);
    if (!reason.empty()) {
      sites.left_out.push_back({"drop", block.name, reason});
      continue;
    }
    const auto run = std::find_if(sites.runs.begin(), sites.runs.end(),
                                  [&](const RepeatRun& known) { return known.repeats.back().output == repeat.input; });
    if (run != sites.runs.end()) {
      run->repeats.push_back(std::move(repeat));
    } else {
      RepeatRun begun{block.name, {}};
      begun.repeats.push_back(std::move(repeat));
      sites.runs.push_back(std::move(begun));
    }
  }
}

void set_kernel(Window& window, std::int64_t edge) {
  for (std::size_t axis = 0; axis < 2; ++axis) {
    if (window.kernel[axis] == 1) continue;
    // Odd edges both: the map keeps its size when each side gets half of what the span gains.
    const std::int64_t more = (edge - window.kernel[axis]) / 2 * window.dilation[axis];
    window.kernel[axis] = edge;
    window.pad_begin[axis] += more;
    window.pad_end[axis] += more;
    // Padding of a stride may be uneven: what one side lacks the other has.
    if (window.pad_begin[axis] < 0) {
      window.pad_end[axis] += window.pad_begin[axis];
      window.pad_begin[axis] = 0;
    }
    if (window.pad_end[axis] < 0) {
      window.pad_begin[axis] += window.pad_end[axis];
      window.pad_end[axis] = 0;
    }
  }
}

std::int64_t group_size(std::int64_t channels, std::int64_t wanted) {
  if (wanted == Moves::kStandard) return channels;
  std::int64_t size = std::min(channels, wanted);
  while (channels % size != 0) --size;
  return size;
}

}  // namespace lanewise::network
