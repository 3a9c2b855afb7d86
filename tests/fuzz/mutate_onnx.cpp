// SPDX-License-Identifier: Apache-2.0
#include <onnx/onnx_pb.h>

#include <functional>

#include "tests/fuzz/mutate.hpp"

namespace lanewise::fuzz {
namespace {

template <class Repeated>
auto* any_of(Repeated* items, Random& random) {
  return items->empty() ? nullptr
                        : items->Mutable(static_cast<int>(random.below(static_cast<std::uint64_t>(items->size()))));
}

std::string any_name(const onnx::GraphProto& graph, Random& random) {
  if (graph.node_size() == 0) return odd_text(random);
  const auto& node = graph.node(static_cast<int>(random.below(static_cast<std::uint64_t>(graph.node_size()))));
  const auto& names = random.chance(0.5) ? node.input() : node.output();
  if (names.empty()) return odd_text(random);
  return names.Get(static_cast<int>(random.below(static_cast<std::uint64_t>(names.size()))));
}

// A small size far more often than an odd one: odd ones are mostly refused at once.
std::int64_t size(Random& random) { return random.chance(0.5) ? random.between(0, 64) : odd_integer(random); }

void change_dims(onnx::TypeProto_Tensor* type, Random& random) {
  auto* dims = type->mutable_shape()->mutable_dim();
  switch (random.below(5)) {
    case 0:
      if (auto* dim = any_of(dims, random)) dim->set_dim_value(size(random));
      return;
    case 1:
      if (auto* dim = any_of(dims, random)) dim->set_dim_param(random.chance(0.5) ? "N" : odd_text(random));
      return;
    case 2:
      dims->Add()->set_dim_value(size(random));
      return;
    case 3:
      if (!dims->empty()) dims->RemoveLast();
      return;
    default:
      type->set_elem_type(static_cast<int>(random.between(-1, 24)));
  }
}

void change_tensor(onnx::TensorProto* tensor, Random& random) {
  switch (random.below(7)) {
    case 0:
      if (tensor->dims_size() > 0) {
        tensor->set_dims(static_cast<int>(random.below(static_cast<std::uint64_t>(tensor->dims_size()))), size(random));
      }
      return;
    case 1:
      tensor->add_dims(size(random));
      return;
    case 2:
      if (tensor->dims_size() > 0) tensor->mutable_dims()->RemoveLast();
      return;
    case 3:
      tensor->set_data_type(static_cast<int>(random.between(-1, 24)));
      return;
    case 4: {
      std::string* raw = tensor->mutable_raw_data();
      const Inputs own = {raw->empty() ? std::string(8, '\0') : *raw};
      change_bytes(*raw, own, random);
      return;
    }
    case 5:
      if (tensor->int64_data_size() > 0) {
        const auto at = random.below(static_cast<std::uint64_t>(tensor->int64_data_size()));
        tensor->set_int64_data(static_cast<int>(at), odd_integer(random));
      } else {
        tensor->add_int64_data(odd_integer(random));
      }
      return;
    default: {
      tensor->set_data_location(onnx::TensorProto::EXTERNAL);
      auto* entry = tensor->add_external_data();
      entry->set_key(random.chance(0.7) ? "location" : odd_text(random));
      entry->set_value(random.chance(0.5) ? "weights.bin" : odd_text(random));
    }
  }
}

void change_graph(onnx::GraphProto* graph, const onnx::GraphProto* other, Random& random, int depth);

void change_attribute(onnx::AttributeProto* attribute, Random& random, int depth) {
  if (attribute->has_g() && random.chance(0.7)) return change_graph(attribute->mutable_g(), nullptr, random, depth + 1);
  if (attribute->has_t() && random.chance(0.7)) return change_tensor(attribute->mutable_t(), random);
  switch (random.below(7)) {
    case 0:
      attribute->set_i(size(random));
      return;
    case 1:
      attribute->set_f(static_cast<float>(odd_real(random)));
      return;
    case 2:
      if (attribute->ints_size() > 0) {
        const auto at = random.below(static_cast<std::uint64_t>(attribute->ints_size()));
        attribute->set_ints(static_cast<int>(at), size(random));
        return;
      }
      attribute->add_ints(size(random));
      return;
    case 3:
      if (attribute->ints_size() > 0) attribute->mutable_ints()->RemoveLast();
      return;
    case 4:
      attribute->set_s(odd_text(random));
      return;
    case 5:
      attribute->set_name(odd_text(random));
      return;
    default:
      attribute->set_type(static_cast<onnx::AttributeProto_AttributeType>(random.between(0, 12)));
  }
}

std::string operator_type(Random& random) {
  static const std::vector<std::string> types = {"Conv",
                                                 "MatMul",
                                                 "Gemm",
                                                 "Add",
                                                 "Mul",
                                                 "Relu",
                                                 "MaxPool",
                                                 "AveragePool",
                                                 "Concat",
                                                 "Split",
                                                 "Slice",
                                                 "Reshape",
                                                 "Transpose",
                                                 "Softmax",
                                                 "Resize",
                                                 "Upsample",
                                                 "GlobalAveragePool",
                                                 "ConvTranspose",
                                                 "Pad",
                                                 "ReduceMean",
                                                 "LayerNormalization",
                                                 "Gather",
                                                 "Expand",
                                                 "Shape",
                                                 "Range",
                                                 "ConstantOfShape",
                                                 "Tile",
                                                 "Where",
                                                 "LSTM",
                                                 "GRU",
                                                 "Loop",
                                                 "If",
                                                 "Scan",
                                                 "QLinearConv",
                                                 "QuantizeLinear",
                                                 "DequantizeLinear",
                                                 "MatMulInteger",
                                                 "DepthToSpace",
                                                 "SpaceToDepth",
                                                 "Flatten",
                                                 "Squeeze",
                                                 "Unsqueeze",
                                                 "BatchNormalization",
                                                 "InstanceNormalization",
                                                 "LRN",
                                                 "STFT",
                                                 "MaxUnpool",
                                                 "MaxRoiPool",
                                                 "RoiAlign",
                                                 "NonMaxSuppression",
                                                 "Einsum",
                                                 "TopK",
                                                 "Identity",
                                                 "Cast",
                                                 "Clip",
                                                 "Constant"};
  return random.chance(0.9) ? random.pick(types) : odd_text(random);
}

void change_node(onnx::NodeProto* node, const onnx::GraphProto& graph, Random& random, int depth) {
  const auto input = [&]() -> std::string* { return any_of(node->mutable_input(), random); };
  switch (random.below(11)) {
    case 0:
      node->set_op_type(operator_type(random));
      return;
    case 1:
      if (std::string* name = input()) *name = any_name(graph, random);
      return;
    case 2:
      if (node->input_size() > 0) node->mutable_input()->RemoveLast();
      return;
    case 3:
      node->add_input(random.chance(0.3) ? "" : any_name(graph, random));
      return;
    case 4:
      if (std::string* name = input()) name->clear();
      return;
    case 5:
      if (std::string* name = any_of(node->mutable_output(), random))
        *name = random.chance(0.3) ? "" : any_name(graph, random);
      return;
    case 6:
      if (node->attribute_size() > 0) node->mutable_attribute()->RemoveLast();
      return;
    case 7: {
      static const std::vector<std::string> domains = {"", "ai.onnx", "com.microsoft", "ai.onnx.ml", "my.own"};
      node->set_domain(random.pick(domains));
      return;
    }
    case 8:
      node->set_name(odd_text(random));
      return;
    default:
      if (auto* attribute = any_of(node->mutable_attribute(), random)) change_attribute(attribute, random, depth);
  }
}

void change_graph(onnx::GraphProto* graph, const onnx::GraphProto* other, Random& random, int depth) {
  constexpr int kDeepest = 4;
  if (depth > kDeepest) return;
  switch (random.below(12)) {
    case 0:
      if (auto* value = any_of(random.chance(0.8) ? graph->mutable_input() : graph->mutable_output(), random)) {
        change_dims(value->mutable_type()->mutable_tensor_type(), random);
      }
      return;
    case 1:
      if (auto* value = any_of(graph->mutable_value_info(), random)) {
        change_dims(value->mutable_type()->mutable_tensor_type(), random);
      }
      return;
    case 2:
    case 3:
      if (auto* tensor = any_of(graph->mutable_initializer(), random)) change_tensor(tensor, random);
      return;
    case 4:
      if (graph->node_size() > 1) {
        const auto at = random.below(static_cast<std::uint64_t>(graph->node_size()));
        graph->mutable_node()->DeleteSubrange(static_cast<int>(at), 1);
      }
      return;
    case 5:
      if (const auto* node = any_of(graph->mutable_node(), random)) {
        const onnx::NodeProto copy = *node;
        *graph->add_node() = copy;
      }
      return;
    case 6:
      if (other != nullptr && other->node_size() > 0) {
        *graph->add_node() =
            other->node(static_cast<int>(random.below(static_cast<std::uint64_t>(other->node_size()))));
      }
      return;
    case 7:
      if (graph->initializer_size() > 0) {
        const auto at = random.below(static_cast<std::uint64_t>(graph->initializer_size()));
        graph->mutable_initializer()->DeleteSubrange(static_cast<int>(at), 1);
      } else if (auto* value = any_of(graph->mutable_output(), random)) {
        value->set_name(any_name(*graph, random));
      }
      return;
    default:
      if (auto* node = any_of(graph->mutable_node(), random)) change_node(node, *graph, random, depth);
  }
}

}  // namespace

std::string mutate_onnx(const Inputs& corpus, Random& random) {
  if (random.chance(0.15)) return mutate_bytes(corpus, random);
  onnx::ModelProto model, other;
  if (!model.ParseFromString(random.pick(corpus))) return mutate_bytes(corpus, random);
  const bool has_other = random.chance(0.3) && other.ParseFromString(random.pick(corpus));
  for (int i = changes(random); i > 0; --i) {
    if (random.chance(0.05)) {
      if (auto* import = any_of(model.mutable_opset_import(), random)) import->set_version(random.between(-1, 30));
    } else if (random.chance(0.3) && model.functions_size() > 0) {
      // A function's nodes are changed as a graph's are.
      onnx::FunctionProto* function = any_of(model.mutable_functions(), random);
      onnx::GraphProto body;
      body.mutable_node()->CopyFrom(function->node());
      change_graph(&body, nullptr, random, 0);
      function->mutable_node()->CopyFrom(body.node());
    } else {
      change_graph(model.mutable_graph(), has_other ? &other.graph() : nullptr, random, 0);
    }
  }
  std::string bytes;
  model.SerializeToString(&bytes);
  return bytes;
}

}  // namespace lanewise::fuzz
