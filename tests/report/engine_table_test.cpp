// SPDX-License-Identifier: Apache-2.0
#include "report/engine_table.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/base/output_file.hpp"
#include "core/engine/engine_config.hpp"
#include "core/record/csv.hpp"
#include "core/record/engine_values.hpp"

namespace lanewise::report {
namespace {

study::EngineTable made_table() {
  study::EngineTable table;
  table.simulator_version = "1.2.3";
  table.networks = {{"00", 90, 10, 20, 0}, {"01", 91, 30, 40, 1}, {"10", 91, 30, 40, 1}, {"11", 89, 50, 60, 2}};
  for (const char* path : {"hwconfigs/ne-256.yaml", "hwconfigs/nvdla-small.yaml"}) {
    const engine::EngineConfig config = engine::load_engine(path).config;
    study::TableEngine engine;
    engine.name = config.name, engine.family = config.family, engine.hash = engine::engine_hash(config);
    engine.origin = "shipped", engine.group = config.name, engine.area_mm2 = config.total_area().count();
    engine.values = record::engine_values(config);
    for (const std::int64_t cycles : {100, 200, 200, 300}) engine.cells.push_back({cycles, 1e-3 * 100, 5, 7, 9});
    table.engines.push_back(std::move(engine));
  }
  return table;
}

std::string path_of(const std::string& name) { return std::filesystem::path(testing::TempDir()) / ("table_" + name); }

record::CsvTable read_back(const std::string& name, const std::string& text) {
  write_file(path_of(name), text);
  return record::read_csv(path_of(name));
}

TEST(EngineTableFiles, every_shipped_engine_reads_back_from_its_keys) {
  for (const auto& entry : std::filesystem::directory_iterator("hwconfigs")) {
    if (entry.path().extension() != ".yaml") continue;
    const engine::EngineConfig config = engine::load_engine(entry.path().string()).config;
    const std::string path = path_of(config.name + ".yaml");
    write_file(path, hwconfig_text(config));
    const engine::EngineConfig back = engine::load_engine(path).config;
    EXPECT_EQ(record::engine_values(back), record::engine_values(config)) << path;
    EXPECT_EQ(engine::engine_hash(back), engine::engine_hash(config)) << path;
  }
}

TEST(EngineTableFiles, networks_that_tie_in_both_objectives_are_both_on_the_front) {
  const record::CsvTable fronts = read_back("fronts.csv", table_fronts_csv(made_table()));
  std::vector<std::string> of_latency;
  for (const record::CsvRow& row : fronts.rows) {
    if (row.cells[0] == "latency" && row.cells[1] == "ne-256") of_latency.push_back(row.cells[2]);
  }
  EXPECT_EQ(of_latency, (std::vector<std::string>{"00", "01", "10"}));
}

TEST(EngineTableFiles, tables_have_a_row_each_and_all_keys) {
  const study::EngineTable table = made_table();
  const record::CsvTable networks = read_back("networks.csv", table_networks_csv(table));
  const record::CsvTable engines = read_back("engines.csv", table_engines_csv(table));
  EXPECT_EQ(networks.rows.size(), 4u);
  EXPECT_EQ(networks.rows[1].cells.back(), networks.rows[2].cells.back());
  EXPECT_EQ(engines.rows.size(), 2u);
  for (const std::string& key : engine::parameter_keys()) EXPECT_TRUE(engines.find(key)) << key;
}

TEST(EngineTableFiles, the_card_counts_what_the_table_has) {
  const std::string card = engine_table_card(made_table(), {"Somebody trained them.", "core abc"});
  for (const char* text : {"NAS-Bench-Macro on 2 neural engines", "| rows | 8: 4 networks on 2 engines |",
                           "| networks | 4, of which 3 different graphs", "lanewise 1.2.3, sources core abc",
                           "Somebody trained them.", "| licence | Apache-2.0 |", "## Splits", "## Known limits"}) {
    EXPECT_NE(card.find(text), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace lanewise::report
