// SPDX-License-Identifier: Apache-2.0
// Which cascades a network gets: for every run of subgraphs that could be one, a few heights of its stripes are held
// against running the subgraphs one by one, all by the closed-form cost; dynamic programming chooses among them.
#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <unordered_map>
#include <utility>

#include "core/mapping/analytical_tile.hpp"
#include "core/mapping/bounds.hpp"
#include "core/mapping/cascade.hpp"
#include "core/mapping/cascade_parts.hpp"

namespace lanewise::mapping {
namespace {

using network::kNone;
using network::TensorId;

constexpr std::size_t kLongest = 8;  // subgraphs of a cascade
constexpr std::size_t kHeights = 4;  // heights of a stripe that are tried, the largest that fit
constexpr int kRounds = 6;           // placements of one choice of cascades
// The closed-form cost of one way against another is about this far off; what it holds to gain less is left alone.
constexpr double kWorthwhile = 0.98;
// Where it also saves so much energy, a latency that is hardly shorter will do.
constexpr double kMuchLess = 0.9, kHardlyLess = 0.995;

struct Cost {
  double cycles = 0, picojoules = 0, dram_bytes = 0;

  void add(const Cost& other, double times = 1) {
    cycles += times * other.cycles;
    picojoules += times * other.picojoules;
    dram_bytes += times * other.dram_bytes;
  }
  double objective(engine::PlanGoal goal) const {
    switch (goal) {
      case engine::PlanGoal::kLatency:
        return cycles;
      case engine::PlanGoal::kEnergy:
        return picojoules;
      case engine::PlanGoal::kDram:
        return dram_bytes;
    }
    return cycles;
  }
  bool gains_on(const Cost& other, engine::PlanGoal goal) const { return objective(goal) < other.objective(goal); }
  // Gains enough, and does not pay for it with what is worth more.
  bool pays_against(const Cost& other, engine::PlanGoal goal) const {
    const bool worthwhile_anyway = goal == engine::PlanGoal::kLatency && picojoules <= kMuchLess * other.picojoules;
    if (objective(goal) > (worthwhile_anyway ? kHardlyLess : kWorthwhile) * other.objective(goal)) return false;
    const bool saves_energy = picojoules < other.picojoules;
    return goal == engine::PlanGoal::kLatency ? saves_energy : saves_energy || cycles <= other.cycles;
  }
};

struct Price {
  Cost nominal;  // of the nominal tile
  // The same where it is not beyond what the bounds, one filling and one draining ask for: then the planner finds
  // better tiles. A cascade has to be better than this, or it may lose against a plan.
  Cost least;
};

// Prices subgraphs by the closed forms, equal ones once.
class Pricer {
 public:
  explicit Pricer(const engine::EngineConfig& engine) : engine_(engine) {}

  // nullopt where the subgraph does not fit.
  const std::optional<Price>& operator()(const Subgraph& subgraph) {
    const auto [place, added] = known_.try_emplace(identity_of(subgraph));
    if (added) place->second = price(subgraph);
    return place->second;
  }

 private:
  struct Hash {
    std::size_t operator()(const SubgraphIdentity& identity) const { return identity.hash(); }
  };

  std::optional<Price> price(const Subgraph& subgraph) const {
    if (subgraph.context.resident_banks > engine_.memory.activation_banks) return std::nullopt;
    const Bounds limits = bounds(subgraph, engine_);
    const AnalyticalTile tile = analytical_tile(subgraph, engine_, limits);
    if (!tile.fits) return std::nullopt;
    const double nominal = std::max(limits.roofline_cycles, tile.latency_cycles);
    const double reachable = limits.roofline_cycles + tile.fill_cycles + tile.drain_cycles;
    Price price;
    price.nominal = cost(subgraph, limits, nominal, std::max(limits.dram_bytes, tile.dram_bytes()));
    price.least = nominal <= reachable ? price.nominal : cost(subgraph, limits, reachable, limits.dram_bytes);
    return price;
  }

  Cost cost(const Subgraph& subgraph, const Bounds& limits, double cycles, double dram_bytes) const {
    const double more_seconds = (cycles - limits.roofline_cycles) / engine_.array.clock.count();
    Cost out;
    out.cycles = engine_.overlaps_subgraphs() ? std::max(0.0, cycles - as_double(engine_.command.per_pass))
                                              : cycles + as_double(engine_.launch_cycles());
    out.dram_bytes = dram_bytes;
    out.picojoules =
        energy_bound_picojoules(subgraph, engine_, limits) +
        (dram_bytes - limits.dram_bytes) * (engine_.energy.dram.count() + engine_.sram_write_energy().count()) +
        engine_.static_power().count() * more_seconds * 1e9;  // mW x s = 1e9 pJ
    return out;
  }

  const engine::EngineConfig& engine_;
  std::unordered_map<SubgraphIdentity, std::optional<Price>, Hash> known_;
};

// Equal shapes but for their rows.
bool same_rows(const SubgraphShape& a, const SubgraphShape& b) {
  const auto same_padding = [](const network::Window& v, const network::Window& w) {
    return v.pad_begin[0] == w.pad_begin[0] && v.pad_end[0] == w.pad_end[0];
  };
  return a.out_height == b.out_height && a.in_height == b.in_height && same_padding(a.window, b.window) &&
         same_padding(a.pool, b.pool);
}

struct Choice {
  std::size_t first = 0, last = 0;  // subgraphs
  std::int64_t rows = 0;
  Halo halo = Halo::kRecomputed;
  std::int64_t room = 0;  // banks for tensors that stay on chip meanwhile
  Cost cost;
};

// What a cascade is held to find when it is chosen. The tensors are placed anew afterwards, so that either may be
// right.
enum class Outlook {
  kAsPlaced,  // the tensors that are on chip without cascades, and what they leave
  kCleared,   // what it reads and writes on chip as far as it fits, and nothing else
};

// The network with some cascades, all tensors placed.
struct Outcome {
  std::vector<Cascade> cascades;
  std::vector<SubgraphContext> contexts;
  MemoryMap memory;
  Cost cost;
};

class Chooser {
 public:
  Chooser(std::vector<SubgraphDraft>& drafts, const network::Graph& graph, const engine::EngineConfig& engine,
          MemoryMap& memory)
      : drafts_(drafts), graph_(graph), engine_(engine), memory_(memory), price_(engine) {
    find_links();
  }

  std::vector<Cascade> run() {
    std::vector<SubgraphContext> before;
    for (const SubgraphDraft& draft : drafts_) {
      const std::optional<Price>& price = price_(draft.subgraph);
      if (!price) return {};  // the planner says what is wrong
      alone_.push_back(price->least);
      before.push_back(draft.subgraph.context);
    }
    const engine::PlanGoal goal = engine_.mapping.plan_for;
    std::optional<Outcome> best;
    for (const Outlook outlook : {Outlook::kAsPlaced, Outlook::kCleared}) {
      for (std::size_t i = 0; i < drafts_.size(); ++i) drafts_[i].subgraph.context = before[i];
      std::optional<Outcome> outcome = placed(best_choices(outlook));
      if (!outcome || !outcome->cost.gains_on(best ? best->cost : alone(0, drafts_.size() - 1), goal)) continue;
      best = std::move(outcome);
    }
    for (std::size_t i = 0; i < drafts_.size(); ++i) {
      drafts_[i].subgraph.context = best ? best->contexts[i] : before[i];
    }
    if (!best) return {};
    memory_ = std::move(best->memory);
    for (const Cascade& cascade : best->cascades) show_buffers(cascade, memory_);
    return std::move(best->cascades);
  }

 private:
  bool spilled(std::size_t link) const { return is_spill(between_[link]->residence); }

  // For each subgraph but the last the tensor between it and the next, where a cascade could run through it; else null.
  void find_links() {
    std::vector<int> writers(graph_.tensors().size(), 0), readers(graph_.tensors().size(), 0);
    for (const SubgraphDraft& draft : drafts_) {
      ++writers[index(draft.output)];
      for (const TensorId input : draft.inputs) ++readers[index(input)];
      if (draft.operand != kNone) ++readers[index(draft.operand)];
    }
    placed_.assign(graph_.tensors().size(), nullptr);
    for (const PlacedTensor& tensor : memory_.tensors) placed_[index(tensor.tensor)] = &tensor;
    between_.assign(drafts_.size(), nullptr);
    for (std::size_t i = 0; i + 1 < drafts_.size(); ++i) {
      const SubgraphDraft &writer = drafts_[i], &reader = drafts_[i + 1];
      const SubgraphShape &out = writer.subgraph.shape, &in = reader.subgraph.shape;
      const bool alone = writers[index(writer.output)] == 1 && readers[index(writer.output)] == 1 && !writer.leaves &&
                         reader.inputs.size() == 1 && in.inputs == 1 && reader.inputs[0] == writer.output;
      if (!alone || !can_be_striped(out) || !can_be_striped(in)) continue;
      const bool same = out.out_channels == in.in_channels && out.out_height == in.in_height &&
                        out.out_width == in.in_width && out.output_precision == in.input_precision;
      const PlacedTensor* tensor = placed_[index(writer.output)];
      if (same && tensor != nullptr && tensor->bytes == out.output_bytes()) between_[i] = tensor;
    }
  }

  static std::size_t index(TensorId tensor) { return static_cast<std::size_t>(tensor); }

  // Dynamic programming over the subgraphs, by the least cost of the first so many.
  std::vector<Choice> best_choices(Outlook outlook) {
    const engine::PlanGoal goal = engine_.mapping.plan_for;
    const std::size_t n = drafts_.size();
    std::vector<double> least(n + 1, 0);
    std::vector<std::optional<Choice>> taken(n + 1);
    std::vector<std::vector<Choice>> ending(n + 1);
    for (std::size_t first = 0; first + 1 < n; ++first) {
      for (std::size_t last = first + 1; last < std::min(n, first + kLongest) && between_[last - 1] != nullptr;
           ++last) {
        // What is on chip as a whole has no more to gain, unless it makes room for others.
        if (outlook == Outlook::kAsPlaced && (!spilled(first) || !spilled(last - 1))) continue;
        if (std::optional<Choice> choice = best_cut(first, last, outlook)) ending[last + 1].push_back(*choice);
      }
    }
    for (std::size_t end = 1; end <= n; ++end) {
      least[end] = least[end - 1] + alone_[end - 1].objective(goal);
      for (const Choice& choice : ending[end]) {
        const double cost = least[choice.first] + choice.cost.objective(goal);
        if (cost >= least[end]) continue;
        least[end] = cost;
        taken[end] = choice;
      }
    }
    std::vector<Choice> choices;
    for (std::size_t end = n; end > 0;) {
      if (taken[end]) choices.push_back(*taken[end]);
      end = taken[end] ? taken[end]->first : end - 1;
    }
    std::reverse(choices.begin(), choices.end());
    return choices;
  }

  // Banks of the tensors that stay on chip while the subgraphs run, those between them left out.
  std::int64_t kept_banks(std::size_t first, std::size_t last) const {
    std::int64_t banks = 0;
    for (const PlacedTensor& tensor : memory_.tensors) {
      if (tensor.residence != Residence::kOnChip || tensor.last_subgraph < first || tensor.first_subgraph > last) {
        continue;
      }
      const bool inside =
          tensor.first_subgraph >= first && tensor.first_subgraph < last && between_[tensor.first_subgraph] == &tensor;
      if (!inside) banks += tensor.banks;
    }
    return banks;
  }

  bool keeps_weights(std::size_t first, std::size_t last) const {
    if (engine_.memory.resident_weights) return false;
    std::int64_t banks = 0;
    for (std::size_t i = first; i <= last; ++i) banks += weight_banks_of(drafts_[i].subgraph.shape, engine_);
    return banks <= engine_.memory.weight_banks;
  }

  // Without the subgraphs' names, which cost nothing but to copy.
  Cascade bare_cascade(const Choice& choice) const {
    Cascade out;
    out.first = choice.first;
    out.subgraphs.resize(choice.last - choice.first + 1);
    for (std::size_t i = choice.first; i <= choice.last; ++i) {
      out.subgraphs[i - choice.first].shape = drafts_[i].subgraph.shape;
      out.subgraphs[i - choice.first].context = drafts_[i].subgraph.context;
    }
    out.stripe_rows = choice.rows;
    out.stripes = ceil_div(out.subgraphs.back().shape.out_height, choice.rows);
    out.halo = choice.halo;
    out.keeps_weights = keeps_weights(choice.first, choice.last);
    return out;
  }

  Cascade cascade(const Choice& choice) const {
    Cascade out = bare_cascade(choice);
    for (std::size_t i = choice.first; i <= choice.last; ++i) out.subgraphs[i - choice.first] = drafts_[i].subgraph;
    return out;
  }

  std::optional<Choice> best_cut(std::size_t first, std::size_t last, Outlook outlook) {
    const engine::PlanGoal goal = engine_.mapping.plan_for;
    const Cost one_by_one = alone(first, last);
    std::vector<const SubgraphShape*> chain;
    for (std::size_t i = first; i <= last; ++i) chain.push_back(&drafts_[i].subgraph.shape);
    const std::int64_t height = chain.back()->out_height;
    std::optional<Choice> best;
    for (const Halo halo : {Halo::kRecomputed, Halo::kKept}) {
      std::size_t tried = 0;
      std::int64_t before = height;  // a single stripe gains nothing but what the placement would have kept
      for (std::int64_t stripes = 2; stripes <= height && tried < kHeights;
           stripes += std::max<std::int64_t>(1, stripes / 3)) {
        const std::int64_t rows = ceil_div(height, stripes);
        if (rows == before) continue;
        before = rows;
        const std::optional<Choice> choice = cut_choice(chain, {first, last, rows, halo, 0, {}}, outlook);
        if (!choice) continue;
        ++tried;
        if (!choice->cost.pays_against(one_by_one, goal)) continue;
        if (!best || choice->cost.gains_on(best->cost, goal)) best = choice;
      }
    }
    return best;
  }

  // The choice with its cost and room, nullopt where there is too little room for it.
  std::optional<Choice> cut_choice(const std::vector<const SubgraphShape*>& chain, Choice choice, Outlook outlook) {
    const RowStripes cut = cut_rows(chain, choice.rows, choice.halo);
    std::vector<std::int64_t> buffers;
    for (std::size_t b = 0; b < cut.buffer_rows.size(); ++b) {
      buffers.push_back(buffer_banks_of(*chain[b], cut.buffer_rows[b], engine_));
    }
    const std::vector<std::int64_t> live = live_banks(buffers, cut.holds);
    const std::int64_t most = engine_.memory.activation_banks - *std::max_element(live.begin(), live.end());
    if (most < 0) return std::nullopt;
    Cascade whole = bare_cascade(choice);
    std::int64_t kept = 0;
    if (outlook == Outlook::kAsPlaced) {
      kept = choice.room = kept_banks(choice.first, choice.last);
      if (kept > most) return std::nullopt;
    } else {
      choice.room = std::max<std::int64_t>(0, most - 1);  // the last bank is for streaming
      kept = hope_for_tensors(choice, whole);
    }
    for (Subgraph& subgraph : whole.subgraphs) subgraph.context.resident_banks = kept;
    const std::optional<Cost> cost = cost_of(whole);
    if (!cost) return std::nullopt;
    choice.cost = *cost;
    return choice;
  }

  // Puts what the cascade reads and writes on chip as far as it fits the room, and returns the banks of it.
  std::int64_t hope_for_tensors(const Choice& choice, Cascade& whole) const {
    std::int64_t kept = 0;
    std::vector<TensorId> taken;
    const auto fits = [&](TensorId tensor) {
      if (tensor == kNone) return false;
      if (std::find(taken.begin(), taken.end(), tensor) != taken.end()) return true;
      const PlacedTensor* placed = placed_[index(tensor)];
      const Residence at = placed->residence;
      const bool may = at == Residence::kOnChip || at == Residence::kTooLarge || at == Residence::kNoRoom ||
                       at == Residence::kFragmentation;
      if (!may || kept + placed->banks > choice.room) return false;
      taken.push_back(tensor);
      kept += placed->banks;
      return true;
    };
    const SubgraphDraft& reader = drafts_[choice.first];
    whole.subgraphs.front().context.input_on_chip = reader.inputs.size() == 1 && fits(reader.inputs[0]);
    whole.subgraphs.back().context.output_on_chip = fits(drafts_[choice.last].output);
    for (std::size_t i = choice.first; i <= choice.last; ++i) {
      whole.subgraphs[i - choice.first].context.operand_on_chip = fits(drafts_[i].operand);
    }
    return kept;
  }

  // Of all parts. Those of one subgraph are alike but for the first and the last few.
  std::optional<Cost> cost_of(const Cascade& whole) {
    const CascadeParts parts(whole, engine_);
    Cost sum;
    for (std::size_t i = 0; i < whole.subgraphs.size(); ++i) {
      Subgraph part = whole.subgraphs[i];
      SubgraphShape before;
      std::optional<Cost> cost;
      bool loaded = false;
      for (std::size_t stripe = 0; stripe < parts.stripes(); ++stripe) {
        const SubgraphShape::Range rows = parts.rows(i, stripe);
        if (rows.size() == 0) continue;
        const SubgraphShape shape = rows_of(whole.subgraphs[i].shape, rows.begin, rows.end);
        const SubgraphContext context = parts.context(i, !loaded);
        if (!cost || context.weights_on_chip != part.context.weights_on_chip || !same_rows(shape, before)) {
          part.shape = before = shape;
          part.context = context;
          const std::optional<Price>& price = price_(part);
          if (!price) return std::nullopt;
          cost = price->nominal;
        }
        sum.add(*cost);
        loaded = true;
      }
    }
    return sum;
  }

  // Places the tensors around the cascades, and then again without those that have lost what they were chosen for.
  // Where the placement leaves a cascade too little for streaming, there is less room for tensors beside it. The best
  // of these; nullopt where none is left.
  std::optional<Outcome> placed(std::vector<Choice> choices) {
    const engine::PlanGoal goal = engine_.mapping.plan_for;
    std::optional<Outcome> best;
    for (int round = 0; round < kRounds && !choices.empty(); ++round) {
      Outcome outcome;
      outcome.memory = place_tensors(drafts_, graph_, engine_, rooms_of(choices));
      const std::vector<std::optional<Cost>> costs = price_with(choices, outcome);
      std::vector<Choice> left;
      bool all_fit = true, changed = false;
      for (std::size_t c = 0; c < choices.size(); ++c) {
        const bool pays = costs[c] && costs[c]->pays_against(alone(choices[c].first, choices[c].last), goal);
        all_fit = all_fit && costs[c];
        changed = changed || !pays;
        if (!pays && (costs[c] || choices[c].room == 0)) continue;
        left.push_back(choices[c]);
        if (!costs[c]) left.back().room /= 2;
      }
      if (all_fit && (!best || outcome.cost.gains_on(best->cost, goal))) {
        for (const SubgraphDraft& draft : drafts_) outcome.contexts.push_back(draft.subgraph.context);
        best = std::move(outcome);
      }
      if (!changed) break;
      choices = std::move(left);
    }
    return best;
  }

  Cost alone(std::size_t first, std::size_t last) const {
    Cost sum;
    for (std::size_t i = first; i <= last; ++i) sum.add(alone_[i]);
    return sum;
  }

  std::vector<CascadeRoom> rooms_of(const std::vector<Choice>& choices) const {
    std::vector<CascadeRoom> rooms;
    for (const Choice& choice : choices) {
      CascadeRoom room{choice.first, choice.last, {}, buffer_banks(bare_cascade(choice), engine_), choice.room};
      for (std::size_t i = choice.first; i < choice.last; ++i) room.striped.push_back(drafts_[i].output);
      rooms.push_back(std::move(room));
    }
    return rooms;
  }

  // Adds the cascades and the cost of the whole network to the outcome. Returns the cost of each cascade, nullopt where
  // it does not fit.
  std::vector<std::optional<Cost>> price_with(const std::vector<Choice>& choices, Outcome& outcome) {
    std::size_t next = 0;
    const auto whole_until = [&](std::size_t end) {
      for (; next < end; ++next) {
        const std::optional<Price>& price = price_(drafts_[next].subgraph);
        outcome.cost.add(price ? price->least : alone_[next]);  // in no less room than without cascades, so it fits
      }
    };
    std::vector<std::optional<Cost>> costs;
    for (const Choice& choice : choices) {
      whole_until(choice.first);
      outcome.cascades.push_back(cascade(choice));
      costs.push_back(cost_of(outcome.cascades.back()));
      if (costs.back()) outcome.cost.add(*costs.back());
      next = choice.last + 1;
    }
    whole_until(drafts_.size());
    return costs;
  }

  // Of the banks that no tensor may take, those of the buffers between the subgraphs.
  void show_buffers(const Cascade& cascade, MemoryMap& memory) const {
    const CascadeParts parts(cascade, engine_);
    for (std::size_t i = 0; i < cascade.subgraphs.size(); ++i) {
      SubgraphMemory& subgraph = memory.subgraphs[cascade.first + i];
      subgraph.striped = parts.live_banks(i);
      subgraph.streaming -= subgraph.striped;
    }
  }

  std::vector<SubgraphDraft>& drafts_;
  const network::Graph& graph_;
  const engine::EngineConfig& engine_;
  MemoryMap& memory_;
  Pricer price_;
  std::vector<const PlacedTensor*> placed_;  // by tensor, without cascades
  std::vector<const PlacedTensor*> between_;
  std::vector<Cost> alone_;
};

}  // namespace

std::vector<Cascade> choose_cascades(std::vector<SubgraphDraft>& drafts, const network::Graph& graph,
                                     const engine::EngineConfig& engine, MemoryMap& memory) {
  if (engine.streams() || engine.patch_pixels() > 0 || !engine.keeps_activations()) return {};
  return Chooser(drafts, graph, engine, memory).run();
}

}  // namespace lanewise::mapping
