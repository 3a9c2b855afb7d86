// SPDX-License-Identifier: Apache-2.0
#include "study/workload/answer_workload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>

#include "core/base/error.hpp"
#include "study/workload/assemble_workload.hpp"
#include "study/workload/command_costs.hpp"
#include "study/workload/memory_shares.hpp"
#include "study/workload/table_machines.hpp"
#include "study/workload/together_machines.hpp"

namespace lanewise::study {
namespace {

constexpr double kMostCycles = 1e12;
constexpr std::int64_t kMostCommandRuns = 4000000;

std::int64_t cycles_of(double seconds, double clock) { return std::llround(seconds * clock); }

// How long frames are released, where the workload does not say.
double default_seconds(const Workload& workload) {
  double slowest = 0;
  for (const WorkloadNetwork& network : workload.networks) slowest = std::max(slowest, network.period.count());
  return std::max(1.0, 4 * slowest);
}

// Until when the workload goes on at least: the last period of every network included.
std::int64_t horizon_of(const Workload& workload, double clock) {
  if (!workload.frames) {
    return cycles_of(workload.duration ? workload.duration->count() : default_seconds(workload), clock);
  }
  double last = 0;
  for (const WorkloadNetwork& network : workload.networks) {
    last = std::max(last, network.offset.count() + as_double(*workload.frames) * network.period.count());
  }
  return cycles_of(last, clock);
}

std::vector<std::int64_t> releases_of(const Workload& workload, const WorkloadNetwork& network, double clock) {
  const double seconds = workload.duration ? workload.duration->count() : default_seconds(workload);
  std::vector<std::int64_t> releases;
  for (std::int64_t i = 0;; ++i) {
    const double at = network.offset.count() + as_double(i) * network.period.count();
    if (workload.frames ? i == *workload.frames : at >= seconds) return releases;
    if (at * clock > kMostCycles) {
      throw Error(fmt::format("workload {}: frames are released for {} s, at most {:.0f} s of this clock are taken",
                              workload.name, at, kMostCycles / clock));
    }
    releases.push_back(cycles_of(at, clock));
    if (static_cast<std::int64_t>(releases.size()) > kMostCommandRuns) {
      throw Error(fmt::format("workload {}: network {} releases more than {} frames; a shorter duration has fewer",
                              workload.name, network.name, kMostCommandRuns));
    }
  }
}

// Everything about one question but what commands cost.
class Prepared {
 public:
  explicit Prepared(const WorkloadQuestion& question) : question_(question) {
    check();
    const Workload& workload = *question.workload;
    clock_ = question.engines.front()->array.clock.count();
    plan();
    for (std::size_t n = 0; n < workload.networks.size(); ++n) {
      const WorkloadNetwork& network = workload.networks[n];
      FrameSource source;
      source.releases = releases_of(workload, network, clock_);
      source.deadline = cycles_of(network.deadline.count(), clock_);
      source.priority = network.priority;
      source.engine = engine_of(network);
      source.queue = network.queue;
      if (source.releases.empty()) {
        throw Error(fmt::format("workload {}: network {} releases no frame: its offset is not below the duration",
                                workload.name, network.name));
      }
      sources_.push_back(std::move(source));
    }
  }

  void add_queries(std::vector<SubgraphQuery>& queries) const {
    for (std::size_t e = 0; e < question_.engines.size(); ++e) {
      for (const auto& network : networks_) {
        if (!network[e]) continue;
        for (const mapping::Subgraph& command : network[e]->commands)
          queries.push_back({&command, question_.engines[e]});
      }
    }
  }

  // `results` in the order of the queries; goes on behind those that it takes.
  WorkloadAnswer answer(std::vector<const record::SubgraphResult*>::const_iterator& results, record::Source source,
                        const Progress& progress) {
    std::vector<std::vector<std::unique_ptr<CommandCosts>>> costs(networks_.size());
    std::string failure;
    for (std::size_t e = 0; e < question_.engines.size(); ++e) {
      for (std::size_t n = 0; n < networks_.size(); ++n) {
        costs[n].emplace_back();
        if (!networks_[n][e]) continue;
        const PlannedNetwork& planned = *networks_[n][e];
        const auto end = results + static_cast<std::ptrdiff_t>(planned.commands.size());
        if (failure.empty() && !planned.failure.empty()) failure = planned.failure;
        for (auto result = results; result != end; ++result) {
          if (failure.empty() && !(*result)->failure.empty()) failure = (*result)->failure;
        }
        costs[n][e] = std::make_unique<CommandCosts>(planned, *question_.engines[e],
                                                     std::vector<const record::SubgraphResult*>(results, end), source);
        results = end;
      }
    }
    if (failure.empty()) failure = too_much(costs);
    if (!failure.empty()) {
      WorkloadAnswer failed;
      failed.workload = question_.workload->name;
      failed.policy = question_.workload->policy;
      failed.source = source;
      failed.failure = failure;
      return failed;
    }
    WorkloadRun run;
    run.question = &question_;
    run.source = source;
    run.clock = clock_;
    run.sources = &sources_;
    for (auto& network : costs) {
      run.costs.emplace_back();
      for (auto& cost : network) run.costs.back().push_back(cost.get());
    }
    for (const auto& network : networks_) {
      run.plans.emplace_back();
      for (const auto& plan : network) run.plans.back().push_back(plan ? &*plan : nullptr);
    }
    run_on_machines(run, progress);
    return assemble_workload(run);
  }

 private:
  std::optional<std::size_t> engine_of(const WorkloadNetwork& network) const {
    if (network.engine.empty()) {
      return question_.engines.size() == 1 ? std::optional<std::size_t>(0) : std::nullopt;
    }
    const std::vector<WorkloadEngine>& engines = question_.workload->engines;
    for (std::size_t e = 0; e < engines.size(); ++e) {
      if (engines[e].name == network.engine) return e;
    }
    throw Error(fmt::format("workload {}: network {}: there is no engine {}", question_.workload->name, network.name,
                            network.engine));
  }

  void check() const {
    const Workload& workload = *question_.workload;
    const std::size_t engines = std::max<std::size_t>(1, workload.engines.size());
    if (question_.engines.size() != engines || question_.graphs.size() != workload.networks.size() ||
        workload.networks.empty()) {
      throw InternalError("a workload was asked with other networks or engines than it has");
    }
    for (const engine::EngineConfig* const engine : question_.engines) {
      const engine::EngineConfig& first = *question_.engines.front();
      if (engine->array.clock == first.array.clock) continue;
      throw Error(fmt::format("workload {}: engines {} and {} must have the same engine.clock", workload.name,
                              first.name, engine->name));
    }
  }

  void plan() {
    const Workload& workload = *question_.workload;
    networks_.assign(workload.networks.size(), std::vector<std::optional<PlannedNetwork>>(question_.engines.size()));
    for (std::size_t e = 0; e < question_.engines.size(); ++e) {
      std::vector<NetworkShare> shares;
      std::vector<std::size_t> who;
      for (std::size_t n = 0; n < workload.networks.size(); ++n) {
        const WorkloadNetwork& network = workload.networks[n];
        const std::optional<std::size_t> engine = engine_of(network);
        if (engine && *engine != e) continue;
        shares.push_back({question_.graphs[n], network.banks, network.place});
        who.push_back(n);
      }
      if (shares.empty()) continue;
      std::vector<PlannedNetwork> plans = plan_side_by_side(shares, *question_.engines[e]);
      for (std::size_t i = 0; i < who.size(); ++i) networks_[who[i]][e] = std::move(plans[i]);
    }
  }

  // "", or that there is more to do than is taken.
  std::string too_much(const std::vector<std::vector<std::unique_ptr<CommandCosts>>>& costs) const {
    std::int64_t runs = 0;
    for (std::size_t n = 0; n < costs.size(); ++n) {
      std::size_t most = 0;
      for (const auto& cost : costs[n]) most = std::max(most, cost ? cost->commands() : 0);
      runs += static_cast<std::int64_t>(sources_[n].releases.size() * most);
    }
    if (runs <= kMostCommandRuns) return "";
    return fmt::format(
        "workload {}: its frames have {} commands together, at most {} are run; a shorter duration has "
        "fewer",
        question_.workload->name, runs, kMostCommandRuns);
  }

  void run_on_machines(WorkloadRun& run, const Progress& progress) const {
    const std::size_t engines = question_.engines.size();
    std::vector<std::vector<std::size_t>> commands;
    for (const auto& network : run.plans) {
      commands.emplace_back();
      for (const PlannedNetwork* const plan : network) {
        commands.back().push_back(plan == nullptr ? 0 : plan->commands.size());
      }
    }
    Dispatcher dispatcher(question_.workload->policy, sources_, engines);
    run.contention = engines > 1 && question_.workload->shares_dram && run.source == record::Source::kSimulated;
    if (run.contention) {
      TogetherMachines machines(question_.engines, run.plans);
      run.schedule = run_schedule(std::move(dispatcher), machines, commands, engines, progress);
      run.measured = machines.take_measured();
    } else {
      run_on_tables(run, std::move(dispatcher), commands, progress);
    }
    if (run.schedule.overflow) return;
    run.schedule.elapsed = std::max(run.schedule.elapsed, horizon_of(*question_.workload, clock_));
  }

  void run_on_tables(WorkloadRun& run, Dispatcher dispatcher, const std::vector<std::vector<std::size_t>>& commands,
                     const Progress& progress) const {
    const std::size_t engines = question_.engines.size();
    std::vector<std::int64_t> groups;
    for (const engine::EngineConfig* const engine : question_.engines) {
      groups.push_back(engine->register_groups());
    }
    TableMachines machines(run.costs, std::move(groups));
    run.schedule = run_schedule(std::move(dispatcher), machines, commands, engines, progress);
  }

  WorkloadQuestion question_;
  double clock_ = 0;
  std::vector<std::vector<std::optional<PlannedNetwork>>> networks_;  // by network and engine
  std::vector<FrameSource> sources_;
};

WorkloadAnswer failed_answer(const WorkloadQuestion& question, const std::string& failure) {
  WorkloadAnswer failed;
  failed.workload = question.workload->name;
  failed.policy = question.workload->policy;
  failed.failure = failure;
  return failed;
}

}  // namespace

std::vector<WorkloadAnswer> answer_workloads(const std::vector<WorkloadQuestion>& questions, MeasurementSource& source,
                                             const Progress& progress) {
  std::vector<std::unique_ptr<Prepared>> prepared(questions.size());
  std::vector<WorkloadAnswer> answers(questions.size());
  std::vector<SubgraphQuery> queries;
  for (std::size_t q = 0; q < questions.size(); ++q) {
    try {
      prepared[q] = std::make_unique<Prepared>(questions[q]);
      prepared[q]->add_queries(queries);
    } catch (const Error& error) {
      answers[q] = failed_answer(questions[q], error.what());
    }
  }
  const std::vector<const record::SubgraphResult*> results = source.look_up(queries, progress);
  auto next = results.begin();
  for (std::size_t q = 0; q < questions.size(); ++q) {
    if (!prepared[q]) continue;
    try {
      answers[q] = prepared[q]->answer(next, source.source(), progress);
    } catch (const Interrupted&) {
      throw;
    } catch (const Error& error) {
      answers[q] = failed_answer(questions[q], error.what());
    }
  }
  return answers;
}

WorkloadAnswer answer_workload(const WorkloadQuestion& question, MeasurementSource& source, const Progress& progress) {
  Prepared prepared(question);
  std::vector<SubgraphQuery> queries;
  prepared.add_queries(queries);
  const std::vector<const record::SubgraphResult*> results = source.look_up(queries, progress);
  auto next = results.begin();
  return prepared.answer(next, source.source(), progress);
}

}  // namespace lanewise::study
