// SPDX-License-Identifier: Apache-2.0
// Functions that a file brings along: their bodies stand in for the calls.
#include <google/protobuf/unknown_field_set.h>

#include "tests/core/network/onnx_fixture.hpp"

namespace lanewise::network::testing {
namespace {

// Functions in ONNX's text are added to a file whose graph calls them.
class FunctionFile {
 public:
  explicit FunctionFile(const std::string& graph, int opset = 13) : file_(graph, opset) {
    onnx::OperatorSetIdProto& import = *file_.model().add_opset_import();
    import.set_domain("local");
    import.set_version(1);
  }

  // `body`: the graph "(float x) => (float y) { … }", whose types mean nothing here.
  FunctionFile& function(const std::string& name, const std::string& body, const std::string& domain = "local") {
    const OnnxFile parsed(body);
    onnx::FunctionProto& added = *file_.model().add_functions();
    added.set_name(name);
    added.set_domain(domain);
    const onnx::GraphProto& graph = const_cast<OnnxFile&>(parsed).model().graph();
    for (const auto& input : graph.input()) added.add_input(input.name());
    for (const auto& output : graph.output()) added.add_output(output.name());
    *added.mutable_node() = graph.node();
    onnx::OperatorSetIdProto& import = *added.add_opset_import();
    import.set_version(13);
    return *this;
  }
  // The attribute of the function's node takes the call's value of this name.
  FunctionFile& refer(int node, const std::string& attribute, const std::string& to, int type) {
    onnx::FunctionProto& last = *file_.model().mutable_functions()->rbegin();
    onnx::AttributeProto& added = *last.mutable_node(node)->add_attribute();
    added.set_name(attribute);
    added.set_ref_attr_name(to);
    added.set_type(static_cast<onnx::AttributeProto::AttributeType>(type));
    last.add_attribute(to);
    return *this;
  }
  OnnxFile& file() { return file_; }

 private:
  OnnxFile file_;
};

TEST(Function, a_call_is_its_body) {
  const Graph graph = import_network("tests/core/network/cases/localfn.onnx", {});
  EXPECT_EQ(kinds(graph), "convolution relu");
  EXPECT_EQ(macs(graph), 589824);
  EXPECT_EQ(parameters(graph), 2304);
  EXPECT_EQ(graph.op(0).name.rfind("Block_0/", 0), 0U) << graph.op(0).name;
}

TEST(Function, calls_stand_within_each_other) {
  FunctionFile file("(float[1,4,8,8] x) => (float[1,4,8,8] y) { a = local.Outer(x, w, v) y = local.Outer(a, v, w) }");
  file.function("Outer", "(float a, float p, float q) => (float c) { b = local.Inner(a, p) c = local.Inner(b, q) }")
      .function("Inner", "(float a, float w) => (float r) { c = Conv(a, w) r = Relu(c) }");
  const Graph graph = file.file().weight("w", {4, 4, 1, 1}).weight("v", {4, 4, 1, 1}).import();
  EXPECT_EQ(kinds(graph), "convolution relu convolution relu convolution relu convolution relu");
  EXPECT_EQ(macs(graph), 4 * 64 * 16);
  EXPECT_EQ(parameters(graph), 32);
}

TEST(Function, attributes_come_from_the_call_or_from_the_default) {
  constexpr int kFloat = onnx::AttributeProto::FLOAT;
  const auto made = [](const std::string& call) {
    FunctionFile file("(float[1,4] x) => (float[1,4] y) { y = local.F " + call + " (x) }");
    file.function("F", "(float a) => (float b) { b = LeakyRelu(a) }").refer(0, "alpha", "slope", kFloat);
    return kinds(file.file().import());
  };
  EXPECT_EQ(made("<slope = 0.2>"), "leaky_relu");
  EXPECT_EQ(made(""), "leaky_relu");
  FunctionFile axis("(float[2,3,4] x) => (float[2,1,4] y) { y = local.F <where = 1> (x) }");
  axis.function("F", "(float a) => (float b) { s = Softmax(a) b = ReduceMax <axes = [1]> (s) }")
      .refer(0, "axis", "where", onnx::AttributeProto::INT);
  EXPECT_EQ(axis.file().import().op(0).axes, std::vector<std::int64_t>{1});
}

// Defaults came to the format after the description of it that the fixture is built with: field 11 of a function.
TEST(Function, defaults_are_taken_where_the_call_says_nothing) {
  for (const bool is_given : {false, true}) {
    FunctionFile file(std::string("(float[2,3,4] x) => (float[2,1,4] y) { y = local.F ") +
                      (is_given ? "<where = 2>" : "") + " (x) }");
    file.function("F", "(float a) => (float b) { s = Softmax(a) b = ReduceMax <axes = [1]> (s) }")
        .refer(0, "axis", "where", onnx::AttributeProto::INT);
    onnx::FunctionProto& function = *file.file().model().mutable_functions(0);
    function.clear_attribute();
    onnx::AttributeProto otherwise;
    otherwise.set_name("where");
    otherwise.set_type(onnx::AttributeProto::INT);
    otherwise.set_i(1);
    function.GetReflection()->MutableUnknownFields(&function)->AddLengthDelimited(11, otherwise.SerializeAsString());
    EXPECT_EQ(file.file().import().op(0).axes, std::vector<std::int64_t>{is_given ? 2 : 1});
  }
}

TEST(Function, an_input_that_is_left_out_is_absent_within) {
  FunctionFile file("(float[1,4,8,8] x) => (float[1,4,8,8] y) { y = local.F(x, w) }");
  file.function("F", "(float a, float w, float b) => (float c) { c = Conv(a, w, b) }");
  const Graph graph = file.file().weight("w", {4, 4, 1, 1}).import();
  EXPECT_EQ(graph.op(0).weights.size(), 1U);
}

TEST(Function, weights_reach_through_functions) {
  FunctionFile file(
      "(float[1,4,8,8] x, float[4,4,1,1] w, float[4] b) => (float[1,4,8,8] y) { y = local.Outer(x, w, b) }");
  file.function("Outer", "(float a, float w, float b) => (float c) { c = local.F(a, w, b) }")
      .function("F", "(float a, float w, float b) => (float c) { c = Conv(a, w, b) }");
  const Graph graph = file.file().import();
  EXPECT_EQ(parameters(graph), 20);
  EXPECT_EQ(graph.inputs().size(), 1U);
}

TEST(Function, a_known_operator_keeps_its_meaning) {
  // The body of Relu would be an exponential; LayerNormalization of Microsoft's domain has a row of its own.
  FunctionFile file("(float[1,4] x) => (float[1,4] y) { y = Relu(x) }");
  file.function("Relu", "(float a) => (float b) { b = Exp(a) }", "");
  EXPECT_EQ(kinds(file.file().import()), "relu");
  FunctionFile vendor("(float[1,4] x) => (float[1,4] y) { y = com.microsoft.QuickGelu(x) }");
  vendor.function("QuickGelu", "(float a) => (float b) { b = Exp(a) }", "com.microsoft");
  EXPECT_EQ(kinds(vendor.file().import()), "gelu");
  // GELU came with set 20: below, the body is read, and recognised.
  FunctionFile later("(float[1,4] x) => (float[1,4] y) { y = Gelu(x) }", 17);
  later.function("Gelu",
                 "(float a) => (float b) { k = Constant <value = float {1.702}> () m = Mul(a, k) s = Sigmoid(m)"
                 " b = Mul(s, a) }",
                 "");
  EXPECT_EQ(kinds(later.file().import()), "gelu");
  FunctionFile unknown("(float[1,4] x) => (float[1,4] y) { y = Unheard(x) }");
  unknown.function("Unheard", "(float a) => (float b) { b = Exp(a) }", "");
  EXPECT_EQ(kinds(unknown.file().import()), "exp");
}

TEST(Function, a_function_that_calls_itself_is_refused) {
  FunctionFile file("(float[1,4] x) => (float[1,4] y) { y = local.F(x) }");
  file.function("F", "(float a) => (float b) { b = local.F(a) }");
  const std::string message = file.file().error();
  EXPECT_NE(message.find("functions are nested too deep"), std::string::npos) << message;
}

TEST(Function, a_bomb_of_calls_is_refused_soon) {
  FunctionFile file("(float[1,4] x) => (float[1,4] y) { y = local.F0(x) }");
  for (int i = 0; i < 28; ++i) {
    const std::string inner = "local.F" + std::to_string(i + 1);
    file.function("F" + std::to_string(i), "(float a) => (float c) { b = " + inner + "(a) c = " + inner + "(b) }");
  }
  file.function("F28", "(float a) => (float b) { b = Relu(a) }");
  EXPECT_EQ(file.file().error(), "has more than 60000 nodes once loops and functions are written out");
}

TEST(Function, a_body_sees_no_names_of_the_graph) {
  FunctionFile file("(float[1,4] x) => (float[1,4] y) { z = Neg(x) y = local.F(x) }");
  file.function("F", "(float a) => (float b) { b = Add(a, z) }");
  EXPECT_NE(file.file().error().find("reads tensor 'z', which nothing before it produces"), std::string::npos);
}

}  // namespace
}  // namespace lanewise::network::testing
