// SPDX-License-Identifier: Apache-2.0
// The operators of the format: one row each, with its number, its name and the function that translates it.
#pragma once

#include <string>

#include "core/network/tflite/translator.hpp"

namespace lanewise::network::tflite {

// What an operator reads where its input has four dimensions.
enum class Layout {
  kImage,   // an image
  kEither,  // either: it works element by element, or along an axis that it names
  kPlain,   // the axes as in the file
};

struct OperatorRow {
  int code;
  const char* name;  // as the format has it: "CONV_2D"
  Layout layout;
  void (*translate)(const Call& call);  // null: not supported
};

// The name of a built-in operator, or that of a custom one.
std::string name_of(const schema::OperatorCode& code);
Layout layout_of(const schema::OperatorCode& code);
// Emits what stands for the operator. One that no row knows is emitted under the domain "tflite", for which a person
// may say how it is timed.
void translate(const Call& call);

// Translations, by file.
// windows.cpp
void convolution(const Call& call);
void depthwise_convolution(const Call& call);
void transposed_convolution(const Call& call);
void average_pool(const Call& call);
void max_pool(const Call& call);
void l2_pool(const Call& call);
void resize_bilinear(const Call& call);
void resize_nearest(const Call& call);
void space_to_depth(const Call& call);
void depth_to_space(const Call& call);
void space_to_batch(const Call& call);
void batch_to_space(const Call& call);
void local_response_normalization(const Call& call);
// pointwise.cpp
void add(const Call& call);
void subtract(const Call& call);
void multiply(const Call& call);
void divide(const Call& call);
void binary(const Call& call);  // those that one of ONNX's stands for, without a fused activation
void squared_difference(const Call& call);
void floor_divide(const Call& call);
void not_equal(const Call& call);
void select(const Call& call);
void add_all(const Call& call);
void unary(const Call& call);
void reciprocal_root(const Call& call);
void square(const Call& call);
void clipped(const Call& call);
void leaky_relu(const Call& call);
void parametric_relu(const Call& call);
void gelu(const Call& call);
void cast(const Call& call);
void converted(const Call& call);  // only the number format changes
// products.cpp
void fully_connected(const Call& call);
void batch_matmul(const Call& call);
void embedding_lookup(const Call& call);
// reductions.cpp
void reduction(const Call& call);
void arg_reduction(const Call& call);
void softmax(const Call& call);
void l2_normalization(const Call& call);
void cumulative_sum(const Call& call);
void top_k(const Call& call);
// layout.cpp
void reshape(const Call& call);
void squeeze(const Call& call);
void expand_dims(const Call& call);
void transpose(const Call& call);
void concatenation(const Call& call);
void split(const Call& call);
void split_by_sizes(const Call& call);
void slice(const Call& call);
void strided_slice(const Call& call);
void pad(const Call& call);
void mirror_pad(const Call& call);
void tile(const Call& call);
void broadcast_to(const Call& call);
void pack(const Call& call);
void unpack(const Call& call);
void reverse(const Call& call);
// indexing.cpp
void gather(const Call& call);
void gather_nd(const Call& call);
void shape(const Call& call);
void rank(const Call& call);
void fill(const Call& call);
void range(const Call& call);
void zeros_like(const Call& call);
void one_hot(const Call& call);
// recurrent.cpp
void sequence_lstm(const Call& call);
void single_lstm(const Call& call);
void sequence_rnn(const Call& call);
void single_rnn(const Call& call);
void svdf(const Call& call);
// control.cpp
void call_subgraph(const Call& call);
void call_once(const Call& call);
void branch(const Call& call);
void repeat_while(const Call& call);
void variable_handle(const Call& call);
void read_variable(const Call& call);
void assign_variable(const Call& call);
// custom.cpp
void custom(const Call& call);

// What several of them need.
// A transposed convolution of these inputs. windows.cpp
void transposed(const Call& call, std::size_t x, std::size_t weight, std::optional<std::size_t> bias,
                const Axes& stride, schema::Padding padding, schema::Fused fused);
// A name for a tensor within a graph that another one is an attribute of. control.cpp
std::string local(const Call& call, onnx::GraphProto& graph, const std::string& name);
// What an operator keeps from one run to the next in the variable that an input names. control.cpp
std::string read_state(const Call& call, std::size_t input, const Shape& shape);
void write_state(const Call& call, std::size_t input, const std::string& value);

}  // namespace lanewise::network::tflite
