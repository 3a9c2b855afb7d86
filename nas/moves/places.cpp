// SPDX-License-Identifier: Apache-2.0
#include "nas/moves/places.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace lanewise::nas {
namespace {

using network::Graph;
using network::Operator;
using network::OperatorId;
using network::TensorId;

bool is_map(const Graph& graph, TensorId id) { return graph.tensor(id).shape.size() == 4; }

// Maps with one spatial axis have a height of 1.
double edge_of(std::int64_t height, std::int64_t width) { return static_cast<double>(height > 1 ? height : width); }

class Places {
 public:
  Places(const Graph& graph, const network::MoveSites& sites) : graph_(graph), sites_(sites), image_(image_edge()) {}

  std::vector<MovePlace> all() && {
    for (const network::FusionSite& site : sites_.fusions) add_fusion(site);
    end_of_move();
    for (const network::Stage& stage : sites_.stages) {
      MovePlace& place = add("depth_multiplier", stage.name);
      place.map = stage.height > 1 ? stage.height : stage.width;
      place.at_stride = stride_at(static_cast<double>(place.map));
      place.channels = first_channels(stage);
    }
    end_of_move();
    if (!sites_.stages.empty()) add("channels", "");
    end_of_move();
    for (const network::KernelSite& site : sites_.kernels) add_layer("kernel", site.name, site.op);
    end_of_move();
    for (const network::GroupSite& site : sites_.groups) add_layer("groups", site.name, site.op).most = site.channels;
    end_of_move();
    for (const network::RepeatRun& run : sites_.runs) add_run(run);
    end_of_move();
    if (sites_.input_height > 0) add("input_resolution", "");
    end_of_move();
    if (sites_.output_height > 0) add("output_resolution", "");
    end_of_move();
    return std::move(places_);
  }

 private:
  const Graph& graph_;
  const network::MoveSites& sites_;
  const double image_;
  std::vector<MovePlace> places_;
  std::size_t move_begin_ = 0;

  // Where no window slides over an input, the first map among the inputs stands for the image.
  double image_edge() const {
    if (sites_.input_height > 0) return edge_of(sites_.input_height, sites_.input_width);
    for (const TensorId input : graph_.inputs()) {
      if (is_map(graph_, input)) return edge_of(graph_.tensor(input).shape[2], graph_.tensor(input).shape[3]);
    }
    return 0;
  }

  // Strides are whole where maps are halved; an edge that is rounded on the way makes no other stride of it.
  double stride_at(double edge) const {
    if (image_ <= 0 || edge <= 0) return 0;
    const double ratio = image_ / edge;
    double power = 1;
    while (power * 2 <= ratio * 1.01) power *= 2;
    for (const double whole : {power, power * 2}) {
      if (std::abs(std::ceil(image_ / whole) - edge) < 0.5) return whole;
    }
    return std::round(ratio * 100) / 100;
  }

  MovePlace& add(const char* move, const std::string& name) {
    places_.emplace_back();
    places_.back().move = move;
    places_.back().place = name;
    return places_.back();
  }

  // Stages hold maps of many widths: how wide the first of them is tells an engine with a large array from one that it
  // fills.
  std::int64_t first_channels(const network::Stage& stage) const {
    for (const Operator& op : graph_.operators()) {
      if (op.kind != network::OperatorKind::kConvolution || !is_map(graph_, op.outputs[0])) continue;
      const auto& shape = graph_.tensor(op.outputs[0]).shape;
      if (shape[2] == stage.height && shape[3] == stage.width) return shape[1];
    }
    return 0;
  }

  // All places of a move are there: each is told where it stands among them.
  void end_of_move() {
    const auto count = static_cast<double>(places_.size() - move_begin_);
    for (std::size_t i = move_begin_; i < places_.size(); ++i) {
      places_[i].depth = (static_cast<double>(i - move_begin_) + 0.5) / count;
    }
    move_begin_ = places_.size();
  }

  // Of the blocks that share an operator with these.
  std::vector<std::string> kinds_around(const std::vector<OperatorId>& operators) const {
    std::vector<std::string> kinds;
    for (const network::Block& block : graph_.blocks()) {
      const bool shares = std::any_of(operators.begin(), operators.end(), [&](OperatorId id) {
        return std::find(block.operators.begin(), block.operators.end(), id) != block.operators.end();
      });
      const std::string kind = to_string(block.kind);
      if (shares && std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) kinds.push_back(kind);
    }
    return kinds;
  }

  void set_window(MovePlace& place, const Operator& op) const {
    place.stride = std::max(op.window.stride[0], op.window.stride[1]);
    place.kernel = std::max(op.window.kernel[0], op.window.kernel[1]);
  }
  void set_map(MovePlace& place, TensorId written) const {
    if (!is_map(graph_, written)) return;
    const auto& shape = graph_.tensor(written).shape;
    place.map = shape[2] > 1 ? shape[2] : shape[3];
    place.at_stride = stride_at(static_cast<double>(place.map));
  }
  void set_channels(MovePlace& place, TensorId read) const {
    if (graph_.tensor(read).shape.size() > 1) place.channels = graph_.tensor(read).shape[1];
  }

  void add_fusion(const network::FusionSite& site) {
    MovePlace& place = add("fuse", site.block);
    const Operator& depthwise = graph_.op(site.depthwise);
    set_window(place, depthwise);
    set_map(place, depthwise.outputs[0]);
    for (const network::Block& block : graph_.blocks()) {
      if (block.name != site.block) continue;
      set_channels(place, graph_.op(block.expand).inputs[0]);
      place.blocks = kinds_around(block.operators);
      set_block(place, block);
    }
  }

  // What inverted bottlenecks have beside their layers.
  void set_block(MovePlace& place, const network::Block& block) const {
    place.residual = block.residual_add != network::kNone;
    const bool inverted = block.kind == network::BlockKind::kInvertedBottleneck ||
                          block.kind == network::BlockKind::kFusedInvertedBottleneck;
    if (!inverted || block.expand == network::kNone) return;
    const Operator& expand = graph_.op(block.expand);
    const auto& read = graph_.tensor(expand.inputs[0]).shape;
    const auto& inside = graph_.tensor(expand.outputs[0]).shape;
    if (read.size() > 1 && inside.size() > 1) {
      place.expansion = static_cast<double>(inside[1]) / static_cast<double>(read[1]);
    }
  }

  MovePlace& add_layer(const char* move, const std::string& name, OperatorId id) {
    MovePlace& place = add(move, name);
    const Operator& op = graph_.op(id);
    set_window(place, op);
    set_map(place, op.outputs[0]);
    set_channels(place, op.inputs[0]);
    place.blocks = kinds_around({id});
    for (const network::Block& block : graph_.blocks()) {
      const bool holds_layer = std::find(block.operators.begin(), block.operators.end(), id) != block.operators.end();
      if (holds_layer && block.kind != network::BlockKind::kResidual) set_block(place, block);
    }
    return place;
  }

  void add_run(const network::RepeatRun& run) {
    MovePlace& place = add("drop", run.name);
    const network::Repeat& first = run.repeats.front();
    for (const OperatorId id : first.operators) {
      const Operator& op = graph_.op(id);
      if (op.kind != network::OperatorKind::kConvolution) continue;
      place.stride = std::max({place.stride, op.window.stride[0], op.window.stride[1]});
      place.kernel = std::max({place.kernel, op.window.kernel[0], op.window.kernel[1]});
    }
    set_map(place, first.output);
    set_channels(place, first.input);
    place.blocks = kinds_around(first.operators);
    place.most = static_cast<std::int64_t>(run.repeats.size());
  }
};

// What a place has where a range has another; "" where it lies in it. Places that have none lie in no range.
template <class Value>
std::string beyond(const char* what, Value value, const std::optional<Value>& from, const std::optional<Value>& to) {
  if ((!from || value >= *from) && (!to || (value > 0 && value <= *to))) return "";
  const double shown = std::round(static_cast<double>(value) * 100) / 100;
  const std::string has = value > 0 ? fmt::format("{} {:.6g}", what, shown) : fmt::format("no {}", what);
  const auto number = [](const std::optional<Value>& bound) {
    return fmt::format("{:.6g}", static_cast<double>(*bound));
  };
  if (from && to) return fmt::format("{}, where {} to {} is known", has, number(from), number(to));
  return fmt::format("{}, where {} {} is known", has, from ? "at least" : "at most", number(from ? from : to));
}

std::string beyond(const char* what, std::int64_t value, const std::vector<std::int64_t>& known) {
  if (known.empty() || std::find(known.begin(), known.end(), value) != known.end()) return "";
  const std::string has = value > 0 ? fmt::format("{} {}", what, value) : fmt::format("no {}", what);
  return fmt::format("{}, where {} is known", has, fmt::join(known, ", "));
}

template <class Values, class Value>
bool holds(const Values& values, const Value& value) {
  return values.empty() || std::find(values.begin(), values.end(), value) != values.end();
}

}  // namespace

std::vector<MovePlace> places_of(const network::Graph& graph, const network::MoveSites& sites) {
  return Places(graph, sites).all();
}

bool matches(const PlacePattern& pattern, const MovePlace& place) {
  const bool in_block =
      pattern.blocks.empty() || std::any_of(pattern.blocks.begin(), pattern.blocks.end(), [&](const std::string& kind) {
        return std::find(place.blocks.begin(), place.blocks.end(), kind) != place.blocks.end();
      });
  const bool works_at = (!pattern.map_from || place.map >= *pattern.map_from) &&
                        (!pattern.map_to || (place.map > 0 && place.map <= *pattern.map_to));
  const bool reads = (!pattern.channels_from || place.channels >= *pattern.channels_from) &&
                     (!pattern.channels_to || (place.channels > 0 && place.channels <= *pattern.channels_to));
  const bool lies = (!pattern.depth_from || place.depth >= *pattern.depth_from) &&
                    (!pattern.depth_to || place.depth <= *pattern.depth_to);
  const bool in_width = (!pattern.expansion_from || place.expansion >= *pattern.expansion_from) &&
                        (!pattern.expansion_to || (place.expansion > 0 && place.expansion <= *pattern.expansion_to));
  const bool as_added = !pattern.residual || *pattern.residual == place.residual;
  return in_block && works_at && reads && lies && in_width && as_added && holds(pattern.at_strides, place.at_stride) &&
         holds(pattern.strides, place.stride) && holds(pattern.kernels, place.kernel);
}

std::string outside(const PlacePattern& range, const MovePlace& place) {
  for (std::string text : {beyond("map", place.map, range.map_from, range.map_to),
                           beyond("channels", place.channels, range.channels_from, range.channels_to),
                           beyond("kernel", place.kernel, range.kernels), beyond("stride", place.stride, range.strides),
                           beyond("expansion", place.expansion, range.expansion_from, range.expansion_to)}) {
    if (!text.empty()) return text;
  }
  return matches(range, place) ? "" : "what the range does not hold";
}

}  // namespace lanewise::nas
