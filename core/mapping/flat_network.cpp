// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/flat_network.hpp"

#include <algorithm>
#include <utility>

#include "core/mapping/allocator.hpp"
#include "core/mapping/keep_choice.hpp"
#include "core/mapping/placement_bytes.hpp"

namespace lanewise::mapping {
namespace {

// As far as the choice of what stays on chip asks: Residence of core/mapping/placement.hpp in three words.
enum class Place : std::uint8_t { kUnknown, kOutside, kCandidate, kSpilled };

// What TensorLives of core/mapping/placement.cpp finds, by the same rules.
struct Life {
  std::int64_t bytes = 0, dram = 0;
  std::uint32_t first = 0, last = 0;
  std::int32_t bundle = 0;  // another tensor of the same bundle, itself at the end
  Place place = Place::kUnknown;
};

class FlatLives {
 public:
  FlatLives(const FlatNetwork& network, const ShapeTable& shapes, bool keeps)
      : network_(network), lives_(network.tensor_bytes.size()), keeps_(keeps) {
    for (std::size_t i = 0; i < lives_.size(); ++i) lives_[i].bundle = static_cast<std::int32_t>(i);
    for (std::size_t i = 0; i < network.drafts.size(); ++i) {
      const FlatDraft& draft = network.drafts[i];
      const NumberedShape& shape = shapes[draft.shape];
      const auto at = static_cast<std::uint32_t>(i);
      for (std::uint32_t k = 0; k < draft.inputs; ++k) open_input(input(draft, k), at);
      if (draft.operand != network::kNone) open_input(draft.operand, at);
      write(draft, shape, at);
      read(draft, shape, at);
    }
    spill();
  }

  std::int32_t bundle(std::int32_t tensor) const {
    while (of(tensor).bundle != tensor) tensor = of(tensor).bundle;
    return tensor;
  }
  const Life& of(std::int32_t tensor) const { return lives_[static_cast<std::size_t>(tensor)]; }
  bool is_candidate(std::int32_t tensor) const { return of(tensor).place == Place::kCandidate; }

 private:
  Life& at(std::int32_t tensor) { return lives_[static_cast<std::size_t>(tensor)]; }
  std::int32_t input(const FlatDraft& draft, std::uint32_t k) const { return network_.inputs[draft.first_input + k]; }

  void open(std::int32_t tensor, std::uint32_t draft, std::int64_t bytes, Place place) {
    Life& life = at(tensor);
    life.bytes = bytes;
    life.first = life.last = draft;
    life.place = place;
  }

  void open_input(std::int32_t tensor, std::uint32_t draft) {
    if (of(tensor).place != Place::kUnknown) return;
    open(tensor, draft, network_.tensor_bytes[static_cast<std::size_t>(tensor)], Place::kOutside);
  }

  void write(const FlatDraft& draft, const NumberedShape& shape, std::uint32_t number) {
    if (of(draft.output).place == Place::kUnknown) {
      const std::int64_t whole = network_.tensor_bytes[static_cast<std::size_t>(draft.output)];
      open(draft.output, number, std::max(whole, shape.output_bytes), keeps_ ? Place::kCandidate : Place::kSpilled);
    }
    Life& life = at(draft.output);
    life.dram += shape.output_bytes;
    if (draft.leaves || shape.shape.family == SubgraphFamily::kHost) life.place = Place::kOutside;
  }

  void read(const FlatDraft& draft, const NumberedShape& shape, std::uint32_t number) {
    const std::int32_t main = input(draft, 0);
    for (std::uint32_t k = 0; k < draft.inputs; ++k) {
      Life& life = at(input(draft, k));
      life.last = number;
      life.dram += draft.inputs > 1 ? life.bytes : shape.needed_input_bytes;
      at(bundle(input(draft, k))).bundle = bundle(main);
      if (shape.shape.family == SubgraphFamily::kHost) spill(life);
    }
    if (draft.operand == network::kNone) return;
    Life& life = at(draft.operand);
    life.last = number;
    life.dram += shape.shape.operand == FusedOperand::kNone ? shape.weight_bytes : shape.operand_bytes;
    if (shape.shape.operand != FusedOperand::kTensor) spill(life);
  }

  static void spill(Life& life) {
    if (life.place == Place::kCandidate) life.place = Place::kSpilled;
  }

  // What nobody reads, and bundles with a tensor that cannot stay.
  void spill() {
    for (Life& life : lives_) {
      if (life.last == life.first) spill(life);
    }
    std::vector<bool> broken(lives_.size(), false);
    for (std::size_t i = 0; i < lives_.size(); ++i) {
      const auto tensor = static_cast<std::int32_t>(i);
      if (lives_[i].place == Place::kUnknown || lives_[i].place == Place::kCandidate) continue;
      broken[static_cast<std::size_t>(bundle(tensor))] = true;
    }
    for (std::size_t i = 0; i < lives_.size(); ++i) {
      if (broken[static_cast<std::size_t>(bundle(static_cast<std::int32_t>(i)))]) spill(lives_[i]);
    }
  }

  const FlatNetwork& network_;
  std::vector<Life> lives_;
  bool keeps_ = true;
};

}  // namespace

ShapeTable::Number ShapeTable::number(const SubgraphShape& shape) {
  Subgraph bare;
  bare.shape = shape;
  const auto [found, fresh] = numbers_.emplace(identity_of(bare), static_cast<Number>(shapes_.size()));
  if (fresh) {
    shapes_.push_back({shape, row_bytes(shape), needed_input_bytes(shape).count(), shape.output_bytes().count(),
                       shape.operand_bytes().count(), shape.weight_bytes().count()});
  }
  return found->second;
}

FlatNetwork flatten(const SubgraphDraft* begin, const SubgraphDraft* end, const network::Graph& graph,
                    ShapeTable& shapes, network::TensorId incoming) {
  FlatNetwork out;
  std::vector<std::int32_t> numbers(graph.tensors().size(), network::kNone);
  const auto number = [&](network::TensorId id) {
    std::int32_t& known = numbers[static_cast<std::size_t>(id)];
    if (known == network::kNone) {
      known = static_cast<std::int32_t>(out.tensor_bytes.size());
      const network::Tensor& tensor = graph.tensor(id);
      out.tensor_bytes.push_back(packed_bytes(tensor.elements(), tensor.precision).count());
    }
    return known;
  };
  if (incoming != network::kNone) number(incoming);
  for (const SubgraphDraft* next = begin; next != end; ++next) {
    const SubgraphDraft& draft = *next;
    FlatDraft flat;
    flat.shape = shapes.number(draft.subgraph.shape);
    flat.first_input = static_cast<std::uint32_t>(out.inputs.size());
    flat.inputs = static_cast<std::uint32_t>(draft.inputs.size());
    for (const network::TensorId input : draft.inputs) out.inputs.push_back(number(input));
    if (draft.operand != network::kNone) flat.operand = number(draft.operand);
    flat.output = number(draft.output);
    flat.leaves = draft.leaves;
    out.drafts.push_back(flat);
  }
  return out;
}

void place_flat(const FlatNetwork& network, const ShapeTable& shapes, const engine::EngineConfig& engine,
                ContextCosts& costs, std::vector<SubgraphContext>& contexts) {
  contexts.assign(network.drafts.size(), {});
  if (!engine.keeps_activations()) return;
  const FlatLives lives(network, shapes, true);
  std::vector<Lifetime> lifetimes;
  std::vector<network::TensorId> ids;
  std::vector<std::int64_t> room;
  std::vector<KeepDraft> drafts;
  lifetimes.reserve(network.drafts.size());
  ids.reserve(network.drafts.size());
  room.reserve(network.drafts.size());
  drafts.reserve(network.drafts.size());
  std::vector<bool> listed(network.tensor_bytes.size(), false);
  for (const FlatDraft& draft : network.drafts) {
    const NumberedShape& shape = shapes[draft.shape];
    drafts.push_back({&shape.shape, draft.shape, network.inputs[draft.first_input], draft.operand, draft.output});
    room.push_back(engine.memory.activation_banks - streaming_banks(shape.row_bytes, engine));
    const auto output = static_cast<std::size_t>(draft.output);
    if (!lives.is_candidate(draft.output) || listed[output]) continue;
    listed[output] = true;
    const Life& life = lives.of(draft.output);
    lifetimes.push_back({life.first, life.last, ceil_div(life.bytes, engine.memory.bank_size.count()), life.dram,
                         lives.bundle(draft.output)});
    ids.push_back(draft.output);
  }
  Allocation proposal = allocate(lifetimes, room);
  const Allocation kept =
      keep_what_pays(drafts, ids, lifetimes, room, engine.mapping.plan_for, costs, std::move(proposal)).allocation;
  std::vector<bool> on_chip(network.tensor_bytes.size(), false);
  for (std::size_t i = 0; i < lifetimes.size(); ++i) {
    if (kept.places[i].outcome != Outcome::kKept) continue;
    on_chip[static_cast<std::size_t>(ids[i])] = true;
    for (std::size_t at = lifetimes[i].first_subgraph; at <= lifetimes[i].last_subgraph; ++at) {
      contexts[at].resident_banks += lifetimes[i].banks;
    }
  }
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    contexts[i].input_on_chip = on_chip[static_cast<std::size_t>(drafts[i].input)];
    contexts[i].operand_on_chip =
        drafts[i].operand != network::kNone && on_chip[static_cast<std::size_t>(drafts[i].operand)];
    contexts[i].output_on_chip = on_chip[static_cast<std::size_t>(drafts[i].output)];
  }
}

}  // namespace lanewise::mapping
