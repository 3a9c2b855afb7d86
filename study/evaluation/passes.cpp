// SPDX-License-Identifier: Apache-2.0
#include "study/evaluation/passes.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "core/mapping/bounds.hpp"
#include "sim/pool/worker_pool.hpp"
#include "sim/simulate.hpp"

namespace lanewise::study {
namespace {

class InProcess : public PassSource {
 public:
  record::Source source() const override { return record::Source::kSimulated; }

 protected:
  std::vector<PassResult> measure_distinct(const std::vector<PassQuery>& passes, const Progress& progress) override {
    std::vector<PassResult> results(passes.size());
    for (std::size_t i = 0; i < passes.size(); ++i) {
      progress("simulating", static_cast<std::int64_t>(i), static_cast<std::int64_t>(passes.size()));
      try {
        results[i].measurement = sim::simulate(*passes[i].subgraph, *passes[i].engine);
      } catch (const Error& error) {
        results[i].failure = error.what();
      }
    }
    return results;
  }
};

class Pooled : public PassSource {
 public:
  Pooled(const std::string& worker_path, int workers) : pool_(worker_path, workers) {}
  record::Source source() const override { return record::Source::kSimulated; }

 protected:
  std::vector<PassResult> measure_distinct(const std::vector<PassQuery>& passes, const Progress& progress) override {
    std::vector<WorkerJob> jobs;
    jobs.reserve(passes.size());
    std::map<const engine::EngineConfig*, std::string> hashes;
    for (const PassQuery& pass : passes) {
      std::string& hash = hashes[pass.engine];
      if (hash.empty()) hash = engine::engine_hash(*pass.engine);
      jobs.push_back({pass.engine, hash, mapping::subgraph_key(*pass.subgraph)});
    }
    std::vector<PassResult> results(passes.size());
    std::int64_t done = 0;
    pool_.run(
        jobs,
        [&](std::vector<WorkerAnswer>& answers) {
          for (WorkerAnswer& answer : answers) results[answer.job] = std::move(answer.result);
          done += static_cast<std::int64_t>(answers.size());
          progress("simulating", done, static_cast<std::int64_t>(jobs.size()));
        },
        progress.stopped);
    return results;
  }

 private:
  WorkerPool pool_;
};

class Estimated : public PassSource {
 public:
  explicit Estimated(const estimator::Estimator& estimator) : estimator_(estimator) {}
  record::Source source() const override { return record::Source::kEstimated; }

 protected:
  std::vector<PassResult> measure_distinct(const std::vector<PassQuery>& passes, const Progress&) override {
    std::vector<estimator::Estimator::Query> queries;
    queries.reserve(passes.size());
    for (const PassQuery& pass : passes) queries.push_back({pass.subgraph, pass.engine});
    const std::vector<estimator::Prediction> predictions = estimator_.predict(queries);
    std::vector<PassResult> results(passes.size());
    for (std::size_t i = 0; i < passes.size(); ++i) {
      const PassQuery& query = passes[i];
      record::Measurement& m = results[i].measurement;
      m.latency = predictions[i].latency;
      m.macs = query.subgraph->shape.macs();
      const double slots = static_cast<double>(m.latency.count()) * static_cast<double>(query.engine->macs_per_cycle());
      m.utilization = slots > 0 ? static_cast<double>(m.macs) / slots : 0;
      m.dram_read = predictions[i].dram;
      m.peak_sram = predictions[i].peak_sram;
      m.energy = predictions[i].energy;
      m.bound_by = largest_bound(*query.subgraph, *query.engine);
    }
    return results;
  }

 private:
  const estimator::Estimator& estimator_;
};

}  // namespace

std::vector<PassResult> PassSource::measure(const std::vector<PassQuery>& queries, const Progress& progress) {
  std::vector<PassResult> results;
  results.reserve(queries.size());
  for (const PassResult* result : look_up(queries, progress)) results.push_back(*result);
  return results;
}

std::vector<const PassResult*> PassSource::look_up(const std::vector<PassQuery>& queries, const Progress& progress) {
  const std::size_t known = known_.size();
  std::vector<PassTable::Index> numbers;
  try {
    numbers = number_and_measure(queries, progress);
  } catch (...) {
    table_.shrink(known);
    known_.resize(known);
    throw;
  }
  std::vector<const PassResult*> results;
  results.reserve(queries.size());
  for (const PassTable::Index number : numbers) results.push_back(&known_[number]);
  return results;
}

std::vector<PassTable::Index> PassSource::number_and_measure(const std::vector<PassQuery>& queries,
                                                             const Progress& progress) {
  std::vector<PassTable::Index> numbers;
  numbers.reserve(queries.size());
  std::vector<PassQuery> missing;
  std::map<const engine::EngineConfig*, PassTable::Index> engines;
  PassTable::Index engine = 0;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    // Queries mostly come engine by engine.
    if (i == 0 || queries[i].engine != queries[i - 1].engine) {
      const auto [place, added] = engines.try_emplace(queries[i].engine);
      if (added) place->second = table_.engine(*queries[i].engine);
      engine = place->second;
    }
    numbers.push_back(table_.pass(*queries[i].subgraph, engine));
    if (numbers.back() == known_.size() + missing.size()) missing.push_back(queries[i]);
  }
  if (missing.empty()) return numbers;
  for (PassResult& result : measure_distinct(missing, progress)) known_.push_back(std::move(result));
  return numbers;
}

std::unique_ptr<PassSource> make_simulator() { return std::make_unique<InProcess>(); }

std::unique_ptr<PassSource> make_simulator(const std::string& worker_path, int workers) {
  return std::make_unique<Pooled>(worker_path, workers);
}

std::unique_ptr<PassSource> make_estimated(const estimator::Estimator& estimator) {
  return std::make_unique<Estimated>(estimator);
}

std::string largest_bound(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine) {
  const mapping::Bounds b = mapping::bounds(subgraph, engine);
  const std::pair<double, const char*> bounds[] = {
      {std::max(b.mac_cycles, b.array_cycles), "dot_product_array"},
      {b.dram_cycles, "dram"},
      {b.post_cycles, subgraph.shape.family == mapping::PassFamily::kHost ? "host" : "post_processor"},
      {std::max(b.activation_cycles, b.weight_cycles), "onchip_memory"}};
  const auto* largest = &bounds[0];
  for (const auto& bound : bounds) {
    if (bound.first > largest->first) largest = &bound;
  }
  return largest->second;
}

}  // namespace lanewise::study
