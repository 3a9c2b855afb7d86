// SPDX-License-Identifier: Apache-2.0
#include "core/network/onnx/inputs.hpp"

#include <algorithm>
#include <cctype>
#include <deque>
#include <map>
#include <optional>
#include <sstream>
#include <vector>

#include "core/network/onnx/convert.hpp"
#include "core/network/onnx/function.hpp"
#include "core/network/onnx/lowering.hpp"
#include "core/network/onnx/quantization.hpp"

namespace lanewise::network::importing {

namespace {

// Operands that are weights wherever the operator stands; a vendor's operators by domain and type.
const std::map<std::string, std::set<int>>& weight_positions() {
  static const std::map<std::string, std::set<int>> table = {
      {"BatchNormalization", {1, 2, 3, 4}},
      {"Conv", {1, 2}},
      {"ConvTranspose", {1, 2}},
      {"GRU", {1, 2, 3}},
      {"Gemm", {1, 2}},
      {"GroupNormalization", {1, 2}},
      {"InstanceNormalization", {1, 2}},
      {"LSTM", {1, 2, 3, 7}},
      {"LayerNormalization", {1, 2}},
      {"MatMul", {1}},
      {"PRelu", {1}},
      {"RMSNormalization", {1}},
      {"SimplifiedLayerNormalization", {1}},
      {"com.microsoft.Attention", {1, 2}},
      {"com.microsoft.BiasAdd", {1}},
      {"com.microsoft.BiasDropout", {1}},
      {"com.microsoft.BiasGelu", {1}},
      {"com.microsoft.BiasSplitGelu", {1}},
      {"com.microsoft.DecoderMaskedMultiHeadAttention", {10}},
      {"com.microsoft.DecoderMaskedSelfAttention", {1, 2}},
      {"com.microsoft.DynamicQuantizeMatMul", {1, 2, 3, 4}},
      {"com.microsoft.EmbedLayerNormalization", {2, 3, 4, 5, 6}},
      {"com.microsoft.FastGelu", {1}},
      {"com.microsoft.FusedConv", {1, 2}},
      {"com.microsoft.FusedGemm", {1, 2}},
      {"com.microsoft.FusedMatMul", {1}},
      {"com.microsoft.GatherBlockQuantized", {0, 2, 3}},
      {"com.microsoft.GemmFastGelu", {1, 2}},
      {"com.microsoft.GroupNorm", {1, 2}},
      {"com.microsoft.GroupQueryAttention", {7, 8}},
      {"com.microsoft.LayerNormalization", {1, 2}},
      {"com.microsoft.MatMulBnb4", {1, 2}},
      {"com.microsoft.MatMulFpQ4", {1, 2}},
      {"com.microsoft.MatMulIntegerToFloat", {1, 3, 5, 6}},
      {"com.microsoft.MatMulNBits", {1, 2, 3, 4, 5}},
      {"com.microsoft.MultiHeadAttention", {3}},
      {"com.microsoft.NhwcConv", {1, 2}},
      {"com.microsoft.NhwcFusedConv", {1, 2}},
      {"com.microsoft.QAttention", {1, 2, 4, 7}},
      {"com.microsoft.QLinearConv", {3, 8}},
      {"com.microsoft.RMSNormalization", {1}},
      {"com.microsoft.RotaryEmbedding", {2, 3}},
      {"com.microsoft.SimplifiedLayerNormalization", {1}},
      {"com.microsoft.SkipGroupNorm", {1, 2, 4}},
      {"com.microsoft.SkipLayerNormalization", {2, 3, 4}},
      {"com.microsoft.SkipSimplifiedLayerNormalization", {2, 3}},
      {"com.microsoft.TransposeMatMul", {1}},
      {"RNN", {1, 2, 3}},
  };
  return table;
}

bool is_default_domain(const std::string& domain) { return domain.empty() || domain == "ai.onnx"; }

std::string key_of(const onnx::NodeProto& node) {
  return is_default_domain(node.domain()) ? node.op_type() : node.domain() + "." + node.op_type();
}

// A product whose right operand may be computed as well.
bool is_product(const std::string& type) {
  return type == "MatMul" || type == "FusedMatMul" || type == "TransposeMatMul";
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
  Finder(const onnx::ModelProto& model, bool stripped) : model_(model), graph_(model.graph()), stripped_(stripped) {
    const onnx::GraphProto& graph = graph_;
    add_graph(graph, 0);
    for (const onnx::NodeProto* node : nodes_) {
      for (int k = 0; k < node->input_size(); ++k) uses_[node->input(k)].push_back({node, k});
    }
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

  static constexpr int kDeepest = 32;               // functions within each other
  static constexpr std::size_t kMostNodes = 60000;  // the walk over the nodes refuses a file of more

  const onnx::ModelProto& model_;
  const onnx::GraphProto& graph_;
  bool stripped_;
  std::deque<onnx::NodeProto> plain_;  // nodes rewritten without their quantisation, or of a function's body
  std::vector<const onnx::NodeProto*> nodes_;
  std::map<std::string, std::vector<Use>> uses_;
  std::set<std::string> handed_;   // inputs of bodies
  std::set<std::string> known_;    // initializers
  std::set<std::string> leaving_;  // outputs, and what is only joined or reshaped into one
  std::set<std::string> data_;     // graph inputs that are data, and everything computed from them

  void add_graph(const onnx::GraphProto& graph, int depth) {
    for (const onnx::TensorProto& tensor : graph.initializer()) known_.insert(tensor.name());
    for (const onnx::NodeProto& node : graph.node()) add_node(node, depth);
  }

  void add_bodies(const onnx::NodeProto& node, int depth) {
    for (const onnx::AttributeProto& attribute : node.attribute()) {
      if (!attribute.has_g() || depth >= kDeepest) continue;
      // What a loop hands to its body is computed, but for the number of the iteration and the condition.
      const int first = node.op_type() == "Loop" ? 2 : 0;
      for (int i = first; i < attribute.g().input_size(); ++i) handed_.insert(attribute.g().input(i).name());
      add_graph(attribute.g(), depth + 1);
    }
  }

  void add_node(const onnx::NodeProto& node, int depth) {
    if (nodes_.size() >= kMostNodes) return;
    add_bodies(node, depth);
    if (std::optional<onnx::NodeProto> plain = without_quantization(node)) {
      plain_.push_back(std::move(*plain));
      nodes_.push_back(&plain_.back());
    } else if (const onnx::FunctionProto* function = depth < kDeepest ? called(node) : nullptr) {
      add_call(node, *function, depth);
    } else {
      nodes_.push_back(&node);
    }
  }

  // A function of the file that gives the node its meaning; operators that are known have theirs.
  const onnx::FunctionProto* called(const onnx::NodeProto& node) const {
    if (model_.functions_size() == 0 || find_lowering(node.domain(), node.op_type()) != nullptr) return nullptr;
    if (is_default_domain(node.domain()) && is_converted(node.op_type())) return nullptr;
    for (const onnx::FunctionProto& function : model_.functions()) {
      if (is_call_of(node, function)) return &function;
    }
    return nullptr;
  }

  // The function's nodes in place of the call, under names of their own.
  void add_call(const onnx::NodeProto& call, const onnx::FunctionProto& function, int depth) {
    const std::string prefix = call.output_size() > 0 ? call.output(0) + "/" : "/";
    std::map<std::string, std::string> names;
    std::set<std::string> absent;
    for (int i = 0; i < function.input_size(); ++i) {
      const bool is_given = i < call.input_size() && !call.input(i).empty();
      if (is_given) names[function.input(i)] = call.input(i);
      if (!is_given) absent.insert(function.input(i));
    }
    for (int i = 0; i < std::min(function.output_size(), call.output_size()); ++i) {
      names.emplace(function.output(i), call.output(i));
    }
    const auto rename = [&](std::string& name) {
      const auto given = names.find(name);
      if (!name.empty()) name = given == names.end() ? prefix + name : given->second;
    };
    for (const onnx::NodeProto& inner : function.node()) {
      plain_.push_back(instantiate(inner, call, function, absent));
      onnx::NodeProto& node = plain_.back();
      for (std::string& name : *node.mutable_input()) rename(name);
      for (std::string& name : *node.mutable_output()) rename(name);
      add_node(node, depth + 1);
      if (nodes_.size() >= kMostNodes || plain_.size() >= kMostNodes) return;
    }
  }

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
    const auto positions = weight_positions().find(key_of(node));
    if (positions != weight_positions().end() && positions->second.count(use.position) > 0) {
      // A constant times an input is no input times a weight.
      if (use.position > 0 && node.input_size() > 0 && known_.count(node.input(0)) > 0) return Reading::kData;
      // A stack of matrices is rather an activation (attention) unless the file says otherwise.
      if (!is_product(type) || rank <= 2) return Reading::kWeight;
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

// The names that the file's own list gives, as far as they are inputs; nothing where it has no list.
std::optional<std::set<std::string>> listed_inputs(const onnx::ModelProto& model) {
  for (const onnx::StringStringEntryProto& entry : model.metadata_props()) {
    if (entry.key() != kWeightInputs) continue;
    std::set<std::string> listed, inputs;
    std::istringstream lines(entry.value());
    for (std::string line; std::getline(lines, line);) listed.insert(line);
    for (const onnx::ValueInfoProto& input : model.graph().input()) {
      if (listed.count(input.name()) > 0) inputs.insert(input.name());
    }
    for (const onnx::TensorProto& tensor : model.graph().initializer()) inputs.erase(tensor.name());
    return inputs;
  }
  return std::nullopt;
}

}  // namespace

std::set<std::string> find_weight_inputs(const onnx::ModelProto& model, bool stripped) {
  if (std::optional<std::set<std::string>> listed = listed_inputs(model)) return *listed;
  return Finder(model, stripped).run();
}

std::set<std::string> listed_untrained(const onnx::ModelProto& model) {
  std::set<std::string> listed;
  for (const onnx::StringStringEntryProto& entry : model.metadata_props()) {
    if (entry.key() != kUntrained) continue;
    std::istringstream lines(entry.value());
    for (std::string line; std::getline(lines, line);) listed.insert(line);
  }
  return listed;
}

}  // namespace lanewise::network::importing
