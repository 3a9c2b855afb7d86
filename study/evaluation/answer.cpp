// SPDX-License-Identifier: Apache-2.0
#include "study/evaluation/answer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "core/base/version.hpp"
#include "core/engine/rtl_check.hpp"
#include "core/mapping/partition.hpp"
#include "core/network/input_pixels.hpp"
#include "estimator/analytical_gains.hpp"
#include "estimator/overlap.hpp"
#include "sim/planning.hpp"
#include "sim/simulate.hpp"
#include "study/evaluation/assemble.hpp"
#include "study/evaluation/whole_results.hpp"

namespace lanewise::study {
namespace {

double microjoules(Picojoules energy) { return energy.count() / 1e6; }

// The cost of the whole network.
struct WholeRun {
  std::int64_t cycles = 0;
  double energy_uj = 0;
  record::EnergyBreakdown energy_parts;
  bool has_parts = true;
  std::int64_t dram_bytes = 0;
};

// An estimated energy is one number.
bool has_parts(const record::Measurement& m) {
  return m.energy == Picojoules(0) || m.energy_parts.total() > Picojoules(0);
}

EnergyShares shares(const record::EnergyBreakdown& parts, const engine::EngineConfig& engine) {
  return {record::energy_by_action(parts), record::energy_by_unit(parts, engine)};
}

WholeRun sum_up(const std::vector<record::SubgraphResult>& subgraphs) {
  WholeRun run;
  for (const record::SubgraphResult& subgraph : subgraphs) {
    run.cycles += subgraph.measurement.latency.count();
    run.energy_uj += microjoules(subgraph.measurement.energy);
    run.energy_parts += subgraph.measurement.energy_parts;
    run.has_parts = run.has_parts && has_parts(subgraph.measurement);
    run.dram_bytes += subgraph.measurement.dram_bytes().count();
  }
  return run;
}

// Simulates all subgraphs in one simulation, one after the other.
std::vector<record::SubgraphResult> run_whole(const mapping::Partition& partition, const engine::EngineConfig& engine,
                                              record::Timeline* timeline) {
  std::vector<mapping::TilePlan> plans;
  plans.reserve(partition.subgraphs.size());
  std::vector<sim::PlannedSubgraph> planned;
  for (const mapping::Subgraph& subgraph : partition.subgraphs) {
    plans.push_back(sim::plan(subgraph, engine));
    planned.push_back({&plans.back(), &subgraph});
  }
  std::vector<record::SubgraphResult> results;
  for (record::Measurement& m : sim::simulate_sequence(planned, engine, timeline))
    results.push_back({std::move(m), ""});
  return results;
}

std::vector<SubgraphAnswer> subgraph_answers(const mapping::Partition& partition,
                                             const std::vector<record::SubgraphResult>& alone,
                                             const std::vector<record::SubgraphResult>& in_network,
                                             const engine::EngineConfig& engine) {
  const std::vector<mapping::WholeSubgraph> subgraphs = mapping::whole_subgraphs(partition);
  const std::vector<record::Measurement> measured = whole_measurements(subgraphs, alone, engine);
  std::vector<SubgraphAnswer> out;
  out.reserve(subgraphs.size());
  for (std::size_t i = 0; i < subgraphs.size(); ++i) {
    const mapping::Subgraph& subgraph = *subgraphs[i].whole;
    const record::Measurement& m = measured[i];
    SubgraphAnswer s;
    s.name = subgraph.name;
    s.operators = subgraph.operators;
    s.block = subgraph.block;
    s.family = mapping::to_string(subgraph.shape.family);
    s.macs = m.macs;
    s.latency_cycles = m.latency.count();
    for (const std::size_t part : subgraphs[i].parts)
      s.in_network_cycles += in_network[part].measurement.latency.count();
    s.utilization = m.utilization;
    s.energy_uj = microjoules(m.energy);
    if (has_parts(m)) s.energy_breakdown = shares(m.energy_parts, engine);
    s.dram_bytes = m.dram_bytes().count();
    s.peak_sram_bytes = m.peak_sram.count();
    s.bound_by = m.bound_by;
    s.gains = m.gains;
    s.units = m.units;
    s.weights = weight_answer(subgraph.shape, engine);
    s.cascade = partition.subgraphs[subgraphs[i].parts.front()].part.cascade;
    s.stripes = static_cast<std::int64_t>(subgraphs[i].parts.size());
    out.push_back(std::move(s));
  }
  return out;
}

std::vector<Command> commands_of(const mapping::Partition& partition, const std::vector<record::SubgraphResult>& alone,
                                 const std::vector<record::SubgraphResult>& in_network) {
  std::vector<Command> out;
  out.reserve(partition.subgraphs.size());
  for (std::size_t i = 0; i < partition.subgraphs.size(); ++i) {
    out.push_back(
        {partition.subgraphs[i].name, alone[i].measurement.latency.count(), in_network[i].measurement.latency.count()});
  }
  return out;
}

std::int64_t batch_of(const network::Graph& graph) {
  // Inputs that begin with the steps of a sequence, or with layers, have more than there are images.
  std::optional<std::int64_t> batch;
  for (const network::TensorId id : graph.inputs()) {
    const std::vector<std::int64_t>& shape = graph.tensor(id).shape;
    if (shape.size() >= 2) batch = std::min(batch.value_or(shape.front()), shape.front());
  }
  return batch.value_or(1);
}

// What estimates are bound by is asked of the analytical model, once for equal subgraphs, the longest first until they
// take this share of the time. What was simulated instead knows it.
std::vector<record::SubgraphResult> with_analytical_gains(const mapping::Partition& partition,
                                                          std::vector<record::SubgraphResult> results,
                                                          const engine::EngineConfig& engine, double share) {
  const estimator::AnalyticalGains gains(engine);
  std::vector<std::size_t> order(results.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto cycles = [&](std::size_t i) { return as_double(results[i].measurement.latency); };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return cycles(a) > cycles(b); });
  double all = 0, so_far = 0;
  for (const std::size_t i : order) all += cycles(i);
  std::map<std::string, engine::PerResource<double>> known;
  for (const std::size_t i : order) {
    if (so_far >= share * all && share < 1) break;
    so_far += cycles(i);
    record::Measurement& m = results[i].measurement;
    if (!m.units.empty()) continue;
    const auto [place, unknown] = known.try_emplace(mapping::subgraph_key(partition.subgraphs[i]));
    if (unknown) place->second = gains.of(partition.subgraphs[i]);
    m.gains = place->second;
    m.bound_by = record::bound_by(m.gains);
  }
  return results;
}

}  // namespace

std::vector<record::SubgraphResult> hide_overlap(const std::vector<mapping::Subgraph>& subgraphs,
                                                 std::vector<record::SubgraphResult> results,
                                                 const engine::EngineConfig& engine) {
  if (!engine.overlaps_subgraphs()) return results;
  std::vector<double> cycles;
  cycles.reserve(results.size());
  for (const record::SubgraphResult& result : results) cycles.push_back(as_double(result.measurement.latency));
  const std::vector<estimator::Overlap> saved = estimator::overlaps(subgraphs, engine, cycles);
  for (std::size_t i = 0; i < results.size(); ++i) {
    results[i].measurement.latency -= Cycles(std::llround(saved[i].cycles));
  }
  return results;
}

NetworkAnswer assemble(const Question& question, mapping::Partition partition,
                       const std::vector<record::SubgraphResult>& subgraphs,
                       const std::vector<record::SubgraphResult>& in_network, record::Source source, double explained) {
  const network::Graph& graph = *question.graph;
  const engine::EngineConfig& engine = *question.engine;
  NetworkAnswer answer;
  answer.network = graph.name();
  answer.engine = engine.name;
  answer.identity = engine::identity_of(engine);
  answer.source = source;
  answer.tool_version = version();
  answer.subgraphs = subgraph_answers(
      partition,
      source == record::Source::kEstimated ? with_analytical_gains(partition, subgraphs, engine, explained) : subgraphs,
      in_network, engine);
  answer.commands = commands_of(partition, subgraphs, in_network);
  for (SubgraphAnswer& subgraph : answer.subgraphs) subgraph.source = source;
  answer.memory = std::move(partition.memory);
  const WholeRun whole = sum_up(in_network);
  answer.between = {whole.cycles, whole.energy_uj, whole.dram_bytes};
  Totals& t = answer.total;
  double subgraph_energy = 0;
  const std::string host = mapping::to_string(mapping::SubgraphFamily::kHost);
  for (const SubgraphAnswer& s : answer.subgraphs) {
    answer.between.latency_cycles -= s.latency_cycles;
    answer.between.dram_bytes -= s.dram_bytes;
    subgraph_energy += s.energy_uj;
    t.macs += s.macs;
    add_gains(t.gains, s.gains);
    t.peak_sram_bytes = std::max(t.peak_sram_bytes, s.peak_sram_bytes);
    if (s.family == host && whole.cycles > 0) {
      t.host_share_percent += 100.0 * static_cast<double>(s.latency_cycles) / static_cast<double>(whole.cycles);
    }
  }
  answer.between.energy_uj -= subgraph_energy;

  const double seconds = engine.seconds(Cycles(whole.cycles)).count();
  const double slots = static_cast<double>(whole.cycles) * static_cast<double>(engine.macs_per_cycle());
  t.latency_cycles = whole.cycles;
  t.latency_ms = seconds * 1e3;
  t.inferences_per_second = seconds > 0 ? static_cast<double>(batch_of(graph)) / seconds : 0;
  t.parameters = network::parameters(graph);
  t.parameter_bytes = network::parameter_bytes(graph).count();
  t.utilization = slots > 0 ? static_cast<double>(t.macs) / slots : 0;
  t.energy_uj = whole.energy_uj;
  if (whole.has_parts) t.energy_breakdown = shares(whole.energy_parts, engine);
  t.average_power_mw = t.latency_ms > 0 ? t.energy_uj / t.latency_ms : 0;  // uJ a ms is mW
  t.area_mm2 = engine.total_area().count();
  t.area_breakdown = engine.area_breakdown();
  t.dram_bytes = whole.dram_bytes;
  t.input_pixels = network::input_pixels(graph);
  t.peak_activation_bytes = network::peak_activation_bytes(graph).count();
  t.bound_by = record::bound_by(t.gains);
  if (const auto resource = engine::parse_resource(t.bound_by)) t.bound_by_keys = engine::keys_of(engine, *resource);
  return answer;
}

namespace {

// `timeline`, unless it is null, is filled in with the simulation of the whole network; there is one question then.
std::vector<Answered> answer_all(const std::vector<Question>& questions, MeasurementSource& source,
                                 const Progress& progress, record::Timeline* timeline) {
  std::vector<Answered> out(questions.size());
  std::vector<mapping::Partition> partitions(questions.size());
  std::vector<SubgraphQuery> queries;
  for (std::size_t q = 0; q < questions.size(); ++q) {
    if (questions.size() > 1) {
      progress("planning", static_cast<std::int64_t>(q), static_cast<std::int64_t>(questions.size()));
    }
    try {
      partitions[q] = questions[q].partition != nullptr
                          ? *questions[q].partition
                          : mapping::partition_with_memory(*questions[q].graph, *questions[q].engine);
    } catch (const Error& error) {
      out[q].failure = error.what();
    }
  }
  for (std::size_t q = 0; q < questions.size(); ++q) {
    for (const mapping::Subgraph& subgraph : partitions[q].subgraphs)
      queries.push_back({&subgraph, questions[q].engine});
  }
  const std::vector<record::SubgraphResult> results = source.measure(queries, progress);
  auto next = results.begin();
  for (std::size_t q = 0; q < questions.size(); ++q) {
    const auto end = next + static_cast<std::ptrdiff_t>(partitions[q].subgraphs.size());
    const std::vector<record::SubgraphResult> subgraphs(next, end);
    next = end;
    for (std::size_t i = 0; i < subgraphs.size() && out[q].failure.empty(); ++i) {
      if (!subgraphs[i].failure.empty()) out[q].failure = subgraphs[i].failure;
    }
    if (!out[q].failure.empty()) continue;
    const engine::EngineConfig& engine = *questions[q].engine;
    const bool overlaps = engine.overlaps_subgraphs() && source.source() == record::Source::kSimulated;
    std::vector<record::SubgraphResult> whole;
    if (overlaps || timeline != nullptr) {
      progress("simulating whole networks", static_cast<std::int64_t>(q), static_cast<std::int64_t>(questions.size()));
      whole = run_whole(partitions[q], engine, timeline);
    }
    // Without overlap the answer is the sum of the subgraphs' own simulations, which the timeline does not change.
    if (!overlaps) whole = hide_overlap(partitions[q].subgraphs, subgraphs, engine);
    out[q].answer = assemble(questions[q], std::move(partitions[q]), subgraphs, whole, source.source());
  }
  return out;
}

NetworkAnswer one_answer(const Question& question, MeasurementSource& source, record::Timeline* timeline) {
  std::vector<Answered> answered = answer_all({question}, source, {}, timeline);
  if (!answered.front().failure.empty()) {
    throw Error(fmt::format("{} cannot run on {}: {}", question.graph->name(), engine::engine_title(*question.engine),
                            answered.front().failure));
  }
  return std::move(answered.front().answer);
}

}  // namespace

std::vector<Answered> answer(const std::vector<Question>& questions, MeasurementSource& source,
                             const Progress& progress) {
  return answer_all(questions, source, progress, nullptr);
}

NetworkAnswer answer_one(const Question& question, MeasurementSource& source) {
  return one_answer(question, source, nullptr);
}

NetworkAnswer answer_one(const network::Graph& graph, const engine::EngineConfig& engine, MeasurementSource& source) {
  return one_answer({&graph, &engine}, source, nullptr);
}

RtlCheckSummary rtl_check_summary(const std::string& hwconfig_path, const engine::EngineConfig& engine) {
  RtlCheckSummary summary;
  summary.family = engine.family;
  if (const auto check = engine::load_rtl_check(hwconfig_path, engine.family)) {
    summary.rows = check->rows;
    summary.mape_percent = check->mape_percent;
    summary.worst_percent = check->worst_percent;
    summary.source = check->source;
    summary.engine_differs = !engine::is_checked_member(*check, hwconfig_path, engine);
  }
  return summary;
}

NetworkAnswer simulate_network(const network::Graph& graph, const engine::EngineConfig& engine) {
  return answer_one(graph, engine, *make_simulator());
}

NetworkAnswer simulate_timeline(const Question& question, record::Timeline& timeline) {
  return one_answer(question, *make_simulator(), &timeline);
}

NetworkAnswer simulate_timeline(const network::Graph& graph, const engine::EngineConfig& engine,
                                record::Timeline& timeline) {
  return one_answer({&graph, &engine}, *make_simulator(), &timeline);
}

}  // namespace lanewise::study
