// SPDX-License-Identifier: Apache-2.0
#include "study/workload/assemble_workload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "core/base/version.hpp"
#include "study/evaluation/whole_results.hpp"

namespace lanewise::study {
namespace {

CycleStatistics statistics_of(std::vector<std::int64_t> cycles) {
  CycleStatistics out;
  if (cycles.empty()) return out;
  std::sort(cycles.begin(), cycles.end());
  out.min = cycles.front();
  out.max = cycles.back();
  for (const std::int64_t each : cycles) out.mean += as_double(each);
  out.mean /= static_cast<double>(cycles.size());
  // Nearest rank: the smallest that at least 99 % do not exceed.
  const auto rank = static_cast<std::size_t>((99 * cycles.size() + 99) / 100);
  out.p99 = cycles[rank - 1];
  return out;
}

// What commands cost that ran so many times, engine by engine.
class Account {
 public:
  explicit Account(const engine::EngineConfig& engine) : engine_(engine) {}

  void add(const record::Measurement& m, std::int64_t times) {
    const double repeat = static_cast<double>(times);
    busy += m.latency.count() * times;
    dram_bytes += m.dram_bytes().count() * times;
    // At rest the DRAM's interface draws power for all engines together: it is counted once, apart.
    const double seconds = engine_.seconds(m.latency).count();
    energy_pj += repeat * (m.energy.count() - engine_.dram_interface_power().count() * seconds * 1e9);
    peak_sram = std::max(peak_sram, m.peak_sram.count());
    std::vector<record::UnitTime> scaled = m.units;
    for (record::UnitTime& unit : scaled) {
      unit.busy = unit.busy * times;
      unit.idle = unit.idle * times;
      for (record::StallTime& stall : unit.stalled) stall.cycles = stall.cycles * times;
    }
    add_units(units, scaled);
  }

  // Between commands the units are idle, and the engine leaks.
  void rest(std::int64_t elapsed) {
    const std::int64_t idle = elapsed - busy;
    energy_pj += engine_.leakage_power().count() * engine_.seconds(Cycles(idle)).count() * 1e9;
    for (record::UnitTime& unit : units) {
      Cycles seen = unit.busy + unit.idle;
      for (const record::StallTime& stall : unit.stalled) seen += stall.cycles;
      unit.idle += Cycles(elapsed) - seen;  // of commands that did not have the unit, too
    }
  }

  std::int64_t busy = 0, dram_bytes = 0, peak_sram = 0;
  double energy_pj = 0;
  std::vector<record::UnitTime> units;

 private:
  const engine::EngineConfig& engine_;
};

// In which the DRAM moved data: that of the unit, or of the busier one of the two ports of a stream.
std::int64_t dram_busy(const std::vector<record::UnitTime>& units) {
  std::int64_t busy = 0;
  for (const record::UnitTime& unit : units) {
    const bool moves = unit.unit == record::Unit::kDram || unit.unit == record::Unit::kReadPort ||
                       unit.unit == record::Unit::kWritePort;
    if (moves) busy = std::max(busy, unit.busy.count());
  }
  return busy;
}

class Assembly {
 public:
  explicit Assembly(WorkloadRun& run)
      : run_(run), workload_(*run.question->workload), engines_(run.question->engines) {}

  WorkloadAnswer answer() {
    out_.workload = workload_.name;
    out_.policy = workload_.policy;
    out_.source = run_.source;
    out_.tool_version = version();
    out_.clock_hz = run_.clock;
    out_.contention = run_.contention;
    out_.elapsed_cycles = run_.schedule.elapsed;
    out_.overload = run_.schedule.overflow.has_value();
    out_.frames = std::move(run_.schedule.frames);
    out_.runs = std::move(run_.schedule.runs);
    for (FrameRun& frame : out_.frames) frame.missed = frame.missed || frame.done < 0;
    for (std::size_t n = 0; n < workload_.networks.size(); ++n) add_network(n);
    add_engines();
    judge();
    add_notes();
    return std::move(out_);
  }

 private:
  // The engine that a network runs on, the first one where it may run on several.
  std::size_t first_engine(std::size_t network) const {
    for (std::size_t e = 0; e < engines_.size(); ++e) {
      if (run_.costs[network][e] != nullptr) return e;
    }
    return 0;
  }
  std::int64_t alone(std::size_t network, std::size_t engine) const {
    CommandCosts& costs = *run_.costs[network][engine];
    return costs.end(0, costs.commands() - 1, costs.commands() - 1);
  }

  void add_network(std::size_t n) {
    const WorkloadNetwork& network = workload_.networks[n];
    const FrameSource& source = (*run_.sources)[n];
    NetworkUse use;
    use.name = network.name;
    use.network = run_.question->graphs[n]->name();
    const std::size_t engine = first_engine(n);
    const PlannedNetwork& plan = *run_.plans[n][engine];
    for (const mapping::Subgraph& command : plan.commands) use.command_names.push_back(command.name);
    use.banks = plan.banks;
    use.kept_banks = plan.kept_banks;
    use.alone_cycles = alone(n, engine);
    use.period_cycles = std::llround(network.period.count() * run_.clock);
    use.deadline_cycles = source.deadline;
    std::vector<std::int64_t> responses, waits;
    for (const FrameRun& frame : out_.frames) {
      if (frame.network != n) continue;
      ++use.released;
      use.dropped += frame.dropped ? 1 : 0;
      use.missed += frame.missed ? 1 : 0;
      if (frame.done < 0) {
        use.undone += frame.dropped ? 0 : 1;
        continue;
      }
      ++use.done;
      responses.push_back(frame.response());
      waits.push_back(frame.begin - frame.release);
      use.service_cycles += as_double(frame.service);
    }
    if (use.done > 0) use.service_cycles /= as_double(use.done);
    use.response = statistics_of(std::move(responses));
    use.waiting = statistics_of(std::move(waits));
    use.worst_ratio = as_double(use.response.max) / as_double(std::max<std::int64_t>(1, source.deadline));
    // Of what contention adds, only what was seen is known.
    const double service = run_.contention && use.done > 0 ? use.service_cycles : as_double(use.alone_cycles);
    use.demand = service / (network.period.count() * run_.clock);
    out_.networks.push_back(std::move(use));
  }

  std::vector<Account> accounts() {
    std::vector<Account> all;
    for (const engine::EngineConfig* const engine : engines_) all.emplace_back(*engine);
    if (run_.contention) {
      for (const TogetherMachines::Measured& done : run_.measured) all[done.engine].add(done.measurement, 1);
      return all;
    }
    // Runs of the same commands cost the same.
    std::map<std::array<std::size_t, 4>, std::int64_t> times;
    for (const CommandRun& run : out_.runs) ++times[{run.engine, run.network, run.first, run.last}];
    for (const auto& [what, count] : times) {
      const auto& [engine, network, first, last] = what;
      for (const record::Measurement* const m : run_.costs[network][engine]->run(first, last)) {
        all[engine].add(*m, count);
      }
    }
    return all;
  }

  void add_engines() {
    std::vector<Account> all = accounts();
    std::int64_t moved = 0;  // cycles
    const double seconds = out_.elapsed_cycles > 0 ? as_double(out_.elapsed_cycles) / run_.clock : 0;
    double interface_mw = 0;
    for (std::size_t e = 0; e < engines_.size(); ++e) {
      const engine::EngineConfig& config = *engines_[e];
      Account& account = all[e];
      account.rest(out_.elapsed_cycles);
      EngineUse use;
      use.name = workload_.engines.empty() ? config.name : workload_.engines[e].name;
      use.engine = config.name;
      use.identity = engine::identity_of(config);
      use.busy_cycles = account.busy;
      use.duty = share(account.busy);
      use.dram_bytes = account.dram_bytes;
      use.energy_uj = account.energy_pj / 1e6;
      use.peak_sram_bytes = account.peak_sram;
      use.activation_banks = config.memory.activation_banks;
      count_commands(e, use);
      moved += dram_busy(account.units);
      out_.dram_bytes += use.dram_bytes;
      out_.energy_uj += use.energy_uj;
      out_.area_mm2 += config.total_area().count();
      const double interface = config.dram_interface_power().count();
      interface_mw = workload_.shares_dram ? std::max(interface_mw, interface) : interface_mw + interface;
      use.units = std::move(account.units);
      out_.engines.push_back(std::move(use));
    }
    for (std::size_t n = 0; n < workload_.networks.size(); ++n) add_demand(n);
    out_.energy_uj += interface_mw * seconds * 1e3;  // mW x s = 1e3 uJ
    out_.dram_duty = share(workload_.shares_dram ? moved : moved / static_cast<std::int64_t>(engines_.size()));
    if (run_.source == record::Source::kEstimated) estimate_dram_duty();
    out_.objectives.average_power_mw = seconds > 0 ? out_.energy_uj / seconds / 1e3 : 0;
  }

  // An estimate has bytes alone.
  void estimate_dram_duty() {
    double could = 0;
    for (const engine::EngineConfig* const engine : engines_) could += engine->dram_bandwidth().count();
    if (workload_.shares_dram) could = engines_.front()->dram_bandwidth().count();
    const double bytes = could * as_double(out_.elapsed_cycles);
    out_.dram_duty = bytes > 0 ? as_double(out_.dram_bytes) / bytes : 0;
  }

  double share(std::int64_t cycles) const {
    return out_.elapsed_cycles > 0 ? as_double(cycles) / as_double(out_.elapsed_cycles) : 0;
  }

  void count_commands(std::size_t engine, EngineUse& use) const {
    const CommandRun* before = nullptr;
    for (const CommandRun& run : out_.runs) {
      if (run.engine != engine) continue;
      use.commands += static_cast<std::int64_t>(run.last - run.first) + 1;
      if (before != nullptr && (before->network != run.network || before->frame != run.frame)) ++use.switches;
      before = &run;
    }
  }

  void add_demand(std::size_t n) {
    std::vector<std::size_t> where;
    for (std::size_t e = 0; e < engines_.size(); ++e) {
      if (run_.costs[n][e] != nullptr) where.push_back(e);
    }
    for (const std::size_t e : where) {
      const double service = where.size() == 1 ? out_.networks[n].demand
                                               : as_double(alone(n, e)) / as_double(out_.networks[n].period_cycles);
      out_.engines[e].demand += service / static_cast<double>(where.size());
    }
  }

  void judge() {
    WorkloadObjectives& judged = out_.objectives;
    double weights = 0;
    for (std::size_t n = 0; n < out_.networks.size(); ++n) {
      const NetworkUse& use = out_.networks[n];
      const double weight = workload_.networks[n].weight;
      judged.weighted_latency_ms += weight * out_.ms(use.response.mean);
      weights += weight;
      judged.missed += use.missed;
      judged.worst_response_ratio = std::max(judged.worst_response_ratio, use.worst_ratio);
      if (use.dropped + use.undone > 0) judged.worst_response_ratio = std::numeric_limits<double>::infinity();
      if (use.missed == 0) continue;
      out_.reasons.push_back(fmt::format("{}: {} of {} frames missed the deadline of {:.4g} ms{}", use.name, use.missed,
                                         use.released, out_.ms(as_double(use.deadline_cycles)), lost(use)));
    }
    if (weights > 0) judged.weighted_latency_ms /= weights;
    for (const EngineUse& use : out_.engines) {
      judged.highest_demand = std::max(judged.highest_demand, use.demand);
      if (use.demand <= 1) continue;
      out_.reasons.push_back(
          fmt::format("engine {}: overloaded, its networks ask for {:.1f} % of its time: the backlog "
                      "grows without end",
                      use.name, 100 * use.demand));
    }
    if (out_.overload) {
      out_.reasons.push_back(fmt::format("{}: overloaded, given up after {:.4g} ms with more than {} frames waiting",
                                         out_.networks[*run_.schedule.overflow].name,
                                         out_.ms(as_double(out_.elapsed_cycles)), kMostWaiting));
    }
    out_.fits = out_.reasons.empty();
  }

  static std::string lost(const NetworkUse& use) {
    std::string text;
    if (use.dropped > 0) text += fmt::format(", {} dropped at a full queue", use.dropped);
    if (use.undone > 0) text += fmt::format(", {} not done", use.undone);
    return text;
  }

  void add_notes() {
    if (engines_.size() == 1) return;
    if (workload_.shares_dram && !run_.contention) {
      out_.notes.push_back("estimated: engines do not hold each other up at the DRAM; simulate does");
    }
    if (!run_.contention) return;
    for (const engine::EngineConfig* const engine : engines_) {
      if (!engine->overlaps_subgraphs()) continue;
      out_.notes.push_back("engine " + engine->name +
                           ": beside others a command begins once the one before it is done, as with "
                           "command.register_groups=1");
    }
  }

  WorkloadRun& run_;
  const Workload& workload_;
  const std::vector<const engine::EngineConfig*>& engines_;
  WorkloadAnswer out_;
};

}  // namespace

WorkloadAnswer assemble_workload(WorkloadRun& run) { return Assembly(run).answer(); }

}  // namespace lanewise::study
