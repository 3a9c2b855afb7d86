// SPDX-License-Identifier: Apache-2.0
#include "accuracy/training/detection_head.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.hpp"

namespace lanewise::accuracy {
namespace {

using network::Graph;
using network::Operator;
using network::OperatorKind;
using network::Tensor;
using network::TensorId;
using Shape = std::vector<std::int64_t>;

std::string outputs_text(const Graph& graph) {
  std::string text;
  for (const TensorId id : graph.outputs()) {
    const Tensor& tensor = graph.tensor(id);
    text += fmt::format("{}'{}' [{}]", text.empty() ? "" : ", ", tensor.name, fmt::join(tensor.shape, ", "));
  }
  return text;
}

[[noreturn]] void refuse(const Graph& graph, const std::string& what) {
  throw Error(fmt::format("network '{}': outputs {}: {}", graph.name(), outputs_text(graph), what));
}

class HeadReader {
 public:
  HeadReader(const Graph& graph, std::int64_t classes) : graph_(graph) { head_.classes = classes; }

  DetectionHead run() {
    const int classes = output("class_logits"), offsets = output("box_offsets"), distances = output("box_distances");
    if (classes < 0 || (offsets < 0) == (distances < 0) || graph_.outputs().size() != 2) {
      refuse(graph_, fmt::format("no detector's: needed are 'class_logits' [batch, positions, {}] and 'box_offsets' or "
                                 "'box_distances' [batch, positions, 4]",
                                 head_.classes));
    }
    head_.coding = offsets >= 0 ? DetectionHead::Coding::kOffsets : DetectionHead::Coding::kDistances;
    head_.class_output = static_cast<std::size_t>(classes);
    head_.box_output = static_cast<std::size_t>(std::max(offsets, distances));
    read_input();
    read_classes();
    std::vector<TensorId> sources;
    head_.maps = maps_of(graph_.outputs()[head_.class_output], head_.values(), sources);
    for (const TensorId source : sources) {
      const Operator& op = graph_.op(graph_.producer(source));
      if (op.kind == OperatorKind::kConvolution && op.weights.size() == 2) head_.class_biases.push_back(op.weights[1]);
    }
    std::vector<TensorId> ignored;
    const std::vector<DetectionMap> boxes = maps_of(graph_.outputs()[head_.box_output], 4, ignored);
    const bool same = std::equal(head_.maps.begin(), head_.maps.end(), boxes.begin(), boxes.end(),
                                 [](const DetectionMap& a, const DetectionMap& b) {
                                   return a.rows == b.rows && a.columns == b.columns && a.boxes == b.boxes;
                                 });
    if (!same) refuse(graph_, "classes and boxes must be of the same positions of the same maps");
    const bool one_each =
        std::all_of(boxes.begin(), boxes.end(), [](const DetectionMap& map) { return map.boxes == 1; });
    if (distances >= 0 && !one_each) refuse(graph_, "'box_distances' must hold one box a position");
    return head_;
  }

 private:
  int output(const char* name) const {
    for (std::size_t i = 0; i < graph_.outputs().size(); ++i) {
      if (graph_.tensor(graph_.outputs()[i]).name == name) return static_cast<int>(i);
    }
    return -1;
  }

  void read_input() {
    const bool image = graph_.inputs().size() == 1 && graph_.tensor(graph_.inputs()[0]).shape.size() == 4;
    if (!image) throw Error(fmt::format("network '{}': must have one image as its input", graph_.name()));
    head_.height = graph_.tensor(graph_.inputs()[0]).shape[2];
    head_.width = graph_.tensor(graph_.inputs()[0]).shape[3];
  }

  void read_classes() {
    const Shape& shape = graph_.tensor(graph_.outputs()[head_.class_output]).shape;
    const Shape& boxes = graph_.tensor(graph_.outputs()[head_.box_output]).shape;
    const bool fits = shape.size() == 3 && boxes.size() == 3 && shape[1] == boxes[1] && boxes[2] == 4;
    const bool may_have_background = head_.coding == DetectionHead::Coding::kOffsets;
    head_.has_background = fits && may_have_background && shape[2] == head_.classes + 1;
    if (fits && shape[2] == head_.values()) return;
    refuse(graph_, fmt::format("the data has {0} classes: needed are 'class_logits' [batch, positions, {0}{1}] and {2} "
                               "[batch, positions, 4]",
                               head_.classes,
                               may_have_background ? fmt::format(" or, with a background first, {}", head_.classes + 1)
                                                   : "",
                               may_have_background ? "'box_offsets'" : "'box_distances'"));
  }

  // The maps behind an output, in its order, and the tensors that hold them.
  std::vector<DetectionMap> maps_of(TensorId id, std::int64_t values, std::vector<TensorId>& sources) const {
    const Operator* op = producer(id);
    if (op != nullptr && op->kind == OperatorKind::kConcat && op->axes == Shape{1}) {
      std::vector<DetectionMap> maps;
      for (const TensorId part : op->inputs) {
        for (const DetectionMap& map : maps_of(part, values, sources)) maps.push_back(map);
      }
      return maps;
    }
    const Operator* const turned =
        op != nullptr && op->kind == OperatorKind::kReshape ? producer(op->inputs.front()) : nullptr;
    const bool known = turned != nullptr && turned->kind == OperatorKind::kTranspose &&
                       turned->axes == Shape{0, 2, 3, 1} && producer(turned->inputs.front()) != nullptr;
    const Shape from = known ? graph_.tensor(turned->inputs.front()).shape : Shape{};
    if (!known || from[1] % values != 0 || graph_.tensor(id).shape.size() != 3 ||
        graph_.tensor(id).shape[1] != from[2] * from[3] * (from[1] / values)) {
      refuse(graph_, fmt::format("tensor '{}' must be a map [batch, boxes x {}, rows, columns], transposed to [batch, rows, "
                                 "columns, boxes x {}] and reshaped, so that its positions are known",
                                 graph_.tensor(id).name, values, values));
    }
    sources.push_back(turned->inputs.front());
    DetectionMap map;
    map.rows = from[2];
    map.columns = from[3];
    map.boxes = from[1] / values;
    map.stride_y = static_cast<double>(head_.height) / static_cast<double>(map.rows);
    map.stride_x = static_cast<double>(head_.width) / static_cast<double>(map.columns);
    return {map};
  }

  const Operator* producer(TensorId id) const {
    const network::OperatorId op = graph_.producer(id);
    return op == network::kNone ? nullptr : &graph_.op(op);
  }

  const Graph& graph_;
  DetectionHead head_;
};

}  // namespace

std::int64_t DetectionHead::positions() const {
  std::int64_t sum = 0;
  for (const DetectionMap& map : maps) sum += map.positions();
  return sum;
}

DetectionHead read_detection_head(const Graph& graph, std::int64_t classes) { return HeadReader(graph, classes).run(); }

}  // namespace lanewise::accuracy
