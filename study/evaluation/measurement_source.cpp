// SPDX-License-Identifier: Apache-2.0
#include "study/evaluation/measurement_source.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "core/mapping/refusal.hpp"
#include "sim/pool/worker_pool.hpp"
#include "sim/simulate.hpp"

namespace lanewise::study {
namespace {

class InProcess : public MeasurementSource {
 public:
  record::Source source() const override { return record::Source::kSimulated; }

 protected:
  std::vector<record::SubgraphResult> measure_distinct(const std::vector<SubgraphQuery>& subgraphs,
                                                       const Progress& progress) override {
    std::vector<record::SubgraphResult> results(subgraphs.size());
    for (std::size_t i = 0; i < subgraphs.size(); ++i) {
      progress("simulating", static_cast<std::int64_t>(i), static_cast<std::int64_t>(subgraphs.size()));
      try {
        results[i].measurement = sim::simulate(*subgraphs[i].subgraph, *subgraphs[i].engine);
      } catch (const Error& error) {
        results[i].failure = error.what();
      }
    }
    return results;
  }
};

class Pooled : public MeasurementSource {
 public:
  Pooled(const std::string& worker_path, int workers) : pool_(worker_path, workers) {}
  record::Source source() const override { return record::Source::kSimulated; }

 protected:
  std::vector<record::SubgraphResult> measure_distinct(const std::vector<SubgraphQuery>& subgraphs,
                                                       const Progress& progress) override {
    std::vector<sim::WorkerJob> jobs;
    jobs.reserve(subgraphs.size());
    std::map<const engine::EngineConfig*, std::string> hashes;
    for (const SubgraphQuery& subgraph : subgraphs) {
      if (subgraph.subgraph->tiles) throw InternalError("workers plan subgraphs by their keys, which hold no tiles");
      std::string& hash = hashes[subgraph.engine];
      if (hash.empty()) hash = engine::engine_hash(*subgraph.engine);
      jobs.push_back({subgraph.engine, hash, mapping::subgraph_key(*subgraph.subgraph)});
    }
    std::vector<record::SubgraphResult> results(subgraphs.size());
    std::int64_t done = 0;
    pool_.run(
        jobs,
        [&](std::vector<sim::WorkerAnswer>& answers) {
          for (sim::WorkerAnswer& answer : answers) results[answer.job] = std::move(answer.result);
          done += static_cast<std::int64_t>(answers.size());
          progress("simulating", done, static_cast<std::int64_t>(jobs.size()));
        },
        progress.stopped);
    return results;
  }

 private:
  sim::WorkerPool pool_;
};

class Estimated : public MeasurementSource {
 public:
  explicit Estimated(const estimator::Estimator& estimator) : estimator_(estimator) {}
  record::Source source() const override { return record::Source::kEstimated; }
  const estimator::Estimator* estimator() const override { return &estimator_; }

 protected:
  std::vector<record::SubgraphResult> measure_distinct(const std::vector<SubgraphQuery>& subgraphs,
                                                       const Progress&) override {
    std::vector<record::SubgraphResult> results(subgraphs.size());
    std::vector<estimator::Estimator::Query> queries;
    std::vector<std::size_t> places;
    queries.reserve(subgraphs.size());
    places.reserve(subgraphs.size());
    for (std::size_t i = 0; i < subgraphs.size(); ++i) {
      results[i].failure = mapping::refusal_of(*subgraphs[i].subgraph, *subgraphs[i].engine);
      if (!results[i].failure.empty()) continue;
      queries.push_back({subgraphs[i].subgraph, subgraphs[i].engine});
      places.push_back(i);
    }
    const std::vector<estimator::Prediction> predictions = estimator_.predict(queries);
    for (std::size_t i = 0; i < places.size(); ++i)
      results[places[i]].measurement = measurement_of(predictions[i], subgraphs[places[i]]);
    return results;
  }

 private:
  const estimator::Estimator& estimator_;
};

}  // namespace

std::vector<record::SubgraphResult> MeasurementSource::measure(const std::vector<SubgraphQuery>& queries,
                                                               const Progress& progress) {
  std::vector<record::SubgraphResult> results;
  results.reserve(queries.size());
  for (const record::SubgraphResult* result : look_up(queries, progress)) results.push_back(*result);
  return results;
}

std::vector<const record::SubgraphResult*> MeasurementSource::look_up(const std::vector<SubgraphQuery>& queries,
                                                                      const Progress& progress) {
  const std::size_t known = known_.size();
  std::vector<SubgraphTable::Index> numbers;
  try {
    numbers = number_and_measure(queries, progress);
  } catch (...) {
    table_.shrink(known);
    known_.resize(known);
    throw;
  }
  std::vector<const record::SubgraphResult*> results;
  results.reserve(queries.size());
  for (const SubgraphTable::Index number : numbers) results.push_back(&known_[number]);
  return results;
}

std::vector<SubgraphTable::Index> MeasurementSource::number_and_measure(const std::vector<SubgraphQuery>& queries,
                                                                        const Progress& progress) {
  std::vector<SubgraphTable::Index> numbers;
  numbers.reserve(queries.size());
  std::vector<SubgraphQuery> missing;
  std::map<const engine::EngineConfig*, SubgraphTable::Index> engines;
  SubgraphTable::Index engine = 0;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    // Queries mostly come engine by engine.
    if (i == 0 || queries[i].engine != queries[i - 1].engine) {
      const auto [place, added] = engines.try_emplace(queries[i].engine);
      if (added) place->second = table_.engine(*queries[i].engine);
      engine = place->second;
    }
    const mapping::Subgraph& subgraph = *queries[i].subgraph;
    numbers.push_back(
        table_.subgraph(subgraph, subgraph.tiles ? table_.engine(*queries[i].engine, subgraph.tiles) : engine));
    if (numbers.back() == known_.size() + missing.size()) missing.push_back(queries[i]);
  }
  if (missing.empty()) return numbers;
  for (record::SubgraphResult& result : measure_distinct(missing, progress)) known_.push_back(std::move(result));
  return numbers;
}

std::unique_ptr<MeasurementSource> make_simulator() { return std::make_unique<InProcess>(); }

std::unique_ptr<MeasurementSource> make_simulator(const std::string& worker_path, int workers) {
  return std::make_unique<Pooled>(worker_path, workers);
}

std::unique_ptr<MeasurementSource> make_estimated(const estimator::Estimator& estimator) {
  return std::make_unique<Estimated>(estimator);
}

record::Measurement measurement_of(const estimator::Prediction& prediction, const SubgraphQuery& query) {
  record::Measurement m;
  m.latency = prediction.latency;
  m.macs = query.subgraph->shape.macs();
  const double slots = static_cast<double>(m.latency.count()) * static_cast<double>(query.engine->macs_per_cycle());
  m.utilization = slots > 0 ? static_cast<double>(m.macs) / slots : 0;
  m.dram_read = prediction.dram;
  m.peak_sram = prediction.peak_sram;
  m.energy = prediction.energy;
  return m;
}

}  // namespace lanewise::study
