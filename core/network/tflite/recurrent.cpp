// SPDX-License-Identifier: Apache-2.0
// Recurrent operators. Weights that the format keeps apart are laid beside each other, as ONNX has them.
#include <fmt/format.h>

#include <algorithm>

#include "core/network/tflite/operators.hpp"

namespace lanewise::network::tflite {

namespace {

// Inputs of an LSTM.
constexpr std::size_t kInputWeights = 1, kRecurrentWeights = 5, kPeepholes = 9, kBiases = 12, kProjection = 16,
                      kProjectionBias = 17, kNorms = 20;

constexpr std::int64_t kMostUnits = 1 << 16;

// Matrices or vectors below each other in ONNX's order of gates, with a first dimension for the one direction.
std::string stacked(const Call& call, const std::vector<std::size_t>& inputs) {
  Names parts;
  for (const std::size_t input : inputs) {
    const bool is_matrix = call.rank(input) == 2;
    parts.push_back(is_matrix ? call.weight(input, {0, 1}) : call.weight(input, {0}));
  }
  const std::string all = call.emit("Concat", parts, {attribute("axis", std::int64_t{0})});
  return call.emit("Unsqueeze", {all, call.whole({0})});
}

// The sequence as [time, batch, features].
std::string sequence(const Call& call, bool time_major) {
  const std::string x = call.plain(0);
  if (time_major) return x;
  return call.emit("Transpose", {x}, {attribute("perm", Axes{1, 0, 2})});
}

// From [time, 1, batch, features].
void finish_sequence(const Call& call, const std::string& y, bool time_major) {
  if (time_major) return call.finish("Squeeze", {y, call.whole({1})});
  const std::string steps = call.emit("Squeeze", {y, call.whole({1})});
  call.finish("Transpose", {steps}, {attribute("perm", Axes{1, 0, 2})});
}

std::string lstm(const Call& call, const std::string& x) {
  for (std::size_t i = 0; i < 4; ++i) {
    if (!call.has(kInputWeights + i) || !call.has(kRecurrentWeights + i)) {
      call.fail("an LSTM whose input gate is coupled to its forget gate is not supported");
    }
  }
  if (call.has(kProjection) || call.has(kProjectionBias)) call.fail("an LSTM with a projection is not supported");
  for (std::size_t i = kNorms; i < kNorms + 4; ++i) {
    if (call.has(i)) call.fail("an LSTM with normalised gates is not supported");
  }
  // The format's gates stand as input, forget, cell, output; ONNX's as input, output, forget, cell.
  constexpr std::size_t kOrder[] = {0, 3, 1, 2};
  std::vector<std::size_t> w, r, b;
  for (const std::size_t gate : kOrder) {
    w.push_back(kInputWeights + gate);
    r.push_back(kRecurrentWeights + gate);
    b.push_back(kBiases + gate);
  }
  const Shape recurrent = call.in_shape(kRecurrentWeights);
  if (recurrent.size() != 2) call.fail("its recurrent weights are no matrices");
  const std::int64_t units = recurrent[0];
  if (units < 1 || units > kMostUnits) call.fail(fmt::format("{} units, must be between 1 and {}", units, kMostUnits));
  Names inputs = {x, stacked(call, w), stacked(call, r)};
  const bool biased = std::all_of(b.begin(), b.end(), [&](std::size_t input) { return call.has(input); });
  if (biased) {
    // ONNX adds a second bias, which the format does not have.
    const std::string zeros =
        call.numbers(std::vector<float>(static_cast<std::size_t>(4 * units), 0.0F), {1, 4 * units});
    inputs.push_back(call.emit("Concat", {stacked(call, b), zeros}, {attribute("axis", std::int64_t{1})}));
  }
  if (call.has(kPeepholes) || call.has(kPeepholes + 1) || call.has(kPeepholes + 2)) {
    for (std::size_t i = 0; i < 3; ++i) {
      if (!call.has(kPeepholes + i)) call.fail("an LSTM that lacks some of its peepholes is not supported");
    }
    while (inputs.size() < 7) inputs.emplace_back();
    inputs.push_back(stacked(call, {kPeepholes, kPeepholes + 2, kPeepholes + 1}));
  }
  return call.emit("LSTM", inputs, {attribute("hidden_size", units)});
}

const char* rnn_activation(const Call& call, schema::Fused fused) {
  if (fused == schema::Fused::RELU) return "Relu";
  if (fused == schema::Fused::TANH) return "Tanh";
  call.fail("a recurrent network is supported with tanh or ReLU");
}

std::string rnn(const Call& call, const std::string& x, schema::Fused fused) {
  const Shape recurrent = call.in_shape(2);
  if (recurrent.size() != 2) call.fail("its recurrent weights are no matrix");
  const std::int64_t units = recurrent[0];
  if (units < 1 || units > kMostUnits) call.fail(fmt::format("{} units, must be between 1 and {}", units, kMostUnits));
  const std::string zeros = call.numbers(std::vector<float>(static_cast<std::size_t>(units), 0.0F), {1, units});
  const std::string bias = call.emit("Concat", {stacked(call, {3}), zeros}, {attribute("axis", std::int64_t{1})});
  onnx::AttributeProto activations;
  activations.set_name("activations");
  activations.set_type(onnx::AttributeProto::STRINGS);
  activations.add_strings(rnn_activation(call, fused));
  return call.emit("RNN", {x, stacked(call, {1}), stacked(call, {2}), bias},
                   {attribute("hidden_size", units), activations});
}

// One step as a sequence of one.
std::string one_step(const Call& call) { return call.emit("Unsqueeze", {call.plain(0), call.whole({0})}); }

}  // namespace

void sequence_lstm(const Call& call) {
  const auto* options = call.options<schema::SequenceLstmOptions>();
  const bool time_major = options != nullptr && options->time_major();
  finish_sequence(call, lstm(call, sequence(call, time_major)), time_major);
}

void single_lstm(const Call& call) {
  constexpr std::int8_t kBasicKernel = 1;
  const auto* options = call.options<schema::LstmOptions>();
  if (options != nullptr && options->kernel() == kBasicKernel) call.fail("the basic kernel is not supported");
  if (call.output_count() == 0) call.fail("writes nothing");
  const std::string y = lstm(call, one_step(call));
  call.finish("Squeeze", {y, call.whole({0, 1})}, {}, false, schema::Fused::NONE, call.output_count() - 1);
}

void sequence_rnn(const Call& call) {
  const auto* options = call.options<schema::SequenceRnnOptions>();
  const bool time_major = options != nullptr && options->time_major();
  const schema::Fused fused = options == nullptr ? schema::Fused::TANH : options->fused();
  finish_sequence(call, rnn(call, sequence(call, time_major), fused), time_major);
}

void single_rnn(const Call& call) {
  const auto* options = call.options<schema::RnnOptions>();
  const std::string y = rnn(call, one_step(call), options == nullptr ? schema::Fused::TANH : options->fused());
  call.finish("Squeeze", {y, call.whole({0, 1})});
}

// A fully connected layer of one step, then a filter over what it gave in this and the steps before. Those are kept as
// a map of one row, [batch, filters, 1, steps], which every run of the network reads and writes.
void svdf(const Call& call) {
  const auto* options = call.options<schema::SvdfOptions>();
  const std::int64_t rank = options == nullptr ? 1 : options->rank();
  const Shape in = call.in_shape(0), feature = call.in_shape(1), time = call.in_shape(2);
  if (in.size() != 2 || feature.size() != 2 || time.size() != 2 || feature[0] != time[0]) {
    call.fail("its weights do not fit its input");
  }
  const std::int64_t filters = feature[0], steps = time[1];
  if (rank < 1 || filters % rank != 0) call.fail(fmt::format("a rank of {} does not divide {} filters", rank, filters));
  const std::string now =
      call.emit("Gemm", {call.plain(0), call.weight(1, {0, 1})}, {attribute("transB", std::int64_t{1})});
  const std::string column = call.emit("Unsqueeze", {now, call.whole({2, 3})});
  std::string window = column;
  if (steps > 1) {
    const std::string before = read_state(call, 4, {in[0], filters, 1, steps - 1});
    window = call.emit("Concat", {before, column}, {attribute("axis", std::int64_t{3})});
    const std::string kept = call.emit("Slice", {window, call.whole({1}), call.whole({steps}), call.whole({3})});
    write_state(call, 4, kept);
  }
  const std::string weight = call.emit("Unsqueeze", {call.weight(2, {0, 1}), call.whole({1, 2})});
  const std::string filtered = call.emit("Conv", {window, weight}, {attribute("group", filters)});
  const schema::Fused fused = options == nullptr ? schema::Fused::NONE : options->fused();
  std::string sum = call.emit(
      "Reshape", {filtered, call.whole(rank == 1 ? Axes{in[0], filters} : Axes{in[0], filters / rank, rank})});
  if (rank > 1) {
    const std::string axis = call.whole({2});
    sum = call.emit("ReduceSum", {sum, axis}, {attribute("keepdims", std::int64_t{0})});
  }
  if (call.has(3)) return call.finish("Add", {sum, call.weight(3, {0})}, {}, false, fused);
  call.finish("Identity", {sum}, {}, false, fused);
}

}  // namespace lanewise::network::tflite
