// SPDX-License-Identifier: Apache-2.0
// Shape arithmetic and constants, as exporters write them: everything folds, nothing of it stays in the graph.
#include <gtest/gtest.h>

#include "tests/core/network/onnx_fixture.hpp"

namespace lanewise::network::testing {
namespace {

using Shape = std::vector<std::int64_t>;

// Channel shuffle as torch exports it when the batch is dynamic.
TEST(ImportShapes, a_reshape_may_compute_its_shape) {
  const Graph graph = OnnxFile(R"((float[N,8,4,6] x) => (float[N,8,4,6] y) {
    s = Shape(x)
    zero = Constant <value = int64 {0}> ()
    n = Gather <axis = 0> (s, zero)
    two = Constant <value = int64 {2}> ()
    three = Constant <value = int64 {3}> ()
    h = Gather <axis = 0> (s, two)
    w = Gather <axis = 0> (s, three)
    axis = Constant <value = int64[1] {0}> ()
    n1 = Unsqueeze(n, axis)
    h1 = Unsqueeze(h, axis)
    w1 = Unsqueeze(w, axis)
    groups = Constant <value = int64[2] {2, 4}> ()
    shape = Concat <axis = 0> (n1, groups, h1, w1)
    a = Reshape(x, shape)
    b = Transpose <perm = [0,2,1,3,4]> (a)
    y = Reshape(b, s)
  })")
                          .import({3, {}});
  EXPECT_EQ(kinds(graph), "reshape transpose reshape");
  EXPECT_EQ(graph.tensor(graph.op(0).outputs[0]).shape, (Shape{3, 2, 4, 4, 6}));
  EXPECT_EQ(graph.op(1).axes, (Shape{0, 2, 1, 3, 4}));
  EXPECT_EQ(output_shape(graph), (Shape{3, 8, 4, 6}));
  EXPECT_EQ(parameters(graph), 0);
}

TEST(ImportShapes, a_reshape_knows_zero_and_minus_one) {
  const Graph graph = OnnxFile(R"((float[2,8,4,6] x) => (float[a,b] y) {
    shape = Constant <value = int64[3] {0, -1, 12}> ()
    y = Reshape(x, shape)
  })")
                          .import();
  EXPECT_EQ(output_shape(graph), (Shape{2, 16, 12}));
}

TEST(ImportShapes, a_resize_may_compute_its_size) {
  const Graph graph = OnnxFile(R"((float[1,2,5,7] x, float[1,2,2,3] small) => (float[1,2,a,b] y) {
    s = Shape(x)
    from = Constant <value = int64[1] {2}> ()
    to = Constant <value = int64[1] {9223372036854775807}> ()
    axes = Constant <value = int64[1] {0}> ()
    hw = Slice(s, from, to, axes)
    t = Shape(small)
    begin = Constant <value = int64[1] {0}> ()
    nc = Slice(t, begin, from, axes)
    sizes = Concat <axis = 0> (nc, hw)
    none = Constant <value = float[0] {}> ()
    r = Resize <mode = "linear"> (small, none, none, sizes)
    y = Add(r, x)
  })")
                          .import();
  EXPECT_EQ(kinds(graph), "resize add");
  EXPECT_EQ(output_shape(graph), (Shape{1, 2, 5, 7}));
}

TEST(ImportShapes, arithmetic_casts_and_floors_are_folded) {
  // Height 9 halved as a real number, floored, minus one: 3; times the width's 10 modulo 4: 6.
  const Graph graph = OnnxFile(R"((float[1,1,9,10] x, float[1,18] v) => (float[a,b] y) {
    s = Shape(x)
    i2 = Constant <value = int64[1] {2}> ()
    i3 = Constant <value = int64[1] {3}> ()
    h = Gather(s, i2)
    w = Gather(s, i3)
    hf = Cast <to = 1> (h)
    half = Constant <value = float[1] {0.5}> ()
    p = Mul(hf, half)
    f = Floor(p)
    hi = Cast <to = 7> (f)
    one = Constant <value = int64[1] {1}> ()
    rows = Sub(hi, one)
    four = Constant <value = int64[1] {4}> ()
    m = Mod(w, four)
    columns = Mul(rows, m)
    shape = Concat <axis = 0> (rows, columns)
    y = Reshape(v, shape)
  })")
                          .import();
  EXPECT_EQ(output_shape(graph), (Shape{3, 6}));
}

TEST(ImportShapes, where_equal_constant_of_shape_and_expand_are_folded) {
  // torch's expand: -1 in the wanted sizes keeps a dimension.
  const Graph graph = OnnxFile(R"((float[1,4,1] x) => (float[a,b,c] y) {
    sizes = Constant <value = int64[3] {-1, 4, 5}> ()
    n = Constant <value = int64[1] {3}> ()
    ones = ConstantOfShape <value = int64[1] {1}> (n)
    minus = Constant <value = int64[1] {-1}> ()
    same = Mul(ones, minus)
    keep = Equal(sizes, same)
    wanted = Where(keep, ones, sizes)
    y = Expand(x, wanted)
  })")
                          .import();
  EXPECT_EQ(kinds(graph), "resize");
  EXPECT_EQ(output_shape(graph), (Shape{1, 4, 5}));
}

TEST(ImportShapes, range_transpose_split_tile_and_reductions_are_folded) {
  const Graph graph = OnnxFile(R"((float[1,24] x) => (float[a,b] y) {
    zero = Constant <value = int64 {0}> ()
    six = Constant <value = int64 {6}> ()
    two = Constant <value = int64 {2}> ()
    r = Range(zero, six, two)
    shape = Constant <value = int64[2] {1, 3}> ()
    row = Reshape(r, shape)
    column = Transpose(row)
    flat = Flatten <axis = 0> (column)
    axes = Constant <value = int64[1] {0}> ()
    line = Squeeze(flat, axes)
    sizes = Constant <value = int64[2] {1, 2}> ()
    first, rest = Split <axis = 0> (line, sizes)
    twice = Constant <value = int64[1] {2}> ()
    four = Tile(rest, twice)
    product = ReduceProd <keepdims = 1> (rest)
    largest = ReduceMax <keepdims = 1> (four)
    three = Constant <value = int64[1] {3}> ()
    m = Max(largest, three)
    minus = Constant <value = int64[1] {-1}> ()
    wanted = Concat <axis = 0> (m, minus)
    check = Sub(product, product)
    wanted2 = Add(wanted, check)
    y = Reshape(x, wanted2)
  })")
                          .import();
  EXPECT_EQ(output_shape(graph), (Shape{4, 6}));
}

TEST(ImportShapes, shape_takes_start_and_end) {
  const Graph graph = OnnxFile(R"((float[2,3,4] x, float[24] v) => (float[a,b] y) {
    s = Shape <start = -2> (x)
    b = Shape <start = 0, end = 1> (x)
    all = Concat <axis = 0> (s, b)
    y = Reshape(v, all)
  })",
                               15)
                          .import();
  EXPECT_EQ(output_shape(graph), (Shape{3, 4, 2}));
}

TEST(ImportShapes, constants_may_be_sliced_backwards) {
  const Graph graph = OnnxFile(R"((float[1,6] x) => (float[a,b] y) {
    data = Constant <value = int64[4] {9, 3, 9, 2}> ()
    start = Constant <value = int64[1] {-1}> ()
    end = Constant <value = int64[1] {-9223372036854775807}> ()
    axes = Constant <value = int64[1] {0}> ()
    step = Constant <value = int64[1] {-2}> ()
    shape = Slice(data, start, end, axes, step)
    y = Reshape(x, shape)
  })")
                          .import();
  EXPECT_EQ(output_shape(graph), (Shape{2, 3}));
}

TEST(ImportShapes, an_if_with_a_constant_condition_takes_its_branch) {
  for (const bool taken : {true, false}) {
    const std::string condition = taken ? "1" : "0";
    const Graph graph = OnnxFile("(float[1,4,1] x) => (float[a,b] y) { c = Constant <value = bool {" + condition +
                                 "}> () y = If <then_branch = yes () => (float[a,b] t) {"
                                 " axes = Constant <value = int64[1] {2}> () t = Squeeze(x, axes) },"
                                 " else_branch = no () => (float[a,b,c] e) { e = Relu(x) }> (c) }")
                            .import();
    EXPECT_EQ(kinds(graph), taken ? "reshape" : "relu");
    EXPECT_EQ(graph.tensor(graph.outputs()[0]).name, "y");
  }
  EXPECT_EQ(OnnxFile("(float[1,4] x, bool c) => (float[a,b] y) { y = If <then_branch = yes () => (float[a,b] t) {"
                     " t = Neg(x) }, else_branch = no () => (float[a,b] e) { e = Relu(x) }> (c) }")
                .error(),
            "node 'If_0' (If): the condition is not a constant");
}

TEST(ImportShapes, shapes_that_the_file_declares_help_where_inference_has_none) {
  // Nothing tells how many rows a computed shape asks for, but the file does.
  const char* body = " => (float[2,6] y) { y = Reshape(x, s) }";
  const Graph graph = OnnxFile(std::string("(float[3,4] x, int64[2] s)") + body).import();
  EXPECT_EQ(output_shape(graph), (Shape{2, 6}));
}

TEST(ImportShapes, what_only_renames_leaves_no_operator) {
  const Graph graph = OnnxFile(R"((float[2,3] x) => (float[2,3] y) {
    a = Identity(x)
    b = Dropout(a)
    c = Cast <to = 10> (b)
    d = Relu(c)
    e = Cast <to = 1> (d)
    s = Constant <value = int64[2] {2, 3}> ()
    f = Reshape(e, s)
    y = Identity(f)
  })")
                          .import();
  EXPECT_EQ(kinds(graph), "relu");
  EXPECT_EQ(graph.tensor(graph.outputs()[0]).name, "y");
  EXPECT_EQ(graph.tensor(graph.inputs()[0]).name, "x");
}

TEST(ImportShapes, what_no_output_needs_is_left_out) {
  const Graph graph = OnnxFile("(float[2,3] x) => (float[2,3] y) { a = Exp(x) b = Neg(a) y = Relu(x) }").import();
  EXPECT_EQ(kinds(graph), "relu");
}

TEST(ImportShapes, tables_made_of_constants_are_constants) {
  OnnxFile file("(float[2,3] x) => (float[2,3] y) { m = ScatterND(a, i, b) y = Add(x, m) }");
  file.weight("a", {2, 3}).weight("i", {1, 1}, onnx::TensorProto::INT64).weight("b", {1, 3});
  const Graph graph = file.import();
  EXPECT_EQ(kinds(graph), "add");
  EXPECT_EQ(parameters(graph), 6 + 3);
  EXPECT_EQ(parameter_bytes(graph), Bytes(6));
  const Graph running = OnnxFile(
                            "(float[2,3] x, float[1,3] b) => (float[2,3] y) {"
                            " i = Constant <value = int64[1,1] {0}> () y = ScatterND(x, i, b) }")
                            .import();
  EXPECT_EQ(kinds(running), "host");
  EXPECT_EQ(running.op(0).inputs.size(), 2U);  // the indices only say where
}

TEST(ImportShapes, parameters_are_what_the_file_holds_not_what_folding_makes_of_it) {
  // A bias table of 5 entries gathered into 3 x 3, as relative positions are; and a mask that is filled in.
  OnnxFile file(
      "(float[2,3] x) => (float[3,3] u) { i = Constant <value = int64[3,3] {0,1,2,1,2,3,2,3,4}> () t = Gather(b, i)"
      " z = Constant <value = float[3,3] {0,0,0,0,0,0,0,0,0}> () at = Constant <value = int64[1,1] {0}> ()"
      " row = Constant <value = float[1,3] {1,1,1}> () m = ScatterND(z, at, row) p = MatMul(w, x) q = Add(p, t)"
      " y = Add(q, m) u = MatMul(y, y) }");
  file.weight("b", {5}).weight("w", {3, 2});
  const Graph graph = file.import();
  EXPECT_EQ(kinds(graph), "reshape convolution reshape add add matmul");
  EXPECT_EQ(parameters(graph), 5 + 6);
  EXPECT_EQ(parameter_bytes(graph), Bytes(9 + 9 + 6));
}

TEST(ImportShapes, constant_outputs_are_not_computed) {
  const Graph graph = OnnxFile("(float[2,3] x) => (float[2,3] y, int64[2] s) { y = Relu(x) s = Shape(x) }").import();
  EXPECT_EQ(graph.outputs().size(), 1U);
  const Graph constant = OnnxFile("(float[2,3] x) => (int64[2] s) { s = Shape(x) }").import();
  EXPECT_TRUE(constant.operators().empty());
  EXPECT_EQ(output_shape(constant), (Shape{2}));
}

}  // namespace
}  // namespace lanewise::network::testing
