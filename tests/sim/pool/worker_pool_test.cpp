// SPDX-License-Identifier: Apache-2.0
#include "sim/pool/worker_pool.hpp"

#include <sys/stat.h>

#include <fstream>
#include <map>
#include <sstream>

#include "core/base/error.hpp"
#include "core/base/progress.hpp"
#include "core/mapping/partition.hpp"
#include "core/record/engine_values.hpp"
#include "sim/pool/worker_protocol.hpp"
#include "sim/simulate.hpp"
#include "tests/study/fixtures.hpp"

namespace lanewise::sim {
namespace {

using namespace study::testing;  // the fixtures

// Some subgraphs on two engines.
struct Work {
  engine::EngineConfig engines[2] = {small_engine(), engine::load_engine("hwconfigs/ne-1024.yaml").config};
  std::vector<WorkerJob> jobs;

  Work() {
    const network::Graph graph = squeezenet();
    for (const engine::EngineConfig& engine : engines) {
      for (const mapping::Subgraph& subgraph : mapping::partition(graph, engine)) {
        jobs.push_back({&engine, engine::engine_hash(engine), mapping::subgraph_key(subgraph)});
      }
    }
  }

  std::vector<record::SubgraphResult> run(const std::string& worker, int workers, WorkerLimits limits = {}) const {
    std::vector<record::SubgraphResult> results(jobs.size());
    std::vector<int> answers(jobs.size(), 0);
    WorkerPool pool(worker, workers, limits);
    pool.run(jobs, [&](std::vector<WorkerAnswer>& together) {
      for (WorkerAnswer& answer : together) {
        results[answer.job] = std::move(answer.result);
        ++answers[answer.job];
      }
    });
    for (const int count : answers) EXPECT_EQ(count, 1);
    return results;
  }
};

// What a worker says first, for printf.
std::string ready_text() {
  std::string line = ready_line();
  line.pop_back();
  line.replace(line.find('\t'), 1, "\\t");
  return line + "\\n";
}

std::string executable(const ScratchFolder& folder, const std::string& script) {
  const std::string path = folder.file("worker");
  std::ofstream(path) << script;
  ::chmod(path.c_str(), 0700);
  return path;
}

TEST(WorkerPool, says_to_the_last_bit_what_the_simulator_says_here) {
  const Work work;
  for (const int workers : {1, 3}) {
    const std::vector<record::SubgraphResult> results = work.run(kWorker, workers);
    for (std::size_t i = 0; i < results.size(); ++i) {
      const record::Measurement here =
          sim::simulate(mapping::parse_subgraph_key(work.jobs[i].subgraph_key), *work.jobs[i].engine);
      EXPECT_EQ(result_line(i, results[i]), result_line(i, {here, ""}));
    }
  }
}

TEST(WorkerPool, hands_every_part_of_the_energy_over) {
  const Work work;
  const std::vector<record::SubgraphResult> results = work.run(kWorker, 2);
  for (std::size_t i = 0; i < results.size(); ++i) {
    const record::Measurement& there = results[i].measurement;
    const record::Measurement here =
        sim::simulate(mapping::parse_subgraph_key(work.jobs[i].subgraph_key), *work.jobs[i].engine);
    for (std::size_t term = 0; term < record::kEnergyTermCount; ++term) {
      const auto name = static_cast<record::EnergyTerm>(term);
      EXPECT_EQ(there.energy_parts[name], here.energy_parts[name]) << term;
    }
    EXPECT_EQ(there.energy, there.energy_parts.total());
  }
}

TEST(WorkerPool, a_subgraph_that_the_engine_cannot_run_is_a_failure_and_the_others_go_on) {
  Work work;
  mapping::Subgraph floating = mapping::parse_subgraph_key(work.jobs[1].subgraph_key);
  floating.shape.input_precision = floating.shape.weight_precision = floating.shape.output_precision = Precision::kFp32;
  work.jobs[1].subgraph_key = mapping::subgraph_key(floating);
  const std::vector<record::SubgraphResult> results = work.run(kWorker, 2);
  EXPECT_NE(results[1].failure, "");
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (i == 1) continue;
    EXPECT_EQ(results[i].failure, "");
  }
}

TEST(WorkerPool, answers_in_batches_as_well_as_one_by_one) {
  const Work work;
  const std::vector<record::SubgraphResult> batched = work.run(kWorker, 2);
  WorkerLimits single;
  single.batch = 1;
  const std::vector<record::SubgraphResult> one_by_one = work.run(kWorker, 2, single);
  for (std::size_t i = 0; i < batched.size(); ++i) {
    EXPECT_EQ(result_line(i, batched[i]), result_line(i, one_by_one[i]));
  }
}

TEST(WorkerPool, a_worker_that_dies_once_is_replaced_and_nothing_is_lost) {
  const ScratchFolder folder;
  const Work work;
  // The first process dies in its first job, the others are real ones.
  const std::string mark = folder.file("died");
  const std::string worker =
      executable(folder, "#!/bin/sh\nif [ ! -e '" + mark + "' ]; then : > '" + mark + "'; printf '" + ready_text() +
                             "'; read a; read b; kill -9 $$; fi\nexec '" + kWorker + "'\n");
  for (const record::SubgraphResult& result : work.run(worker, 1)) EXPECT_EQ(result.failure, "");
  EXPECT_TRUE(std::filesystem::exists(mark));
}

TEST(WorkerPool, a_job_that_kills_every_worker_fails_with_the_way_they_died) {
  const ScratchFolder folder;
  const Work work;
  const std::string worker = executable(folder, "#!/bin/sh\nprintf '" + ready_text() + "'\nread a\nkill -11 $$\n");
  for (const record::SubgraphResult& result : work.run(worker, 2)) {
    EXPECT_EQ(result.failure, "the simulator's process ended by signal 11");
  }
}

// One point of many ends its worker each time: it alone fails, whatever was under way beside it.
TEST(WorkerPool, only_the_point_that_ends_its_worker_fails) {
  const ScratchFolder folder;
  const Work work;
  std::map<std::string, int> counts;
  for (const WorkerJob& job : work.jobs) ++counts[job.subgraph_key];
  std::size_t deadly = work.jobs.size() / 3;
  while (counts[work.jobs[deadly].subgraph_key] > 1) ++deadly;
  const std::string key = work.jobs[deadly].subgraph_key;
  const std::string kill = "kill -9 $$; exit", exit = "exit 3", hang = "exec sleep 30";
  for (const std::string& end : {kill, exit, hang}) {
    // Hands lines on to a real worker until the point comes, and its answers back; says itself that it is ready, as
    // the real one may only do so when the point has come.
    const std::string worker =
        executable(folder, "#!/bin/bash\nset -o pipefail\nprintf '" + ready_text() +
                               "'\nwhile IFS= read -r line; do\n  if [[ \"$line\" == *\"\t" + key + "\" ]]; then " +
                               end + "; fi\n  printf '%s\\n' \"$line\"\ndone | '" + kWorker + "' | sed -u 1d\n");
    WorkerLimits limits;
    limits.silence = std::chrono::seconds(3);
    const std::vector<record::SubgraphResult> results = work.run(worker, 2, limits);
    for (std::size_t i = 0; i < results.size(); ++i) {
      EXPECT_EQ(results[i].failure.empty(), i != deadly) << i << ": " << results[i].failure;
    }
    const std::string how = end == kill   ? "ended by signal 9"
                            : end == exit ? "ended with status 3"
                                          : "gave no answer for 3 s";
    EXPECT_EQ(results[deadly].failure, "the simulator's process " + how);
  }
}

TEST(WorkerPool, a_worker_that_never_gets_ready_is_an_error_that_names_it) {
  const ScratchFolder folder;
  const Work work;
  for (const char* script : {"#!/bin/sh\nexit 7\n", "#!/bin/sh\nprintf 'ready\\t0.0.0-other\\n'; cat > /dev/null\n"}) {
    const std::string worker = executable(folder, script);
    try {
      work.run(worker, 2);
      FAIL();
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(worker), std::string::npos) << error.what();
    }
  }
}

TEST(WorkerPool, a_missing_worker_is_an_error_that_names_it) {
  const Work work;
  try {
    work.run("/no/such/worker", 1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("/no/such/worker"), std::string::npos) << error.what();
  }
}

TEST(WorkerPool, stops_when_asked) {
  const Work work;
  WorkerPool pool(kWorker, 2);
  std::size_t done = 0;
  EXPECT_THROW(
      pool.run(
          work.jobs, [&](std::vector<WorkerAnswer>& answers) { done += answers.size(); }, [&] { return done >= 3; }),
      Interrupted);
  EXPECT_LT(done, work.jobs.size());
  // What was under way is forgotten, the pool works on.
  std::size_t again = 0;
  pool.run(work.jobs, [&](std::vector<WorkerAnswer>& answers) { again += answers.size(); });
  EXPECT_EQ(again, work.jobs.size());
}

TEST(WorkerProtocol, keeps_every_number_of_a_measurement) {
  record::Measurement m;
  m.latency = Cycles(123456789012);
  m.macs = 42;
  m.utilization = 1.0 / 3;
  m.dram_read = Bytes(1);
  m.dram_write = Bytes(2);
  m.sram_read = Bytes(3);
  m.sram_write = Bytes(4);
  m.peak_sram = Bytes(5);
  m.energy = Picojoules(0.1 + 0.2);
  m.bound_by = "dram";
  m.units = {{record::Unit::kDram, Cycles(7), Cycles(8), {{record::StallCause::kWeights, Cycles(9)}}}};
  std::string line = result_line(3, {m, ""});
  line.pop_back();
  const WorkerReply reply = parse_result_line(line);
  EXPECT_EQ(reply.id, 3u);
  EXPECT_EQ(reply.result.measurement.utilization, m.utilization);
  EXPECT_EQ(reply.result.measurement.energy.count(), m.energy.count());
  EXPECT_EQ(result_line(3, reply.result), result_line(3, {m, ""}));
  EXPECT_THROW(parse_result_line("ok\t1\t2"), InternalError);
}

TEST(WorkerProtocol, an_engine_comes_back_from_its_values) {
  for (const std::string& path : files_in("hwconfigs", ".yaml")) {
    const engine::EngineConfig engine = engine::load_engine(path).config;
    EXPECT_EQ(engine::engine_hash(record::engine_from_values(record::engine_values(engine))),
              engine::engine_hash(engine))
        << path;
  }
}

}  // namespace
}  // namespace lanewise::sim
