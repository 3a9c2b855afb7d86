// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/keep_choice.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include "core/mapping/analytical_tile.hpp"

namespace lanewise::mapping {
namespace {

using network::TensorId;

// DRAM bytes that come again, because not all that is used again stays on chip. Halos are none of them: they follow
// from the height of tiles, which the formula knows well.
double bytes_again(const AnalyticalTile& tile) {
  return tile.input.dram_bytes * (1 - 1 / std::max(1.0, tile.input.times)) +
         tile.weights.dram_bytes * (1 - 1 / std::max(1.0, tile.weights.times));
}

struct Cost {
  NominalCost formula;  // by the closed form
  NominalCost judged;   // by which tensors are judged
  double again = 0;     // bytes_again
};

// What subgraphs cost, remembered: networks repeat their layers, and most steps change few contexts.
class Costs {
 public:
  Costs(const std::vector<SubgraphDraft>& drafts, const engine::EngineConfig& engine) : engine_(engine) {
    struct Hash {
      std::size_t operator()(const SubgraphIdentity& identity) const { return identity.hash(); }
    };
    std::unordered_map<SubgraphIdentity, std::size_t, Hash> numbers;
    for (const SubgraphDraft& draft : drafts) {
      Subgraph bare;
      bare.shape = draft.subgraph.shape;
      const auto [found, fresh] = numbers.emplace(identity_of(bare), shapes_.size());
      shape_of_.push_back(found->second);
      if (fresh) shapes_.push_back(std::move(bare));
    }
    known_.resize(shapes_.size());
  }

  // The reference holds until the next call.
  const Cost& of(std::size_t draft, const SubgraphContext& context) {
    const std::size_t shape = shape_of_[draft];
    const std::int64_t wanted = key(context);
    for (const auto& [known, cost] : known_[shape]) {
      if (known == wanted) return cost;
    }
    const Cost fresh = judge(draft, context);
    return known_[shape].emplace_back(wanted, fresh).second;
  }

 private:
  static std::int64_t key(const SubgraphContext& c) {
    return c.resident_banks * 8 + (c.input_on_chip ? 4 : 0) + (c.operand_on_chip ? 2 : 0) + (c.output_on_chip ? 1 : 0);
  }

  Cost judge(std::size_t draft, const SubgraphContext& context) {
    Subgraph& subgraph = shapes_[shape_of_[draft]];
    subgraph.context = context;
    const Bounds least = bounds(subgraph, engine_);
    const AnalyticalTile tile = analytical_tile(subgraph, engine_, least);
    const double energy = energy_bound_picojoules(subgraph, engine_, least);
    Cost cost;
    cost.judged = cost.formula = nominal_cost(engine_, least, energy, tile.latency_cycles, tile.dram_bytes());
    cost.again = bytes_again(tile);
    if (cost.again <= 0) return cost;  // in more room, or with simpler stores, it would not be better
    if (context.resident_banks > 0) {
      SubgraphContext empty = context;
      empty.resident_banks = 0;
      const double banks = as_double(engine_.memory.activation_banks);
      const double least_again = of(draft, empty).again * banks / (banks - as_double(context.resident_banks));
      if (least_again > cost.again) {
        const double bytes = tile.dram_bytes() + least_again - cost.again;
        cost.judged = nominal_cost(engine_, least, energy, std::max(tile.latency_cycles, cycles_of(bytes)), bytes);
      }
    }
    at_most_streamed(draft, context, cost.judged);
    return cost;
  }

  // The formula gives buffers of outputs and operands room before anything else, the planner only where that pays. So
  // with them in DRAM a subgraph costs no more than with them on chip and moved once.
  void at_most_streamed(std::size_t draft, const SubgraphContext& context, NominalCost& cost) {
    const SubgraphShape& shape = shapes_[shape_of_[draft]].shape;
    SubgraphContext on_chip = context;
    on_chip.output_on_chip = true;
    on_chip.operand_on_chip = context.operand_on_chip || shape.operand == FusedOperand::kTensor;
    double bytes = context.output_on_chip ? 0 : as_double(shape.output_bytes());
    if (on_chip.operand_on_chip != context.operand_on_chip) bytes += as_double(shape.operand_bytes());
    if (bytes <= 0) return;
    const NominalCost& other = of(draft, on_chip).judged;
    const double energy = bytes * (engine_.energy.dram.count() + engine_.sram_write_energy().count());
    cost.cycles = std::min(cost.cycles, other.cycles + cycles_of(bytes));
    cost.dram_bytes = std::min(cost.dram_bytes, other.dram_bytes + bytes);
    cost.energy_pj = std::min(cost.energy_pj, other.energy_pj + energy);
  }

  double cycles_of(double dram_bytes) const { return dram_bytes / engine_.dram_bandwidth().count(); }

  const engine::EngineConfig& engine_;
  std::vector<Subgraph> shapes_;                                   // the different ones
  std::vector<std::size_t> shape_of_;                              // by draft
  std::vector<std::vector<std::pair<std::int64_t, Cost>>> known_;  // by shape, few contexts each: with their keys
};

class Chooser {
 public:
  Chooser(const std::vector<SubgraphDraft>& drafts, const std::vector<TensorId>& tensors,
          const std::vector<Lifetime>& lifetimes, const std::vector<std::int64_t>& room,
          const engine::EngineConfig& engine, Allocation proposal)
      : drafts_(drafts),
        tensors_(tensors),
        lives_(lifetimes),
        room_(room),
        goal_(engine.mapping.plan_for),
        costs_(drafts, engine),
        allocation_(std::move(proposal)),
        resident_(drafts.size(), 0) {
    gather_bundles();
    for (const Bundle& bundle : bundles_) {
      if (bundle.kept) count(bundle, 1);
    }
    for (std::size_t i = 0; i < drafts_.size(); ++i) {
      through_dram_ += costs_.of(i, {}).formula;
      cost_.push_back(costs_.of(i, context(i)).judged);
    }
  }

  KeepChoice run() {
    improve();
    if (!pays_as_a_whole()) {
      for (std::size_t b = 0; b < bundles_.size(); ++b) {
        if (bundles_[b].kept) drop(b);
      }
      improve();
    }
    say_why();
    KeepChoice choice;
    choice.through_dram = through_dram_;
    for (std::size_t i = 0; i < drafts_.size(); ++i) choice.kept += costs_.of(i, context(i)).formula;
    choice.allocation = std::move(allocation_);
    return choice;
  }

 private:
  // The subgraphs of its lifetimes, with the bundle and without it, everything else as it is.
  struct Trial {
    NominalCost with, without;
  };
  // What the allocator left out is tried again only while the subgraphs of all such lifetimes are few enough for the
  // memory and the time; the shipped networks have a thousandth.
  static constexpr std::size_t kMostTried = 2'000'000;
  static constexpr int kNeverAgain = 2;
  struct Bundle {
    std::vector<std::size_t> lives;   // its lifetimes
    std::vector<std::size_t> drafts;  // of those lifetimes
    bool kept = false;
    int dropped = 0;  // so often
    bool tried = false;
    Trial trial;  // where tried
  };

  static std::size_t index(TensorId id) { return static_cast<std::size_t>(id); }

  void gather_bundles() {
    std::map<int, std::size_t> by_name;
    TensorId last = 0;
    for (std::size_t i = 0; i < lives_.size(); ++i) {
      last = std::max(last, tensors_[i]);
      std::size_t number = bundles_.size();
      if (lives_[i].bundle >= 0) number = by_name.emplace(lives_[i].bundle, number).first->second;
      if (number == bundles_.size()) bundles_.emplace_back();
      bundles_[number].lives.push_back(i);
    }
    on_chip_.assign(index(last) + 1, false);
    std::size_t in_all = 0;
    for (Bundle& bundle : bundles_) {
      bundle.kept = allocation_.places[bundle.lives.front()].outcome == Outcome::kKept;
      std::vector<std::size_t>& drafts = bundle.drafts;
      std::size_t span = 0;
      for (const std::size_t life : bundle.lives) span += lives_[life].last_subgraph - lives_[life].first_subgraph + 1;
      if (!bundle.kept && in_all + span > kMostTried) {
        bundle.dropped = kNeverAgain;
        drafts = {lives_[bundle.lives.front()].first_subgraph};
        continue;
      }
      in_all += span;
      for (const std::size_t life : bundle.lives) {
        for (std::size_t i = lives_[life].first_subgraph; i <= lives_[life].last_subgraph; ++i) drafts.push_back(i);
      }
      std::sort(drafts.begin(), drafts.end());
      drafts.erase(std::unique(drafts.begin(), drafts.end()), drafts.end());
    }
  }

  SubgraphContext context(std::size_t draft) const {
    const auto on_chip = [&](TensorId id) { return id >= 0 && index(id) < on_chip_.size() && on_chip_[index(id)]; };
    const SubgraphDraft& d = drafts_[draft];
    return {on_chip(d.inputs[0]), on_chip(d.operand), on_chip(d.output), resident_[draft]};
  }

  // Contexts with (sign 1) or without (-1) the bundle.
  void count(const Bundle& bundle, int sign) {
    for (const std::size_t life : bundle.lives) {
      on_chip_[index(tensors_[life])] = sign > 0;
      for (std::size_t i = lives_[life].first_subgraph; i <= lives_[life].last_subgraph; ++i) {
        resident_[i] += sign * lives_[life].banks;
      }
    }
  }

  const Trial& trial(Bundle& bundle) {
    if (bundle.tried) return bundle.trial;
    bundle.tried = true;
    NominalCost now, then;
    for (const std::size_t i : bundle.drafts) now += cost_[i];
    count(bundle, bundle.kept ? -1 : 1);
    for (const std::size_t i : bundle.drafts) then += costs_.of(i, context(i)).judged;
    count(bundle, bundle.kept ? 1 : -1);
    bundle.trial = bundle.kept ? Trial{now, then} : Trial{then, now};
    return bundle.trial;
  }

  double wanted(const NominalCost& cost) const {
    switch (goal_) {
      case engine::PlanGoal::kLatency:
        return cost.cycles;
      case engine::PlanGoal::kEnergy:
        return cost.energy_pj;
      case engine::PlanGoal::kDram:
        return cost.dram_bytes;
    }
    return cost.cycles;
  }

  // What the formula gives for a gain must be more than it is off where plans differ from the nominal tile.
  bool pays(const Trial& t) const {
    constexpr double kWorthKeeping = 0.99;
    if (t.with.energy_pj > kWorthKeeping * t.without.energy_pj) return false;
    if (t.with.cycles > t.without.cycles && t.with.energy_pj >= t.without.energy_pj) return false;
    return wanted(t.with) <= wanted(t.without);
  }
  // The order of steps: what the network gains of what is wanted and of energy, as parts of all.
  double gain(const Trial& t) const {
    const double all = std::max(1.0, wanted(through_dram_)), energy = std::max(1.0, through_dram_.energy_pj);
    return (wanted(t.without) - wanted(t.with)) / all + (t.without.energy_pj - t.with.energy_pj) / energy;
  }
  bool pays_as_a_whole() {
    Trial whole;
    for (std::size_t i = 0; i < drafts_.size(); ++i) {
      whole.with += cost_[i];
      whole.without += costs_.of(i, {}).judged;
    }
    return pays(whole);
  }

  void take(std::size_t bundle) {
    bundles_[bundle].kept = true;
    count(bundles_[bundle], 1);
    update(bundles_[bundle]);
  }
  void drop(std::size_t bundle) {
    Bundle& b = bundles_[bundle];
    b.kept = false;
    ++b.dropped;
    for (const std::size_t life : b.lives) {
      allocation_.places[life] = {Outcome::kNotWorthwhile, -1};
      allocation_.saved_bytes -= lives_[life].saved_bytes;
    }
    count(b, -1);
    update(b);
  }
  void update(const Bundle& changed) {
    for (const std::size_t i : changed.drafts) cost_[i] = costs_.of(i, context(i)).judged;
    for (Bundle& other : bundles_) {
      const bool apart = other.drafts.back() < changed.drafts.front() || changed.drafts.back() < other.drafts.front();
      if (!apart) other.tried = false;
    }
  }

  void improve() {
    for (bool better = true; better;) {
      better = false;
      while (drop_worst()) better = true;
      while (bring_back_best()) better = true;
    }
  }

  bool drop_worst() {
    std::size_t worst = bundles_.size();
    double least = 0;
    for (std::size_t b = 0; b < bundles_.size(); ++b) {
      if (!bundles_[b].kept || pays(trial(bundles_[b]))) continue;
      const double gained = gain(bundles_[b].trial);
      if (worst < bundles_.size() && gained >= least) continue;
      worst = b;
      least = gained;
    }
    if (worst == bundles_.size()) return false;
    drop(worst);
    return true;
  }

  // What was dropped may come back once, where others went since. More often it might go round in circles.
  bool bring_back_best() {
    std::size_t best = bundles_.size();
    double most = 0;
    for (std::size_t b = 0; b < bundles_.size(); ++b) {
      Bundle& bundle = bundles_[b];
      if (bundle.kept || bundle.dropped >= kNeverAgain || !pays(trial(bundle)) || gain(bundle.trial) <= most) continue;
      if (places(bundle).empty()) continue;
      best = b;
      most = gain(bundle.trial);
    }
    if (best == bundles_.size()) return false;
    const std::vector<std::int64_t> first_banks = places(bundles_[best]);
    for (std::size_t i = 0; i < first_banks.size(); ++i) {
      const std::size_t life = bundles_[best].lives[i];
      allocation_.places[life] = {Outcome::kKept, first_banks[i]};
      allocation_.saved_bytes += lives_[life].saved_bytes;
    }
    take(best);
    return true;
  }

  // First banks in holes for all lifetimes of a bundle that is not kept, or nothing.
  std::vector<std::int64_t> places(const Bundle& bundle) {
    std::vector<std::int64_t> first_banks;
    std::vector<std::pair<std::size_t, Allocation::Place>> before;
    for (const std::size_t life : bundle.lives) {
      const std::int64_t at = lowest_hole(lives_, room_, allocation_, life);
      if (at < 0) break;
      first_banks.push_back(at);
      before.emplace_back(life, allocation_.places[life]);
      allocation_.places[life] = {Outcome::kKept, at};  // for the others of the bundle
    }
    for (const auto& [life, place] : before) allocation_.places[life] = place;
    if (first_banks.size() < bundle.lives.size()) first_banks.clear();
    return first_banks;
  }

  // There may be room by now for what the allocator found none for.
  void say_why() {
    for (Bundle& bundle : bundles_) {
      const Outcome said = allocation_.places[bundle.lives.front()].outcome;
      if (bundle.kept || (said != Outcome::kNoRoom && said != Outcome::kFragmentation)) continue;
      count(bundle, 1);
      const bool by_count = std::all_of(bundle.drafts.begin(), bundle.drafts.end(),
                                        [&](std::size_t draft) { return resident_[draft] <= room_[draft]; });
      count(bundle, -1);
      const Outcome why = !by_count                ? Outcome::kNoRoom
                          : places(bundle).empty() ? Outcome::kFragmentation
                                                   : Outcome::kNotWorthwhile;
      for (const std::size_t life : bundle.lives) allocation_.places[life].outcome = why;
    }
  }

  const std::vector<SubgraphDraft>& drafts_;
  const std::vector<TensorId>& tensors_;
  const std::vector<Lifetime>& lives_;
  const std::vector<std::int64_t>& room_;
  engine::PlanGoal goal_;
  Costs costs_;
  Allocation allocation_;
  NominalCost through_dram_;
  std::vector<Bundle> bundles_;
  std::vector<bool> on_chip_;           // by tensor
  std::vector<std::int64_t> resident_;  // by draft: banks
  std::vector<NominalCost> cost_;       // by draft, as things are: judged
};

}  // namespace

KeepChoice keep_what_pays(const std::vector<SubgraphDraft>& drafts, const std::vector<TensorId>& tensors,
                          const std::vector<Lifetime>& lifetimes, const std::vector<std::int64_t>& room,
                          const engine::EngineConfig& engine, Allocation proposal) {
  return Chooser(drafts, tensors, lifetimes, room, engine, std::move(proposal)).run();
}

}  // namespace lanewise::mapping
