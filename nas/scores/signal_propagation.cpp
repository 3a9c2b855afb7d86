// SPDX-License-Identifier: Apache-2.0
#include "nas/scores/signal_propagation.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "nas/scores/activation_moments.hpp"

namespace lanewise::nas {
namespace {

using network::ElementwiseFunction;
using network::Graph;
using network::kNone;
using network::Operator;
using network::OperatorId;
using network::OperatorKind;
using network::TensorId;

constexpr double kConvolutionVariance = 2, kLinearVariance = 1;  // of weights, times fan-in

// What is known of a tensor. `apart` is q - c, kept by itself since it may be far smaller than both.
struct Signal {
  double common = 0, apart = 1, gain = 1, spread = 0;
  double mean_square() const { return common + apart; }
  double correlation() const { return mean_square() > 0 ? common / mean_square() : 0; }
};
// A path into a sum: its share of what tells images apart there.
struct Path {
  double share, gain, spread;
};

void normalize(Signal& signal) {
  signal.common = 0;
  signal.apart = 1;
}

// Gain and spread where paths meet; where they are added, not laid side by side, their products count too.
void join(const std::vector<Path>& paths, bool added, Signal& into) {
  double gain = 0, square = 0, products = 0;
  for (const Path& path : paths) {
    const double part = path.share * path.gain;
    products += gain * part;
    gain += part;
    square += part * part * path.spread;
  }
  into.gain = gain;
  into.spread = gain > 0 ? (square + (added ? 2 * products : 0)) / (gain * gain) : 0;
}

class Propagation {
 public:
  explicit Propagation(const Graph& graph)
      : graph_(graph), signals_(graph.tensors().size()), last_use_(graph.tensors().size(), -1) {
    const auto count = static_cast<OperatorId>(graph.operators().size());
    for (std::size_t i = 0; i < graph.tensors().size(); ++i) {
      const auto& readers = graph.consumers(static_cast<TensorId>(i));
      if (!readers.empty()) last_use_[i] = readers.back();
    }
    for (const TensorId output : graph.outputs()) last_use_[at(output)] = count;
    for (const Operator& op : graph.operators()) {
      if (op.kind == OperatorKind::kBatchNormalization || op.kind == OperatorKind::kLayerNormalization) folded_ = false;
    }
    block_of_.assign(graph.operators().size(), -1);
    for (std::size_t b = 0; b < graph.blocks().size(); ++b) {
      const network::Block& block = graph.blocks()[b];
      if (block.kind == network::BlockKind::kResidual || block.kind == network::BlockKind::kSqueezeExcite) continue;
      for (const OperatorId id : block.operators) block_of_[at(id)] = static_cast<int>(b);
    }
  }

  SignalProfile run() {
    std::int64_t open = 0;  // tensors that are there and still to be read
    for (const TensorId input : graph_.inputs()) open += last_use_[at(input)] >= 0 ? 1 : 0;
    start_ = graph_.inputs().empty() ? kNone : graph_.inputs()[0];
    if (start_ != kNone) size_at_start_ = elements(start_);
    const auto count = static_cast<OperatorId>(graph_.operators().size());
    for (OperatorId id = 0; id < count; ++id) {
      const Operator& op = graph_.op(id);
      pass(op);
      for (const TensorId input : std::vector<TensorId>(op.inputs)) {
        if (last_use_[at(input)] != id) continue;
        --open;
        last_use_[at(input)] = -1;  // an operator may read a tensor twice
      }
      for (const TensorId output : op.outputs) open += last_use_[at(output)] >= 0 ? 1 : 0;
      layers_ += is_layer(op) ? 1 : 0;
      if (op.outputs.size() == 1 && open == 1 && last_use_[at(op.outputs[0])] >= 0) cut(id, op.outputs[0]);
    }
    if (!graph_.outputs().empty()) {
      const TensorId output = graph_.outputs()[0];
      profile_.correlation = signals_[at(output)].correlation();
      if (layers_ > 0) close(output);  // several outputs: no tensor is the last one
    }
    return std::move(profile_);
  }

 private:
  static std::size_t at(int id) { return static_cast<std::size_t>(id); }
  double elements(TensorId id) const { return static_cast<double>(graph_.tensor(id).elements()); }
  static bool is_layer(const Operator& op) {
    return (op.kind == OperatorKind::kConvolution || op.kind == OperatorKind::kFullyConnected ||
            op.kind == OperatorKind::kMatMul);
  }

  // Everything passes through this tensor. A block ends where a layer begins or paths part, unless a recognised block
  // goes on.
  void cut(OperatorId id, TensorId tensor) {
    if (layers_ == 0) return;
    const auto& readers = graph_.consumers(tensor);
    if (!readers.empty()) {
      if (readers.size() == 1 && !is_layer(graph_.op(readers[0]))) return;
      if (block_of_[at(id)] >= 0 && block_of_[at(id)] == block_of_[at(readers[0])]) return;
    }
    close(tensor);
  }

  void close(TensorId tensor) {
    Signal& signal = signals_[at(tensor)];
    BlockSignal block;
    block.from = start_;
    block.to = tensor;
    block.gain = signal.gain;
    block.spread = signal.spread;
    block.mean_square = signal.mean_square();
    block.correlation = signal.correlation();
    block.score = isometry_score(block.gain, block.spread);
    profile_.log_gain += std::log(std::max(block.gain, 1e-300));
    profile_.blocks.push_back(block);
    start_ = tensor;
    size_at_start_ = elements(tensor);
    signal.gain = 1;
    signal.spread = 0;
    layers_ = 0;
  }

  void pass(const Operator& op) {
    Signal out;
    if (op.inputs.empty()) {
      out.common = 1;  // a constant: the same for all images
      out.apart = 0;
    } else {
      out = signals_[at(op.inputs[0])];
      change(op, out);
    }
    for (const TensorId output : op.outputs) signals_[at(output)] = out;
  }

  // What an operation of `factor` adds to the spread: in numbers of the block's input over those that it writes.
  void widen(const Operator& op, double factor, Signal& out) const {
    out.spread += size_at_start_ / elements(op.outputs[0]) * factor;
  }

  void change(const Operator& op, Signal& out) const {
    switch (op.kind) {
      case OperatorKind::kConvolution:
      case OperatorKind::kFullyConnected:
        layer(op, out);
        break;
      case OperatorKind::kBatchNormalization:
        normalize(out);
        break;
      case OperatorKind::kLayerNormalization:
        out = {out.correlation(), 1 - out.correlation(), out.gain, out.spread};
        break;
      case OperatorKind::kActivation:
        activation(op, out);
        break;
      case OperatorKind::kElementwise:
        elementwise(op, out);
        break;
      case OperatorKind::kMatMul:
        multiply(op, out);
        break;
      case OperatorKind::kConcat:
        concat(op, out);
        break;
      case OperatorKind::kAveragePool:
      case OperatorKind::kGlobalAveragePool:
      case OperatorKind::kReduce:
        average(op, out);
        break;
      case OperatorKind::kSoftmax:
        // Weights that are near alike as a network begins: they let through, and say little of the image.
        out = {1, 0, out.gain, out.spread};
        break;
      default:
        break;  // moved, picked or repeated
    }
  }

  void layer(const Operator& op, Signal& out) const {
    if (op.weights.empty()) return;
    const auto& shape = graph_.tensor(op.weights[0]).shape;
    double weights = 1;  // of one output
    for (std::size_t d = op.transposed ? 0 : 1; d < shape.size(); ++d) {
      if (!(op.transposed && d == 1)) weights *= static_cast<double>(shape[d]);
    }
    widen(op, (weights - 1) / (weights + 2), out);
    const double variance = op.kind == OperatorKind::kConvolution ? kConvolutionVariance : kLinearVariance;
    out.common *= variance;
    out.apart *= variance;
    const auto& map = graph_.tensor(op.outputs[0]).shape;
    const bool is_map = map.size() == 4 && map[2] * map[3] > 1;
    if (folded_ && op.kind == OperatorKind::kConvolution && op.weights.size() > 1 && is_map) normalize(out);
  }

  void activation(const Operator& op, Signal& out) const {
    const double variance = out.mean_square(), correlation = out.correlation();
    if (!(variance > 0)) return;
    ActivationMoments own;
    if (variance != 1) own = activation_moments(op.activation, variance);
    const ActivationMoments& moments = variance == 1 ? unit_moments(op.activation) : own;
    out.gain *= moments.sensitivity(variance, correlation);
    const double square = moments.slope_square * moments.slope_square;
    if (square > 0) widen(op, std::max(0.0, moments.slope_fourth / square - 1), out);
    out.apart = moments.difference(correlation);
    out.common = moments.mean_square - out.apart;
  }

  void elementwise(const Operator& op, Signal& out) const {
    if (op.inputs.size() < 2) return;
    if (op.elementwise == ElementwiseFunction::kMultiply) return multiply(op, out);
    if (op.elementwise != ElementwiseFunction::kAdd && op.elementwise != ElementwiseFunction::kSubtract) return;
    Signal sum{0, 0, 1, 0};
    for (const TensorId input : op.inputs) {
      sum.common += signals_[at(input)].common;
      sum.apart += signals_[at(input)].apart;
    }
    std::vector<Path> paths;
    for (const TensorId input : op.inputs) {
      const Signal& part = signals_[at(input)];
      paths.push_back({sum.apart > 0 ? part.apart / sum.apart : 0, part.gain, part.spread});
    }
    join(paths, true, sum);
    out = sum;
  }

  void multiply(const Operator& op, Signal& out) const {
    if (op.inputs.size() != 2) return;
    const Signal &a = signals_[at(op.inputs[0])], &b = signals_[at(op.inputs[1])];
    Signal product;
    product.common = a.common * b.common;
    product.apart = a.apart * b.mean_square() + a.common * b.apart;
    if (product.apart > 0) {
      join({{a.apart * b.mean_square() / product.apart, a.gain, a.spread},
            {b.apart * a.mean_square() / product.apart, b.gain, b.spread}},
           true, product);
    }
    out = product;
  }

  void concat(const Operator& op, Signal& out) const {
    double total = 0, apart = 0;
    Signal all{0, 0, 1, 0};
    for (const TensorId input : op.inputs) {
      const Signal& part = signals_[at(input)];
      const double size = elements(input);
      total += size;
      apart += size * part.apart;
      all.common += size * part.common;
    }
    std::vector<Path> paths;
    for (const TensorId input : op.inputs) {
      const Signal& part = signals_[at(input)];
      paths.push_back({apart > 0 ? elements(input) * part.apart / apart : 0, part.gain, part.spread});
    }
    all.common /= total;
    all.apart = apart / total;
    join(paths, false, all);
    out = all;
  }

  void average(const Operator& op, Signal& out) const {
    const double before = elements(op.inputs[0]), after = elements(op.outputs[0]);
    double positions = before / after;
    if (op.kind == OperatorKind::kAveragePool) {
      positions = static_cast<double>(op.window.kernel[0] * op.window.kernel[1]);
    }
    out.apart /= std::max(1.0, positions);
    widen(op, std::max(0.0, 1 - after / before), out);
  }

  const Graph& graph_;
  std::vector<Signal> signals_;
  std::vector<OperatorId> last_use_;
  std::vector<int> block_of_;
  bool folded_ = true;  // no normalization is left: those of convolutions were folded into their biases
  TensorId start_ = kNone;
  double size_at_start_ = 1;
  int layers_ = 0;  // with weights, since the block began
  SignalProfile profile_;
};

}  // namespace

double isometry_score(double gain, double spread) {
  if (!(gain > 0)) return -1e6;
  const double half = 0.125 * std::log1p(std::max(0.0, spread));  // half the variance of ln sigma
  const double mean = 0.5 * std::log(gain) - 2 * half;
  return std::max(-1e6, 2 - std::exp(mean + half) - std::exp(half - mean));
}

double SignalProfile::trainability() const {
  // The last block reads out what the task asks for.
  const std::size_t count = blocks.size() > 1 ? blocks.size() - 1 : blocks.size();
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += blocks[i].score;
  return count > 0 ? sum / static_cast<double>(count) : 0;
}

SignalProfile propagate_signal(const Graph& graph) { return Propagation(graph).run(); }

}  // namespace lanewise::nas
