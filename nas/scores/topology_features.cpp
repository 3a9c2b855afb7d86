// SPDX-License-Identifier: Apache-2.0
#include "nas/scores/topology_features.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/network/input_pixels.hpp"
#include "nas/scores/activation_moments.hpp"
#include "nas/scores/network_score.hpp"
#include "nas/scores/signal_propagation.hpp"

namespace lanewise::nas {
namespace {

using network::Graph;
using network::kNone;
using network::Operator;
using network::OperatorId;
using network::OperatorKind;
using network::TensorId;

constexpr std::size_t kOctaves = 5;        // of maps
constexpr std::size_t kPooled = kOctaves;  // a single position
constexpr std::size_t kPlaces = kOctaves + 1;

enum LayerKind : std::size_t { kFull, kPointwise, kDepthwise, kGrouped, kLinear, kProduct, kLayerKinds };
constexpr const char* kLayerNames[kLayerKinds] = {"full", "pointwise", "depthwise", "grouped", "linear", "product"};
constexpr const char* kLayerMeanings[kLayerKinds] = {
    "convolutions over windows, ungrouped", "1x1 convolutions", "depthwise convolutions",
    "other grouped convolutions",           "linear layers",    "products of two activations"};

std::string place_name(std::size_t place) {
  return place == kPooled ? std::string("pooled") : "octave" + std::to_string(place);
}

double log_count(double count) { return std::log1p(count); }
double share(double part, double whole) { return whole > 0 ? part / whole : 0; }

bool is_layer(const Operator& op) {
  return op.kind == OperatorKind::kConvolution || op.kind == OperatorKind::kFullyConnected ||
         op.kind == OperatorKind::kMatMul;
}

// What one pass over a graph adds up.
struct Sums {
  double macs = 0, weights = 0, activated = 0;
  std::array<double, kPlaces> macs_at = {}, weights_at = {}, activated_at = {};
  std::array<double, kOctaves> widest = {}, narrowest = {}, windows = {};
  std::array<double, kLayerKinds> macs_of = {}, layers_of = {};
  double kernels = 0, window_layers = 0, large_windows = 0, dilated = 0, largest_map = 1;
  double widening = 0, narrowing = 0, channel_layers = 0, unactivated = 0;
  double smooth = 0, bounded = 0, sensitivity = 0;
  double additions = 0, concats = 0, gates = 0, skipped = 0;
  double first_octave = -1, last_octave = 0, last_width = 1, read_width = 1;
};

// Along the paths to a tensor.
struct Reach {
  double layers = 0, fewest = 0, windows = 0, activations = 0;
  double field = 1, step = 1;  // of the receptive field, in pixels of the input
};

class Reader {
 public:
  explicit Reader(const Graph& graph) : graph_(graph), reach_(graph.tensors().size()) {
    images_ = static_cast<double>(images_at_once(graph));
    edge_ = std::sqrt(std::max(1.0, static_cast<double>(network::input_pixels(graph)) / images_));
  }

  void read() {
    for (const Operator& op : graph_.operators()) {
      follow(op);
      if (is_layer(op)) layer(op);
      if (op.kind == OperatorKind::kActivation && op.activation != network::ActivationFunction::kCast) activation(op);
      if (op.kind == OperatorKind::kElementwise && op.inputs.size() > 1) {
        sums_.additions += op.elementwise == network::ElementwiseFunction::kAdd ? 1 : 0;
        sums_.gates += op.elementwise == network::ElementwiseFunction::kMultiply ? 1 : 0;
      }
      sums_.concats += op.kind == OperatorKind::kConcat ? 1 : 0;
    }
    std::vector<bool> skipped(graph_.operators().size(), false);
    for (const network::Block& block : graph_.blocks()) {
      if (block.residual_add == kNone) continue;
      for (const OperatorId id : block.operators) skipped[static_cast<std::size_t>(id)] = is_layer(graph_.op(id));
    }
    sums_.skipped = static_cast<double>(std::count(skipped.begin(), skipped.end(), true));
    for (const TensorId output : graph_.outputs()) {
      const Reach& at = reach_[static_cast<std::size_t>(output)];
      if (output == graph_.outputs().front()) end_ = at;
      end_.layers = std::max(end_.layers, at.layers);
      end_.fewest = std::min(end_.fewest, at.fewest);
      end_.windows = std::max(end_.windows, at.windows);
      end_.activations = std::max(end_.activations, at.activations);
    }
  }

  const Sums& sums() const { return sums_; }
  const Reach& end() const { return end_; }
  double edge() const { return edge_; }
  double field() const { return field_; }

 private:
  // The resolution of a tensor: kPooled where it has no positions.
  std::size_t place(TensorId id) const {
    const auto& shape = graph_.tensor(id).shape;
    if (shape.size() != 4 || shape[2] * shape[3] <= 1) return kPooled;
    return static_cast<std::size_t>(std::clamp(std::round(octave(id)), 0.0, static_cast<double>(kOctaves - 1)));
  }
  double octave(TensorId id) const {
    const auto& shape = graph_.tensor(id).shape;
    return std::log2(edge_ / std::sqrt(static_cast<double>(shape[2] * shape[3])));
  }
  double channels(TensorId id) const {
    const auto& shape = graph_.tensor(id).shape;
    return shape.size() < 2 ? 1 : static_cast<double>(shape.size() == 4 ? shape[1] : shape.back());
  }
  LayerKind kind_of(const Operator& op) const {
    if (op.kind == OperatorKind::kMatMul) return kProduct;
    if (op.kind == OperatorKind::kFullyConnected) return kLinear;
    if (op.groups > 1) {
      return static_cast<double>(op.groups) == channels(op.inputs[0]) &&
                     static_cast<double>(op.groups) == channels(op.outputs[0])
                 ? kDepthwise
                 : kGrouped;
    }
    return op.window.kernel[0] * op.window.kernel[1] > 1 ? kFull : kPointwise;
  }

  void follow(const Operator& op) {
    Reach at;
    bool first = true;
    for (const TensorId input : op.inputs) {
      const Reach& before = reach_[static_cast<std::size_t>(input)];
      at.layers = std::max(at.layers, before.layers);
      at.fewest = first ? before.fewest : std::min(at.fewest, before.fewest);
      at.windows = std::max(at.windows, before.windows);
      at.activations = std::max(at.activations, before.activations);
      at.field = std::max(at.field, before.field);
      at.step = std::max(at.step, before.step);
      first = false;
    }
    at.layers += is_layer(op) ? 1 : 0;
    at.fewest += is_layer(op) ? 1 : 0;
    at.activations += op.kind == OperatorKind::kActivation ? 1 : 0;
    const bool slides = op.kind == OperatorKind::kConvolution || op.kind == OperatorKind::kMaxPool ||
                        op.kind == OperatorKind::kAveragePool;
    if (slides && !op.transposed) {
      // Both axes alike, which those of audio are not: their geometric mean.
      const auto mean = [](double a, double b) { return std::sqrt(a * b); };
      const auto span = [&op](std::size_t axis) {
        return 1.0 + static_cast<double>((op.window.kernel[axis] - 1) * op.window.dilation[axis]);
      };
      at.field += (mean(span(0), span(1)) - 1) * at.step;
      at.step *= mean(static_cast<double>(op.window.stride[0]), static_cast<double>(op.window.stride[1]));
      at.windows += op.kind == OperatorKind::kConvolution && op.window.kernel[0] * op.window.kernel[1] > 1 ? 1 : 0;
    }
    for (const TensorId output : op.outputs) {
      reach_[static_cast<std::size_t>(output)] = at;
      sums_.largest_map = std::max(sums_.largest_map, static_cast<double>(graph_.tensor(output).elements()) / images_);
    }
  }

  void layer(const Operator& op) {
    const TensorId to = op.outputs[0];
    const std::size_t at = place(to);
    const LayerKind kind = kind_of(op);
    const double macs = static_cast<double>(network::macs(graph_, op)) / images_;
    const double weights = op.weights.empty() ? 0 : static_cast<double>(graph_.tensor(op.weights[0]).parameters());
    sums_.macs += macs;
    sums_.weights += weights;
    sums_.macs_at[at] += macs;
    sums_.weights_at[at] += weights;
    sums_.macs_of[kind] += macs;
    sums_.layers_of[kind] += 1;
    const double width = channels(to), before = op.inputs.empty() ? width : channels(op.inputs[0]);
    sums_.read_width = before;
    if (op.kind == OperatorKind::kConvolution && at != kPooled) map(op, at, width);
    if (kind == kPointwise || kind == kFull || kind == kGrouped || kind == kLinear) {
      sums_.channel_layers += 1;
      const double ratio = std::log(width / before);
      (ratio > 0 ? sums_.widening : sums_.narrowing) += std::abs(ratio);
    }
    if (!activated(to)) sums_.unactivated += 1;
  }

  void map(const Operator& op, std::size_t at, double width) {
    sums_.widest[at] = std::max(sums_.widest[at], width);
    sums_.narrowest[at] = sums_.narrowest[at] > 0 ? std::min(sums_.narrowest[at], width) : width;
    if (sums_.first_octave < 0) sums_.first_octave = octave(op.outputs[0]);
    sums_.last_octave = octave(op.outputs[0]);
    sums_.last_width = width;
    field_ = std::max(field_, reach_[static_cast<std::size_t>(op.outputs[0])].field);
    const double kernel = std::sqrt(static_cast<double>(op.window.kernel[0] * op.window.kernel[1]));
    if (!(kernel > 1)) return;
    sums_.windows[at] += 1;
    sums_.window_layers += 1;
    sums_.kernels += kernel;
    sums_.large_windows += kernel > 4 ? 1 : 0;
    sums_.dilated += op.window.dilation[0] * op.window.dilation[1] > 1 ? 1 : 0;
  }

  // Whether an activation function follows, perhaps behind a normalization.
  bool activated(TensorId id) const {
    while (graph_.consumers(id).size() == 1) {
      const Operator& next = graph_.op(graph_.consumers(id)[0]);
      if (next.kind == OperatorKind::kActivation) return true;
      if (next.kind != OperatorKind::kBatchNormalization) return false;
      id = next.outputs[0];
    }
    return false;
  }

  void activation(const Operator& op) {
    const double outputs = static_cast<double>(graph_.tensor(op.outputs[0]).elements()) / images_;
    sums_.activated += outputs;
    sums_.activated_at[place(op.outputs[0])] += outputs;
    using F = network::ActivationFunction;
    const F f = op.activation;
    if (f == F::kHardSwish || f == F::kSilu || f == F::kGelu || f == F::kElu || f == F::kSoftplus) {
      sums_.smooth += outputs;
    }
    if (f == F::kRelu6 || f == F::kClip || f == F::kSigmoid || f == F::kHardSigmoid || f == F::kTanh || f == F::kErf) {
      sums_.bounded += outputs;
    }
    sums_.sensitivity += outputs * std::log(unit_moments(f).sensitivity(1, 0));
  }

  const Graph& graph_;
  std::vector<Reach> reach_;
  Sums sums_;
  Reach end_;
  double images_ = 1, edge_ = 1, field_ = 1;
};

// Names and values are written by the same lines, so that they cannot come apart.
class Columns {
 public:
  explicit Columns(std::vector<TopologyFeature>* features) : features_(features) {}
  // What is added from here on tells of this.
  void tier(TopologyFeature::Tier tier) { tier_ = tier; }
  template <class Text>
  void add(const Text& name, const Text& meaning, double scale, double value) {
    if (features_ != nullptr) features_->push_back({name, meaning, scale, tier_});
    values.push_back(std::isfinite(value) ? value : 0);
  }
  void add(const char* name, const char* meaning, double scale, double value) {
    add<const char*>(name, meaning, scale, value);
  }
  bool names() const { return features_ != nullptr; }
  std::vector<double> values;

 private:
  std::vector<TopologyFeature>* features_;
  TopologyFeature::Tier tier_ = TopologyFeature::Tier::kSize;
};

void add_sizes(const Sums& s, double parameters, Columns& columns) {
  columns.add("ln_macs", "multiply-accumulates", 0.5, std::log(std::max(1.0, s.macs)));
  columns.add("ln_parameters", "trained numbers", 0.5, std::log(std::max(1.0, parameters)));
  columns.add("ln_activated_outputs", "numbers that activation functions write", 0.5,
              std::log(std::max(1.0, s.activated)));
  columns.add("ln_largest_map", "numbers of the largest tensor", 0.5, std::log(s.largest_map));
}

void add_depths(const Reader& reader, Columns& columns) {
  const Reach& end = reader.end();
  columns.add("ln_depth", "layers on the longest path", 0.3, log_count(end.layers));
  columns.add("ln_shortest", "layers on the shortest path", 0.3, log_count(end.fewest));
  columns.add("ln_window_depth", "convolutions over windows on the longest path", 0.3, log_count(end.windows));
  columns.add("ln_activations", "activation functions on the longest path", 0.3, log_count(end.activations));
  columns.add("ln_receptive_field", "receptive field of the last map over the image's edge", 0.4,
              std::log(reader.field() / reader.edge()));
}

void add_places(const Sums& s, Columns& columns) {
  // Names are made once, values often.
  const bool names = columns.names();
  const auto add = [&](const char* kind, std::size_t place, const char* meaning, double scale, double value) {
    columns.add(names ? kind + place_name(place) : std::string(), names ? meaning : std::string(), scale, value);
  };
  for (std::size_t i = 0; i < kPlaces; ++i) {
    if (i == kPooled) columns.tier(TopologyFeature::Tier::kShape);
    add("ln_macs.", i, "MACs over 10,000", 1, log_count(s.macs_at[i] / 1e4));
    add("ln_weights.", i, "weights over 100", 1, log_count(s.weights_at[i] / 100));
    add("ln_activated.", i, "activated outputs over 100", 1, log_count(s.activated_at[i] / 100));
  }
  for (std::size_t i = 0; i < kOctaves; ++i) {
    columns.tier(TopologyFeature::Tier::kSize);
    add("ln_windows.", i, "convolutions over windows", 0.5, log_count(s.windows[i]));
    columns.tier(TopologyFeature::Tier::kDetail);
    add("ln_widest.", i, "most channels of a convolution, 0 where there is none", 0.7, log_count(s.widest[i]));
    add("ln_narrowest.", i, "fewest channels of a convolution, 0 where there is none", 0.7, log_count(s.narrowest[i]));
  }
}

void add_kinds(const Sums& s, Columns& columns) {
  const bool names = columns.names();
  columns.tier(TopologyFeature::Tier::kShape);
  for (std::size_t k = 0; k < kLayerKinds; ++k) {
    const auto text = [&](const char* before, const char* behind) {
      return names ? std::string(before) + behind : std::string();
    };
    columns.add(text("macs_share.", kLayerNames[k]), text("share of MACs: ", kLayerMeanings[k]), 0.2,
                share(s.macs_of[k], s.macs));
    columns.add(text("ln_layers.", kLayerNames[k]), text("number of ", kLayerMeanings[k]), 0.5,
                log_count(s.layers_of[k]));
  }
  columns.add("kernel", "mean edge of windows", 0.7, share(s.kernels, s.window_layers));
  columns.add("large_windows", "share of windows with an edge above 4", 0.3, share(s.large_windows, s.window_layers));
  columns.add("dilated", "share of windows that are dilated", 0.3, share(s.dilated, s.window_layers));
  columns.add("widening", "mean ln of the factor by which layers widen", 0.3, share(s.widening, s.channel_layers));
  columns.add("narrowing", "mean ln of the factor by which layers narrow", 0.3, share(s.narrowing, s.channel_layers));
}

void add_links(const Graph& graph, const Sums& s, Columns& columns) {
  double layers = 0;
  for (const double count : s.layers_of) layers += count;
  columns.add("unactivated", "share of layers without an activation function", 0.2, share(s.unactivated, layers));
  columns.add("smooth", "share of activated outputs: hard-swish, SiLU, GELU, ELU, softplus", 0.5,
              share(s.smooth, s.activated));
  columns.add("bounded", "share of activated outputs: ReLU6, sigmoids, tanh", 0.5, share(s.bounded, s.activated));
  columns.add("ln_additions", "additions of two tensors", 0.5, log_count(s.additions));
  columns.add("ln_concatenations", "concatenations", 0.5, log_count(s.concats));
  columns.add("ln_gates", "products of two tensors, as in squeeze-excites", 0.5, log_count(s.gates));
  columns.add("skipped", "share of layers that an addition skips", 0.2, share(s.skipped, layers));
  columns.add("first_octave", "octave of the first convolution's map", 0.5, std::max(0.0, s.first_octave));
  columns.add("last_octave", "octave of the last convolution's map", 0.5, s.last_octave);
  columns.tier(TopologyFeature::Tier::kDetail);
  columns.add("ln_last_width", "channels of the last map that a convolution writes", 0.5, log_count(s.last_width));
  columns.add("ln_read_width", "numbers that the last layer reads", 0.5, log_count(s.read_width));
  columns.add("sensitivity", "mean ln of the growth of small differences in activation functions", 0.1,
              share(s.sensitivity, s.activated));
  columns.add("ln_nn_mass", "NN-Mass", 1.5, log_count(nn_mass(graph)));
  const SignalProfile profile = propagate_signal(graph);
  double least_map = 0, fewest = 0, widths = 0, maps = 0;
  for (const BlockSignal& block : profile.blocks) {
    const auto& shape = graph.tensor(block.to).shape;
    if (shape.size() != 4 || shape[2] * shape[3] <= 1) continue;
    const double channels = static_cast<double>(shape[1]);
    const double numbers = channels * static_cast<double>(shape[2] * shape[3]);
    least_map = maps > 0 ? std::min(least_map, numbers) : numbers;
    fewest = maps > 0 ? std::min(fewest, channels) : channels;
    widths += std::log(channels);
    maps += 1;
  }
  columns.tier(TopologyFeature::Tier::kShape);
  columns.add("ln_least_map", "numbers of the smallest map that everything passes through", 0.7, log_count(least_map));
  columns.add("ln_fewest_channels", "fewest channels of a map that everything passes through", 0.5, log_count(fewest));
  columns.add("ln_width", "mean ln of the channels of maps that everything passes through", 0.5, share(widths, maps));
  columns.add("ln_blocks", "blocks between such maps", 0.5, log_count(static_cast<double>(profile.blocks.size())));
  columns.tier(TopologyFeature::Tier::kDetail);
  columns.add("trainability", "how near to isometries the blocks begin", 0.5, profile.trainability());
  columns.add("ln_gain", "growth of gradients from the outputs to the first layer", 1, profile.log_gain);
}

std::vector<double> features(const Graph& graph, std::vector<TopologyFeature>* names) {
  Reader reader(graph);
  reader.read();
  Columns columns(names);
  columns.values.reserve(96);
  add_sizes(reader.sums(), static_cast<double>(network::parameters(graph)), columns);
  add_depths(reader, columns);
  add_places(reader.sums(), columns);
  add_kinds(reader.sums(), columns);
  add_links(graph, reader.sums(), columns);
  return std::move(columns.values);
}

}  // namespace

const std::vector<TopologyFeature>& topology_features() {
  static const std::vector<TopologyFeature> all = [] {
    std::vector<TopologyFeature> names;
    features(network::GraphBuilder("").build(), &names);
    return names;
  }();
  return all;
}

std::vector<double> topology_features_of(const Graph& graph) { return features(graph, nullptr); }

}  // namespace lanewise::nas
