// SPDX-License-Identifier: Apache-2.0
// Random ONNX files of one operator, most of them wrong: any rank, sizes from none to absurd ones, attributes that are
// missing, doubled, out of range or of another form, inputs left out, every number format. The same seed gives the same
// file.
#pragma once

#include <onnx/onnx_pb.h>

#include <string>
#include <utility>
#include <vector>

#include "core/base/random.hpp"
#include "core/network/onnx/rules/rule.hpp"

namespace lanewise::network::testing {

class OneNodeFile {
 public:
  // `type` is a row of the table or of others(), by number; `small`: sizes that an engine could work through.
  OneNodeFile(std::uint64_t seed, std::size_t type, bool small) : random_(seed), small_(small) { make(type); }

  static std::size_t types() { return importing::all_rules().size() + others().size(); }
  const std::string& type() const { return type_; }
  const onnx::ModelProto& model() const { return model_; }

 private:
  using Shape = std::vector<std::int64_t>;
  using Form = onnx::AttributeProto;

  Random random_;
  bool small_;
  std::string type_;
  onnx::ModelProto model_;
  Shape base_;  // of the first input; others are often like it

  // Operators that are written out as ones of the table.
  static const std::vector<std::pair<std::string, std::string>>& others() {
    static const std::vector<std::pair<std::string, std::string>> table = {
        {"", "ConvInteger"},
        {"", "MatMulInteger"},
        {"", "QLinearConv"},
        {"", "QLinearMatMul"},
        {"com.microsoft", "Gelu"},
        {"com.microsoft", "FastGelu"},
        {"com.microsoft", "BiasGelu"},
        {"com.microsoft", "FusedConv"},
        {"com.microsoft", "FusedMatMul"},
        {"com.microsoft", "GroupQueryAttention"},
        {"com.microsoft", "MatMulNBits"},
        {"com.microsoft", "MultiHeadAttention"},
        {"com.microsoft", "QGemm"},
        {"com.microsoft", "QLinearAdd"},
        {"com.microsoft", "QLinearConcat"},
        {"com.microsoft", "QLinearSoftmax"},
        {"com.microsoft", "SkipLayerNormalization"},
        {"com.microsoft", "SimplifiedLayerNormalization"},
    };
    return table;
  }

  std::int64_t size() {
    if (small_) return random_.pick<std::int64_t>({1, 1, 2, 3, 4, 4, 5, 7, 8, 16, 24});
    return random_.pick<std::int64_t>({0, 1, 1, 2, 3, 4, 4, 5, 8, 16, 64, 1000, std::int64_t{1} << 20,
                                       std::int64_t{1} << 31, std::int64_t{1} << 40, std::int64_t{1} << 62, -1});
  }

  Shape shape() {
    Shape result(static_cast<std::size_t>(random_.between(0, 6)));
    for (std::int64_t& one : result) one = size();
    return result;
  }

  // Most operators want tensors of one kind, or one that differs in an axis.
  Shape related_shape() {
    if (base_.empty() || random_.chance(0.2)) return shape();
    Shape result = base_;
    if (random_.chance(0.4) && !result.empty()) result[static_cast<std::size_t>(random_.below(result.size()))] = size();
    if (random_.chance(0.15)) result.pop_back();
    if (random_.chance(0.15) && result.size() > 1) result.erase(result.begin());
    if (random_.chance(0.1) && !result.empty()) std::swap(result.front(), result.back());
    return result;
  }

  std::int64_t number() {
    return random_.pick<std::int64_t>({0,
                                       0,
                                       1,
                                       1,
                                       1,
                                       2,
                                       2,
                                       3,
                                       4,
                                       5,
                                       7,
                                       8,
                                       -1,
                                       -1,
                                       -2,
                                       -3,
                                       100,
                                       -100,
                                       std::int64_t{1} << 31,
                                       std::int64_t{1} << 40,
                                       INT64_MAX,
                                       INT64_MIN});
  }

  int element_type() {
    using Type = onnx::TensorProto;
    if (random_.chance(0.5)) return Type::FLOAT;
    return static_cast<int>(random_.between(0, 23));
  }

  void declare(onnx::ValueInfoProto& value, const std::string& name, int type, const Shape& shape) {
    value.set_name(name);
    if (random_.chance(0.02)) return;  // no type at all
    if (random_.chance(0.03)) {
      value.mutable_type()->mutable_sequence_type()->mutable_elem_type()->mutable_tensor_type()->set_elem_type(type);
      return;
    }
    onnx::TypeProto& tensor = random_.chance(0.03) ? *value.mutable_type()->mutable_optional_type()->mutable_elem_type()
                                                   : *value.mutable_type();
    tensor.mutable_tensor_type()->set_elem_type(type);
    if (random_.chance(0.03)) return;  // no shape
    tensor.mutable_tensor_type()->mutable_shape()->clear_dim();
    for (const std::int64_t one : shape) {
      auto& dimension = *tensor.mutable_tensor_type()->mutable_shape()->add_dim();
      if (random_.chance(0.03)) {
        dimension.set_dim_param("n");
      } else {
        dimension.set_dim_value(one);
      }
    }
  }

  // Arguments, as axes and sizes are, or weights with their numbers or without.
  void store(onnx::TensorProto& tensor, const std::string& name) {
    tensor.set_name(name);
    const bool argument = random_.chance(0.6);
    const Shape shape = argument ? (random_.chance(0.3) ? Shape{} : Shape{random_.between(0, 6)}) : related_shape();
    for (const std::int64_t one : shape) tensor.add_dims(one);
    const bool real = !argument || random_.chance(0.2);
    tensor.set_data_type(random_.chance(0.1) ? element_type()
                                             : (real ? onnx::TensorProto::FLOAT : onnx::TensorProto::INT64));
    std::int64_t count = 1;
    for (const std::int64_t one : shape) count = one < 0 || one > 64 || count > 4096 ? 0 : count * one;
    if (random_.chance(0.15) || count > 4096) return;  // stripped
    if (random_.chance(0.03)) ++count;
    for (std::int64_t i = 0; i < count; ++i) {
      if (tensor.data_type() == onnx::TensorProto::FLOAT) {
        tensor.add_float_data(random_.chance(0.05) ? 1e30F : static_cast<float>(random_.normal()));
      } else {
        tensor.add_int64_data(number());
      }
    }
  }

  void fill(onnx::AttributeProto& attribute, Form::AttributeType form) {
    static const std::vector<std::string> texts = {
        "NOTSET",  "VALID",      "SAME_UPPER", "SAME_LOWER",  "ij,jk->ik", "bij,bjk->bik", "...ij,...jk->...ik",
        "ii->i",   "linear",     "nearest",    "cubic",       "reflect",   "constant",     "bidirectional",
        "reverse", "not_larger", "none",       "mean",        "tanh",      "CRD",          "tf_crop_and_resize",
        "->",      ",",          "a,b->",      "not_smaller", "",          "...",          "abc,cd,de->ae"};
    attribute.set_type(random_.chance(0.03) ? Form::UNDEFINED : form);
    switch (form) {
      case Form::INT:
        attribute.set_i(number());
        break;
      case Form::FLOAT:
        attribute.set_f(static_cast<float>(random_.normal()));
        break;
      case Form::STRING:
        attribute.set_s(random_.pick(texts));
        break;
      case Form::FLOATS:
        for (std::int64_t i = random_.between(0, 6); i > 0; --i)
          attribute.add_floats(random_.chance(0.1) ? 1e20F : 2.5F);
        break;
      case Form::TENSOR:
        store(*attribute.mutable_t(), "");
        break;
      case Form::GRAPH:
        add_body(*attribute.mutable_g());
        break;
      default:
        for (std::int64_t i = random_.between(0, 8); i > 0; --i) {
          attribute.add_ints(random_.chance(0.7) ? random_.between(0, 4) : number());
        }
    }
  }

  void add_body(onnx::GraphProto& body) {
    for (int i = 0; i < 3; ++i) {
      declare(*body.add_input(), "in" + std::to_string(i), element_type(), related_shape());
    }
    onnx::NodeProto& node = *body.add_node();
    node.set_op_type(random_.pick<std::string>({"Identity", "Add", "Relu", "Concat"}));
    node.add_input("in" + std::to_string(random_.below(4)));
    if (random_.chance(0.5)) node.add_input("x0");
    node.add_output("out");
    for (std::int64_t i = random_.between(0, 3); i > 0; --i) {
      declare(*body.add_output(), random_.chance(0.7) ? "out" : "in1", element_type(), related_shape());
    }
  }

  void add_attributes(onnx::NodeProto& node) {
    static const std::vector<std::pair<const char*, Form::AttributeType>> all = {
        {"allowzero", Form::INT},
        {"auto_pad", Form::STRING},
        {"axes", Form::INTS},
        {"axis", Form::INT},
        {"batch_axis", Form::INT},
        {"batch_dims", Form::INT},
        {"blocksize", Form::INT},
        {"block_size", Form::INT},
        {"bits", Form::INT},
        {"body", Form::GRAPH},
        {"broadcast", Form::INT},
        {"ceil_mode", Form::INT},
        {"dilations", Form::INTS},
        {"direction", Form::STRING},
        {"dtype", Form::INT},
        {"else_branch", Form::GRAPH},
        {"ends", Form::INTS},
        {"equation", Form::STRING},
        {"group", Form::INT},
        {"height_scale", Form::FLOAT},
        {"hidden_size", Form::INT},
        {"inverse", Form::INT},
        {"k", Form::INT},
        {"keepdims", Form::INT},
        {"kernel_shape", Form::INTS},
        {"kv_num_heads", Form::INT},
        {"K", Form::INT},
        {"layout", Form::INT},
        {"mode", Form::STRING},
        {"N", Form::INT},
        {"new_axis", Form::INT},
        {"ngram_indexes", Form::INTS},
        {"noop_with_empty_axes", Form::INT},
        {"num_groups", Form::INT},
        {"num_heads", Form::INT},
        {"num_outputs", Form::INT},
        {"num_scan_inputs", Form::INT},
        {"onesided", Form::INT},
        {"output_height", Form::INT},
        {"output_padding", Form::INTS},
        {"output_shape", Form::INTS},
        {"pads", Form::INTS},
        {"perm", Form::INTS},
        {"pooled_shape", Form::INTS},
        {"q_num_heads", Form::INT},
        {"reduction", Form::STRING},
        {"sample_size", Form::INT},
        {"scales", Form::FLOATS},
        {"shape", Form::INTS},
        {"size", Form::INT},
        {"split", Form::INTS},
        {"start", Form::INT},
        {"end", Form::INT},
        {"starts", Form::INTS},
        {"strides", Form::INTS},
        {"then_branch", Form::GRAPH},
        {"time_axis", Form::INT},
        {"to", Form::INT},
        {"transA", Form::INT},
        {"transB", Form::INT},
        {"value", Form::TENSOR},
        {"value_ints", Form::INTS},
        {"keep_aspect_ratio_policy", Form::STRING},
        {"coordinate_transformation_mode", Form::STRING}};
    // What an operator cannot do without comes often.
    const auto often = [&](const char* name, Form::AttributeType form, std::initializer_list<const char*> types) {
      for (const char* type : types) {
        if (type_ != type || random_.chance(0.15)) continue;
        onnx::AttributeProto& attribute = *node.add_attribute();
        attribute.set_name(name);
        fill(attribute, form);
      }
    };
    if (!base_.empty() && base_.size() > 2 && random_.chance(0.8)) add_window(node);
    often("axis", Form::INT, {"Concat", "Gather", "Softmax", "Split", "ArgMax", "OneHot", "SplitToSequence"});
    often("blocksize", Form::INT, {"DepthToSpace", "SpaceToDepth"});
    often("equation", Form::STRING, {"Einsum"});
    often("to", Form::INT, {"Cast"});
    often("body", Form::GRAPH, {"Loop", "Scan", "SequenceMap"});
    often("num_scan_inputs", Form::INT, {"Scan"});
    often("then_branch", Form::GRAPH, {"If"});
    often("else_branch", Form::GRAPH, {"If"});
    often("value", Form::TENSOR, {"Constant", "ConstantOfShape"});
    often("perm", Form::INTS, {"Transpose"});
    often("hidden_size", Form::INT, {"LSTM", "GRU", "RNN"});
    often("axes", Form::INTS, {"ReduceMean", "ReduceSum", "Unsqueeze", "Squeeze"});
    for (std::int64_t i = random_.between(0, 4); i > 0; --i) {
      const auto& [name, form] = random_.pick(all);
      onnx::AttributeProto& attribute = *node.add_attribute();
      attribute.set_name(name);
      static const std::vector<Form::AttributeType> forms = {Form::INT,    Form::INTS,   Form::FLOAT, Form::FLOATS,
                                                             Form::STRING, Form::TENSOR, Form::GRAPH};
      fill(attribute, random_.chance(0.1) ? random_.pick(forms) : form);
    }
  }

  // A window that may fit.
  void add_window(onnx::NodeProto& node) {
    static const std::vector<std::string> windowed = {"Conv",   "ConvTranspose", "AveragePool", "MaxPool",
                                                      "LpPool", "MaxUnpool",     "DeformConv",  "QLinearConv"};
    if (std::find(windowed.begin(), windowed.end(), type_) == windowed.end()) return;
    for (const char* name : {"kernel_shape", "strides", "dilations", "pads"}) {
      const bool kernel = std::string(name) == "kernel_shape";
      if (!random_.chance(kernel ? 0.9 : 0.5)) continue;
      onnx::AttributeProto& attribute = *node.add_attribute();
      attribute.set_name(name);
      attribute.set_type(Form::INTS);
      const bool pads = std::string(name) == "pads";
      const std::size_t count = (base_.size() - 2) * (pads ? 2 : 1);
      for (std::size_t i = 0; i < count; ++i) attribute.add_ints(pads ? random_.between(0, 2) : random_.between(1, 3));
    }
  }

  void make(std::size_t number) {
    const auto rules = importing::all_rules();
    onnx::GraphProto& graph = *model_.mutable_graph();
    onnx::NodeProto& node = *graph.add_node();
    std::size_t least = 1;
    std::size_t most = 9;
    std::size_t outputs = 2;
    if (number < rules.size()) {
      const importing::Rule& rule = *rules[number];
      type_ = rule.type;
      least = rule.least_inputs;
      most = std::min<std::size_t>(rule.most_inputs, least + 3);
      outputs = std::min<std::size_t>(rule.most_outputs, 3);
    } else {
      const auto& [domain, type] = others()[number - rules.size()];
      type_ = type;
      node.set_domain(domain);
    }
    model_.set_ir_version(8);
    auto& set = *model_.add_opset_import();
    set.set_version(random_.chance(0.7) ? random_.between(13, 23) : random_.between(1, 12));
    auto& vendor = *model_.add_opset_import();
    vendor.set_domain("com.microsoft");
    vendor.set_version(1);
    graph.set_name("g");
    node.set_op_type(type_);
    if (random_.chance(0.1)) node.set_name("\x1b[31mname\n");
    base_ = shape();
    auto count =
        static_cast<std::size_t>(random_.between(static_cast<std::int64_t>(least), static_cast<std::int64_t>(most)));
    if (random_.chance(0.05)) count = static_cast<std::size_t>(random_.between(0, 12));
    for (std::size_t i = 0; i < count; ++i) add_input(node, i);
    add_attributes(node);
    add_outputs(node, outputs);
  }

  void add_input(onnx::NodeProto& node, std::size_t i) {
    onnx::GraphProto& graph = *model_.mutable_graph();
    const std::string name = "x" + std::to_string(i);
    if (random_.chance(0.04)) {
      node.add_input("");
    } else if (i == 0 ? random_.chance(0.92) : random_.chance(0.5)) {
      declare(*graph.add_input(), name, element_type(), i == 0 ? base_ : related_shape());
      node.add_input(name);
    } else {
      store(*graph.add_initializer(), name);
      node.add_input(name);
    }
  }

  void add_outputs(onnx::NodeProto& node, std::size_t most) {
    onnx::GraphProto& graph = *model_.mutable_graph();
    std::int64_t count = random_.between(1, static_cast<std::int64_t>(most));
    if (random_.chance(0.03)) count = random_.between(0, 5);
    for (std::int64_t i = 0; i < count; ++i) {
      const std::string name = "y" + std::to_string(i);
      node.add_output(i > 0 && random_.chance(0.2) ? "" : name);
      if (i > 0 && random_.chance(0.5)) continue;
      declare(*graph.add_output(), name, element_type(), related_shape());
    }
    if (!random_.chance(0.4)) return;
    // Something that reads it.
    onnx::NodeProto& reader = *graph.add_node();
    reader.set_op_type(random_.pick<std::string>({"Relu", "Add", "Transpose", "Softmax", "MatMul", "Reshape"}));
    reader.add_input("y0");
    if (random_.chance(0.5)) reader.add_input("x0");
    reader.add_output("z");
    declare(*graph.add_output(), "z", element_type(), related_shape());
  }
};

}  // namespace lanewise::network::testing
