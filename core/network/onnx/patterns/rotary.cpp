// SPDX-License-Identifier: Apache-2.0
// Rotary position embeddings: pairs of numbers along the last axis, turned by an angle. The pairs are the two halves of
// the axis, or neighbours in it.
#include "core/network/onnx/attributes.hpp"
#include "core/network/onnx/evaluate.hpp"
#include "core/network/onnx/patterns/families.hpp"

namespace lanewise::network::importing {

namespace {

class RotaryEmbeddings {
 public:
  explicit RotaryEmbeddings(PatternGraph& graph) : graph_(graph) {}

  void run() {
    for (Node& node : graph_.network().nodes) {
      if (node.outputs.size() != 1) continue;
      if (node.type == "Add" && node.inputs.size() == 2) {
        fold_sum(node);
      } else if (node.type == "Concat" || node.type == "Reshape") {
        fold_pair(node);
      }
    }
    graph_.refresh();
    for (Node& node : graph_.network().nodes) {
      if (node.type == "Concat") fold_partial(node);
    }
  }

 private:
  PatternGraph& graph_;

  // Every `step`-th number from `start` on along the last axis of x.
  struct Part {
    ValueId x = kNone;
    std::int64_t start = 0, step = 1, count = 0;
  };
  // A part, and whether it is negated.
  struct Signed {
    Part part;
    bool negative = false;
  };

  const Shape& shape(ValueId value) const { return graph_.network().value(value).shape; }

  std::optional<std::int64_t> axis_of(const Node& node, std::int64_t otherwise) const {
    const auto rank = static_cast<std::int64_t>(shape(node.inputs[0]).size());
    const std::int64_t axis = integer(*node.proto, "axis", otherwise);
    if (axis < -rank || axis >= rank) return std::nullopt;
    return axis < 0 ? axis + rank : axis;
  }

  // What the node takes of its input along one axis.
  struct Taken {
    std::int64_t axis = 0;
    Part part;
  };

  std::optional<Taken> taken(const Node& node, ValueId value) const {
    const ValueId x = node.inputs[0];
    if (x == kNone) return std::nullopt;
    if (node.type == "Split") {
      const std::optional<std::int64_t> axis = axis_of(node, 0);
      std::int64_t start = 0;
      for (const ValueId output : node.outputs) {
        if (!axis || output == kNone) return std::nullopt;
        const std::int64_t count = shape(output).at(static_cast<std::size_t>(*axis));
        if (output == value) return Taken{*axis, {x, start, 1, count}};
        start += count;
      }
      return std::nullopt;
    }
    if (node.type == "Gather" && node.inputs.size() == 2) {
      const std::optional<std::int64_t> axis = axis_of(node, 0);
      const std::optional<double> index = graph_.scalar(node.inputs[1]);
      if (!axis || !index) return std::nullopt;
      const auto at = static_cast<std::int64_t>(*index);
      return Taken{*axis, {x, at < 0 ? at + shape(x)[static_cast<std::size_t>(*axis)] : at, 1, 1}};
    }
    if (node.type != "Slice") return std::nullopt;
    const auto list = [&](const char* name, std::size_t input) -> std::optional<std::vector<std::int64_t>> {
      if (find_attribute(*node.proto, name) != nullptr) return integers(*node.proto, name);
      if (input >= node.inputs.size() || node.inputs[input] == kNone) return std::vector<std::int64_t>{};
      const Constant* constant = graph_.network().constant(node.inputs[input]);
      return constant == nullptr ? std::nullopt : std::optional(constant->all_whole());
    };
    const auto starts = list("starts", 1), ends = list("ends", 2), axes = list("axes", 3), steps = list("steps", 4);
    if (!starts || !ends || !axes || !steps) return std::nullopt;
    const auto ranges = slice_ranges(shape(x), *starts, *ends, *axes, *steps);
    if (!ranges || ranges->size() != 1) return std::nullopt;
    const SliceRange& range = ranges->front();
    return Taken{range.axis, {x, range.start, range.step, range.count}};
  }

  // The node behind dimensions of 1 that were put in or taken out.
  const Node* behind_ones(ValueId& value) const {
    const Node* node = graph_.maker(value);
    while (node != nullptr && (node->type == "Unsqueeze" || node->type == "Squeeze" || node->type == "Reshape")) {
      if (without_ones(shape(value)) != without_ones(shape(node->inputs[0]))) break;
      value = node->inputs[0];
      node = graph_.maker(value);
    }
    return node;
  }

  std::optional<Part> part_of(ValueId value) const {
    const Node* node = behind_ones(value);
    const std::optional<Taken> found = node == nullptr ? std::nullopt : taken(*node, value);
    if (!found) return std::nullopt;
    const Shape& from = shape(found->part.x);
    const auto rank = static_cast<std::int64_t>(from.size());
    // Where the last axis was reshaped into two, one index of either takes neighbours or halves of it.
    const Node* apart = graph_.made_by(found->part.x, "Reshape");
    if (apart != nullptr && found->part.count == 1 && rank >= 2) {
      const Shape& whole = shape(apart->inputs[0]);
      const std::int64_t width = from[from.size() - 2] * from.back();
      if (!whole.empty() && whole.back() == width && whole.size() + 1 == from.size()) {
        if (found->axis == rank - 1) return Part{apart->inputs[0], found->part.start, from.back(), width / from.back()};
        if (found->axis == rank - 2) return Part{apart->inputs[0], found->part.start * from.back(), 1, from.back()};
      }
    }
    return found->axis == rank - 1 ? std::optional(found->part) : std::nullopt;
  }

  std::optional<Signed> signed_part(ValueId value) const {
    const Node* node = behind_ones(value);
    if (node != nullptr && node->type == "Neg") {
      const std::optional<Part> part = part_of(node->inputs[0]);
      return part ? std::optional(Signed{*part, true}) : std::nullopt;
    }
    if (node != nullptr && (node->type == "Mul" || node->type == "Div")) {
      const auto scaled = graph_.with_scalar(*node);
      if (!scaled || scaled->second != -1) return std::nullopt;
      const std::optional<Part> part = part_of(scaled->first);
      return part ? std::optional(Signed{*part, true}) : std::nullopt;
    }
    const std::optional<Part> part = part_of(value);
    return part ? std::optional(Signed{*part, false}) : std::nullopt;
  }

  // Whether two parts are the first and the second of each pair of the same x.
  bool is_pair(const Part& first, const Part& second) const {
    if (first.x != second.x || first.count != second.count || first.step != second.step) return false;
    const std::int64_t width = shape(first.x).empty() ? 0 : shape(first.x).back();
    if (2 * first.count != width || first.start != 0) return false;
    return (first.step == 1 && second.start == first.count) || (first.step == 2 && second.start == 1);
  }

  // The two values that are joined along the last axis, or as neighbours along it.
  std::optional<std::pair<ValueId, ValueId>> joined(const Node& node) const {
    const Node* concat = node.type == "Reshape" ? graph_.made_by(node.inputs[0], "Concat") : &node;
    if (concat == nullptr || concat->type != "Concat" || concat->inputs.size() != 2) return std::nullopt;
    if (concat->inputs[0] == kNone || concat->inputs[1] == kNone) return std::nullopt;
    const std::optional<std::int64_t> axis = axis_of(*concat, 0);
    const auto rank = static_cast<std::int64_t>(shape(concat->outputs[0]).size());
    if (!axis || (*axis != rank - 1 && node.type == "Concat") || *axis < rank - 2) return std::nullopt;
    return std::pair{concat->inputs[0], concat->inputs[1]};
  }

  // x of the value that has x's pairs turned by a right angle: (-second, first).
  std::optional<ValueId> turned(ValueId value) const {
    const Node* node = graph_.maker(value);
    if (node == nullptr || (node->type != "Concat" && node->type != "Reshape")) return std::nullopt;
    const auto parts = joined(*node);
    if (!parts) return std::nullopt;
    const std::optional<Signed> first = signed_part(parts->first);
    const std::optional<Signed> second = signed_part(parts->second);
    if (!first || !second || !first->negative || second->negative) return std::nullopt;
    if (!is_pair(second->part, first->part) || shape(value) != shape(first->part.x)) return std::nullopt;
    return first->part.x;
  }

  void become(Node& node, ValueId x, ValueId cosine, ValueId sine) {
    if (!graph_.replace(node, "RotaryEmbedding", {x, cosine, sine})) return;
    // Angles were not trained.
    for (const ValueId table : {cosine, sine}) {
      if (graph_.network().is_weight(table)) graph_.network().value(table).sources.clear();
    }
  }

  // x * cos + turned(x) * sin.
  void fold_sum(Node& node) {
    for (const std::size_t i : {0U, 1U}) {
      const Node* straight = graph_.made_by(node.inputs[i], "Mul");
      const Node* across = graph_.made_by(node.inputs[1 - i], "Mul");
      if (straight == nullptr || across == nullptr || straight->inputs.size() != 2 || across->inputs.size() != 2)
        return;
      for (const std::size_t k : {0U, 1U}) {
        const std::optional<ValueId> x = turned(across->inputs[k]);
        if (!x) continue;
        for (const std::size_t n : {0U, 1U}) {
          if (straight->inputs[n] == *x) return become(node, *x, straight->inputs[1 - n], across->inputs[1 - k]);
        }
      }
    }
  }

  // One of the two products of a rotated half: a part of x, and the factor.
  std::optional<std::pair<Part, ValueId>> weighted(ValueId value) const {
    const Node* node = graph_.made_by(value, "Mul");
    if (node == nullptr || node->inputs.size() != 2) return std::nullopt;
    for (const std::size_t i : {0U, 1U}) {
      if (const std::optional<Part> part = part_of(node->inputs[i])) return std::pair{*part, node->inputs[1 - i]};
    }
    return std::nullopt;
  }

  // (first * cos - second * sin, second * cos + first * sin).
  void fold_pair(Node& node) {
    const auto parts = joined(node);
    if (!parts) return;
    ValueId left = parts->first;
    ValueId right = parts->second;
    const Node* difference = behind_ones(left);
    const Node* sum = behind_ones(right);
    if (difference == nullptr || difference->type != "Sub" || sum == nullptr || sum->type != "Add") return;
    const auto a = weighted(difference->inputs[0]);
    const auto b = weighted(difference->inputs[1]);
    const auto c = weighted(sum->inputs[0]);
    const auto d = weighted(sum->inputs[1]);
    if (!a || !b || !c || !d || !is_pair(a->first, b->first)) return;
    const auto same = [](const Part& p, const Part& q) { return p.x == q.x && p.start == q.start; };
    const bool in_order = same(c->first, b->first) && same(d->first, a->first) && c->second == a->second;
    const bool crossed = same(d->first, b->first) && same(c->first, a->first) && d->second == a->second;
    if (in_order || crossed) become(node, a->first.x, a->second, b->second);
  }

  // Only the first numbers of each head are turned; the others join them unchanged.
  void fold_partial(Node& node) {
    if (node.inputs.size() != 2 || node.inputs[0] == kNone || node.inputs[1] == kNone) return;
    const Node* rotary = graph_.made_by(node.inputs[0], "RotaryEmbedding");
    if (rotary == nullptr || graph_.sole_reader(node.inputs[0]) == nullptr) return;
    const std::optional<Part> turned_part = part_of(rotary->inputs[0]);
    const std::optional<Part> rest = part_of(node.inputs[1]);
    if (!turned_part || !rest || turned_part->x != rest->x || turned_part->step != 1 || rest->step != 1) return;
    const bool is_whole = turned_part->start == 0 && rest->start == turned_part->count &&
                          rest->start + rest->count == shape(rest->x).back();
    if (is_whole) become(node, rest->x, rotary->inputs[1], rotary->inputs[2]);
  }
};

}  // namespace

void fold_rotary_embeddings(Algebra& algebra) { RotaryEmbeddings(algebra.graph()).run(); }

}  // namespace lanewise::network::importing
