// SPDX-License-Identifier: Apache-2.0
#include "core/network/onnx/trained.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <unordered_set>

namespace lanewise::network::importing {

namespace {

constexpr std::int64_t kPixelChannels = 4;

const std::set<std::string>& arithmetic_types() {
  static const std::set<std::string> table = {
      "Add",  "And",         "Concat", "Div",  "Equal", "Expand", "Greater", "GreaterOrEqual",
      "Less", "LessOrEqual", "Max",    "Mean", "Min",   "Mod",    "Mul",     "Or",
      "Pow",  "Sub",         "Sum",    "Tile", "Where", "Xor"};
  return table;
}

// Inputs that say how an operator works, not on what. -1: all but the first.
const std::map<std::string, std::set<int>>& arguments() {
  static const std::map<std::string, std::set<int>> table = {
      {"Clip", {-1}},     {"CumSum", {-1}},    {"Expand", {-1}},    {"Pad", {-1}},       {"Pow", {1}},
      {"Range", {0, -1}}, {"Reshape", {-1}},   {"Resize", {-1}},    {"Slice", {-1}},     {"Split", {-1}},
      {"Squeeze", {-1}},  {"Tile", {-1}},      {"TopK", {-1}},      {"Unsqueeze", {-1}}, {"Upsample", {-1}},
      {"Where", {0}},     {"ReduceSum", {-1}}, {"ReduceMean", {-1}}};
  return table;
}

bool is_argument(const std::string& type, int position) {
  const auto row = arguments().find(type);
  if (row == arguments().end()) return false;
  return row->second.count(position) > 0 || (position > 0 && row->second.count(-1) > 0);
}

std::int64_t elements(const Network& network, ValueId id) { return element_count(network.value(id).shape).value_or(0); }

std::int64_t long_axes(const Shape& shape) {
  return std::count_if(shape.begin(), shape.end(), [](std::int64_t size) { return size > 1; });
}

// Whether no more than half of a table's entries differ from each other.
bool repeats_itself(const Constant& constant) {
  std::unordered_set<double> different;
  for (std::size_t i = 0; i < constant.size(); ++i) {
    different.insert(constant.as_real(i));
    if (2 * different.size() > constant.size()) return false;
  }
  return true;
}

class Untrained {
 public:
  explicit Untrained(const Network& network)
      : network_(network),
        behind_weights_(network.values.size(), false),
        ahead_of_weights_(network.values.size(), false),
        use_(network.values.size()) {
    for (const Node& node : network.nodes) {
      for (std::size_t i = 0; i < node.inputs.size(); ++i) note_use(node, i);
    }
    for (const Node& node : network.nodes) spread(node, node.inputs, node.outputs, behind_weights_);
    for (auto node = network.nodes.rbegin(); node != network.nodes.rend(); ++node) {
      spread(*node, node->outputs, node->inputs, ahead_of_weights_);
    }
    for (const Node& node : network.nodes) note_place(node);
  }

  std::vector<bool> run() const {
    std::vector<bool> untrained(network_.values.size(), false);
    for (std::size_t i = 0; i < untrained.size(); ++i) untrained[i] = is_untrained(static_cast<ValueId>(i));
    return untrained;
  }

 private:
  struct Use {
    bool any = false, in_arithmetic = false, as_weight = false;
    bool between = false;  // not all its readers stand behind the last operator with weights
    bool before = false;   // one of them stands before the first
  };

  static std::size_t index(ValueId id) { return static_cast<std::size_t>(id); }

  void note_use(const Node& node, std::size_t i) {
    const ValueId id = node.inputs[i];
    if (!network_.is_weight(id)) return;
    Use& use = use_[index(id)];
    use.any = true;
    if (is_argument(node.type, static_cast<int>(i))) return;
    (arithmetic_types().count(node.type) > 0 ? use.in_arithmetic : use.as_weight) = true;
  }

  bool has_weights(const Node& node) const {
    if (node.type == "MatMul" || node.type == "Gemm") return true;
    if (arithmetic_types().count(node.type) > 0) return false;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const ValueId id = node.inputs[i];
      if (network_.is_weight(id) && !is_argument(node.type, static_cast<int>(i)) && !network_.value(id).sources.empty())
        return true;
    }
    return false;
  }

  void spread(const Node& node, const std::vector<ValueId>& from, const std::vector<ValueId>& to,
              std::vector<bool>& reached) const {
    const bool reaches = has_weights(node) || std::any_of(from.begin(), from.end(), [&](ValueId id) {
                           return id != kNone && reached[index(id)];
                         });
    if (!reaches) return;
    for (const ValueId id : to) {
      if (id != kNone) reached[index(id)] = true;
    }
  }

  void note_place(const Node& node) {
    const auto any = [&](const std::vector<ValueId>& ids, const std::vector<bool>& reached) {
      return std::any_of(ids.begin(), ids.end(),
                         [&](ValueId id) { return id != kNone && !network_.is_weight(id) && reached[index(id)]; });
    };
    const bool behind = any(node.inputs, behind_weights_), ahead = any(node.outputs, ahead_of_weights_);
    for (const ValueId id : node.inputs) {
      if (!network_.is_weight(id)) continue;
      Use& use = use_[index(id)];
      use.between = use.between || ahead || !behind;
      use.before = use.before || (ahead && !behind);
    }
  }

  bool is_untrained(ValueId id) const {
    const Use& use = use_[index(id)];
    if (!use.any || use.as_weight) return false;
    if (!use.in_arithmetic) return true;
    const Value& value = network_.value(id);
    const std::int64_t count = elements(network_, id);
    const Constant* constant = network_.constant(id);
    if (count <= 1 || (constant != nullptr && !constant->is_real && !value.precision)) return true;
    if (use.before && count <= kPixelChannels) return true;
    if (long_axes(value.shape) < 2) return constant != nullptr && count > 1 && repeats_widely(*constant);
    return !use.between || (constant != nullptr && repeats_itself(*constant));
  }

  // Entries along one axis may be equal before a network is trained, but are not of a few kinds.
  static bool repeats_widely(const Constant& constant) {
    return repeats_itself(constant) && std::any_of(constant.real.begin(), constant.real.end(),
                                                   [&](double number) { return number != constant.real.front(); });
  }

  const Network& network_;
  std::vector<bool> behind_weights_, ahead_of_weights_;  // by value
  std::vector<Use> use_;                                 // by value
};

}  // namespace

std::vector<bool> find_untrained(const Network& network) { return Untrained(network).run(); }

bool is_one_number(const Network& network, ValueId id) {
  const Constant* constant = network.constant(id);
  if (elements(network, id) <= 1) return true;
  for (std::size_t i = 1; constant != nullptr && i < constant->size(); ++i) {
    if (constant->as_real(i) != constant->as_real(0)) return false;
  }
  return constant != nullptr;
}

}  // namespace lanewise::network::importing
