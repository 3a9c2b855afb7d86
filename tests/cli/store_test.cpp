// SPDX-License-Identifier: Apache-2.0
// measure --shard, store merge, show and export, as people call them.
#include <map>
#include <set>

#include "core/base/version.hpp"
#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

Arguments measure(const std::string& store, const Arguments& more = {}) {
  Arguments arguments = {"measure",   kMobileNet, kSqueezeNet, "--hw", kEngine, "--rows", "900",
                         "--engines", "24",       "--seed",    "3",    "--out", store};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// Cells of one line; those of these files have no line breaks in them.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  return cells;
}

std::vector<std::map<std::string, std::string>> rows_of(const std::string& path) {
  const std::vector<std::string> lines = lines_of(text_of(path));
  std::vector<std::map<std::string, std::string>> rows;
  const std::vector<std::string> header = cells_of(lines.at(0));
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::vector<std::string> cells = cells_of(lines[i]);
    EXPECT_EQ(cells.size(), header.size());
    rows.emplace_back();
    for (std::size_t c = 0; c < cells.size(); ++c) rows.back()[header[c]] = cells[c];
  }
  return rows;
}

TEST(Shards, joined_are_byte_for_byte_the_unsharded_campaign) {
  const ScratchFolder folder;
  ASSERT_EQ(run(measure(folder.file("whole"), {"--csv", folder.file("whole.csv")})).status, 0);
  Arguments merge = {"store", "merge", folder.file("joined")};
  std::int64_t planned = 0;
  for (const char* shard : {"3/3", "1/3", "2/3"}) {
    const std::string store = folder.file(std::string("shard") + shard[0]);
    const Json report = run_json(measure(store, {"--shard", shard}));
    EXPECT_EQ(report.at("shard"), shard);
    planned += report.at("planned").get<std::int64_t>();
    merge.push_back(store);
  }
  EXPECT_EQ(planned, 900);
  const Json joined = run_json(merge);
  EXPECT_EQ(joined.at("rows"), 900);
  EXPECT_EQ(joined.at("family"), "ne");
  EXPECT_EQ(joined.at("sources").size(), 3u);
  // The joined store is a store: the campaign finds all of its rows in it.
  const Json again = run_json(measure(folder.file("joined"), {"--csv", folder.file("joined.csv")}));
  EXPECT_EQ(again.at("measured"), 0);
  EXPECT_EQ(text_of(folder.file("joined.csv")), text_of(folder.file("whole.csv")));
}

TEST(Shards, bad_ones_are_refused_in_one_line) {
  const ScratchFolder folder;
  for (const char* shard : {"0/3", "4/3", "3", "1/3/5", "a/b", "1/0", "-1/3"}) {
    expect_refused(measure(folder.file("a"), {"--shard", shard}), 2, {"--shard", shard, "must be I/N"});
  }
  EXPECT_FALSE(std::filesystem::exists(folder.file("a")));
}

TEST(Store, merge_refuses_in_one_line) {
  const ScratchFolder folder;
  ASSERT_EQ(run(measure(folder.file("ne"), {"--shard", "1/9"})).status, 0);
  ASSERT_EQ(run({"measure", kSqueezeNet, "--hw", "hwconfigs/nvdla-small.yaml", "--rows", "20", "--engines", "2",
                 "--out", folder.file("nvdla")})
                .status,
            0);
  const std::string out = folder.file("out");
  expect_refused({"store", "merge", out, folder.file("ne"), folder.file("nvdla")}, 1,
                 {folder.file("nvdla"), "family nvdla", "family ne", folder.file("ne")});
  expect_refused({"store", "merge", out, folder.file("none")}, 1, {folder.file("none")});
  expect_refused({"store", "merge", out}, 2, {"IN"});
  expect_refused({"store", "merge", out, kEngine}, 1, {kEngine, "not an SQLite file"});
  EXPECT_FALSE(std::filesystem::exists(out));
}

TEST(Store, show_counts_what_is_there) {
  const ScratchFolder folder;
  ASSERT_EQ(run(measure(folder.file("a"))).status, 0);
  const Json shown = run_json({"store", "show", folder.file("a")});
  EXPECT_EQ(shown.at("rows"), 900);
  EXPECT_EQ(shown.at("engines"), 24);
  EXPECT_EQ(shown.at("families"), Json({{"ne", 900}}));
  EXPECT_EQ(shown.at("tool_versions"), Json({{version(), 900}}));
  std::int64_t rows = 0;
  for (const auto& [family, counts] : shown.at("pass_families").items()) rows += counts.at("rows").get<std::int64_t>();
  EXPECT_EQ(rows, shown.at("measured"));
  for (const auto& [column, sizes] : shown.at("splits").items()) {
    std::int64_t sum = 0;
    for (const auto& [side, count] : sizes.items()) sum += count.get<std::int64_t>();
    EXPECT_EQ(sum, shown.at("measured")) << column;
  }
  const Finished text = run({"store", "show", folder.file("a")});
  EXPECT_EQ(text.status, 0);
  for (const char* word : {"900 rows", "split_engine", "convolution"})
    EXPECT_NE(text.out.find(word), std::string::npos);
  expect_refused({"store", "show", folder.file("none")}, 1, {folder.file("none")});
  EXPECT_FALSE(std::filesystem::exists(folder.file("none")));
}

TEST(Store, export_is_a_dataset_with_its_dictionary) {
  const ScratchFolder folder;
  ASSERT_EQ(run(measure(folder.file("a"), {"--csv", folder.file("a.csv")})).status, 0);
  const std::string out = folder.file("dataset");
  const Json shown = run_json({"store", "export", folder.file("a"), "--out", out});

  const std::vector<std::string> header = cells_of(lines_of(text_of(out + "/measurements.csv")).at(0));
  std::vector<std::string> described;
  for (const auto& column : rows_of(out + "/dictionary.csv")) {
    described.push_back(column.at("column"));
    EXPECT_NE(column.at("unit"), "") << column.at("column");
    EXPECT_NE(column.at("meaning"), "") << column.at("column");
  }
  EXPECT_EQ(described, header);

  // The plain CSV with three columns more.
  const auto rows = rows_of(out + "/measurements.csv"), plain = rows_of(folder.file("a.csv"));
  ASSERT_EQ(rows.size(), plain.size());
  std::map<std::string, std::map<std::string, std::int64_t>> sides;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto row = rows[i];
    for (const char* column : {"split_row", "split_engine", "split_shape"}) {
      if (row.at("failure").empty()) ++sides[column][row.at(column)];
      row.erase(column);
    }
    EXPECT_EQ(row, plain[i]);
  }
  for (const auto& [column, counts] : sides) {
    for (const auto& [side, count] : counts) EXPECT_EQ(shown.at("splits").at(column).at(side), count) << column << side;
  }

  const std::string card = text_of(out + "/README.md");
  for (const std::string word : {"license: apache-2.0", "900 rows", "family ne", "| `split_shape` |", "## Known limits",
                                 "`engine.parallelism_factor`"}) {
    EXPECT_NE(card.find(word), std::string::npos) << word;
  }
  EXPECT_EQ(card.find(folder.file("a")), std::string::npos) << "a path in the card";

  // The SQLite file is a store, with the same rows.
  const Json copy = run_json({"store", "show", out + "/measurements.sqlite"});
  EXPECT_EQ(copy.at("rows"), 900);
  EXPECT_EQ(copy.at("splits"), shown.at("splits"));
}

TEST(Store, export_is_the_same_wherever_the_rows_came_from) {
  const ScratchFolder folder;
  ASSERT_EQ(run(measure(folder.file("whole"))).status, 0);
  for (const char* shard : {"1/2", "2/2"}) {
    ASSERT_EQ(run(measure(folder.file(std::string("s") + shard[0]), {"--shard", shard})).status, 0);
  }
  ASSERT_EQ(run({"store", "merge", folder.file("joined"), folder.file("s2"), folder.file("s1")}).status, 0);
  ASSERT_EQ(run({"store", "export", folder.file("whole"), "--out", folder.file("a")}).status, 0);
  ASSERT_EQ(run({"store", "export", folder.file("joined"), "--out", folder.file("b")}).status, 0);
  for (const char* name : {"/measurements.csv", "/measurements.sqlite", "/dictionary.csv", "/README.md"}) {
    EXPECT_EQ(text_of(folder.file("a") + name), text_of(folder.file("b") + name)) << name;
  }
}

TEST(Store, export_refuses_in_one_line_and_leaves_nothing) {
  const ScratchFolder folder;
  ASSERT_EQ(run(measure(folder.file("a"), {"--shard", "1/9"})).status, 0);
  const std::string out = folder.file("dataset");
  expect_refused({"store", "export", folder.file("none"), "--out", out}, 1, {folder.file("none")});
  expect_refused({"store", "export", kEngine, "--out", out}, 1, {kEngine});
  ASSERT_EQ(run(measure(folder.file("b"), {"--shard", "1000000/1000000"})).status, 0);
  expect_refused({"store", "export", folder.file("b"), "--out", out}, 1, {folder.file("b"), "no rows"});
  EXPECT_FALSE(std::filesystem::exists(out));
  std::filesystem::create_directory(out);
  ASSERT_EQ(run({"store", "export", folder.file("a"), "--out", out + "/"}).status, 0);  // empty before
  expect_refused({"store", "export", folder.file("a"), "--out", out}, 1, {out, "empty"});
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(out).parent_path())) {
    EXPECT_EQ(entry.path().string().find(".partial"), std::string::npos) << entry.path();
  }
}

}  // namespace
}  // namespace lanewise::cli::testing
