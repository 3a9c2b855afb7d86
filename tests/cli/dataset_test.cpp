// SPDX-License-Identifier: Apache-2.0
// Data that others learn from: numbers and constants, features, campaigns that are told, stores that cannot be written.
#include <map>
#include <set>

#include "tests/cli/command.hpp"
#include "tests/core/record/csv_text.hpp"
#include "tests/core/record/without_rights.hpp"

namespace lanewise::cli::testing {
namespace {

namespace fs = std::filesystem;

Arguments measure(const std::string& store, const Arguments& more = {}) {
  Arguments arguments = {"measure",   kSqueezeNet, "--hw",   kEngine, "--rows", "600",
                         "--engines", "16",        "--seed", "3",     "--out",  store};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

struct Table {
  std::vector<std::string> header;
  std::vector<std::map<std::string, std::string>> rows;
};

Table table_of(const std::string& path) {
  const std::vector<std::vector<std::string>> lines = record::testing::csv_records(text_of(path));
  Table table{lines.at(0), {}};
  for (std::size_t i = 1; i < lines.size(); ++i) {
    table.rows.emplace_back();
    for (std::size_t c = 0; c < lines[i].size(); ++c) table.rows.back()[table.header.at(c)] = lines[i][c];
  }
  return table;
}

bool is_number(const std::string& text) {
  char* end = nullptr;
  std::strtod(text.c_str(), &end);
  return !text.empty() && *end == 0;
}

TEST(Dataset, has_numbers_and_says_once_what_does_not_vary) {
  const ScratchFolder folder;
  ASSERT_EQ(run(measure(folder.file("s"))).status, 0);
  ASSERT_EQ(run({"store", "export", folder.file("s"), "--out", folder.file("d")}).status, 0);
  const Table rows = table_of(folder.file("d/measurements.csv"));
  const Table constants = table_of(folder.file("d/measurements.constants.csv"));
  const Table dictionary = table_of(folder.file("d/dictionary.csv"));
  std::map<std::string, std::string> units;
  for (const auto& line : dictionary.rows) units[line.at("column")] = line.at("unit");
  for (const auto& line : constants.rows) EXPECT_EQ(units.count(line.at("column")), 0u) << line.at("column");
  // No text with units: where a column is none of words, each value is a number.
  std::map<std::string, std::set<std::string>> values;
  for (const auto& row : rows.rows) {
    for (const auto& [column, value] : row) values[column].insert(value);
    for (const auto& [column, unit] : units) {
      EXPECT_EQ(unit.find("in the value"), std::string::npos) << column;
      if (unit != "text" && row.at("failure").empty() && !row.at(column).empty()) {
        EXPECT_TRUE(is_number(row.at(column))) << column << ": " << row.at(column);
      }
    }
  }
  int engine_columns = 0;
  for (const auto& [column, unit] : units) {
    if (column.find('.') == std::string::npos) continue;
    ++engine_columns;
    EXPECT_GT(values[column].size(), 1u) << column << " does not vary";
  }
  EXPECT_GT(engine_columns, 5);
  EXPECT_EQ(units.count("dram.bandwidth_bytes_per_second"), 1u);
  EXPECT_GT(constants.rows.size(), 20u);

  // The same rows as texts, in one file: every column is there once, and numbers and texts say the same.
  ASSERT_EQ(run({"store", "export", folder.file("s"), "--out", folder.file("t"), "--text-columns"}).status, 0);
  const Table texts = table_of(folder.file("t/measurements.csv"));
  EXPECT_FALSE(fs::exists(folder.file("t/measurements.constants.csv")));
  EXPECT_EQ(texts.header.size(), rows.header.size() + constants.rows.size());
  ASSERT_EQ(texts.rows.size(), rows.rows.size());
  for (std::size_t i = 0; i < rows.rows.size(); ++i) {
    EXPECT_EQ(texts.rows[i].at("latency_cycles"), rows.rows[i].at("latency_cycles"));
    const double number = std::strtod(rows.rows[i].at("dram.bandwidth_bytes_per_second").c_str(), nullptr);
    EXPECT_NEAR(std::strtod(texts.rows[i].at("dram.bandwidth").c_str(), nullptr) *
                    (texts.rows[i].at("dram.bandwidth").find("GB/s") != std::string::npos ? 1e9 : 1e6),
                number, 1e-6 * number);
  }
}

TEST(Dataset, features_are_a_row_for_each_measured_row_with_what_is_held_out) {
  const ScratchFolder folder;
  ASSERT_EQ(run(measure(folder.file("s"))).status, 0);
  const Json shown = run_json({"store", "export", folder.file("s"), "--out", folder.file("d"), "--features"});
  const Table features = table_of(folder.file("d/features.csv"));
  EXPECT_EQ(features.rows.size(), shown.at("measured").get<std::size_t>());
  const Table dictionary = table_of(folder.file("d/features_dictionary.csv"));
  std::vector<std::string> described;
  for (const auto& line : dictionary.rows) described.push_back(line.at("column"));
  EXPECT_EQ(described, features.header);
  const std::map<std::string, std::string> splits = {{"held_out_random", "split_row"},
                                                     {"held_out_unseen_engine", "split_engine"},
                                                     {"held_out_unseen_shape", "split_shape"}};
  for (const auto& [flag, split] : splits) {
    std::int64_t held = 0;
    for (const auto& row : features.rows) {
      EXPECT_EQ(row.at(flag) == "1", row.at(split) == "test");
      held += row.at(flag) == "1" ? 1 : 0;
    }
    EXPECT_EQ(shown.at("splits").at(split).at("test"), held) << split;
  }
  // The model file says the names of the features that its regressor sees.
  ASSERT_EQ(
      run({"train", folder.file("s"), "--out", folder.file("m.lwm"), "--trees", "5", "--depth", "3", "--quick"}).status,
      0);
  std::vector<std::string> names;
  for (const std::string& column : features.header) {
    if (column.rfind("f_", 0) == 0) names.push_back(column.substr(2));
  }
  EXPECT_EQ(Json(names), run_json({"estimator", "show", folder.file("m.lwm")}).at("features"));
  EXPECT_NE(text_of(folder.file("d/README.md")).find("`features.csv`"), std::string::npos);
}

TEST(Campaigns, are_told_by_the_store_and_by_what_is_trained_on_it) {
  const ScratchFolder folder;
  const std::string file = folder.write(
      "c.yaml",
      "name: ranges-alone\nrows: 400\nseed: 9\nnetworks:\n  files: [" + (fs::current_path() / kSqueezeNet).string() +
          "]\nengines:\n  hwconfig: " + (fs::current_path() / kEngine).string() + "\n  count: 16\n  members: false\n");
  ASSERT_EQ(run({"measure", "--campaign", file, "--out", folder.file("s")}).status, 0);
  const Json campaigns = run_json({"store", "show", folder.file("s")}).at("campaigns");
  ASSERT_EQ(campaigns.size(), 1u);
  const Json& values = campaigns[0].at("values");
  EXPECT_EQ(values.at("name"), "ranges-alone");
  EXPECT_EQ(values.at("seed"), "9");
  EXPECT_EQ(values.at("engines.members"), "false");
  EXPECT_EQ(values.at("engines.ranges.dram.bandwidth.values").get<std::string>().front(), '[');
  for (const auto& [key, value] : values.items()) {
    EXPECT_EQ(value.get<std::string>().find(folder.file("")), std::string::npos) << "a path in " << key;
  }
  // Measured again, it is the same campaign.
  ASSERT_EQ(run({"measure", "--campaign", file, "--out", folder.file("s"), "--jobs", "1"}).status, 0);
  EXPECT_EQ(run_json({"store", "show", folder.file("s")}).at("campaigns"), campaigns);

  const std::string model = folder.file("m.lwm");
  const Arguments quick = {"--trees", "5", "--depth", "3", "--quick"};
  Arguments train = {"train", folder.file("s"), "--out", model}, evaluate = {"evaluate", folder.file("s")};
  train.insert(train.end(), quick.begin(), quick.end());
  evaluate.insert(evaluate.end(), quick.begin(), quick.end());
  EXPECT_EQ(run_json(train).at("campaigns"), campaigns);
  EXPECT_EQ(run_json(evaluate).at("campaigns"), campaigns);
  EXPECT_EQ(run_json({"evaluate", model}).at("campaigns"), campaigns);
  EXPECT_EQ(run_json({"estimator", "show", model}).at("campaigns"), campaigns);
  for (const Arguments& verb : {Arguments{"store", "show", folder.file("s")}, Arguments{"evaluate", model},
                                Arguments{"estimator", "show", model}}) {
    const Finished shown = run(verb);
    EXPECT_EQ(shown.status, 0);
    for (const char* words : {"ranges-alone: 400 rows, 16 engines by latin_hypercube from the ranges alone, seed 9"}) {
      EXPECT_NE(shown.out.find(words), std::string::npos) << verb.front() << "\n" << shown.out;
    }
  }
  EXPECT_NE(run({"evaluate", model}).out.find("dram.bandwidth"), std::string::npos) << "no ranges";
}

// What reads a store does so where nothing can be written, and leaves it as it was.
TEST(ReadOnlyStores, are_shown_exported_trained_on_and_evaluated) {
  const ScratchFolder folder;
  const std::string media = folder.file("media"), store = media + "/s.sqlite", out = folder.file("out");
  fs::create_directory(media);
  fs::create_directory(out);
  const fs::perms look = fs::perms::owner_read | fs::perms::owner_exec | fs::perms::group_read | fs::perms::group_exec |
                         fs::perms::others_read | fs::perms::others_exec;
  fs::permissions(folder.file(""), look | fs::perms::owner_write);
  fs::permissions(out, fs::perms::all);
  // One that was closed, and one whose writer was killed: its rows are in the log beside it.
  ASSERT_EQ(run(measure(folder.file("whole"))).status, 0);
  const Json expected = run_json({"store", "show", folder.file("whole")});
  fs::copy_file(folder.file("whole"), store);
  const auto read_all = [&](const std::string& name, std::int64_t least_rows) {
    fs::permissions(store, fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read);
    fs::permissions(media, look);
    const std::string before = text_of(store);
    {
      const lanewise::testing::WithoutRights none;
      const Json shown = run_json({"store", "show", store});
      EXPECT_GE(shown.at("rows"), least_rows);
      EXPECT_EQ(run_json({"store", "export", store, "--out", out + "/" + name, "--features"}).at("rows"),
                shown.at("rows"));
      const Arguments quick = {"--trees", "5", "--depth", "3", "--quick"};
      Arguments train = {"train", store, "--out", out + "/" + name + ".lwm"}, evaluate = {"evaluate", store};
      train.insert(train.end(), quick.begin(), quick.end());
      evaluate.insert(evaluate.end(), quick.begin(), quick.end());
      EXPECT_GT(run_json(train).at("rows"), 0);  // those within the ranges
      EXPECT_EQ(run_json(evaluate).at("rows"), shown.at("measured"));
      expect_refused(measure(store, {"--jobs", "1"}), 1, {store});
    }
    EXPECT_EQ(text_of(store), before);
    fs::permissions(media, fs::perms::owner_all);
  };
  read_all("whole", expected.at("rows").get<std::int64_t>());

  fs::remove(store);
  Arguments long_one = measure(folder.file("killed"), {"--jobs", "1"});
  long_one[5] = "20000";
  Running running(long_one);
  wait_for_rows(folder.file("killed"));
  running.send(SIGKILL);
  running.wait();
  ASSERT_GT(fs::file_size(folder.file("killed-wal")), 0u);
  fs::copy_file(folder.file("killed"), store);
  fs::copy_file(folder.file("killed-wal"), store + "-wal");
  fs::permissions(store + "-wal", fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read);
  // As many rows as whoever may write sees.
  const std::int64_t all = run_json({"store", "show", folder.file("killed")}).at("rows").get<std::int64_t>();
  ASSERT_GT(all, 0);
  read_all("killed", all);
}

}  // namespace
}  // namespace lanewise::cli::testing
