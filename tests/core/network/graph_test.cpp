// SPDX-License-Identifier: Apache-2.0
// Building graphs by hand: order, errors, names, counts.
#include "core/network/graph.hpp"

#include <gtest/gtest.h>

#include <set>

#include "core/base/error.hpp"

namespace lanewise::network {
namespace {

using Shape = std::vector<std::int64_t>;

class Builder : public GraphBuilder {
 public:
  Builder() : GraphBuilder("net") {}
  TensorId make(const std::string& name, Shape shape, TensorRole role = TensorRole::kActivation,
                Precision precision = Precision::kInt8) {
    Tensor tensor;
    tensor.name = name;
    tensor.shape = std::move(shape);
    tensor.role = role;
    tensor.precision = precision;
    return add_tensor(tensor);
  }
  OperatorId relu(const std::string& name, TensorId from, TensorId to) {
    Operator op;
    op.name = name;
    op.kind = OperatorKind::kActivation;
    op.activation = ActivationFunction::kRelu;
    op.inputs = {from};
    op.outputs = {to};
    return add_operator(op);
  }
};

std::string build_error(Builder builder) {
  try {
    std::move(builder).build();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Graph, sorts_operators_and_keeps_the_order_of_adding_where_it_can) {
  Builder builder;
  const TensorId x = builder.make("x", {1, 4}, TensorRole::kGraphInput);
  const TensorId a = builder.make("a", {1, 4});
  const TensorId b = builder.make("b", {1, 4});
  const TensorId c = builder.make("c", {1, 4});
  const TensorId d = builder.make("d", {1, 4});
  builder.relu("late", c, d);
  builder.relu("second", x, b);
  builder.relu("first", x, a);
  builder.relu("middle", b, c);
  builder.mark_input(x);
  builder.mark_output(d);
  const Graph graph = std::move(builder).build();
  std::vector<std::string> order;
  for (const Operator& op : graph.operators()) order.push_back(op.name);
  EXPECT_EQ(order, (std::vector<std::string>{"second", "first", "middle", "late"}));
  EXPECT_EQ(graph.producer(x), kNone);
  EXPECT_EQ(graph.producer(c), 2);
  EXPECT_EQ(graph.consumers(x), (std::vector<OperatorId>{0, 1}));
  EXPECT_TRUE(graph.consumers(d).empty());
  EXPECT_TRUE(graph.is_output(d));
  EXPECT_FALSE(graph.is_output(c));
}

TEST(Graph, an_operator_that_reads_a_tensor_twice_is_one_consumer) {
  Builder builder;
  const TensorId x = builder.make("x", {4}, TensorRole::kGraphInput);
  const TensorId y = builder.make("y", {4});
  Operator op;
  op.name = "square";
  op.kind = OperatorKind::kElementwise;
  op.inputs = {x, x};
  op.outputs = {y};
  builder.add_operator(op);
  const Graph graph = std::move(builder).build();
  EXPECT_EQ(graph.consumers(x), std::vector<OperatorId>{0});
}

TEST(Graph, refuses_what_is_no_graph) {
  Builder cycle;
  TensorId a = cycle.make("a", {1});
  TensorId b = cycle.make("b", {1});
  cycle.relu("p", a, b);
  cycle.relu("q", b, a);
  EXPECT_EQ(build_error(cycle), "network 'net': operator 'p' depends on its own output");

  Builder twice;
  TensorId x = twice.make("x", {1}, TensorRole::kGraphInput);
  a = twice.make("a", {1});
  twice.relu("p", x, a);
  twice.relu("q", x, a);
  EXPECT_EQ(build_error(twice), "network 'net': tensor 'a' is produced by both 'p' and 'q'");

  Builder missing;
  a = missing.make("a", {1});
  b = missing.make("b", {1});
  missing.relu("p", a, b);
  EXPECT_EQ(build_error(missing), "network 'net': operator 'p' reads tensor 'a', which nothing produces");

  Builder names;
  x = names.make("x", {1}, TensorRole::kGraphInput);
  names.relu("p", x, names.make("a", {1}));
  names.relu("p", x, names.make("b", {1}));
  EXPECT_EQ(build_error(names), "network 'net': two operators have the name 'p'");

  Builder input;
  x = input.make("x", {1}, TensorRole::kGraphInput);
  input.relu("p", x, x);
  EXPECT_EQ(build_error(input), "network 'net': operator 'p' produces 'x', which is a graph input or a weight");

  Builder output;
  output.mark_output(output.make("a", {1}));
  EXPECT_EQ(build_error(output), "network 'net': the output list reads tensor 'a', which nothing produces");
}

TEST(Graph, every_kind_and_function_has_a_name_of_its_own) {
  std::set<std::string> kinds;
  for (int i = 0; i < kOperatorKindCount; ++i) kinds.insert(to_string(static_cast<OperatorKind>(i)));
  EXPECT_EQ(kinds.size(), static_cast<std::size_t>(kOperatorKindCount));
  std::set<std::string> functions;
  for (int i = 0; i < kActivationFunctionCount; ++i) functions.insert(to_string(static_cast<ActivationFunction>(i)));
  EXPECT_EQ(functions.size(), static_cast<std::size_t>(kActivationFunctionCount));
  EXPECT_STREQ(to_string(OperatorKind::kSoftmax), "softmax");
  EXPECT_STREQ(to_string(OperatorKind::kGlobalAveragePool), "global_average_pool");
  EXPECT_STREQ(to_string(ActivationFunction::kHardSwish), "hard_swish");
  EXPECT_STREQ(to_string(ActivationFunction::kCast), "cast");
  EXPECT_STREQ(to_string(ElementwiseFunction::kSelect), "select");
  EXPECT_THROW(to_string(static_cast<OperatorKind>(kOperatorKindCount)), InternalError);
}

TEST(Counts, macs_follow_their_definitions) {
  Builder builder;
  const TensorId x = builder.make("x", {2, 8, 10, 12}, TensorRole::kGraphInput);
  const TensorId y = builder.make("y", {2, 16, 5, 6});
  const TensorId z = builder.make("z", {2, 8, 10, 12});
  const TensorId rows = builder.make("rows", {3, 7, 32}, TensorRole::kGraphInput);
  const TensorId columns = builder.make("columns", {3, 32, 9}, TensorRole::kGraphInput);
  const TensorId product = builder.make("product", {3, 7, 9});
  Operator conv;
  conv.name = "conv";
  conv.kind = OperatorKind::kConvolution;
  conv.groups = 4;
  conv.window.kernel[0] = 3;
  conv.window.kernel[1] = 5;
  conv.inputs = {x};
  conv.weights = {builder.make("w", {16, 2, 3, 5}, TensorRole::kWeight)};
  conv.outputs = {y};
  builder.add_operator(conv);
  Operator up;
  up.name = "up";
  up.kind = OperatorKind::kConvolution;
  up.transposed = true;
  up.window.kernel[0] = up.window.kernel[1] = 2;
  up.inputs = {y};
  up.weights = {builder.make("u", {16, 8, 2, 2}, TensorRole::kWeight)};
  up.outputs = {z};
  builder.add_operator(up);
  Operator multiply;
  multiply.name = "multiply";
  multiply.kind = OperatorKind::kMatMul;
  multiply.inputs = {rows, columns};
  multiply.outputs = {product};
  builder.add_operator(multiply);
  const Graph graph = std::move(builder).build();
  EXPECT_EQ(macs(graph, graph.op(0)), 2 * 16 * 5 * 6 * (8 / 4) * 3 * 5);
  EXPECT_EQ(macs(graph, graph.op(1)), 2 * 16 * 5 * 6 * 8 * 2 * 2);
  EXPECT_EQ(macs(graph, graph.op(2)), 3 * 7 * 9 * 32);
  EXPECT_EQ(macs(graph), macs(graph, graph.op(0)) + macs(graph, graph.op(1)) + macs(graph, graph.op(2)));
}

TEST(Counts, weights_count_once_however_often_they_are_used) {
  Builder builder;
  const TensorId x = builder.make("x", {1, 4}, TensorRole::kGraphInput);
  const TensorId shared = builder.make("shared", {4, 4}, TensorRole::kWeight, Precision::kInt4);
  const TensorId wide = builder.make("wide", {4}, TensorRole::kWeight, Precision::kInt16);
  builder.make("unused", {100}, TensorRole::kWeight);
  TensorId at = x;
  for (const char* name : {"p", "q"}) {
    const TensorId next = builder.make(name, {1, 4});
    Operator op;
    op.name = name;
    op.kind = OperatorKind::kFullyConnected;
    op.inputs = {at};
    op.weights = {shared, wide};
    op.outputs = {next};
    builder.add_operator(op);
    at = next;
  }
  const Graph graph = std::move(builder).build();
  EXPECT_EQ(parameters(graph), 16 + 4);
  EXPECT_EQ(parameter_bytes(graph), Bytes(16 / 2 + 4 * 2));
  EXPECT_EQ(macs(graph), 2 * 16);
}

// x(100) -> a(50) -> reshape a' -> b(10); x also joins at the end.
TEST(Counts, peak_activation_bytes_follow_lifetimes) {
  Builder builder;
  const TensorId x = builder.make("x", {100}, TensorRole::kGraphInput);
  const TensorId a = builder.make("a", {50});
  const TensorId same = builder.make("same", {5, 10});
  const TensorId b = builder.make("b", {10});
  const TensorId y = builder.make("y", {30});
  builder.relu("to_a", x, a);
  Operator reshape;
  reshape.name = "reshape";
  reshape.inputs = {a};
  reshape.outputs = {same};
  builder.add_operator(reshape);
  builder.relu("to_b", same, b);
  builder.relu("to_y", b, y);
  builder.mark_input(x);
  builder.mark_output(y);
  Builder with_late_reader = builder;
  // Alive: x+a, a, a+b, b+y.
  EXPECT_EQ(peak_activation_bytes(std::move(builder).build()), Bytes(150));
  const TensorId z = with_late_reader.make("z", {7});
  with_late_reader.relu("late", x, z);
  // x stays until the end, and y as an output: x+a+b at to_b, x+y+z at late.
  EXPECT_EQ(peak_activation_bytes(std::move(with_late_reader).build()), Bytes(160));
}

}  // namespace
}  // namespace lanewise::network
