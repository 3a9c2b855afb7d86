// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <sstream>

#include "core/base/error.hpp"
#include "core/base/version.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/record/export_csv.hpp"
#include "core/record/file.hpp"
#include "core/record/store.hpp"
#include "tests/core/record/csv_text.hpp"

namespace fs = std::filesystem;
using namespace lanewise;
using namespace lanewise::record;

namespace {

using Cells = std::vector<std::string>;

mapping::Subgraph convolution() {
  mapping::Subgraph subgraph;
  mapping::SubgraphShape& s = subgraph.shape;
  s.in_channels = 24;
  s.in_height = 56;
  s.in_width = 28;
  s.out_channels = 40;
  s.out_height = 56;
  s.out_width = 28;
  for (const int axis : {0, 1}) {
    s.window.kernel[axis] = 3;
    s.window.pad_begin[axis] = 1;
    s.window.pad_end[axis] = 1;
  }
  s.bias = true;
  s.activation = network::ActivationFunction::kRelu6;
  subgraph.context.input_on_chip = true;
  subgraph.context.resident_banks = 3;
  subgraph.context.resident_weight_banks = 5;
  subgraph.context.weights_on_chip = true;
  return subgraph;
}

Row row_of(const mapping::Subgraph& subgraph, const std::string& engine) {
  Row row;
  row.engine_hash = engine;
  row.subgraph_key = mapping::subgraph_key(subgraph);
  row.tool_version = version();
  row.engine_values = {{"engine.parallelism_factor", "16"}, {"memory.bank_size", "32 KiB"}};
  row.weight = 2.5;
  row.networks = {{"mobile", 2, 52}, {"squeeze", 1, 30}};
  row.measurement.latency = Cycles(1234);
  row.measurement.energy = Picojoules(0.1);
  row.measurement.bound_by = "dot_product_array";
  row.measurement.units = {{Unit::kDotProductArray,
                            Cycles(1000),
                            Cycles(4),
                            {{StallCause::kInput, Cycles(200)}, {StallCause::kWeights, Cycles(30)}}},
                           {Unit::kLoadDma, Cycles(34), Cycles(1200), {}}};
  return row;
}

class ExportTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) / ("lanewise_export_" + std::to_string(::getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    store_ = std::make_unique<Store>((folder_ / "s.db").string());
  }
  void TearDown() override {
    store_.reset();
    fs::remove_all(folder_);
  }
  // Cells of every row by column name.
  std::vector<std::map<std::string, std::string>> exported(Cells* header = nullptr) {
    const std::string path = (folder_ / "out.csv").string();
    store_->export_csv(path);
    const std::vector<Cells> lines = record::testing::csv_records(read_file(path));
    if (header != nullptr) *header = lines[0];
    std::vector<std::map<std::string, std::string>> rows;
    for (std::size_t i = 1; i < lines.size(); ++i) {
      EXPECT_EQ(lines[i].size(), lines[0].size());
      std::map<std::string, std::string>& row = rows.emplace_back();
      for (std::size_t j = 0; j < lines[i].size(); ++j) row[lines[0][j]] = lines[i][j];
    }
    return rows;
  }

  fs::path folder_;
  std::unique_ptr<Store> store_;
};

TEST_F(ExportTest, every_column_holds_what_the_row_says) {
  store_->insert(row_of(convolution(), "aa"));
  auto rows = exported();
  ASSERT_EQ(rows.size(), 1U);
  std::map<std::string, std::string>& row = rows[0];
  EXPECT_EQ(row["engine_hash"], "aa");
  EXPECT_EQ(row["occurrences"], "2.5");
  EXPECT_EQ(row["networks"], "mobile=2/52;squeeze=1/30");
  EXPECT_EQ(row["pass_family"], "convolution");
  EXPECT_EQ(row["in_channels"], "24");
  EXPECT_EQ(row["in_width"], "28");
  EXPECT_EQ(row["kernel_height"], "3");
  EXPECT_EQ(row["pad_end_width"], "1");
  EXPECT_EQ(row["activation"], "relu6");
  EXPECT_EQ(row["input_on_chip"], "1");
  EXPECT_EQ(row["output_on_chip"], "0");
  EXPECT_EQ(row["resident_banks"], "3");
  EXPECT_EQ(row["resident_weight_banks"], "5");
  EXPECT_EQ(row["weights_on_chip"], "1");
  EXPECT_EQ(row["latency_cycles"], "1234");
  EXPECT_EQ(row["energy_pj"], "0.1");
  EXPECT_EQ(row["dot_product_array_busy_cycles"], "1000");
  EXPECT_EQ(row["dot_product_array_stalled_input_cycles"], "200");
  EXPECT_EQ(row["dot_product_array_stalled_weights_cycles"], "30");
  EXPECT_EQ(row["load_dma_idle_cycles"], "1200");
  EXPECT_EQ(row["memory.bank_size_bytes"], "32768");
  EXPECT_EQ(row.count("memory.bank_size"), 0U);
}

TEST_F(ExportTest, columns_that_do_not_vary_stand_beside_the_rows_once) {
  mapping::Subgraph other = convolution();
  other.shape.out_channels = 48;
  store_->insert(row_of(convolution(), "aa"));
  store_->insert(row_of(other, "aa"));
  Cells header;
  auto rows = exported(&header);
  ASSERT_EQ(rows.size(), 2U);
  std::map<std::string, Cells> constants;
  const std::vector<Cells> lines = record::testing::csv_records(read_file((folder_ / "out.constants.csv").string()));
  EXPECT_EQ(lines[0], (Cells{"column", "unit", "value", "meaning"}));
  for (std::size_t i = 1; i < lines.size(); ++i) {
    ASSERT_EQ(lines[i].size(), 4U);
    constants[lines[i][0]] = lines[i];
    EXPECT_NE(lines[i][1], "") << lines[i][0];
    EXPECT_NE(lines[i][3], "") << lines[i][0];
  }
  EXPECT_EQ(constants["in_channels"][2], "24");
  EXPECT_EQ(constants["activation"][2], "relu6");
  EXPECT_EQ(constants["memory.bank_size_bytes"][2], "32768");
  EXPECT_EQ(constants["memory.bank_size_bytes"][1], "bytes");
  EXPECT_EQ(constants["load_dma_idle_cycles"][2], "1200");
  for (std::size_t i = 0; i < header.size(); ++i) EXPECT_EQ(constants.count(header[i]), 0U) << header[i];
  // What varies stays, and so does what identifies a row and what was found, though it is the same in both.
  for (const char* column : {"out_channels", "engine_hash", "tool_version", "failure", "latency_cycles", "bound_by"}) {
    EXPECT_EQ(rows[0].count(column), 1U) << column;
  }
  // Both files together are what one file with all of them says.
  const std::string all = (folder_ / "all.csv").string();
  store_->export_csv(all, CsvForm::kTexts);
  const std::vector<Cells> texts = record::testing::csv_records(read_file(all));
  EXPECT_EQ(texts[0].size(), header.size() + constants.size());
  EXPECT_FALSE(fs::exists(folder_ / "all.constants.csv"));
}

TEST_F(ExportTest, text_columns_are_as_they_were) {
  store_->insert(row_of(convolution(), "aa"));
  store_->insert(row_of(convolution(), "bb"));
  const std::string path = (folder_ / "texts.csv").string();
  store_->export_csv(path, CsvForm::kTexts);
  const std::vector<Cells> lines = record::testing::csv_records(read_file(path));
  const auto found = std::find(lines[0].begin(), lines[0].end(), "memory.bank_size");
  ASSERT_NE(found, lines[0].end());
  EXPECT_EQ(lines[1][static_cast<std::size_t>(found - lines[0].begin())], "32 KiB");
  EXPECT_EQ(std::count(lines[0].begin(), lines[0].end(), "in_channels"), 1);
}

TEST_F(ExportTest, values_that_are_no_numbers_are_named_and_can_be_written_as_texts) {
  Row row = row_of(convolution(), "aa");
  row.engine_values[1].second = "some";
  store_->insert(row);
  const std::string path = (folder_ / "out.csv").string();
  try {
    store_->export_csv(path);
    ADD_FAILURE() << "was written";
  } catch (const Error& error) {
    for (const char* word : {"engine aa", "memory.bank_size", "some", "--text-columns"}) {
      EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << error.what();
    }
  }
  EXPECT_FALSE(fs::exists(path));
  store_->export_csv(path, CsvForm::kTexts);
  EXPECT_TRUE(fs::exists(path));
}

TEST_F(ExportTest, a_device_takes_all_columns) {
  EXPECT_EQ(constants_path("/dev/null", CsvForm::kNumbers), "");
  EXPECT_EQ(constants_path("a/rows.csv", CsvForm::kNumbers), "a/rows.constants.csv");
  EXPECT_EQ(constants_path("a.b/rows", CsvForm::kNumbers), "a.b/rows.constants.csv");
  EXPECT_EQ(constants_path("a/rows.csv", CsvForm::kTexts), "");
}

TEST_F(ExportTest, failures_keep_their_reason_and_have_no_numbers) {
  Row failed = row_of(convolution(), "aa");
  failed.failure = "does not fit: 3 \"banks\", 4 needed\nreally";
  failed.measurement = Measurement{};
  store_->insert(failed);
  store_->insert(row_of(convolution(), "bb"));
  auto rows = exported();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0]["failure"], failed.failure);
  EXPECT_EQ(rows[0]["latency_cycles"], "");
  EXPECT_EQ(rows[0]["load_dma_busy_cycles"], "");
  EXPECT_EQ(rows[1]["failure"], "");
  EXPECT_EQ(rows[1]["latency_cycles"], "1234");
}

TEST_F(ExportTest, bytes_do_not_depend_on_the_order_of_measuring) {
  std::vector<Row> rows;
  for (const int channels : {8, 16, 24}) {
    mapping::Subgraph subgraph = convolution();
    subgraph.shape.out_channels = channels;
    rows.push_back(row_of(subgraph, channels == 16 ? "bb" : "aa"));
  }
  rows[1].engine_values.emplace_back("zeta.key", "9");
  std::vector<std::string> files;
  for (const bool reversed : {false, true}) {
    const std::string base = (folder_ / (reversed ? "r" : "f")).string();
    Store store(base + ".db");
    for (const Row& row : rows) store.insert(row);
    std::reverse(rows.begin(), rows.end());
    store.export_csv(base + ".csv");
    files.push_back(read_file(base + ".csv"));
  }
  EXPECT_EQ(files[0], files[1]);
  EXPECT_NE(files[0].find(",zeta.key\n"), std::string::npos);
}

TEST_F(ExportTest, an_unwritable_path_is_named_and_nothing_is_left) {
  store_->insert(row_of(convolution(), "aa"));
  const std::string path = (folder_ / "no" / "out.csv").string();
  try {
    store_->export_csv(path);
    FAIL() << "was written";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(path), std::string::npos);
  }
  EXPECT_FALSE(fs::exists(folder_ / "no"));
}

// The first cell of every table row of docs/measurements.md, in backticks.
std::vector<std::string> documented_columns() {
  std::vector<std::string> names;
  std::istringstream lines(read_file(std::string(LANEWISE_SOURCE_DIR) + "/docs/measurements.md"));
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("| `", 0) != 0) continue;
    names.push_back(line.substr(3, line.find('`', 3) - 3));
  }
  return names;
}

TEST_F(ExportTest, the_data_dictionary_knows_every_column) {
  Row row = row_of(convolution(), "aa");
  row.engine_values.clear();
  row.measurement.units.clear();
  store_->insert(row);
  Cells fixed;
  exported(&fixed);
  std::vector<std::string> documented = documented_columns();
  for (const std::string& column : fixed) {
    EXPECT_EQ(std::count(documented.begin(), documented.end(), column), 1) << column << " in docs/measurements.md";
  }
  // Columns that depend on the rows are documented by their pattern; nothing else may stand there.
  for (const std::string& name : documented) {
    const bool pattern = name.find('<') != std::string::npos;
    EXPECT_TRUE(pattern || std::count(fixed.begin(), fixed.end(), name) == 1) << name << " is no column";
  }
  for (const char* pattern :
       {"<unit>_busy_cycles", "<unit>_idle_cycles", "<unit>_stalled_<cause>_cycles", "<hwconfig key>"}) {
    EXPECT_EQ(std::count(documented.begin(), documented.end(), pattern), 1) << pattern;
  }
}

}  // namespace
