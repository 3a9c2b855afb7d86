// SPDX-License-Identifier: Apache-2.0
// Files of one lowered operator with random inputs: each is read or refused in one line.
#include <random>

#include "core/network/onnx/lowering.hpp"
#include "tests/core/network/onnx_fixture.hpp"

namespace lanewise::network::testing {
namespace {

constexpr int kFilesPerOperator = 120;

class RandomNode {
 public:
  RandomNode(const std::string& domain, const std::string& type, unsigned seed) : random_(seed) {
    file_.model().mutable_graph()->clear_node();
    file_.model().mutable_graph()->clear_output();
    onnx::GraphProto& graph = *file_.model().mutable_graph();
    onnx::NodeProto& node = *graph.add_node();
    node.set_op_type(type);
    node.set_domain(domain);
    const int inputs = pick(10);
    for (int i = 0; i < inputs; ++i) add_input(graph, node, "i" + std::to_string(i));
    for (int i = 0, outputs = 1 + pick(4); i < outputs; ++i) {
      node.add_output("o" + std::to_string(i));
      graph.add_output()->set_name(node.output(i));
      graph.mutable_output(i)->mutable_type()->mutable_tensor_type()->set_elem_type(onnx::TensorProto::FLOAT);
    }
    for (const char* name : {"num_heads",
                             "kv_num_heads",
                             "q_num_heads",
                             "axis",
                             "K",
                             "N",
                             "bits",
                             "transA",
                             "transB",
                             "num_groups",
                             "groups",
                             "do_rotary",
                             "local_window_size",
                             "channels_last",
                             "unidirectional",
                             "past_present_share_buffer",
                             "is_causal",
                             "qk_matmul_output_mode",
                             "transBatchA",
                             "group",
                             "gather_axis",
                             "activation"}) {
      if (pick(2) == 0) add(node, name)->set_i(number());
    }
    for (const char* name : {"axes", "qkv_hidden_sizes", "kernel_shape", "pads", "strides"}) {
      if (pick(4) != 0) continue;
      onnx::AttributeProto& attribute = *add(node, name);
      attribute.set_type(onnx::AttributeProto::INTS);
      for (int i = pick(5); i > 0; --i) attribute.add_ints(number());
    }
  }

  OnnxFile& file() { return file_; }

 private:
  std::mt19937 random_;
  OnnxFile file_{"(float[2,4] x) => (float[2,4] y) { y = Relu(x) }", 23};

  int pick(int count) { return std::uniform_int_distribution<int>(0, count - 1)(random_); }
  std::int64_t number() {
    static const std::int64_t values[] = {-1,           0,         1,        1, 2, 2, 3, 4, 4, 8, 8, 64, 1LL << 31,
                                          -(1LL << 40), INT64_MAX, INT64_MIN};
    return values[pick(16)];
  }
  onnx::AttributeProto* add(onnx::NodeProto& node, const char* name) {
    onnx::AttributeProto* attribute = node.add_attribute();
    attribute->set_name(name);
    attribute->set_type(onnx::AttributeProto::INT);
    return attribute;
  }
  void add_input(onnx::GraphProto& graph, onnx::NodeProto& node, const std::string& name) {
    if (pick(8) == 0) {
      node.add_input("");
      return;
    }
    node.add_input(name);
    static const std::int64_t sizes[] = {1, 1, 2, 2, 3, 4, 4, 8, 8, 64, 1LL << 20};
    std::vector<std::int64_t> shape;
    for (int i = pick(6); i > 0; --i) shape.push_back(sizes[pick(11)]);
    static const int types[] = {1, 1, 1, 2, 3, 6, 7, 10, 21, 22};
    const int type = types[pick(10)];
    if (pick(2) == 0) {
      file_.weight(name, shape, type);
      return;
    }
    onnx::ValueInfoProto& input = *graph.add_input();
    input.set_name(name);
    auto& tensor = *input.mutable_type()->mutable_tensor_type();
    tensor.set_elem_type(type);
    tensor.mutable_shape();
    for (const std::int64_t size : shape) tensor.mutable_shape()->add_dim()->set_dim_value(size);
  }
};

TEST(RandomNode, of_every_lowered_operator_is_read_or_refused_in_one_line) {
  int read = 0, refused = 0;
  for (const importing::LoweringRow* row : importing::all_lowerings()) {
    for (unsigned seed = 0; seed < kFilesPerOperator; ++seed) {
      RandomNode node(row->domain, row->type, seed);
      SCOPED_TRACE(row->domain + " " + row->type + " " + std::to_string(seed));
      node.file().error().empty() ? ++read : ++refused;
    }
  }
  EXPECT_GT(read, 0);
  EXPECT_GT(refused, read);
}

}  // namespace
}  // namespace lanewise::network::testing
