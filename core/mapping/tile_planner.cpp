// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/tile_planner.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <utility>
#include <vector>

#include "core/base/error.hpp"
#include "core/mapping/bounds.hpp"
#include "core/mapping/list_scheduler.hpp"
#include "core/mapping/nominal_tile.hpp"
#include "core/mapping/plan_size.hpp"
#include "core/mapping/tile_search.hpp"
#include "core/mapping/tile_steps.hpp"

namespace lanewise::mapping {
namespace {

// Plans within this factor of the best count as equally good: the list scheduler is no more exact than that.
constexpr double kAsGood = 1.01;
// Of these, plans that take as little energy but for so much are told apart by their memory and number of steps. A
// nominal tile comes before them, because it can be foretold: an estimator knows it. Where none is among them, a plan
// whose memory is like the nominal tile's can be foretold the best.
constexpr double kAsFrugal = 1.005;
// How far above the best estimate a choice may be that is still scheduled: estimates are off by so much.
constexpr double kWorthScheduling = 1.8;
// By effort: how many choices are found at most, and how many steps of theirs are scheduled. Each choice counts as a
// few more steps than it has. Some are always scheduled, however long they are. After so many steps that gain
// nothing the search ends.
struct Effort {
  std::size_t found, steps, always, patience;
};
constexpr Effort kEfforts[] = {{12, 4000, 4, 1000},
                               {160, 24000, 24, 12000},
                               {240, 80000, 24, 40000},
                               {400, 300000, 64, 150000},
                               {1000, 3000000, 400, 3000000}};
constexpr std::size_t kStepsOfChoice = 60;
// A choice is not scheduled where its lower bound leaves less than this to gain.
constexpr double kWorthGaining = 0.997;

// Of one of several groups that come one after the other.
Bounds bounds_of_repetition(const TileProblem& problem) {
  Subgraph alone;
  alone.shape = problem.shape;
  alone.context = problem.context;
  return bounds(alone, problem.engine);
}

}  // namespace

TilePlans::TilePlans(const Subgraph& subgraph, const engine::EngineConfig& engine)
    : subgraph_(subgraph), engine_(engine) {
  problems_.emplace_back(subgraph, engine);
  if (groups_stand_alone(subgraph.shape, engine)) {
    problems_.push_back(TileProblem::of_one_group(subgraph, engine));
  }
  const Bounds limits = bounds(subgraph, engine);
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t problem = 0; problem < problems_.size(); ++problem) {
    schedule_nominal(problem, problem == 0 ? limits : bounds_of_repetition(problems_[problem]), least);
  }
  // No plan is faster than the roofline.
  if (least <= kAsGood * limits.roofline_cycles && engine.mapping.plan_for == engine::PlanGoal::kLatency) {
    rank();
    return;
  }
  for (std::size_t problem = 0; problem < problems_.size(); ++problem) schedule_searched(problem, least);
  if (ranked_.empty() && too_long_ > 0) {
    throw Error("engine " + engine.name + ": subgraph '" + subgraph.name + "' is too large to be planned: each of " +
                std::to_string(too_long_) + " plans would have more than " + std::to_string(kMostSteps) + " steps or " +
                std::to_string(kMostStripes) + " stripes of pixels");
  }
  if (ranked_.empty()) throw InternalError("tiles: '" + subgraph.name + "' fits, but no tile of it was found");
  try_policies(least);
  rank();
}

// The order of the transfers matters less than the tiles: other policies are tried on the fastest choices alone.
void TilePlans::try_policies(double least) {
  constexpr std::size_t kTried = 3;
  std::vector<Candidate> fastest = ranked_;
  const std::size_t tried = std::min(kTried, fastest.size());
  std::partial_sort(fastest.begin(), fastest.begin() + static_cast<std::ptrdiff_t>(tried), fastest.end(),
                    [](const Candidate& a, const Candidate& b) { return a.cost < b.cost; });
  for (std::size_t i = 0; i < tried; ++i) {
    for (int policy = 1; policy < kDmaPolicyCount; ++policy) {
      TileChoice choice = fastest[i].choice;
      choice.policy = static_cast<DmaPolicy>(policy);
      schedule(fastest[i].problem, choice, fastest[i].cycles, least);
    }
  }
}

void TilePlans::schedule_nominal(std::size_t problem, const Bounds& limits, double& least) {
  const NominalTile nominal = nominal_tile(problems_[problem], limits);
  for (const TileChoice& choice : {nominal.choice, nominal.in_parts}) {
    if (choice.fits()) schedule(problem, choice, kAsGood * least, least);
  }
  for (Candidate& candidate : ranked_) candidate.nominal = true;
}

void TilePlans::schedule_searched(std::size_t problem, double& least) {
  const Effort& effort = kEfforts[engine_.mapping.effort];
  const TileProblem& p = problems_[problem];
  const bool by_cycles = engine_.mapping.plan_for == engine::PlanGoal::kLatency;
  std::size_t scheduled = 0, steps = 0, gained_at = 0;
  for (const TileChoice& choice : choose_tiles(p, effort.found, kWorthScheduling)) {
    if (scheduled >= effort.always && steps > effort.steps) break;
    if (scheduled >= effort.always && steps > gained_at + effort.patience) break;
    if (by_cycles && static_cast<double>(p.repeats) * choice.bound > kWorthGaining * least) continue;
    const double before = least;
    steps += kStepsOfChoice +
             schedule(problem, choice, by_cycles ? least * kAsGood : std::numeric_limits<double>::infinity(), least);
    ++scheduled;
    if (least < kWorthGaining * before) gained_at = steps;
  }
}

namespace {

// What the steps move, to and from DRAM and within the chip.
void count_bytes(const TileProblem& problem, const StepSequence& steps, TileChoice& choice) {
  std::vector<double> times(steps.kinds.size(), 0.0);
  for (const std::uint32_t kind : steps.steps) times[kind] += 1;
  choice.dram_bytes = choice.sram_bytes = 0;
  for (std::size_t kind = 0; kind < steps.kinds.size(); ++kind) {
    const TileStep& step = steps.kinds[kind];
    const Transfer* const transfers[] = {&step.input_load, &step.weight_load, &step.operand_load, &step.store};
    double dram = 0, sram = static_cast<double>(step.post_read_bytes + step.post_write_bytes);
    for (const Transfer* const transfer : transfers) {
      dram += static_cast<double>(transfer->dram_bytes);
      sram += static_cast<double>(transfer->bytes);
    }
    if (problem.shape.uses_array()) {
      const std::int64_t stripes = ceil_div(step.pixels, problem.work.stripe_pixels);
      sram += static_cast<double>(step.groups * step.pixels * step.activation_bytes + stripes * step.weight_bytes);
    }
    choice.dram_bytes += times[kind] * dram;
    choice.sram_bytes += times[kind] * sram;
  }
}

}  // namespace

// Adds the choice where it does not take more than `most` cycles, nor more steps than a plan may have. Returns how many
// steps were scheduled.
std::size_t TilePlans::schedule(std::size_t problem, TileChoice choice, double most, double& least) {
  if (!is_plannable(problems_[problem], choice)) {
    ++too_long_;
    return 0;
  }
  const StepSequence steps = steps_of(problems_[problem], choice);
  const double cycles = scheduled_cycles(steps, choice, problems_[problem], most);
  if (cycles > most) return steps.steps.size();
  count_bytes(problems_[problem], steps, choice);
  const TileProblem& p = problems_[problem];
  ranked_.push_back({problem, choice, steps.steps.size(), false, cycles, plan_cost(p, choice, cycles),
                     plan_energy(p, choice, cycles)});
  least = std::min(least, cycles);
  return steps.steps.size();
}

// By which factor the buffers of a choice differ from those of the nominal tile that is nearest, as a logarithm; 0
// where no nominal tile fits.
double TilePlans::off_nominal(const Candidate& candidate) const {
  double least = std::numeric_limits<double>::infinity();
  for (const Candidate& nominal : ranked_) {
    if (!nominal.nominal) continue;
    const double peak = as_double(std::max<std::int64_t>(1, candidate.choice.peak_bytes));
    least = std::min(least, std::abs(std::log(peak / as_double(std::max<std::int64_t>(1, nominal.choice.peak_bytes)))));
  }
  return std::isinf(least) ? 0 : least;
}

void TilePlans::rank() {
  const auto cheapest = [](const Candidate& a, const Candidate& b) { return a.cost < b.cost; };
  std::stable_sort(ranked_.begin(), ranked_.end(), cheapest);
  const double as_good = kAsGood * ranked_.front().cost;
  const auto end = std::find_if(ranked_.begin(), ranked_.end(), [&](const Candidate& c) { return c.cost > as_good; });
  const auto least_energy = std::min_element(
      ranked_.begin(), end, [](const Candidate& a, const Candidate& b) { return a.energy < b.energy; });
  const double frugal = kAsFrugal * least_energy->energy;
  const auto order = [&](const Candidate& c) {
    return std::make_tuple(c.energy > frugal, !c.nominal, off_nominal(c), c.steps, c.choice.peak_bytes, c.cycles);
  };
  const auto preferred = std::min_element(ranked_.begin(), end,
                                          [&](const Candidate& a, const Candidate& b) { return order(a) < order(b); });
  std::rotate(ranked_.begin(), preferred, preferred + 1);
}

TilePlan TilePlans::plan(std::size_t rank) const {
  const Candidate& candidate = ranked_[rank];
  return written_plan(problems_[candidate.problem], candidate.choice, subgraph_);
}

}  // namespace lanewise::mapping
