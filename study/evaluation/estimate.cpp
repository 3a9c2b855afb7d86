// SPDX-License-Identifier: Apache-2.0
#include "study/evaluation/estimate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include "core/base/error.hpp"
#include "core/base/version.hpp"
#include "core/mapping/partition.hpp"
#include "core/mapping/refusal.hpp"
#include "core/record/engine_values.hpp"
#include "estimator/overlap.hpp"
#include "study/evaluation/assemble.hpp"
#include "study/evaluation/subgraph_table.hpp"

namespace lanewise::study {
namespace {

// The subgraphs of one network on one engine, as they come to be known.
struct Predicted {
  mapping::Partition partition;
  std::string failure;  // "", or why the engine cannot run the network
  std::vector<SubgraphQuery> queries;
  std::vector<record::SubgraphResult> results;
  std::vector<estimator::Assessment> assessments;
  std::vector<bool> simulated;
  std::vector<std::string> engine_outside;  // what of the engine lies beyond what was trained on
};

// The subgraphs of the question, unless the engine cannot run one of them.
Predicted asked(const Question& question) {
  Predicted predicted;
  try {
    predicted.partition = question.partition != nullptr
                              ? *question.partition
                              : mapping::partition_with_memory(*question.graph, *question.engine);
  } catch (const Error& error) {
    predicted.failure = error.what();
    return predicted;
  }
  for (const mapping::Subgraph& subgraph : predicted.partition.subgraphs) {
    predicted.failure = mapping::refusal_of(subgraph, *question.engine);
    if (!predicted.failure.empty()) break;
  }
  return predicted;
}

// Each distinct subgraph is assessed once.
void predict(std::vector<Predicted>& all, const std::vector<Question>& questions,
             const estimator::Estimator& estimator) {
  SubgraphTable table;
  std::vector<estimator::Estimator::Query> queries;
  std::vector<std::vector<SubgraphTable::Index>> numbers(all.size());
  for (std::size_t q = 0; q < all.size(); ++q) {
    Predicted& predicted = all[q];
    if (!predicted.failure.empty()) continue;
    const engine::EngineConfig& engine = *questions[q].engine;
    const SubgraphTable::Index engine_number = table.engine(engine);
    for (const mapping::Subgraph& subgraph : predicted.partition.subgraphs) {
      numbers[q].push_back(table.subgraph(subgraph, engine_number));
      if (numbers[q].back() == queries.size()) queries.push_back({&subgraph, &engine});
      predicted.queries.push_back({&subgraph, &engine});
    }
    predicted.simulated.assign(predicted.queries.size(), false);
    predicted.engine_outside = estimator.out_of_range(engine);
  }
  const std::vector<estimator::Assessment> assessments = estimator.assess(queries);
  for (std::size_t q = 0; q < all.size(); ++q) {
    for (std::size_t i = 0; i < numbers[q].size(); ++i) {
      all[q].assessments.push_back(assessments[numbers[q][i]]);
      all[q].results.push_back({measurement_of(all[q].assessments.back().prediction, all[q].queries[i]), ""});
    }
  }
}

bool too_wide(const estimator::Assessment& assessment, const estimator::Estimator& estimator,
              const EstimateOptions& options) {
  if (!options.fallback_width_percent || !estimator.has_intervals()) return false;
  const estimator::Interval interval = estimator.interval(assessment, options.level);
  return 100.0 * static_cast<double>(interval.high - interval.low) >
         *options.fallback_width_percent * static_cast<double>(assessment.prediction.latency.count());
}

void keep(const std::vector<SubgraphQuery>& queries, const std::vector<record::SubgraphResult>& results,
          record::Store& store) {
  record::Store::Group group(store);
  for (std::size_t i = 0; i < queries.size(); ++i) {
    record::Row row;
    row.engine_hash = engine::engine_hash(*queries[i].engine);
    row.subgraph_key = mapping::subgraph_key(*queries[i].subgraph);
    row.tool_version = version();
    row.engine_values = record::engine_values(*queries[i].engine);
    // To be learned from: an estimator trained on these rows has been there.
    row.engine_values.emplace_back(record::kOutsideRangesKey, "false");
    row.weight = 0;
    row.failure = results[i].failure;
    row.measurement = results[i].measurement;
    store.insert(row);
  }
  group.commit();
}

// Of all questions together, so that a pool of simulators has much to do at once.
void simulate_instead(std::vector<Predicted>& all, const estimator::Estimator& estimator,
                      const EstimateOptions& options, const Progress& progress) {
  std::vector<SubgraphQuery> asked;
  std::vector<std::pair<std::size_t, std::size_t>> places;  // question and subgraph
  for (std::size_t q = 0; q < all.size(); ++q) {
    for (std::size_t i = 0; i < all[q].queries.size(); ++i) {
      const bool outside = !all[q].engine_outside.empty() || !all[q].assessments[i].out_of_range.empty();
      if (!outside && !too_wide(all[q].assessments[i], estimator, options)) continue;
      asked.push_back(all[q].queries[i]);
      places.emplace_back(q, i);
    }
  }
  if (asked.empty()) return;
  std::vector<record::SubgraphResult> results = options.fallback->measure(asked, progress);
  if (options.store != nullptr) keep(asked, results, *options.store);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    Predicted& predicted = all[places[i].first];
    if (!results[i].failure.empty() && predicted.failure.empty()) predicted.failure = results[i].failure;
    predicted.simulated[places[i].second] = true;
    predicted.results[places[i].second] = std::move(results[i]);
  }
}

// What is known of the sum of some subgraphs: equal ones err alike, and count as one.
std::vector<estimator::NetworkPart> parts_of(const Predicted& predicted, const std::vector<std::size_t>& which) {
  std::map<std::string, estimator::NetworkPart> parts;
  for (const std::size_t i : which) {
    estimator::NetworkPart& part = parts[mapping::subgraph_key(*predicted.queries[i].subgraph)];
    part.cycles += static_cast<double>(predicted.results[i].measurement.latency.count());
    part.difficulty = predicted.simulated[i] ? 0 : predicted.assessments[i].difficulty;
  }
  std::vector<estimator::NetworkPart> out;
  for (const auto& [key, part] : parts) out.push_back(part);
  return out;
}

// Whether every part was simulated instead.
bool all_simulated(const Predicted& predicted, const std::vector<std::size_t>& parts) {
  return std::all_of(parts.begin(), parts.end(), [&](std::size_t part) { return predicted.simulated[part]; });
}

// Of one subgraph: of itself or, in a cascade, of the sum over its stripes.
LatencyInterval interval_of(const Predicted& predicted, const std::vector<std::size_t>& parts,
                            const estimator::Estimator& estimator, double level) {
  const estimator::Interval interval = parts.size() == 1
                                           ? estimator.interval(predicted.assessments[parts.front()], level)
                                           : estimator.network_interval(parts_of(predicted, parts), level);
  return {level, interval.low, interval.high};
}

// By how much what the network takes less than its subgraphs alone may be wrong, in cycles.
std::int64_t overlap_doubt(const Predicted& predicted) {
  if (predicted.queries.empty()) return 0;
  std::vector<mapping::Subgraph> subgraphs;
  std::vector<double> cycles;
  for (std::size_t i = 0; i < predicted.queries.size(); ++i) {
    subgraphs.push_back(*predicted.queries[i].subgraph);
    cycles.push_back(as_double(predicted.results[i].measurement.latency));
  }
  double doubt = 0;
  for (const estimator::Overlap& overlap : estimator::overlaps(subgraphs, *predicted.queries.front().engine, cycles)) {
    doubt += overlap.doubt;
  }
  return std::llround(doubt);
}

void add_reliability(const Predicted& predicted, const std::vector<std::vector<std::size_t>>& parts,
                     const estimator::Estimator& estimator, const EstimateOptions& options, NetworkAnswer& answer) {
  Reliability whole;
  std::map<std::string, std::int64_t> outside;
  std::int64_t alone = 0;
  for (std::size_t i = 0; i < answer.subgraphs.size(); ++i) {
    SubgraphAnswer& subgraph = answer.subgraphs[i];
    Reliability known;
    alone += subgraph.latency_cycles;
    if (all_simulated(predicted, parts[i])) {
      subgraph.source = record::Source::kSimulated;
      known.interval = LatencyInterval{options.level, subgraph.latency_cycles, subgraph.latency_cycles};
    } else if (estimator.has_intervals()) {
      known.interval = interval_of(predicted, parts[i], estimator, options.level);
    }
    known.out_of_range = predicted.engine_outside;
    std::set<std::string> texts;
    for (const std::size_t part : parts[i]) {
      for (const std::string& text : predicted.assessments[part].out_of_range) {
        if (!texts.insert(text).second) continue;
        ++outside[text];
        known.out_of_range.push_back(text);
      }
    }
    known.in_range = known.out_of_range.empty();
    subgraph.reliability = std::move(known);
  }
  whole.out_of_range = predicted.engine_outside;
  for (const auto& [text, count] : outside) {
    whole.out_of_range.push_back(count == 1 ? text : fmt::format("{} in {} subgraphs", text, count));
  }
  whole.in_range = whole.out_of_range.empty();
  if (estimator.has_intervals()) {
    // The calibrated interval is of the subgraphs alone.
    std::vector<std::size_t> all(predicted.queries.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    const estimator::Interval interval = estimator.network_interval(parts_of(predicted, all), options.level);
    const std::int64_t saved = alone - answer.total.latency_cycles;
    const std::int64_t doubt = overlap_doubt(predicted);
    whole.interval = LatencyInterval{options.level, std::max<std::int64_t>(1, interval.low - saved - doubt),
                                     interval.high - saved + doubt};
  }
  answer.reliability = std::move(whole);
}

void add_fallback(const Predicted& predicted, const std::vector<std::vector<std::size_t>>& parts,
                  const EstimateOptions& options, NetworkAnswer& answer) {
  if (options.fallback == nullptr) return;
  Fallback fallback;
  std::int64_t cycles = 0;
  for (const std::vector<std::size_t>& subgraph : parts) {
    bool simulated = false;
    for (const std::size_t part : subgraph) {
      if (!predicted.simulated[part]) continue;
      simulated = true;
      cycles += answer.commands[part].in_network_cycles;
    }
    fallback.subgraphs += simulated ? 1 : 0;
  }
  if (answer.total.latency_cycles > 0) {
    fallback.latency_share_percent =
        100.0 * static_cast<double>(cycles) / static_cast<double>(answer.total.latency_cycles);
  }
  answer.fallback = fallback;
}

estimator::NetworkMix mix_of(const std::vector<mapping::Subgraph>& subgraphs) {
  estimator::MixCounter counter;
  for (const mapping::Subgraph& subgraph : subgraphs) counter.add(subgraph.shape, 1);
  return counter.mix();
}

NetworkAnswer answer_of(const Question& question, Predicted predicted, const estimator::Estimator& estimator,
                        const EstimateOptions& options) {
  const engine::EngineConfig& engine = *question.engine;
  std::vector<std::vector<std::size_t>> parts;  // of each whole subgraph
  for (mapping::WholeSubgraph& subgraph : mapping::whole_subgraphs(predicted.partition))
    parts.push_back(std::move(subgraph.parts));
  // What was predicted points into the partition, which moves into the answer as a copy.
  NetworkAnswer answer = assemble(question, predicted.partition, predicted.results,
                                  hide_overlap(predicted.partition.subgraphs, predicted.results, engine),
                                  record::Source::kEstimated, options.explained);
  add_reliability(predicted, parts, estimator, options, answer);
  add_fallback(predicted, parts, options, answer);
  answer.estimator = EstimatorNote{estimator.family(), engine.family != estimator.family()};
  answer.held_out_accuracy = held_out_accuracy(estimator);
  // Of another family nothing is known.
  if (!answer.estimator->other_family && !estimator.network_report().empty()) {
    answer.networks_like_this =
        estimator::networks_like(estimator.network_report(), mix_of(predicted.partition.subgraphs));
  }
  answer.adapted = adaptation_note(estimator, engine);
  return answer;
}

}  // namespace

std::optional<estimator::Accuracy> held_out_accuracy(const estimator::Estimator& estimator) {
  const auto report = estimator.reports().find(to_string(estimator::Split::kUnseenEngine));
  if (report == estimator.reports().end() || report->second.latency.rows == 0) return std::nullopt;
  return report->second.latency;
}

std::optional<estimator::AdaptationNote> adaptation_note(const estimator::Estimator& estimator,
                                                         const engine::EngineConfig& engine) {
  const estimator::Adaptation* const adaptation = estimator.adaptation();
  if (adaptation == nullptr) return std::nullopt;
  return estimator::AdaptationNote{adaptation->engine, adaptation->rows, adaptation->before_mape_percent,
                                   adaptation->after_mape_percent,
                                   estimator::adaptation_difference(*adaptation, engine)};
}

std::vector<Answered> estimate(const std::vector<Question>& questions, const estimator::Estimator& estimator,
                               const EstimateOptions& options, const Progress& progress) {
  // Few enough at a time for what is known of their subgraphs to stay small.
  constexpr std::size_t kAtOnce = 256;
  std::vector<Answered> out(questions.size());
  for (std::size_t first = 0; first < questions.size(); first += kAtOnce) {
    progress("estimating", static_cast<std::int64_t>(first), static_cast<std::int64_t>(questions.size()));
    const std::vector<Question> some(
        questions.begin() + static_cast<std::ptrdiff_t>(first),
        questions.begin() + static_cast<std::ptrdiff_t>(std::min(questions.size(), first + kAtOnce)));
    std::vector<Predicted> all;
    all.reserve(some.size());
    for (const Question& question : some) all.push_back(asked(question));
    predict(all, some, estimator);
    if (options.fallback != nullptr) simulate_instead(all, estimator, options, progress);
    for (std::size_t q = 0; q < some.size(); ++q) {
      out[first + q].failure = all[q].failure;
      if (all[q].failure.empty()) out[first + q].answer = answer_of(some[q], std::move(all[q]), estimator, options);
    }
  }
  return out;
}

NetworkAnswer estimate_network(const network::Graph& graph, const engine::EngineConfig& engine,
                               const estimator::Estimator& estimator, const EstimateOptions& options) {
  Answered answered = std::move(estimate({{&graph, &engine}}, estimator, options).front());
  if (!answered.failure.empty())
    throw Error(fmt::format("{} cannot run on {}: {}", graph.name(), engine::engine_title(engine), answered.failure));
  return std::move(answered.answer);
}

}  // namespace lanewise::study
