// SPDX-License-Identifier: Apache-2.0
// How fast rows are measured and stored: all distinct subgraphs of the shipped networks on single engines, and a
// campaign from its file to its store. CPU of all processes and the clock, with one worker and with two. Prints JSON.
//   build/release/benchmarks/campaign_speed build/release/lanewise-worker > benchmarks/results/campaign_speed.json
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <functional>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "benchmarks/shipped_networks.hpp"
#include "core/base/version.hpp"
#include "core/mapping/partition.hpp"
#include "core/network/import.hpp"
#include "study/campaign/campaign.hpp"
#include "study/campaign/campaign_file.hpp"

namespace {

using namespace lanewise;
using Json = nlohmann::ordered_json;

constexpr int kRuns = 3;      // the quickest counts: what else the machine does only ever adds
constexpr int kStores = 20;   // that the subgraphs of single engines are written to, so that starting weighs little
constexpr int kRows = 40000;  // of the campaigns, on a hundredth of it engines
constexpr int kRowsAnEngine = 400;

struct Cost {
  double cpu = 0, clock = 0;  // seconds
};

double cpu_seconds() {
  double sum = 0;
  for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage used{};
    ::getrusage(who, &used);
    for (const timeval& time : {used.ru_utime, used.ru_stime}) {
      sum += static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    }
  }
  return sum;
}

// `work` ends its workers, so that their time is counted.
Cost cost_of(const std::function<void()>& work) {
  const double cpu = cpu_seconds();
  const auto clock = std::chrono::steady_clock::now();
  work();
  return {cpu_seconds() - cpu, std::chrono::duration<double>(std::chrono::steady_clock::now() - clock).count()};
}

double rounded(double value, int decimals) {
  const double parts = std::pow(10, decimals);
  return std::round(value * parts) / parts;
}

class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "lanewise-speed-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~ScratchFolder() { std::filesystem::remove_all(path_); }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  std::string file(int number) const { return (path_ / std::to_string(number)).string(); }

 private:
  std::filesystem::path path_;
};

// The same work with one worker and with two: `rows` of it each time.
Json with_workers(std::int64_t rows, const std::function<void(int workers, const ScratchFolder&)>& work) {
  Json out;
  out["rows"] = rows;
  std::map<int, Cost> best;
  for (int run = 0; run < kRuns; ++run) {
    for (const int workers : {1, 2}) {
      const ScratchFolder folder;
      const Cost cost = cost_of([&] { work(workers, folder); });
      const auto [known, first] = best.emplace(workers, cost);
      if (first) continue;
      known->second.cpu = std::min(known->second.cpu, cost.cpu);
      known->second.clock = std::min(known->second.clock, cost.clock);
    }
  }
  for (const auto& [workers, cost] : best) {
    Json one;
    one["workers"] = workers;
    one["cpu_s"] = rounded(cost.cpu, 3);
    one["clock_s"] = rounded(cost.clock, 3);
    one["rows_per_cpu_second"] = static_cast<std::int64_t>(static_cast<double>(rows) / cost.cpu);
    one["rows_per_second"] = static_cast<std::int64_t>(static_cast<double>(rows) / cost.clock);
    out["runs"].push_back(one);
  }
  out["two_workers_over_one"] = rounded(best.at(1).clock / best.at(2).clock, 2);
  return out;
}

// Every distinct subgraph of the networks on one engine, as a campaign of its own.
study::Campaign subgraphs_on(const std::vector<network::Graph>& graphs, const std::string& hwconfig) {
  study::Campaign campaign;
  const engine::EngineConfig engine = engine::load_engine(hwconfig).config;
  campaign.engines.push_back({engine, engine::engine_hash(engine), false});
  std::map<std::string, std::map<std::string, record::NetworkMembership>> known;
  for (const network::Graph& graph : graphs) {
    const std::vector<mapping::Subgraph> subgraphs = mapping::partition(graph, engine);
    for (const mapping::Subgraph& subgraph : subgraphs) {
      record::NetworkMembership& member = known[mapping::subgraph_key(subgraph)][graph.name()];
      member = {graph.name(), member.occurrences + 1, static_cast<std::int64_t>(subgraphs.size())};
    }
  }
  for (const auto& [key, members] : known) {
    study::Job job;
    job.subgraph_key = key;
    for (const auto& [name, member] : members) {
      job.networks.push_back(member);
      job.weight += static_cast<double>(member.occurrences);
    }
    campaign.jobs.push_back(std::move(job));
  }
  return campaign;
}

Json single_engine(const std::vector<network::Graph>& graphs, const std::string& engine, const std::string& worker) {
  const study::Campaign campaign = subgraphs_on(graphs, "hwconfigs/" + engine + ".yaml");
  const auto rows = static_cast<std::int64_t>(campaign.jobs.size());
  Json out;
  out["engine"] = engine;
  out["distinct_passes"] = rows;
  out.update(with_workers(rows * kStores, [&](int workers, const ScratchFolder& folder) {
    sim::WorkerPool pool(worker, workers);
    for (int i = 0; i < kStores; ++i) {
      record::Store store(folder.file(i));
      study::run_campaign(campaign, store, pool);
    }
  }));
  return out;
}

// From the file to the store: networks read, engines drawn, subgraphs planned, measured and stored.
Json whole_campaign(const std::string& path, const std::string& worker) {
  Json out;
  out["campaign"] = path;
  out["engines"] = kRows / kRowsAnEngine;
  out.update(with_workers(kRows, [&](int workers, const ScratchFolder& folder) {
    const study::CampaignFile file = study::load_campaign_file(path);
    study::CampaignOptions options = file.options;
    options.rows = kRows;
    options.engines = kRows / kRowsAnEngine;
    std::vector<network::Graph> graphs;
    for (const std::string& network : file.networks) graphs.push_back(network::import_network(network));
    const study::Campaign campaign =
        study::plan_campaign(graphs, engine::load_engine(file.hwconfig, file.overrides).config,
                             study::with_ranges(engine::load_family(file.hwconfig), file.ranges), options, {}, workers);
    record::Store store(folder.file(0));
    sim::WorkerPool pool(worker, workers);
    study::run_campaign(campaign, store, pool);
  }));
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: campaign_speed WORKER\n";
    return 2;
  }
  const std::string worker = argv[1];
  Json result;
  result["benchmark"] = "campaign_speed";
  result["tool_version"] = version();
  result["unit"] = "seconds of CPU of all processes together, and of the clock; each the least of " +
                   std::to_string(kRuns) + " runs";
  const std::vector<network::Graph> graphs = shipped_networks();
  for (const char* engine : {"ne-256", "ne-64", "ne-1024", "ne-4096", "nvdla-small", "nvdla-large"}) {
    result["passes_of_shipped_networks"].push_back(single_engine(graphs, engine, worker));
  }
  for (const char* campaign : {"campaigns/ne.yaml", "campaigns/nvdla.yaml"}) {
    result["campaigns"].push_back(whole_campaign(campaign, worker));
  }
  std::cout << result.dump(2) << "\n";
}
