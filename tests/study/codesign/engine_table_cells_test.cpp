// SPDX-License-Identifier: Apache-2.0
// What benchmarks/article_6_engine_table fills its table with.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "benchmarks/engine_table/fill_table.hpp"
#include "study/evaluation/answer.hpp"

namespace lanewise {
namespace {

namespace fs = std::filesystem;

network::Graph network_of(const std::string& encoding) {
  const auto space = nas::make_network_space(nas::load_space(kNetworkSpace), nullptr);
  return space->build(space->decode(encoding), engine::load_engine(kGridBase).config);
}

std::vector<study::TableNetwork> networks_of(const std::vector<std::string>& encodings) {
  std::vector<study::TableNetwork> networks;
  for (const std::string& encoding : encodings) {
    const network::Graph graph = network_of(encoding);
    networks.push_back({encoding, 90, network::parameters(graph), network::macs(graph), 0});
  }
  return networks;
}

ListedEngine listed(const std::string& name) {
  const engine::EngineConfig config = engine::load_engine("hwconfigs/" + name + ".yaml").config;
  return {config, engine::engine_hash(config), "shipped"};
}

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string fresh_folder(const std::string& name) {
  const fs::path folder = fs::path(testing::TempDir()) / ("lanewise_table_" + name);
  fs::remove_all(folder);
  return folder.string();
}

// First, so that no process has run a simulation when the others are forked.
TEST(EngineTableCells, are_the_same_bytes_whatever_the_number_of_processes_and_go_on_where_a_run_ended) {
  std::vector<study::TableNetwork> networks = networks_of({"00000000", "11101111", "11110111", "20010002"});
  const NetworksToSimulate simulated = build_networks(networks);
  EXPECT_EQ(simulated.graphs.size(), 3u);
  const std::vector<ListedEngine> engines = {listed("ne-64"), listed("nvdla-small"), listed("neureka")};
  const std::string one = fresh_folder("one"), three = fresh_folder("three");
  fill_table(one, engines, networks, simulated, 1);
  fill_table(three, engines, networks, simulated, 3);
  for (const ListedEngine& engine : engines) {
    const std::string path = metrics_path(one, engine.config.name);
    EXPECT_GT(text_of(path).size(), 400u);
    EXPECT_EQ(text_of(path), text_of(metrics_path(three, engine.config.name)));
  }
  // An engine that is missing, one of another simulator; the third is left as it is.
  const std::string kept = metrics_path(one, "ne-64"), missing = metrics_path(one, "neureka");
  const std::string other = metrics_path(one, "nvdla-small");
  const auto written = fs::last_write_time(kept);
  fs::remove(missing);
  std::string old = text_of(other);
  const std::string expected = old;
  for (std::size_t at = 0; (at = old.find(simulator_name(), at)) != std::string::npos;) {
    old.replace(at, simulator_name().size(), "lanewise 0.0.0");
    at += 8;
  }
  write_file(other, old);
  fill_table(one, engines, networks, simulated, 2);
  EXPECT_EQ(fs::last_write_time(kept), written);
  EXPECT_EQ(text_of(missing), text_of(metrics_path(three, "neureka")));
  EXPECT_EQ(text_of(other), expected);
  fs::remove_all(one);
  fs::remove_all(three);
}

TEST(EngineTableCells, are_what_simulate_says_of_each_network) {
  for (const char* name : {"ne-256", "nvdla-small-256", "neureka-4x4"}) {
    const ListedEngine engine = listed(name);
    CellSimulator simulator(engine.config);
    for (const char* encoding : {"22222222", "00000000", "21012010", "11101111", "11110111"}) {
      const network::Graph graph = network_of(encoding);
      const study::TableCell cell = simulator.simulate(graph);
      const study::Totals total = study::simulate_network(graph, engine.config).total;
      EXPECT_EQ(cell.latency_cycles, total.latency_cycles) << encoding << " on " << name;
      EXPECT_EQ(cell.latency_ms, total.latency_ms);
      EXPECT_EQ(cell.energy_uj, total.energy_uj) << encoding << " on " << name;
      EXPECT_EQ(cell.dram_bytes, total.dram_bytes);
      EXPECT_EQ(cell.peak_sram_bytes, total.peak_sram_bytes);
    }
  }
}

TEST(EngineTableCells, graphs_are_one_where_they_differ_in_names_alone) {
  EXPECT_EQ(structure_of(network_of("11101111")), structure_of(network_of("11110111")));
  EXPECT_EQ(structure_of(network_of("11111102")), structure_of(network_of("11111120")));
  EXPECT_NE(structure_of(network_of("01111111")), structure_of(network_of("10111111")));
  EXPECT_NE(structure_of(network_of("11112111")), structure_of(network_of("11121111")));
}

TEST(EngineTableCells, the_engines_are_distinct_and_of_every_family) {
  const EngineList list({{"ne-256", 3}, {"nvdla-small-256", 3}, {"neureka", 2}});
  std::set<std::string> hashes, names;
  std::map<std::string, int> origins;
  for (const ListedEngine& engine : list.engines()) {
    hashes.insert(engine.hash), names.insert(engine.config.name), ++origins[engine.origin];
    EXPECT_EQ(engine.hash, engine::engine_hash(engine.config));
  }
  EXPECT_EQ(hashes.size(), list.engines().size());
  EXPECT_EQ(names.size(), list.engines().size());
  EXPECT_EQ(origins["shipped"], 14);
  EXPECT_EQ(origins["grid"], 47);  // one of the 48 is ne-256 itself
  EXPECT_EQ(origins["sampled"], 8);
}

}  // namespace
}  // namespace lanewise
