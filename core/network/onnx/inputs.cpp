// SPDX-License-Identifier: Apache-2.0
#include "core/network/onnx/inputs.hpp"

#include <algorithm>
#include <cctype>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "core/network/onnx/quantization.hpp"

namespace lanewise::network::importing {

namespace {

// Operands that are weights wherever the operator stands.
const std::map<std::string, std::set<int>>& weight_positions() {
  static const std::map<std::string, std::set<int>> table = {
      {"BatchNormalization", {1, 2, 3, 4}},
      {"Conv", {1, 2}},
      {"ConvTranspose", {1, 2}},
      {"Gemm", {1, 2}},
      {"InstanceNormalization", {1, 2}},
      {"LayerNormalization", {1, 2}},
      {"MatMul", {1}},
      {"PRelu", {1}},
  };
  return table;
}

// Operators of two or more tensors, any of which may be a weight beside a computed one.
const std::set<std::string>& symmetric_types() {
  static const std::set<std::string> table = {"Add", "Concat", "Div", "Gather", "MatMul", "Max",
                                              "Min", "Mul",    "Pow", "Sub",    "Where"};
  return table;
}

// Whether a name is what exporters give caches of keys and values and other states that one step hands to the next.
bool names_state(const std::string& name) {
  std::string lower = name;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const char* word : {"past", "cache", "present"}) {
    if (lower.find(word) != std::string::npos) return true;
  }
  return false;
}

const std::set<std::string>& pass_through_types() {
  static const std::set<std::string> table = {"Cast",     "DequantizeLinear", "Expand",         "Flatten",
                                              "Identity", "Reshape",          "QuantizeLinear", "Slice",
                                              "Squeeze",  "Transpose",        "Unsqueeze"};
  return table;
}

class Finder {
 public:
  Finder(const onnx::GraphProto& graph, bool stripped) : graph_(graph), stripped_(stripped) {
    for (const onnx::NodeProto& node : graph.node()) {
      if (std::optional<onnx::NodeProto> plain = without_quantization(node)) {
        plain_.push_back(std::move(*plain));
        nodes_.push_back(&plain_.back());
      } else {
        nodes_.push_back(&node);
      }
    }
    for (const onnx::NodeProto* node : nodes_) {
      for (int k = 0; k < node->input_size(); ++k) uses_[node->input(k)].push_back({node, k});
    }
    for (const onnx::TensorProto& tensor : graph.initializer()) known_.insert(tensor.name());
    for (const onnx::ValueInfoProto& output : graph.output()) leaving_.insert(output.name());
    // Backwards, since readers follow what they read.
    for (auto node = nodes_.rbegin(); node != nodes_.rend(); ++node) {
      const std::string& type = (*node)->op_type();
      if (type != "Concat" && pass_through_types().count(type) == 0) continue;
      const bool leaves = std::any_of((*node)->output().begin(), (*node)->output().end(),
                                      [&](const std::string& output) { return leaving_.count(output) > 0; });
      if (leaves && (*node)->input_size() > 0) leaving_.insert((*node)->input().begin(), (*node)->input().end());
    }
  }

  std::set<std::string> run() {
    // What is no weight under any reading is data; what data reaches decides the operands that could be either.
    std::set<std::string> weights;
    std::set<std::string> data;
    for (const onnx::ValueInfoProto& input : graph_.input()) {
      if (known_.count(input.name()) > 0) continue;
      const Reading reading = read(input);
      if (reading == Reading::kWeight) weights.insert(input.name());
      if (reading == Reading::kData) data.insert(input.name());
    }
    data_ = std::move(data);
    spread_data();
    for (const onnx::ValueInfoProto& input : graph_.input()) {
      if (known_.count(input.name()) > 0 || weights.count(input.name()) > 0 || data_.count(input.name()) > 0) continue;
      if (stripped_ && read(input) == Reading::kWeight) {
        weights.insert(input.name());
      } else {
        data_.insert(input.name());
        spread_data();
      }
    }
    return weights;
  }

 private:
  struct Use {
    const onnx::NodeProto* node;
    int position;
  };
  enum class Reading { kWeight, kEither, kData };
  static constexpr int kLongestWay = 16;  // operators that only reshape or convert, one after another

  const onnx::GraphProto& graph_;
  bool stripped_;
  std::deque<onnx::NodeProto> plain_;  // nodes rewritten without their quantisation
  std::vector<const onnx::NodeProto*> nodes_;
  std::map<std::string, std::vector<Use>> uses_;
  std::set<std::string> known_;    // initializers
  std::set<std::string> leaving_;  // outputs, and what is only joined or reshaped into one
  std::set<std::string> data_;     // graph inputs that are data, and everything computed from them

  Reading read(const onnx::ValueInfoProto& input) const {
    const auto& dimensions = input.type().tensor_type().shape().dim();
    const bool is_fixed = std::all_of(dimensions.begin(), dimensions.end(),
                                      [](const auto& dimension) { return dimension.has_dim_value(); });
    if (!is_fixed) return Reading::kData;  // weights have one size
    if (is_state(input)) return Reading::kData;
    const int rank = dimensions.size();
    return uses_.count(input.name()) == 0 ? Reading::kEither : read(input.name(), rank, 0);
  }

  bool is_state(const onnx::ValueInfoProto& input) const {
    constexpr int kLeastRank = 3;  // batch, entries, numbers of an entry
    const auto uses = uses_.find(input.name());
    return input.type().tensor_type().shape().dim_size() >= kLeastRank && names_state(input.name()) &&
           uses != uses_.end() && std::none_of(uses->second.begin(), uses->second.end(), [](const Use& use) {
             const std::string& type = use.node->op_type();
             return type != "MatMul" && weight_positions().count(type) > 0;
           });
  }

  // `rank` is that of the graph input where the way to this tensor began.
  Reading read(const std::string& name, int rank, int depth) const {
    const auto uses = uses_.find(name);
    if (uses == uses_.end() || depth > kLongestWay) return Reading::kData;
    Reading reading = Reading::kWeight;
    for (const Use& use : uses->second) reading = std::max(reading, read_use(use, rank, depth));
    return reading;
  }

  Reading read_use(const Use& use, int rank, int depth) const {
    const onnx::NodeProto& node = *use.node;
    const std::string& type = node.op_type();
    if (pass_through_types().count(type) > 0) {
      if (use.position > 0 || node.output_size() == 0) return Reading::kWeight;
      return read(node.output(0), rank, depth + 1);
    }
    const auto positions = weight_positions().find(type);
    if (positions != weight_positions().end() && positions->second.count(use.position) > 0) {
      // A constant times an input is no input times a weight.
      if (node.input_size() > 0 && known_.count(node.input(0)) > 0) return Reading::kData;
      // A stack of matrices is rather an activation (attention) unless the file says otherwise.
      if (type != "MatMul" || rank <= 2) return Reading::kWeight;
    }
    if (symmetric_types().count(type) == 0) return Reading::kData;
    if (!stripped_) return Reading::kEither;
    // A cache is handed on with what was appended to it; no network keeps weights for every head of every image.
    constexpr int kHeads = 4;
    if (type == "Concat" && node.output_size() > 0 && leaving_.count(node.output(0)) > 0) return Reading::kData;
    if (type == "MatMul" && rank >= kHeads) return Reading::kData;
    for (int i = 0; i < node.input_size(); ++i) {
      if (i != use.position && data_.count(node.input(i)) > 0) return Reading::kWeight;
    }
    return Reading::kEither;
  }

  void spread_data() {
    for (const onnx::NodeProto* node : nodes_) {
      const bool reads = std::any_of(node->input().begin(), node->input().end(),
                                     [&](const std::string& input) { return data_.count(input) > 0; });
      if (reads) data_.insert(node->output().begin(), node->output().end());
    }
  }
};

}  // namespace

std::set<std::string> find_weight_inputs(const onnx::GraphProto& graph, bool stripped) {
  return Finder(graph, stripped).run();
}

}  // namespace lanewise::network::importing
