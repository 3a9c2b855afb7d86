// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/placement.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include "core/mapping/allocator.hpp"
#include "core/mapping/keep_choice.hpp"
#include "core/mapping/placement_bytes.hpp"

namespace lanewise::mapping {
namespace {

using network::Graph;
using network::kNone;
using network::TensorId;

constexpr std::array<const char*, 13> kResidenceNames{
    "on_chip", "graph_input", "graph_output", "unread",  "striped",       "switched_off",  "fetched_operand",
    "host",    "gathered",    "too_large",    "no_room", "fragmentation", "not_worthwhile"};

// Every activation tensor that a subgraph reads or writes, with what can be said before room is given out.
class TensorLives {
 public:
  TensorLives(const std::vector<SubgraphDraft>& drafts, const Graph& graph, const engine::EngineConfig& engine)
      : graph_(graph), engine_(engine), known_(graph.tensors().size()), bundle_(graph.tensors().size()) {
    std::iota(bundle_.begin(), bundle_.end(), 0);
    for (std::size_t i = 0; i < drafts.size(); ++i) {
      for (const TensorId input : drafts[i].inputs) open_input(input, i);
      if (drafts[i].operand != kNone) open_input(drafts[i].operand, i);
      write(drafts[i], i);
      read(drafts[i], i);
    }
    mark_unread();
  }

  void run_by_turns(const CascadeRoom& cascade) {
    for (std::size_t i = 0; i < cascade.striped.size(); ++i) {
      PlacedTensor& tensor = known_[index(cascade.striped[i])];
      tensor.residence = Residence::kStriped;
      tensor.banks = cascade.striped_banks[i];
    }
    for (PlacedTensor& tensor : known_) {
      if (tensor.tensor == kNone || tensor.last_subgraph < cascade.first || tensor.first_subgraph > cascade.last) {
        continue;
      }
      tensor.first_subgraph = std::min(tensor.first_subgraph, cascade.first);
      tensor.last_subgraph = std::max(tensor.last_subgraph, cascade.last);
    }
  }

  std::vector<PlacedTensor> in_order() const {
    std::vector<PlacedTensor> tensors;
    for (const PlacedTensor& tensor : known_) {
      if (tensor.tensor != kNone) tensors.push_back(tensor);
    }
    std::stable_sort(tensors.begin(), tensors.end(),
                     [](const PlacedTensor& a, const PlacedTensor& b) { return a.first_subgraph < b.first_subgraph; });
    return tensors;
  }

  // Tensors that stay together or not at all have the same number.
  int bundle(TensorId tensor) const {
    while (bundle_[index(tensor)] != tensor) tensor = bundle_[index(tensor)];
    return tensor;
  }

 private:
  static std::size_t index(TensorId tensor) { return static_cast<std::size_t>(tensor); }

  void open(TensorId id, std::size_t draft, Bytes bytes, Residence residence) {
    PlacedTensor& tensor = known_[index(id)];
    tensor = {id,        graph_.tensor(id).name,
              bytes,     ceil_div(bytes.count(), engine_.memory.bank_size.count()),
              draft,     draft,
              residence, -1,
              Bytes(0)};
  }

  // What no subgraph writes comes from outside.
  void open_input(TensorId id, std::size_t draft) {
    if (known_[index(id)].tensor != kNone) return;
    const network::Tensor& tensor = graph_.tensor(id);
    open(id, draft, packed_bytes(tensor.elements(), tensor.precision), Residence::kGraphInput);
  }

  // A concatenation has several writers, and is there from the first on.
  void write(const SubgraphDraft& draft, std::size_t at) {
    const SubgraphShape& shape = draft.subgraph.shape;
    const network::Tensor& whole = graph_.tensor(draft.output);
    PlacedTensor& known = known_[index(draft.output)];
    if (known.tensor == kNone) {
      open(draft.output, at, std::max(packed_bytes(whole.elements(), whole.precision), shape.output_bytes()),
           engine_.keeps_activations() ? Residence::kOnChip : Residence::kSwitchedOff);
    }
    known.dram += shape.output_bytes();
    if (draft.leaves) known.residence = Residence::kGraphOutput;
    if (shape.family == SubgraphFamily::kHost && !draft.leaves) known.residence = Residence::kHost;
  }

  void read(const SubgraphDraft& draft, std::size_t at) {
    const SubgraphShape& shape = draft.subgraph.shape;
    const bool gathers = draft.inputs.size() > 1;
    for (const TensorId input : draft.inputs) {
      PlacedTensor& tensor = known_[index(input)];
      tensor.last_subgraph = at;
      tensor.dram += gathers ? tensor.bytes : needed_input_bytes(shape);
      bundle_[index(bundle(input))] = bundle(draft.inputs[0]);
      if (shape.family == SubgraphFamily::kHost && tensor.residence == Residence::kOnChip) {
        tensor.residence = Residence::kHost;
      }
    }
    if (draft.operand == kNone) return;
    PlacedTensor& operand = known_[index(draft.operand)];
    operand.last_subgraph = at;
    const bool fetched = shape.operand != FusedOperand::kTensor;
    operand.dram += shape.operand == FusedOperand::kNone ? shape.weight_bytes() : shape.operand_bytes();
    if (fetched && operand.residence == Residence::kOnChip) operand.residence = Residence::kFetchedOperand;
  }

  void mark_unread() {
    for (PlacedTensor& tensor : known_) {
      const bool unread = tensor.last_subgraph == tensor.first_subgraph;
      if (unread && tensor.tensor != kNone && tensor.residence == Residence::kOnChip) {
        tensor.residence = Residence::kUnread;
      }
    }
  }

  const Graph& graph_;
  const engine::EngineConfig& engine_;
  std::vector<PlacedTensor> known_;  // by tensor
  std::vector<TensorId> bundle_;     // by tensor: another of the same bundle, itself at the end
};

Residence residence(Outcome outcome) {
  switch (outcome) {
    case Outcome::kKept:
      return Residence::kOnChip;
    case Outcome::kTooLarge:
      return Residence::kTooLarge;
    case Outcome::kNoRoom:
      return Residence::kNoRoom;
    case Outcome::kFragmentation:
      return Residence::kFragmentation;
    case Outcome::kBundle:
      return Residence::kGathered;
    case Outcome::kNotWorthwhile:
      return Residence::kNotWorthwhile;
  }
  return Residence::kNoRoom;
}

// A bundle with a tensor that cannot stay goes by way of DRAM as a whole.
void spill_broken_bundles(const TensorLives& lives, std::vector<PlacedTensor>& tensors) {
  std::vector<int> broken;
  for (const PlacedTensor& tensor : tensors) {
    if (tensor.residence != Residence::kOnChip) broken.push_back(lives.bundle(tensor.tensor));
  }
  for (PlacedTensor& tensor : tensors) {
    if (tensor.residence != Residence::kOnChip) continue;
    const bool lost = std::find(broken.begin(), broken.end(), lives.bundle(tensor.tensor)) != broken.end();
    if (lost) tensor.residence = Residence::kGathered;
  }
}

void allocate_banks(const TensorLives& lives, const std::vector<SubgraphDraft>& drafts,
                    const engine::EngineConfig& engine, const std::vector<std::int64_t>& room, MemoryMap& map) {
  std::vector<Lifetime> lifetimes;
  std::vector<TensorId> ids;
  std::vector<PlacedTensor*> candidates;
  for (PlacedTensor& tensor : map.tensors) {
    if (tensor.residence != Residence::kOnChip) continue;
    lifetimes.push_back(
        {tensor.first_subgraph, tensor.last_subgraph, tensor.banks, tensor.dram.count(), lives.bundle(tensor.tensor)});
    candidates.push_back(&tensor);
    ids.push_back(tensor.tensor);
  }
  Allocation allocation = allocate(lifetimes, room);
  if (engine.keeps_activations()) {
    KeepChoice choice = keep_what_pays(drafts, ids, lifetimes, room, engine, std::move(allocation));
    allocation = std::move(choice.allocation);
    map.saved = Bytes(static_cast<std::int64_t>(std::llround(choice.through_dram.dram_bytes - choice.kept.dram_bytes)));
  }
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    candidates[i]->residence = residence(allocation.places[i].outcome);
    candidates[i]->first_bank = allocation.places[i].first_bank;
  }
  map.own_transfers = Bytes(allocation.saved_bytes);
  map.saved_bound = Bytes(static_cast<std::int64_t>(std::ceil(saved_bytes_bound(lifetimes, room))));
  const std::vector<Occupancy> used = occupancy(lifetimes, room, allocation);
  for (std::size_t i = 0; i < used.size(); ++i) {
    map.subgraphs.push_back({map.activation_banks - room[i], used[i].kept, used[i].free, used[i].largest_hole, 0});
  }
}

}  // namespace

const char* to_string(Residence residence) { return kResidenceNames.at(static_cast<std::size_t>(residence)); }
bool is_spill(Residence residence) { return residence >= Residence::kSwitchedOff; }

Bytes MemoryMap::peak() const {
  std::int64_t most = 0;
  for (const SubgraphMemory& subgraph : subgraphs) most = std::max(most, subgraph.kept);
  return bank_size * most;
}

std::int64_t MemoryMap::kept_tensors() const {
  return std::count_if(tensors.begin(), tensors.end(),
                       [](const PlacedTensor& t) { return t.residence == Residence::kOnChip; });
}

std::int64_t MemoryMap::striped_tensors() const {
  return std::count_if(tensors.begin(), tensors.end(),
                       [](const PlacedTensor& t) { return t.residence == Residence::kStriped; });
}

Bytes MemoryMap::striped_buffer_bytes() const {
  Bytes sum{0};
  for (const PlacedTensor& tensor : tensors) {
    if (tensor.residence == Residence::kStriped) sum += bank_size * tensor.banks;
  }
  return sum;
}

Bytes MemoryMap::peak_activations() const {
  std::vector<Bytes> live(subgraphs.size(), Bytes(0));
  for (const PlacedTensor& tensor : tensors) {
    const Bytes bytes = tensor.residence == Residence::kStriped ? bank_size * tensor.banks : tensor.bytes;
    for (std::size_t i = tensor.first_subgraph; i <= tensor.last_subgraph; ++i) live[i] += bytes;
  }
  return live.empty() ? Bytes(0) : *std::max_element(live.begin(), live.end());
}

std::int64_t MemoryMap::spilled_tensors() const {
  return std::count_if(tensors.begin(), tensors.end(), [](const PlacedTensor& t) { return is_spill(t.residence); });
}

Bytes MemoryMap::kept_bytes() const {
  Bytes sum{0};
  for (const PlacedTensor& tensor : tensors) {
    if (tensor.residence == Residence::kOnChip) sum += tensor.bytes;
  }
  return sum;
}

Bytes MemoryMap::spilled_bytes() const {
  Bytes sum{0};
  for (const PlacedTensor& tensor : tensors) {
    if (is_spill(tensor.residence)) sum += tensor.bytes;
  }
  return sum;
}

MemoryMap place_tensors(std::vector<SubgraphDraft>& drafts, const Graph& graph, const engine::EngineConfig& engine,
                        const std::vector<CascadeRoom>& cascades) {
  TensorLives lives(drafts, graph, engine);
  for (const CascadeRoom& cascade : cascades) lives.run_by_turns(cascade);
  MemoryMap map;
  map.activation_banks = engine.memory.activation_banks;
  map.bank_size = engine.memory.bank_size;
  map.tensors = lives.in_order();
  spill_broken_bundles(lives, map.tensors);
  std::vector<std::int64_t> room;
  room.reserve(drafts.size());
  for (const SubgraphDraft& draft : drafts) {
    room.push_back(map.activation_banks - streaming_banks(row_bytes(draft.subgraph.shape), engine));
  }
  for (const CascadeRoom& cascade : cascades) {
    for (std::size_t i = cascade.first; i <= cascade.last; ++i) room[i] = cascade.kept_banks;
  }
  allocate_banks(lives, drafts, engine, room, map);

  std::vector<bool> on_chip(graph.tensors().size(), false);
  for (const PlacedTensor& tensor : map.tensors) {
    on_chip[static_cast<std::size_t>(tensor.tensor)] = tensor.residence == Residence::kOnChip;
  }
  const auto is_on_chip = [&](TensorId tensor) { return tensor != kNone && on_chip[static_cast<std::size_t>(tensor)]; };
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    SubgraphContext& context = drafts[i].subgraph.context;
    context.input_on_chip = is_on_chip(drafts[i].inputs[0]);
    context.operand_on_chip = is_on_chip(drafts[i].operand);
    context.output_on_chip = is_on_chip(drafts[i].output);
    context.resident_banks = map.subgraphs[i].kept;
  }
  return map;
}

}  // namespace lanewise::mapping
