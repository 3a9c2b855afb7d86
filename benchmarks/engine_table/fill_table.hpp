// SPDX-License-Identifier: Apache-2.0
// Fills an engine table by simulation, one file per engine in a folder. A file is there complete or not at all, so that
// a run that was killed goes on with the engines that are missing. Engines are simulated side by side in processes of
// their own, since a process has one SystemC kernel; what is written does not depend on their number.
#pragma once

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <map>
#include <new>
#include <string>
#include <vector>

#include "benchmarks/engine_table/engine_list.hpp"
#include "benchmarks/engine_table/simulated_cells.hpp"
#include "core/base/output_file.hpp"
#include "core/base/version.hpp"
#include "core/record/csv.hpp"

namespace lanewise {

inline const std::vector<std::string>& metric_columns() {
  static const std::vector<std::string> columns = {"encoding",   "engine",    "engine_hash", "latency_cycles",
                                                   "latency_ms", "energy_uj", "dram_bytes",  "peak_sram_bytes",
                                                   "area_mm2",   "source",    "simulator"};
  return columns;
}

inline std::string simulator_name() { return std::string("lanewise ") + version(); }

inline std::string metrics_path(const std::string& folder, const std::string& engine) {
  return folder + "/metrics/" + engine + ".csv";
}

// The networks that stand for all that are the same graph, and what engines are told of them.
struct NetworksToSimulate {
  std::vector<network::Graph> graphs;  // one per structure
};

// Numbers the structures of the networks in the order of the table and keeps one graph of each.
inline NetworksToSimulate build_networks(std::vector<study::TableNetwork>& networks) {
  const auto space = nas::make_network_space(nas::load_space(kNetworkSpace), nullptr);
  const engine::EngineConfig engine = engine::load_engine(kGridBase).config;
  NetworksToSimulate out;
  std::map<std::string, std::size_t> known;
  for (study::TableNetwork& network : networks) {
    network::Graph graph = space->build(space->decode(network.encoding), engine);
    if (network::macs(graph) != network.macs || network::parameters(graph) != network.parameters) {
      throw Error(network.encoding + ": parameters or MACs differ from the table's");
    }
    const auto [place, fresh] = known.emplace(structure_of(graph), known.size());
    network.structure = place->second;
    if (fresh) out.graphs.push_back(std::move(graph));
  }
  return out;
}

// The cells of an engine's file; empty where it is not there, or of another engine or simulator.
inline std::vector<study::TableCell> read_cells(const std::string& path, const ListedEngine& engine,
                                                const std::vector<study::TableNetwork>& networks) {
  if (!std::filesystem::exists(path)) return {};
  const record::CsvTable table = record::read_csv(path);
  if (table.columns != metric_columns() || table.rows.size() != networks.size()) return {};
  std::vector<study::TableCell> cells;
  for (std::size_t n = 0; n < networks.size(); ++n) {
    const std::vector<std::string>& row = table.rows[n].cells;
    if (row[0] != networks[n].encoding || row[2] != engine.hash || row[10] != simulator_name()) return {};
    study::TableCell cell;
    cell.latency_cycles = std::stoll(row[3]);
    cell.latency_ms = std::stod(row[4]);
    cell.energy_uj = std::stod(row[5]);
    cell.dram_bytes = std::stoll(row[6]);
    cell.peak_sram_bytes = std::stoll(row[7]);
    cells.push_back(cell);
  }
  return cells;
}

inline void write_cells(const std::string& path, const ListedEngine& engine,
                        const std::vector<study::TableNetwork>& networks, const std::vector<study::TableCell>& cells) {
  std::string text = record::csv_line(metric_columns());
  const std::string area = record::csv_number(engine.config.total_area().count());
  for (std::size_t n = 0; n < networks.size(); ++n) {
    const study::TableCell& cell = cells[networks[n].structure];
    text += record::csv_line({networks[n].encoding, engine.config.name, engine.hash,
                              std::to_string(cell.latency_cycles), record::csv_number(cell.latency_ms),
                              record::csv_number(cell.energy_uj), std::to_string(cell.dram_bytes),
                              std::to_string(cell.peak_sram_bytes), area, "simulated", simulator_name()});
  }
  write_file(path, text);
}

// A line of progress on a terminal, drawn anew in place; nothing in a pipe.
class ProgressLine {
 public:
  ProgressLine() : began_(std::chrono::steady_clock::now()) {}
  void show(std::int64_t engines_done, std::int64_t engines, std::int64_t done, std::int64_t total) {
    if (isatty(STDERR_FILENO) == 0 || total == 0) return;
    const double share = static_cast<double>(done) / static_cast<double>(total);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
    const std::string bar(static_cast<std::size_t>(30 * share), '#');
    std::fprintf(stderr, "\rsimulating [%-30s] %3.0f %%, %lld of %lld engines", bar.c_str(), 100 * share,
                 static_cast<long long>(engines_done), static_cast<long long>(engines));
    if (done > 0) std::fprintf(stderr, ", %.0f s left   ", seconds * (1 - share) / share);
    std::fflush(stderr);
    shown_ = true;
  }
  ~ProgressLine() {
    if (shown_) std::fputc('\n', stderr);
  }

 private:
  std::chrono::steady_clock::time_point began_;
  bool shown_ = false;
};

// Simulates what is missing in `folder`, `jobs` engines at once. Returns the CPU seconds that it took.
inline double fill_table(const std::string& folder, const std::vector<ListedEngine>& engines,
                         const std::vector<study::TableNetwork>& networks, const NetworksToSimulate& simulated,
                         int jobs) {
  std::filesystem::create_directories(folder + "/metrics");
  std::vector<std::size_t> missing;
  for (std::size_t e = 0; e < engines.size(); ++e) {
    if (read_cells(metrics_path(folder, engines[e].config.name), engines[e], networks).empty()) missing.push_back(e);
  }
  void* const shared =
      mmap(nullptr, sizeof(std::atomic<std::int64_t>), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) throw Error("no memory can be shared with simulator processes");
  auto* const done = new (shared) std::atomic<std::int64_t>(0);
  const auto graphs = static_cast<std::int64_t>(simulated.graphs.size());
  const auto total = graphs * static_cast<std::int64_t>(missing.size());
  const auto simulate = [&](const ListedEngine& engine) {
    try {
      CellSimulator simulator(engine.config);
      std::vector<study::TableCell> cells;
      for (const network::Graph& graph : simulated.graphs) {
        cells.push_back(simulator.simulate(graph));
        ++*done;
      }
      write_cells(metrics_path(folder, engine.config.name), engine, networks, cells);
      return 0;
    } catch (const std::exception& error) {
      std::fprintf(stderr, "lanewise: error: %s: %s\n", engine.config.name.c_str(), error.what());
      return 1;
    }
  };
  ProgressLine line;
  std::size_t next = 0, ended = 0;
  bool failed = false;
  int running = 0;
  while (next < missing.size() || running > 0) {
    while (running < jobs && next < missing.size() && !failed) {
      const pid_t child = fork();
      if (child < 0) throw Error("a simulator process cannot be started");
      if (child == 0) _exit(simulate(engines[missing[next]]));
      ++running, ++next;
    }
    if (running == 0) break;
    int status = 0;
    if (waitpid(-1, &status, WNOHANG) > 0) {
      --running, ++ended;
      failed = failed || status != 0;
    } else {
      line.show(static_cast<std::int64_t>(ended), static_cast<std::int64_t>(missing.size()), done->load(), total);
      usleep(100'000);
    }
  }
  munmap(shared, sizeof(std::atomic<std::int64_t>));
  if (failed) throw Error("an engine could not be simulated; what is complete is kept");
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         1e-6 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

}  // namespace lanewise
