// SPDX-License-Identifier: Apache-2.0
#include "study/advice/judge.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "core/base/error.hpp"
#include "core/mapping/bounds.hpp"
#include "study/evaluation/estimate.hpp"

namespace lanewise::study {
namespace {

// Asks about those that can be, and puts the failures of the others in their places.
template <class Asker>
std::vector<Answered> asked(const std::vector<const WholeDesign*>& designs, const Asker& ask) {
  std::vector<Answered> out(designs.size());
  std::vector<Question> questions;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < designs.size(); ++i) {
    out[i].failure = designs[i]->failure;
    if (!out[i].failure.empty()) continue;
    questions.push_back({designs[i]->graph.get(), &designs[i]->engine, &designs[i]->partition});
    places.push_back(i);
  }
  if (questions.empty()) return out;
  std::vector<Answered> answers = ask(questions);
  for (std::size_t q = 0; q < answers.size(); ++q) out[places[q]] = std::move(answers[q]);
  return out;
}

// What of a subgraph two answers can be told apart by.
using Mark = std::tuple<std::string, std::string, std::int64_t, std::int64_t, std::int64_t>;
Mark mark_of(const SubgraphAnswer& s) { return {s.name, s.family, s.macs, s.latency_cycles, s.dram_bytes}; }

// The subgraphs of `answer` that are not in `other`.
std::vector<const SubgraphAnswer*> without(const NetworkAnswer& answer, const NetworkAnswer& other) {
  std::map<Mark, int> there;
  for (const SubgraphAnswer& subgraph : other.subgraphs) ++there[mark_of(subgraph)];
  std::vector<const SubgraphAnswer*> out;
  for (const SubgraphAnswer& subgraph : answer.subgraphs) {
    if (--there[mark_of(subgraph)] < 0) out.push_back(&subgraph);
  }
  return out;
}

// One side of a change.
struct Side {
  std::int64_t macs = 0, cycles = 0, in_network_cycles = 0;
  double utilization = 0, feeds = 0;
  std::string bound, family;
};

Side side_of(const std::vector<const SubgraphAnswer*>& subgraphs, const WholeDesign& design) {
  Side side;
  std::map<std::string, const mapping::Subgraph*> by_name;
  for (const mapping::WholeSubgraph& whole : mapping::whole_subgraphs(design.partition)) {
    by_name[whole.whole->name] = whole.whole;
  }
  engine::PerResource<double> gains;
  gains.fill(0);
  std::map<std::string, std::int64_t> time_by_family;
  std::map<std::string, std::pair<double, double>> cycles_by_family;  // full, and as the shapes fill the array
  for (const SubgraphAnswer* s : subgraphs) {
    side.macs += s->macs;
    side.cycles += s->latency_cycles;
    side.in_network_cycles += s->in_network_cycles;
    time_by_family[s->family] += s->latency_cycles;
    auto sum = gains.begin();
    for (const double gain : s->gains) *sum++ += gain;
    const auto subgraph = by_name.find(s->name);
    if (subgraph == by_name.end() || s->macs == 0) continue;
    const mapping::Bounds bounds = mapping::bounds(*subgraph->second, design.engine);
    cycles_by_family[s->family].first += bounds.mac_cycles;
    cycles_by_family[s->family].second += bounds.fill_cycles;
  }
  const auto peak = static_cast<double>(design.engine.macs_per_cycle());
  if (side.cycles > 0) side.utilization = static_cast<double>(side.macs) / (static_cast<double>(side.cycles) * peak);
  if (!subgraphs.empty()) side.bound = record::bound_by(gains);
  std::int64_t longest = -1;
  for (const auto& [family, cycles] : time_by_family) {
    if (cycles <= longest) continue;
    longest = cycles;
    side.family = family;
  }
  const auto [mac_cycles, fill_cycles] = cycles_by_family[side.family];
  if (fill_cycles > 0) side.feeds = peak * mac_cycles / fill_cycles;
  return side;
}

}  // namespace

WholeDesign whole_design(std::shared_ptr<const network::Graph> graph, engine::EngineConfig engine) {
  WholeDesign design;
  design.graph = std::move(graph);
  design.engine = std::move(engine);
  try {
    design.partition = mapping::partition_with_memory(*design.graph, design.engine);
  } catch (const Error& error) {
    design.failure = error.what();
  }
  return design;
}

std::vector<Answered> Judge::predicted(const std::vector<const WholeDesign*>& designs) const {
  if (estimator_ == nullptr) return simulated(designs, {});
  return asked(designs, [&](const std::vector<Question>& questions) {
    EstimateOptions options;
    options.explained = 0;
    return estimate(questions, *estimator_, options);
  });
}

std::vector<Answered> Judge::simulated(const std::vector<const WholeDesign*>& designs, const Progress& progress) const {
  return asked(designs,
               [&](const std::vector<Question>& questions) { return answer(questions, simulator_, progress); });
}

DesignCost cost_of(const NetworkAnswer& answer) {
  const Totals& t = answer.total;
  return {t.latency_cycles, t.latency_ms, t.energy_uj, t.area_mm2, t.macs, t.parameters};
}

MoveExplanation explain_change(const WholeDesign& before, const NetworkAnswer& answer_before, const WholeDesign& after,
                               const NetworkAnswer& answer_after) {
  const std::vector<const SubgraphAnswer*> gone = without(answer_before, answer_after),
                                           come = without(answer_after, answer_before);
  const Side was = side_of(gone, before), is = side_of(come, after);
  const auto ms = [](const engine::EngineConfig& engine, std::int64_t cycles) {
    return engine.seconds(Cycles(cycles)).count() * 1e3;
  };
  MoveExplanation out;
  out.layers = was.family;
  out.subgraphs_before = static_cast<std::int64_t>(gone.size());
  out.subgraphs_after = static_cast<std::int64_t>(come.size());
  out.before_ms = ms(before.engine, was.in_network_cycles);
  out.after_ms = ms(after.engine, is.in_network_cycles);
  out.macs_before = was.macs;
  out.macs_after = is.macs;
  out.utilization_before = was.utilization;
  out.utilization_after = is.utilization;
  out.feeds_before = was.feeds;
  out.feeds_after = is.feeds;
  out.array_macs = before.engine.macs_per_cycle();
  out.bound_before = was.bound;
  out.bound_after = is.bound;
  return out;
}

}  // namespace lanewise::study
