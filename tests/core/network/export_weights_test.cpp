// SPDX-License-Identifier: Apache-2.0
// Numbers of weights in exported files: kept bit by bit where name and shape are unchanged, in whatever form the file
// held them.
#include <cstring>

#include "core/base/error.hpp"
#include "core/network/rewrite.hpp"
#include "round_trip.hpp"

namespace lanewise::network::testing {
namespace {

class Files : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("lanewise_weights_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  void write(const std::string& name, const onnx::ModelProto& model) const {
    std::ofstream file(path(name), std::ios::binary);
    ASSERT_TRUE(model.SerializeToOstream(&file));
  }

  std::filesystem::path folder_;
};

onnx::ModelProto empty_model(int opset = 17) {
  onnx::ModelProto model;
  model.set_ir_version(8);
  model.add_opset_import()->set_version(opset);
  model.mutable_graph()->set_name("small");
  return model;
}

void declare(onnx::ValueInfoProto& info, const std::string& name, int type, const std::vector<std::int64_t>& shape) {
  info.set_name(name);
  auto& tensor = *info.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(type);
  for (const std::int64_t size : shape) tensor.mutable_shape()->add_dim()->set_dim_value(size);
}

onnx::NodeProto& node(onnx::ModelProto& model, const std::string& type, const std::vector<std::string>& inputs,
                      const std::string& output) {
  onnx::NodeProto& made = *model.mutable_graph()->add_node();
  made.set_op_type(type);
  made.set_name(output + "_node");
  for (const std::string& input : inputs) made.add_input(input);
  made.add_output(output);
  return made;
}

// Bytes that are easily told apart.
std::string bytes(std::size_t count, int seed) {
  std::string text(count, '\0');
  for (std::size_t i = 0; i < count; ++i) text[i] = static_cast<char>((i * 7 + static_cast<std::size_t>(seed)) % 61);
  return text;
}

onnx::TensorProto stored(const std::string& name, int type, const std::vector<std::int64_t>& shape, std::size_t width) {
  onnx::TensorProto tensor;
  tensor.set_name(name);
  tensor.set_data_type(type);
  std::size_t count = width;
  for (const std::int64_t size : shape) {
    tensor.add_dims(size);
    count *= static_cast<std::size_t>(size);
  }
  tensor.set_raw_data(bytes(count, static_cast<int>(name.size())));
  return tensor;
}

const onnx::TensorProto* find(const onnx::ModelProto& model, const std::string& name) {
  for (const onnx::TensorProto& tensor : model.graph().initializer()) {
    if (tensor.name() == name) return &tensor;
  }
  return nullptr;
}

// x [1, 8, 6, 6] through a 3x3 convolution, a pointwise one and a matrix.
onnx::ModelProto network(int type, std::size_t width, int kernel_type, std::size_t kernel_width) {
  onnx::ModelProto model = empty_model();
  declare(*model.mutable_graph()->add_input(), "x", type, {1, 8, 6, 6});
  *model.mutable_graph()->add_initializer() = stored("kernel", kernel_type, {16, 8, 3, 3}, kernel_width);
  *model.mutable_graph()->add_initializer() = stored("bias", type, {16}, width);
  *model.mutable_graph()->add_initializer() = stored("matrix", type, {16, 16}, width);
  return model;
}

void finish(onnx::ModelProto& model, const std::string& kernel, int type) {
  onnx::NodeProto& conv = node(model, "Conv", {"x", kernel, "bias"}, "map");
  onnx::AttributeProto& pads = *conv.add_attribute();
  pads.set_name("pads");
  pads.set_type(onnx::AttributeProto::INTS);
  for (int i = 0; i < 4; ++i) pads.add_ints(1);
  node(model, "GlobalAveragePool", {"map"}, "pooled");
  onnx::AttributeProto& axis = *node(model, "Flatten", {"pooled"}, "flat").add_attribute();
  axis.set_name("axis");
  axis.set_type(onnx::AttributeProto::INT);
  axis.set_i(1);
  node(model, "MatMul", {"flat", "matrix"}, "y");
  declare(*model.mutable_graph()->add_output(), "y", type, {1, 16});
}

TEST_F(Files, keep_their_numbers) {
  onnx::ModelProto model = network(onnx::TensorProto::FLOAT, 4, onnx::TensorProto::FLOAT, 4);
  finish(model, "kernel", onnx::TensorProto::FLOAT);
  write("a.onnx", model);
  const Graph graph = import_network(path("a.onnx"));
  const ExportedWeights weights = export_onnx(graph, path("b.onnx"), {path("a.onnx")});
  EXPECT_EQ(weights.kept, 3U);
  EXPECT_EQ(weights.stripped, 0U);
  EXPECT_EQ(onnx_fault(path("b.onnx")), "");
  const onnx::ModelProto made = load(path("b.onnx"));
  EXPECT_EQ(made.graph().input_size(), 1);
  for (const char* name : {"kernel", "bias", "matrix"}) {
    ASSERT_NE(find(made, name), nullptr) << name;
    EXPECT_EQ(find(made, name)->raw_data(), find(model, name)->raw_data());
  }
  EXPECT_EQ(round_trip_difference(graph, import_network(path("b.onnx"))), "");
  // Again from what was written.
  EXPECT_EQ(export_onnx(graph, path("c.onnx"), {path("b.onnx")}).kept, 3U);
}

TEST_F(Files, keep_half_precision_and_external_numbers) {
  onnx::ModelProto model = network(onnx::TensorProto::FLOAT16, 2, onnx::TensorProto::FLOAT16, 2);
  finish(model, "kernel", onnx::TensorProto::FLOAT16);
  onnx::TensorProto& kernel = *model.mutable_graph()->mutable_initializer(0);
  const std::string numbers = kernel.raw_data();
  {
    std::ofstream beside(path("numbers.bin"), std::ios::binary);
    beside << std::string(16, 'x') << numbers;
  }
  kernel.clear_raw_data();
  kernel.set_data_location(onnx::TensorProto::EXTERNAL);
  const auto entry = [&](const char* key, const std::string& value) {
    onnx::StringStringEntryProto& pair = *kernel.add_external_data();
    pair.set_key(key);
    pair.set_value(value);
  };
  entry("location", "numbers.bin");
  entry("offset", "16");
  entry("length", std::to_string(numbers.size()));
  write("a.onnx", model);
  const Graph graph = import_network(path("a.onnx"));
  EXPECT_EQ(export_onnx(graph, path("b.onnx"), {path("a.onnx")}).kept, 3U);
  EXPECT_EQ(onnx_fault(path("b.onnx")), "");
  const onnx::ModelProto made = load(path("b.onnx"));
  ASSERT_NE(find(made, "kernel"), nullptr);
  EXPECT_EQ(find(made, "kernel")->raw_data(), numbers);
  EXPECT_EQ(find(made, "kernel")->data_type(), onnx::TensorProto::FLOAT16);
  EXPECT_EQ(round_trip_difference(graph, import_network(path("b.onnx"))), "");
  std::filesystem::remove(path("numbers.bin"));
  EXPECT_THROW(export_onnx(graph, path("d.onnx"), {path("a.onnx")}), Error);
  EXPECT_FALSE(std::filesystem::exists(path("d.onnx")));
}

TEST_F(Files, keep_quantised_numbers_with_their_scale) {
  onnx::ModelProto model = network(onnx::TensorProto::FLOAT, 4, onnx::TensorProto::INT8, 1);
  onnx::TensorProto scale;
  scale.set_name("scale");
  scale.set_data_type(onnx::TensorProto::FLOAT);
  scale.add_float_data(0.25F);
  *model.mutable_graph()->add_initializer() = scale;
  node(model, "DequantizeLinear", {"kernel", "scale"}, "real_kernel");
  finish(model, "real_kernel", onnx::TensorProto::FLOAT);
  write("a.onnx", model);
  ImportOptions options;
  options.precision = Precision::kFp16;  // of what the file leaves open
  const Graph graph = import_network(path("a.onnx"), options);
  export_onnx(graph, path("b.onnx"), {path("a.onnx")});
  EXPECT_EQ(onnx_fault(path("b.onnx")), "");
  const onnx::ModelProto made = load(path("b.onnx"));
  EXPECT_EQ(round_trip_difference(graph, import_network(path("b.onnx"))), "");
  bool dequantised = false;
  for (const onnx::NodeProto& made_node : made.graph().node()) {
    if (made_node.op_type() == "DequantizeLinear") dequantised = made_node.input_size() == 2;
  }
  EXPECT_TRUE(dequantised);
}

TEST_F(Files, strip_what_a_move_has_changed) {
  onnx::ModelProto model = network(onnx::TensorProto::FLOAT, 4, onnx::TensorProto::FLOAT, 4);
  finish(model, "kernel", onnx::TensorProto::FLOAT);
  write("a.onnx", model);
  const Graph graph = import_network(path("a.onnx"));
  Moves moves;
  moves.kernel = {5};
  const Graph moved = apply(graph, moves);
  const ExportedWeights weights = export_onnx(moved, path("b.onnx"), {path("a.onnx")});
  EXPECT_EQ(weights.kept, 2U);
  EXPECT_EQ(weights.stripped, 1U);
  EXPECT_EQ(onnx_fault(path("b.onnx")), "");
  const onnx::ModelProto made = load(path("b.onnx"));
  EXPECT_EQ(find(made, "kernel"), nullptr);
  EXPECT_EQ(made.graph().input(1).name(), "kernel");
  EXPECT_EQ(round_trip_difference(moved, import_network(path("b.onnx"))), "");
}

TEST_F(Files, are_the_same_bytes_each_time) {
  const std::string from = "models/mobilenet_v2.onnx";
  const Graph graph = import_network(from);
  export_onnx(graph, path("a.onnx"), {from});
  export_onnx(graph, path("b.onnx"), {from});
  EXPECT_EQ(load(path("a.onnx")).SerializeAsString(), load(path("b.onnx")).SerializeAsString());
}

TEST_F(Files, name_the_operator_that_only_a_host_knows) {
  onnx::ModelProto model = empty_model();
  declare(*model.mutable_graph()->add_input(), "x", onnx::TensorProto::FLOAT, {1, 100});
  onnx::TensorProto count = stored("count", onnx::TensorProto::INT64, {1}, 8);
  count.clear_raw_data();
  count.add_int64_data(5);
  *model.mutable_graph()->add_initializer() = count;
  node(model, "TopK", {"x", "count"}, "values").add_output("entries");
  declare(*model.mutable_graph()->add_output(), "values", onnx::TensorProto::FLOAT, {1, 5});
  declare(*model.mutable_graph()->add_output(), "entries", onnx::TensorProto::INT64, {1, 5});
  write("a.onnx", model);
  const Graph graph = import_network(path("a.onnx"));
  try {
    export_onnx(graph, path("b.onnx"));
    FAIL() << "it was written";
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()),
              "network 'a': operator 'values_node' (host, from TopK) cannot be written as ONNX: what the host computes "
              "is only known from the file that it came from");
  }
  EXPECT_FALSE(std::filesystem::exists(path("b.onnx")));
  export_onnx(graph, path("b.onnx"), {path("a.onnx")});
  EXPECT_EQ(onnx_fault(path("b.onnx")), "");
  EXPECT_EQ(round_trip_difference(graph, import_network(path("b.onnx"))), "");
}

}  // namespace
}  // namespace lanewise::network::testing
