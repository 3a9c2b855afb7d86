// SPDX-License-Identifier: Apache-2.0
// LSTM, GRU and RNN, step by step (ONNX's operators of these names; the equations stand in its documentation).
//
// Of each direction the products with the input, which need no state, are one matrix product over all steps:
//   [steps * batch, input] x [input, gates * hidden]
// Then each step multiplies the state, [batch, hidden] x [hidden, gates * hidden], and finishes the gates. All steps
// read the same weights. So a direction has steps * batch * (input + hidden) * gates * hidden multiply-accumulates.
#include <fmt/format.h>

#include <algorithm>

#include "core/network/onnx/lowerings/lowerings.hpp"
#include "core/network/onnx/lowerings/recurrent_activation.hpp"

namespace lanewise::network::importing {

namespace {

using Names = Lowering::Names;
using Whole = std::int64_t;

constexpr Whole kMostSteps = 4000;

enum class Cell { kRnn, kGru, kLstm };

// The positions of the inputs are those of ONNX; com.microsoft's quantised LSTM has the same, and scales behind them.
constexpr std::size_t kX = 0, kW = 1, kR = 2, kB = 3, kLengths = 4, kState = 5, kCellState = 6, kPeepholes = 7;

struct Sizes {
  Whole steps = 0, batch = 0, input = 0, hidden = 0, directions = 1, gates = 1;
  bool batch_first = false;         // layout = 1
  bool weights_transposed = false;  // [directions, input, gates * hidden]: the quantised LSTM
};

class Recurrent {
 public:
  Recurrent(Lowering& lowering, Cell cell, bool weights_transposed) : l_(lowering), cell_(cell) {
    s_.weights_transposed = weights_transposed;
    s_.gates = cell == Cell::kLstm ? 4 : cell == Cell::kGru ? 3 : 1;
    read_sizes();
    read_lengths();
    clip_ = real(l_.proto(), "clip", 0);
  }

  void run() {
    l_.use_opset(kOpset);
    const std::string direction = text(l_.proto(), "direction", "forward");
    if (direction != "forward" && direction != "reverse" && direction != "bidirectional") {
      l_.fail(fmt::format("direction is '{}'; must be forward, reverse or bidirectional", direction));
    }
    if ((direction == "bidirectional") != (s_.directions == 2)) {
      l_.fail(fmt::format("direction is {}, but the weights have {} directions", direction, s_.directions));
    }
    flat_input_ = flat_input();
    Names all, last, last_cell;
    for (Whole d = 0; d < s_.directions; ++d) {
      direction_ = d;
      backwards_ = direction == "reverse" || d == 1;
      run_direction();
      all.push_back(all_);
      last.push_back(state_);
      last_cell.push_back(cell_state_);
    }
    if (l_.wants(0)) l_.set_result(0, joined_steps(all));
    if (l_.wants(1)) l_.set_result(1, joined_states(last));
    if (cell_ == Cell::kLstm && l_.wants(2)) l_.set_result(2, joined_states(last_cell));
  }

 private:
  static constexpr int kOpset = 11;  // of the emitted nodes: axes are attributes
  Lowering& l_;
  Cell cell_;
  Sizes s_;
  std::vector<Whole> lengths_;  // of each sequence; empty: all have all steps
  Whole most_ = 0, least_ = 0;  // of the lengths
  double clip_ = 0;
  std::string flat_input_;
  // Of one direction:
  Whole direction_ = 0;
  bool backwards_ = false;
  std::string projected_, recurrent_, recurrent_bias_, gate_weight_, candidate_weight_;
  Names peepholes_;
  std::string state_, cell_state_, all_;

  void read_sizes() {
    const Shape& x = l_.shape(kX);
    const Shape& w = l_.shape(kW);
    const Shape& r = l_.shape(kR);
    if (x.size() != 3 || w.size() != 3 || r.size() != 3) l_.fail("X, W and R must have three dimensions");
    s_.batch_first = integer(l_.proto(), "layout", 0) != 0;
    s_.steps = x[s_.batch_first ? 1 : 0];
    s_.batch = x[s_.batch_first ? 0 : 1];
    s_.input = x[2];
    s_.directions = w[0];
    s_.hidden = s_.weights_transposed ? r[1] : r[2];
    const Whole columns = s_.gates * s_.hidden;
    const Shape wanted_w = s_.weights_transposed ? Shape{w[0], s_.input, columns} : Shape{w[0], columns, s_.input};
    const Shape wanted_r = s_.weights_transposed ? Shape{w[0], s_.hidden, columns} : Shape{w[0], columns, s_.hidden};
    if (w != wanted_w || r != wanted_r || w[0] < 1 || w[0] > 2) {
      l_.fail(fmt::format("W [{}] and R [{}] do not fit an input of {} numbers a step", fmt::join(w, ", "),
                          fmt::join(r, ", "), s_.input));
    }
    const Whole stated = integer(l_.proto(), "hidden_size", s_.hidden);
    if (stated != s_.hidden) l_.fail(fmt::format("hidden_size is {}, but R has {} states", stated, s_.hidden));
    if (s_.steps > kMostSteps) l_.fail(fmt::format("has {} steps; at most {} are supported", s_.steps, kMostSteps));
    if (!l_.is_weight(kW) || !l_.is_weight(kR)) l_.fail("W or R is computed; only constant weights are supported");
    if (l_.has(kB) && (!l_.is_weight(kB) || l_.shape(kB) != Shape{w[0], 2 * columns})) {
      l_.fail(fmt::format("B must be a constant [{}, {}]", w[0], 2 * columns));
    }
  }

  // Lengths that are not known may be as long as the input is.
  void read_lengths() {
    most_ = least_ = s_.steps;
    const Constant* given = l_.constant(kLengths);
    if (given == nullptr) return;
    lengths_ = given->all_whole();
    if (static_cast<Whole>(lengths_.size()) != s_.batch) {
      l_.fail(fmt::format("sequence_lens has {} entries for a batch of {}", lengths_.size(), s_.batch));
    }
    for (const Whole length : lengths_) {
      if (length < 0 || length > s_.steps) {
        l_.fail(fmt::format("sequence_lens holds {}, which is not between 0 and {}", length, s_.steps));
      }
    }
    const auto [least, most] = std::minmax_element(lengths_.begin(), lengths_.end());
    least_ = *least;
    most_ = *most;
  }

  // --- what is emitted

  std::string reshape(const std::string& from, const Shape& shape) {
    return l_.emit("Reshape", {from, l_.integers(shape)});
  }
  std::string sliced(const std::string& from, Whole axis, Whole begin, Whole end) {
    return l_.emit("Slice", {from, l_.integers({begin}), l_.integers({end}), l_.integers({axis})});
  }
  std::string transposed(const std::string& from, const std::vector<Whole>& order) {
    return l_.emit("Transpose", {from}, {attribute("perm", order)});
  }
  std::string concat(const Names& parts, Whole axis) {
    return parts.size() == 1 ? parts.front() : l_.emit("Concat", parts, {attribute("axis", axis)});
  }
  Names split(const std::string& from, const std::vector<Whole>& sizes) {
    if (sizes.size() == 1) return {from};
    return l_.emit_many("Split", {from}, sizes.size(), {attribute("axis", Whole{1}), attribute("split", sizes)});
  }
  std::string add(const std::string& a, const std::string& b) { return l_.emit("Add", {a, b}); }
  std::string multiply(const std::string& a, const std::string& b) { return l_.emit("Mul", {a, b}); }
  std::string activated(const std::string& x, std::size_t which) {
    return emit_recurrent_activation(l_, x, static_cast<std::size_t>(direction_), which);
  }
  std::string clipped(const std::string& x) {
    if (clip_ <= 0) return x;
    return l_.emit("Clip", {x, l_.number(-clip_), l_.number(clip_)});
  }

  // [steps * batch, input], step by step.
  std::string flat_input() {
    const std::string& x = l_.input(kX);
    const std::string by_step = s_.batch_first ? transposed(x, {1, 0, 2}) : x;
    return reshape(by_step, {s_.steps * s_.batch, s_.input});
  }

  // This direction's part of a parameter [directions, …], without the first dimension.
  std::string own_part(std::size_t input) {
    Shape shape = l_.shape(input);
    const std::string part =
        s_.directions == 1 ? l_.input(input) : sliced(l_.input(input), 0, direction_, direction_ + 1);
    shape.erase(shape.begin());
    return reshape(part, shape);
  }
  // A weight as the right operand of a product, [depth, gates * hidden].
  std::string matrix(std::size_t input) {
    const std::string own = own_part(input);
    return s_.weights_transposed ? own : transposed(own, {1, 0});
  }

  bool candidate_apart() const { return cell_ == Cell::kGru && integer(l_.proto(), "linear_before_reset", 0) == 0; }

  void prepare() {
    const Whole columns = s_.gates * s_.hidden;
    projected_ = l_.emit("MatMul", {flat_input_, matrix(kW)});
    recurrent_ = matrix(kR);
    recurrent_bias_.clear();
    const bool after_product = cell_ == Cell::kGru && !candidate_apart();
    if (l_.has(kB)) {
      const std::string biases = own_part(kB);
      const std::string of_input = sliced(biases, 0, 0, columns), of_state = sliced(biases, 0, columns, 2 * columns);
      if (after_product) recurrent_bias_ = of_state;
      projected_ = add(projected_, after_product ? of_input : add(of_input, of_state));
    }
    if (candidate_apart()) {
      gate_weight_ = sliced(recurrent_, 1, 0, 2 * s_.hidden);
      candidate_weight_ = sliced(recurrent_, 1, 2 * s_.hidden, columns);
    }
    peepholes_.clear();
    if (cell_ != Cell::kLstm || !l_.has(kPeepholes)) return;
    const std::string own = own_part(kPeepholes);
    for (Whole gate = 0; gate < 3; ++gate) {
      peepholes_.push_back(sliced(own, 0, gate * s_.hidden, (gate + 1) * s_.hidden));
    }
  }

  // The state before the first step, [batch, hidden]. It lies in memory; that it may be known to hold zeros saves
  // nothing.
  std::string first_state(std::size_t input, const char* what) {
    if (!l_.has(input) || l_.is_weight(input)) {
      const std::string name = s_.directions == 1 ? what : fmt::format("{}_{}", what, direction_);
      return l_.state(name, {s_.batch, s_.hidden});
    }
    const Shape wanted =
        s_.batch_first ? Shape{s_.batch, s_.directions, s_.hidden} : Shape{s_.directions, s_.batch, s_.hidden};
    if (l_.shape(input) != wanted) {
      l_.fail(fmt::format("{} is [{}], must be [{}]", what, fmt::join(l_.shape(input), ", "), fmt::join(wanted, ", ")));
    }
    std::string own = l_.input(input);
    if (s_.directions > 1) own = sliced(own, s_.batch_first ? 1 : 0, direction_, direction_ + 1);
    return reshape(own, {s_.batch, s_.hidden});
  }

  void run_direction() {
    prepare();
    state_ = first_state(kState, "initial_h");
    if (cell_ == Cell::kLstm) cell_state_ = first_state(kCellState, "initial_c");
    std::vector<std::string> outputs(static_cast<std::size_t>(most_));
    for (Whole i = 0; i < most_; ++i) {
      const Whole step = backwards_ ? most_ - 1 - i : i;
      const std::string before = state_, cell_before = cell_state_;
      const std::string input =
          s_.steps == 1 ? projected_ : sliced(projected_, 0, step * s_.batch, (step + 1) * s_.batch);
      if (cell_ == Cell::kRnn) step_rnn(input);
      if (cell_ == Cell::kGru) step_gru(input);
      if (cell_ == Cell::kLstm) step_lstm(input);
      if (step >= least_) {
        state_ = held(step, state_, before);
        if (cell_ == Cell::kLstm) cell_state_ = held(step, cell_state_, cell_before);
      }
      outputs[static_cast<std::size_t>(step)] = state_;
    }
    all_.clear();
    if (l_.wants(0)) all_ = stacked(outputs);
  }

  // A sequence that has ended keeps its state.
  std::string held(Whole step, const std::string& now, const std::string& before) {
    Constant runs;
    runs.shape = {s_.batch, 1};
    for (const Whole length : lengths_) runs.whole.push_back(step < length ? 1 : 0);
    return l_.emit("Where",
                   {l_.emit("Cast", {l_.constant(std::move(runs))}, {attribute("to", Whole{kBool})}), now, before});
  }
  static constexpr Whole kBool = onnx::TensorProto::BOOL;

  // [steps, 1, batch, hidden], or [batch, steps, 1, hidden]. Behind the last step of all sequences are zeros.
  std::string stacked(const Names& outputs) {
    const Whole missing = s_.steps - static_cast<Whole>(outputs.size());
    Names rows;
    for (const std::string& output : outputs) {
      rows.push_back(s_.batch_first ? reshape(output, {s_.batch, 1, s_.hidden}) : output);
    }
    if (missing > 0) {
      const Shape shape = s_.batch_first ? Shape{s_.batch, missing, s_.hidden} : Shape{missing * s_.batch, s_.hidden};
      rows.push_back(l_.emit("ConstantOfShape", {l_.integers(shape)}));
    }
    const Shape shape =
        s_.batch_first ? Shape{s_.batch, s_.steps, 1, s_.hidden} : Shape{s_.steps, 1, s_.batch, s_.hidden};
    return reshape(concat(rows, s_.batch_first ? 1 : 0), shape);
  }

  std::string joined_steps(const Names& directions) { return concat(directions, s_.batch_first ? 2 : 1); }

  std::string joined_states(const Names& directions) {
    Names parts;
    for (const std::string& state : directions) {
      parts.push_back(reshape(state, s_.batch_first ? Shape{s_.batch, 1, s_.hidden} : Shape{1, s_.batch, s_.hidden}));
    }
    return concat(parts, s_.batch_first ? 1 : 0);
  }

  // --- one step; each sets state_ from it and `x`, [batch, gates * hidden]

  void step_rnn(const std::string& x) {
    state_ = activated(clipped(add(x, l_.emit("MatMul", {state_, recurrent_}))), 0);
  }

  // Gates in the order update, reset, candidate.
  void step_gru(const std::string& x) {
    const Whole h = s_.hidden;
    const Names of_input = split(x, {2 * h, h});
    Names of_state;
    std::string gates, candidate;
    if (candidate_apart()) {
      gates = l_.emit("MatMul", {state_, gate_weight_});
    } else {
      std::string product = l_.emit("MatMul", {state_, recurrent_});
      if (!recurrent_bias_.empty()) product = add(product, recurrent_bias_);
      of_state = split(product, {2 * h, h});
      gates = of_state[0];
    }
    const Names both = split(activated(clipped(add(of_input[0], gates)), 0), {h, h});
    const std::string& update = both[0];
    const std::string& reset = both[1];
    if (candidate_apart()) {
      candidate = l_.emit("MatMul", {multiply(reset, state_), candidate_weight_});
    } else {
      candidate = multiply(reset, of_state[1]);
    }
    candidate = activated(clipped(add(of_input[1], candidate)), 1);
    // (1 - update) * candidate + update * state
    state_ = add(candidate, multiply(update, l_.emit("Sub", {state_, candidate})));
  }

  // Gates in the order input, output, forget, cell.
  void step_lstm(const std::string& x) {
    const Whole h = s_.hidden;
    const std::string sum = add(x, l_.emit("MatMul", {state_, recurrent_}));
    const bool coupled = integer(l_.proto(), "input_forget", 0) != 0;
    std::string in, out, forget, candidate;
    if (peepholes_.empty()) {
      const Names parts = split(clipped(sum), {3 * h, h});
      const Names gates = split(activated(parts[0], 0), {h, h, h});
      in = gates[0];
      out = gates[1];
      forget = gates[2];
      candidate = activated(parts[1], 1);
    } else {
      const Names parts = split(sum, {h, h, h, h});
      const auto gate = [&](std::size_t part, std::size_t peephole, const std::string& cell) {
        return activated(clipped(add(parts[part], multiply(peepholes_[peephole], cell))), 0);
      };
      in = gate(0, 0, cell_state_);
      forget = gate(2, 2, cell_state_);
      candidate = activated(clipped(parts[3]), 1);
      if (coupled) forget = l_.emit("Sub", {l_.number(1), in});
      cell_state_ = add(multiply(forget, cell_state_), multiply(in, candidate));
      state_ = multiply(gate(1, 1, cell_state_), activated(cell_state_, 2));
      return;
    }
    if (coupled) forget = l_.emit("Sub", {l_.number(1), in});
    cell_state_ = add(multiply(forget, cell_state_), multiply(in, candidate));
    state_ = multiply(out, activated(cell_state_, 2));
  }
};

bool lower_rnn(Lowering& l) {
  Recurrent(l, Cell::kRnn, false).run();
  return true;
}

bool lower_gru(Lowering& l) {
  Recurrent(l, Cell::kGru, false).run();
  return true;
}

bool lower_lstm(Lowering& l) {
  Recurrent(l, Cell::kLstm, false).run();
  return true;
}

bool lower_quantized_lstm(Lowering& l) {
  Recurrent(l, Cell::kLstm, true).run();
  return true;
}

}  // namespace

const std::vector<LoweringRow>& recurrent_lowerings() {
  static const std::vector<LoweringRow> rows = {
      {"", "RNN", lower_rnn},
      {"", "GRU", lower_gru},
      {"", "LSTM", lower_lstm},
      {"com.microsoft", "DynamicQuantizeLSTM", lower_quantized_lstm},
  };
  return rows;
}

}  // namespace lanewise::network::importing
