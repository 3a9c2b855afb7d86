// SPDX-License-Identifier: Apache-2.0
#include "study/passes.hpp"

#include <algorithm>

#include "mapping/bounds.hpp"
#include "sim/simulate.hpp"
#include "study/worker_pool.hpp"

namespace lanewise::study {
namespace {

class InProcess : public PassSource {
 public:
  record::Source source() const override { return record::Source::kSimulated; }

 protected:
  std::vector<PassResult> measure_distinct(const std::vector<Keyed>& passes, const Progress& progress) override {
    std::vector<PassResult> results(passes.size());
    for (std::size_t i = 0; i < passes.size(); ++i) {
      progress("simulating", static_cast<std::int64_t>(i), static_cast<std::int64_t>(passes.size()));
      try {
        results[i].measurement = sim::simulate(*passes[i].query.subgraph, *passes[i].query.engine);
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
  std::vector<PassResult> measure_distinct(const std::vector<Keyed>& passes, const Progress& progress) override {
    std::vector<WorkerJob> jobs;
    jobs.reserve(passes.size());
    for (const Keyed& pass : passes) jobs.push_back({pass.query.engine, pass.engine_hash, pass.subgraph_key});
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
  std::vector<PassResult> measure_distinct(const std::vector<Keyed>& passes, const Progress&) override {
    std::vector<estimator::Estimator::Query> queries;
    queries.reserve(passes.size());
    for (const Keyed& pass : passes) queries.push_back({pass.query.subgraph, pass.query.engine});
    const std::vector<estimator::Prediction> predictions = estimator_.predict(queries);
    std::vector<PassResult> results(passes.size());
    for (std::size_t i = 0; i < passes.size(); ++i) {
      const PassQuery& query = passes[i].query;
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
  std::map<const engine::EngineConfig*, std::string> hashes;
  std::vector<std::pair<std::string, std::string>> keys;
  keys.reserve(queries.size());
  std::vector<Keyed> missing;
  for (const PassQuery& query : queries) {
    std::string& hash = hashes[query.engine];
    if (hash.empty()) hash = engine::engine_hash(*query.engine);
    keys.emplace_back(hash, mapping::subgraph_key(*query.subgraph));
    // The entry made here marks the pass as asked for; it is filled below.
    if (known_.emplace(keys.back(), PassResult{}).second) missing.push_back({query, hash, keys.back().second});
  }
  if (!missing.empty()) {
    try {
      std::vector<PassResult> results = measure_distinct(missing, progress);
      for (std::size_t i = 0; i < missing.size(); ++i) {
        known_[{missing[i].engine_hash, missing[i].subgraph_key}] = std::move(results[i]);
      }
    } catch (...) {
      for (const Keyed& pass : missing) known_.erase({pass.engine_hash, pass.subgraph_key});
      throw;
    }
  }
  std::vector<PassResult> out;
  out.reserve(queries.size());
  for (const auto& key : keys) out.push_back(known_.at(key));
  return out;
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
