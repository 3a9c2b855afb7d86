// SPDX-License-Identifier: Apache-2.0
#include "core/network/onnx/inputs.hpp"

#include <algorithm>
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
      {"GRU", {1, 2, 3}},
      {"Gemm", {1, 2}},
      {"InstanceNormalization", {1, 2}},
      {"LSTM", {1, 2, 3, 7}},
      {"LayerNormalization", {1, 2}},
      {"MatMul", {1}},
      {"PRelu", {1}},
      {"RNN", {1, 2, 3}},
  };
  return table;
}

// Operators of two or more tensors, any of which may be a weight beside a computed one.
const std::set<std::string>& symmetric_types() {
  static const std::set<std::string> table = {"Add", "Concat", "Div", "Gather", "MatMul", "Max",
                                              "Min", "Mul",    "Pow", "Sub",    "Where"};
  return table;
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
    add_nodes(graph);
    for (const onnx::NodeProto* node : nodes_) {
      for (int k = 0; k < node->input_size(); ++k) uses_[node->input(k)].push_back({node, k});
    }
  }

  void add_nodes(const onnx::GraphProto& graph) {
    for (const onnx::TensorProto& tensor : graph.initializer()) known_.insert(tensor.name());
    for (const onnx::NodeProto& node : graph.node()) {
      for (const onnx::AttributeProto& attribute : node.attribute()) {
        if (!attribute.has_g()) continue;
        // What a loop hands to its body is computed, but for the number of the iteration and the condition.
        const int first = node.op_type() == "Loop" ? 2 : 0;
        for (int i = first; i < attribute.g().input_size(); ++i) handed_.insert(attribute.g().input(i).name());
        add_nodes(attribute.g());
      }
      if (std::optional<onnx::NodeProto> plain = without_quantization(node)) {
        plain_.push_back(std::move(*plain));
        nodes_.push_back(&plain_.back());
      } else {
        nodes_.push_back(&node);
      }
    }
  }

  std::set<std::string> run() {
    // What is no weight under any reading is data; what data reaches decides the operands that could be either.
    std::set<std::string> weights;
    std::set<std::string> data = handed_;
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
  std::set<std::string> known_;   // initializers
  std::set<std::string> handed_;  // inputs of bodies
  std::set<std::string> data_;    // graph inputs that are data, and everything computed from them

  Reading read(const onnx::ValueInfoProto& input) const {
    const auto& dimensions = input.type().tensor_type().shape().dim();
    const bool is_fixed = std::all_of(dimensions.begin(), dimensions.end(),
                                      [](const auto& dimension) { return dimension.has_dim_value(); });
    if (!is_fixed) return Reading::kData;  // weights have one size
    const int rank = dimensions.size();
    return uses_.count(input.name()) == 0 ? Reading::kEither : read(input.name(), rank, 0);
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
