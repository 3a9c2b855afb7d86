// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/keep_choice.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

namespace lanewise::mapping {
namespace {

using network::TensorId;

class Chooser {
 public:
  Chooser(const std::vector<KeepDraft>& drafts, const std::vector<TensorId>& tensors,
          const std::vector<Lifetime>& lifetimes, const std::vector<std::int64_t>& room, engine::PlanGoal goal,
          ContextCosts& costs, Allocation proposal)
      : drafts_(drafts),
        tensors_(tensors),
        lives_(lifetimes),
        room_(room),
        goal_(goal),
        costs_(costs),
        allocation_(std::move(proposal)),
        resident_(drafts.size(), 0) {
    gather_bundles();
    for (const Bundle& bundle : bundles_) {
      if (bundle.kept) count(bundle, 1);
    }
    for (std::size_t i = 0; i < drafts_.size(); ++i) {
      through_dram_ += cost_of(i, {}).formula;
      cost_.push_back(cost_of(i, context(i)).judged);
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
    for (std::size_t i = 0; i < drafts_.size(); ++i) choice.kept += cost_of(i, context(i)).formula;
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
  const ContextCosts::Cost& cost_of(std::size_t draft, const SubgraphContext& context) {
    return costs_.of(drafts_[draft].number, *drafts_[draft].shape, context);
  }

  void gather_bundles() {
    std::map<int, std::size_t> by_name;  // only where names do not ascend, which mostly they do
    int last_name = -1;
    TensorId last = 0;
    for (std::size_t i = 0; i < lives_.size(); ++i) {
      last = std::max(last, tensors_[i]);
      std::size_t number = bundles_.size();
      const int name = lives_[i].bundle;
      if (name >= 0 && name <= last_name && by_name.empty()) {
        for (std::size_t b = 0; b < bundles_.size(); ++b) by_name.emplace(lives_[bundles_[b].lives[0]].bundle, b);
      }
      if (name >= 0 && !by_name.empty()) number = by_name.emplace(name, number).first->second;
      last_name = std::max(last_name, name);
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
    const KeepDraft& d = drafts_[draft];
    return {on_chip(d.input), on_chip(d.operand), on_chip(d.output), resident_[draft]};
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
    for (const std::size_t i : bundle.drafts) then += cost_of(i, context(i)).judged;
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
      whole.without += cost_of(i, {}).judged;
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
    for (const std::size_t i : changed.drafts) cost_[i] = cost_of(i, context(i)).judged;
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

  const std::vector<KeepDraft>& drafts_;
  const std::vector<TensorId>& tensors_;
  const std::vector<Lifetime>& lives_;
  const std::vector<std::int64_t>& room_;
  engine::PlanGoal goal_;
  ContextCosts& costs_;
  Allocation allocation_;
  NominalCost through_dram_;
  std::vector<Bundle> bundles_;
  std::vector<bool> on_chip_;           // by tensor
  std::vector<std::int64_t> resident_;  // by draft: banks
  std::vector<NominalCost> cost_;       // by draft, as things are: judged
};

}  // namespace

std::vector<KeepDraft> keep_drafts(const std::vector<SubgraphDraft>& drafts) {
  struct Hash {
    std::size_t operator()(const SubgraphIdentity& identity) const { return identity.hash(); }
  };
  std::unordered_map<SubgraphIdentity, ContextCosts::Shape, Hash> numbers;
  std::vector<KeepDraft> out;
  out.reserve(drafts.size());
  Subgraph bare;
  for (const SubgraphDraft& draft : drafts) {
    bare.shape = draft.subgraph.shape;
    const auto next = static_cast<ContextCosts::Shape>(numbers.size());
    const ContextCosts::Shape number = numbers.emplace(identity_of(bare), next).first->second;
    out.push_back({&draft.subgraph.shape, number, draft.inputs[0], draft.operand, draft.output});
  }
  return out;
}

KeepChoice keep_what_pays(const std::vector<KeepDraft>& drafts, const std::vector<TensorId>& tensors,
                          const std::vector<Lifetime>& lifetimes, const std::vector<std::int64_t>& room,
                          engine::PlanGoal goal, ContextCosts& costs, Allocation proposal) {
  return Chooser(drafts, tensors, lifetimes, room, goal, costs, std::move(proposal)).run();
}

KeepChoice keep_what_pays(const std::vector<SubgraphDraft>& drafts, const std::vector<TensorId>& tensors,
                          const std::vector<Lifetime>& lifetimes, const std::vector<std::int64_t>& room,
                          const engine::EngineConfig& engine, Allocation proposal) {
  ContextCosts costs(engine);
  return keep_what_pays(keep_drafts(drafts), tensors, lifetimes, room, engine.mapping.plan_for, costs,
                        std::move(proposal));
}

}  // namespace lanewise::mapping
