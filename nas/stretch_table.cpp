// SPDX-License-Identifier: Apache-2.0
#include "nas/stretch_table.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/base/error.hpp"
#include "core/mapping/operator_fusion.hpp"
#include "core/network/input_pixels.hpp"

namespace lanewise::nas {
namespace {

using network::Graph;
using network::kNone;
using network::Operator;
using network::OperatorId;
using network::TensorId;

std::size_t index(int id) { return static_cast<std::size_t>(id); }

// Operators [begin, end) of a built network and the drafts made of them.
struct Span {
  std::size_t begin = 0, end = 0;
  std::size_t first_draft = 0, last_draft = 0;  // last: one behind
  TensorId incoming = kNone, outgoing = kNone;
};

// Cuts a built network at the ends of its stretches, or finds that it cannot be.
class Cutter {
 public:
  Cutter(const Graph& graph, const std::vector<mapping::SubgraphDraft>& drafts) : graph_(graph), drafts_(drafts) {}

  bool cut(const std::unordered_map<std::string, std::size_t>& by_end, std::size_t stretches) {
    Span span;
    for (std::size_t id = 0; id < graph_.operators().size(); ++id) {
      for (const TensorId output : graph_.operators()[id].outputs) {
        const auto found = by_end.find(graph_.tensor(output).name);
        if (found == by_end.end()) continue;
        if (found->second != spans_.size()) return false;  // one is missing
        span.end = id + 1;
        span.outgoing = output;
        spans_.push_back(span);
        span = {};
        span.begin = id + 1;
        span.incoming = output;
      }
    }
    span.end = graph_.operators().size();
    spans_.push_back(span);
    return spans_.size() == stretches && spans_hold() && split_drafts();
  }

  const std::vector<Span>& spans() const { return spans_; }

 private:
  // Operators read what their own stretch writes or what comes in, and have their weights for themselves.
  bool spans_hold() const {
    for (const Span& span : spans_) {
      for (std::size_t id = span.begin; id < span.end; ++id) {
        const Operator& op = graph_.operators()[id];
        const auto inside = [&](OperatorId other) { return index(other) >= span.begin && index(other) < span.end; };
        for (const TensorId input : op.inputs) {
          if (input == span.incoming) continue;
          const OperatorId writer = graph_.producer(input);
          if (writer == kNone ? span.incoming != kNone : !inside(writer)) return false;
        }
        for (const TensorId weight : op.weights) {
          const std::vector<OperatorId>& readers = graph_.consumers(weight);
          if (!std::all_of(readers.begin(), readers.end(), inside)) return false;
        }
      }
    }
    return true;
  }

  // The last draft of a stretch writes its end, and drafts read what their own stretch writes or what comes in.
  bool split_drafts() {
    std::vector<std::size_t> written(graph_.tensors().size(), std::numeric_limits<std::size_t>::max());
    std::size_t next = 0;
    for (std::size_t s = 0; s < spans_.size(); ++s) {
      Span& span = spans_[s];
      span.first_draft = next;
      bool ended = false;
      while (next < drafts_.size() && !ended) {
        const mapping::SubgraphDraft& draft = drafts_[next++];
        const auto known = [&](TensorId tensor) {
          if (tensor == kNone || tensor == span.incoming || written[index(tensor)] == s) return true;
          return s == 0 && graph_.producer(tensor) == kNone;
        };
        if (!std::all_of(draft.inputs.begin(), draft.inputs.end(), known) || !known(draft.operand)) return false;
        written[index(draft.output)] = s;
        ended = draft.output == span.outgoing;
      }
      if (ended != (s + 1 < spans_.size())) return false;
      span.last_draft = next;
    }
    return true;
  }

  const Graph& graph_;
  const std::vector<mapping::SubgraphDraft>& drafts_;
  std::vector<Span> spans_;
};

NetworkSizes sizes_of(const Graph& graph, const std::vector<std::int64_t>& alive, std::size_t begin, std::size_t end) {
  NetworkSizes sizes;
  sizes.input_pixels = network::input_pixels(graph);
  std::vector<TensorId> weights;
  for (std::size_t id = begin; id < end; ++id) {
    const Operator& op = graph.operators()[id];
    sizes.macs += network::macs(graph, op);
    sizes.peak_activation_bytes = std::max(sizes.peak_activation_bytes, alive[id]);
    for (const auto* list : {&op.inputs, &op.weights}) {
      for (const TensorId tensor : *list) {
        if (graph.tensor(tensor).role == network::TensorRole::kWeight) weights.push_back(tensor);
      }
    }
  }
  std::sort(weights.begin(), weights.end());
  weights.erase(std::unique(weights.begin(), weights.end()), weights.end());
  for (const TensorId weight : weights) {
    const network::Tensor& tensor = graph.tensor(weight);
    sizes.parameters += tensor.parameters();
    sizes.parameter_bytes += packed_bytes(tensor.elements(), tensor.precision).count();
  }
  return sizes;
}

bool equal(const mapping::FlatNetwork& a, const mapping::FlatNetwork& b) {
  const auto same = [](const mapping::FlatDraft& x, const mapping::FlatDraft& y) {
    return x.shape == y.shape && x.first_input == y.first_input && x.inputs == y.inputs && x.operand == y.operand &&
           x.output == y.output && x.leaves == y.leaves;
  };
  return a.inputs == b.inputs && a.tensor_bytes == b.tensor_bytes &&
         std::equal(a.drafts.begin(), a.drafts.end(), b.drafts.begin(), b.drafts.end(), same);
}

}  // namespace

NetworkSizes sizes_of(const Graph& graph, bool wants_peak) {
  return {network::macs(graph), network::parameters(graph), network::parameter_bytes(graph).count(),
          wants_peak ? network::peak_activation_bytes(graph).count() : 0, network::input_pixels(graph)};
}

StretchTable::StretchTable(const NetworkSpace& space, mapping::ShapeTable& shapes)
    : space_(space), shapes_(shapes), stretches_(space.stretches()) {
  for (std::size_t i = 0; i + 1 < stretches_.size(); ++i) by_end_.emplace(stretches_[i].end, i);
  for (const Gene& gene : space.genes()) radix_.push_back(static_cast<std::uint64_t>(gene.values.size()));
  // Digits must not overflow.
  for (const Stretch& stretch : stretches_) {
    double values = 1;
    for (const std::size_t gene : stretch.genes) values *= static_cast<double>(space.genes()[gene].values.size());
    if (values >= 0x1p63) {
      stretches_.clear();
      return;
    }
  }
}

void StretchTable::clear() {
  ++generation_;
  engines_.clear();
  pieces_.clear();
  places_.clear();
}

std::uint64_t StretchTable::engine_number(const engine::EngineConfig& engine) {
  std::vector<double> values = {engine.post_processing.fused_elementwise ? 1.0 : 0.0,
                                engine.post_processing.fused_pooling ? 1.0 : 0.0,
                                engine.patch_pixels() > 0 ? 1.0 : 0.0};
  if (reads_lanes_) {
    values.push_back(static_cast<double>(engine.array.dot_product_lanes));
    values.push_back(static_cast<double>(engine.dram.burst.count()));
  }
  for (const std::string& key : space_.engine_keys()) values.push_back(engine::numeric_value(engine, key));
  const auto found = std::find(engines_.begin(), engines_.end(), values);
  const auto number = static_cast<std::uint64_t>(found - engines_.begin());
  if (found == engines_.end()) engines_.push_back(std::move(values));
  return number;
}

void StretchTable::find_keys(const Genotype& genotype, const engine::EngineConfig& engine, EngineNumber& number) {
  if (number.generation != generation_) number = {engine_number(engine), generation_};
  keys_.clear();
  for (std::size_t s = 0; s < stretches_.size(); ++s) {
    Key key;
    key.rest = number.number * stretches_.size() + s;
    for (const std::size_t gene : stretches_[s].genes) {
      key.genes = key.genes * radix_[gene] + static_cast<std::uint64_t>(genotype[gene]);
    }
    keys_.push_back(key);
  }
}

bool StretchTable::find_places() {
  found_.clear();
  for (const Key& key : keys_) {
    const auto found = places_.find(key);
    if (found == places_.end()) return false;
    found_.push_back(found->second);
  }
  return true;
}

bool StretchTable::find(const Genotype& genotype, const engine::EngineConfig& engine, EngineNumber& number,
                        FusedNetwork& network) {
  if (stretches_.empty() || engine.mapping.cascade) return false;
  find_keys(genotype, engine, number);
  if (!find_places() && !(build(genotype, engine, number) && find_places())) return false;
  network.flat.drafts.clear();
  network.flat.inputs.clear();
  network.flat.tensor_bytes.clear();
  network.sizes = {};
  std::int32_t incoming = 0;
  for (std::size_t s = 0; s < found_.size(); ++s) append(pieces_[found_[s]], incoming, s == 0, network);
  return true;
}

// Builds the network and keeps those of its stretches that are new. The others must be as they were.
bool StretchTable::build(const Genotype& genotype, const engine::EngineConfig& engine, EngineNumber& number) {
  ++builds_;
  const Graph graph = space_.build(genotype, engine);
  if (!reads_lanes_ && mapping::fusion_values(graph, engine).lanes > 0) {
    reads_lanes_ = true;  // from now on stretches are kept by lanes and bursts
    clear();
    find_keys(genotype, engine, number);
  }
  const std::vector<mapping::SubgraphDraft> drafts = mapping::fuse_operators(graph, engine);
  Cutter cutter(graph, drafts);
  if (!cutter.cut(by_end_, stretches_.size())) return false;
  const std::vector<std::int64_t> alive = network::live_activation_bytes(graph);
  for (std::size_t s = 0; s < stretches_.size(); ++s) {
    const Span& span = cutter.spans()[s];
    Piece piece;
    piece.flat = mapping::flatten(drafts.data() + span.first_draft, drafts.data() + span.last_draft, graph, shapes_,
                                  span.incoming);
    if (span.outgoing != kNone) piece.outgoing = piece.flat.drafts.back().output;
    piece.sizes = sizes_of(graph, alive, span.begin, span.end);
    const auto [place, fresh] = places_.emplace(keys_[s], static_cast<Place>(pieces_.size()));
    if (fresh) {
      pieces_.push_back(std::move(piece));
    } else if (!equal(pieces_[place->second].flat, piece.flat)) {
      throw InternalError("a stretch of the network up to '" + stretches_[s].end +
                          "' changes with a gene that is not said to reach it");
    }
  }
  return true;
}

void StretchTable::append(const Piece& piece, std::int32_t& incoming, bool first, FusedNetwork& network) const {
  mapping::FlatNetwork& flat = network.flat;
  // Tensor 0 of the piece is there already, the others follow.
  const auto shift = static_cast<std::int32_t>(flat.tensor_bytes.size()) - (first ? 0 : 1);
  const auto renumbered = [&](std::int32_t tensor) { return tensor == 0 && !first ? incoming : tensor + shift; };
  const auto first_input = static_cast<std::uint32_t>(flat.inputs.size());
  for (const std::int32_t input : piece.flat.inputs) flat.inputs.push_back(renumbered(input));
  for (mapping::FlatDraft draft : piece.flat.drafts) {
    draft.first_input += first_input;
    if (draft.operand != kNone) draft.operand = renumbered(draft.operand);
    draft.output = renumbered(draft.output);
    flat.drafts.push_back(draft);
  }
  flat.tensor_bytes.insert(flat.tensor_bytes.end(), piece.flat.tensor_bytes.begin() + (first ? 0 : 1),
                           piece.flat.tensor_bytes.end());
  incoming = renumbered(piece.outgoing);
  network.sizes.macs += piece.sizes.macs;
  network.sizes.parameters += piece.sizes.parameters;
  network.sizes.parameter_bytes += piece.sizes.parameter_bytes;
  network.sizes.peak_activation_bytes =
      std::max(network.sizes.peak_activation_bytes, piece.sizes.peak_activation_bytes);
  network.sizes.input_pixels = piece.sizes.input_pixels;  // of the whole network, in every piece
}

}  // namespace lanewise::nas
