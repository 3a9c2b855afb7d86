// SPDX-License-Identifier: Apache-2.0
// `engine fit` as a person uses it: on RTL's rows, with descriptions made wrong.
#include <map>

#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

const std::string kRtl = "benchmarks/validation/rtl_layers.csv";
const std::string kHw = "hwconfigs/nvdla-small-256.yaml";
const Arguments kWrong = {"--set", "dram.bandwidth=5.6 GB/s",
                          "--set", "dma.start_cycles=36",
                          "--set", "post_processing.atom_overhead_cycles=2"};

Arguments fit(const Arguments& more, bool wrong = true) {
  Arguments arguments = {"engine", "fit", kRtl, "--hw", kHw};
  if (wrong) arguments.insert(arguments.end(), kWrong.begin(), kWrong.end());
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

const std::string kFour = "dram.bandwidth,dma.start_cycles,post_processing.atom_overhead_cycles,dram.latency";

// The header and the lines of one engine.
std::string rows_of(const std::string& engine) {
  std::istringstream file(text_of(kRtl));
  std::string text, line;
  while (std::getline(file, line)) {
    if (text.empty() || line.rfind(engine + ",", 0) == 0) text += line + "\n";
  }
  return text;
}

std::map<std::string, Json> keys_of(const Json& answer) {
  std::map<std::string, Json> keys;
  for (const Json& key : answer.at("keys")) keys[key.at("key")] = key;
  return keys;
}

TEST(EngineFit, finds_what_the_rtl_has_and_says_how_well) {
  const Json answer = run_json(fit({"--fit", kFour}));
  EXPECT_EQ(answer.at("engine"), "nvdla-small-256");
  EXPECT_EQ(answer.at("rows_of_other_engines"), 602 - 134);
  const Json &fitted = answer.at("fitted"), &left_out = answer.at("left_out");
  EXPECT_EQ(fitted.at("after").at("rows").get<int>() + left_out.at("after").at("rows").get<int>(), 134);
  EXPECT_GT(left_out.at("after").at("rows"), 20);
  EXPECT_GT(left_out.at("before").at("mape_percent"), 5);
  EXPECT_LT(left_out.at("after").at("mape_percent"), 0.1);
  std::map<std::string, Json> keys = keys_of(answer);
  EXPECT_EQ(keys["dma.start_cycles"].at("fitted"), "28");
  EXPECT_EQ(keys["dma.start_cycles"].at("described"), "36");
  EXPECT_EQ(keys["post_processing.atom_overhead_cycles"].at("fitted"), "1");
  EXPECT_GT(keys["post_processing.atom_overhead_cycles"].at("lower_rise_percent"), 0);
  EXPECT_GT(keys["post_processing.atom_overhead_cycles"].at("higher_rise_percent"), 0);
  EXPECT_EQ(keys["dram.bandwidth"].at("standing"), "at_least");  // the port takes no more than 8 B/cycle
  EXPECT_EQ(keys["dram.latency"].at("standing"), "set_by_rows");
}

TEST(EngineFit, keys_that_no_row_feels_stay_what_they_are) {
  std::map<std::string, Json> keys = keys_of(run_json(fit({})));
  for (const char* key : {"engine.pass_gap_cycles", "post_processing.pooling_latency_cycles"}) {
    EXPECT_EQ(keys[key].at("standing"), "unknown") << key;
    EXPECT_EQ(keys[key].at("fitted"), keys[key].at("described")) << key;
  }
  // Latencies behind each other count together only.
  EXPECT_EQ(keys["engine.pipeline_latency_cycles"].at("standing"), "joint");
}

TEST(EngineFit, the_file_that_it_writes_is_the_engine_that_it_reports) {
  const ScratchFolder folder;
  const std::string path = folder.file("fitted.yaml");
  const Json answer = run_json(fit({"--fit", kFour, "--folds", "3", "--out", path}));
  EXPECT_EQ(answer.at("out"), path);
  EXPECT_EQ(answer.at("left_out").at("after").at("rows"), 134);  // each row once
  const Json shown = run_json({"engine", "show", path});
  for (const Json& key : answer.at("keys")) {
    std::string place = "/" + key.at("key").get<std::string>() + "/value";
    std::replace(place.begin(), place.end(), '.', '/');
    EXPECT_EQ(shown.at(Json::json_pointer(place)), key.at("fitted")) << key;
  }
  // `validate` finds the error that was reported.
  const std::string own = folder.write("own.csv", rows_of("nvdla-small-256"));
  const Json judged = run_json({"validate", own, "--hw", path}).at("all");
  EXPECT_EQ(judged.at("rows"), 134);
  EXPECT_NEAR(judged.at("mape_percent"), answer.at("fitted").at("after").at("mape_percent").get<double>(), 1e-9);
  const std::string text = text_of(path);
  EXPECT_NE(text.find("# Fitted to measured cycles by lanewise "), std::string::npos);
  EXPECT_NE(text.find("rows of rtl_layers.csv (content "), std::string::npos);
  EXPECT_NE(text.find("start_cycles: 28  # fitted, known exactly; described: 36"), std::string::npos) << text;
  EXPECT_NE(text.find("# 32 atoms of 8 sums"), std::string::npos);  // the description's own comments stay
}

TEST(EngineFit, is_the_same_every_time_and_its_draws_follow_the_seed) {
  const Json first = run_json(fit({"--fit", kFour}));
  EXPECT_EQ(run_json(fit({"--fit", kFour})), first);
  const Json other = run_json(fit({"--fit", kFour, "--seed", "2"}));
  EXPECT_NE(other.at("left_out"), first.at("left_out"));
}

TEST(EngineFit, a_right_description_hardly_moves) {
  const Json answer = run_json(fit({}, false));
  EXPECT_LT(answer.at("fitted").at("before").at("mape_percent"), 0.05);
  EXPECT_LT(answer.at("left_out").at("after").at("mape_percent"), 0.05);
  for (const Json& key : answer.at("keys")) {
    const double described = std::stod(key.at("described").get<std::string>());
    EXPECT_NEAR(std::stod(key.at("fitted").get<std::string>()), described, std::max(1.0, 0.02 * described)) << key;
  }
}

// Every eighth row of an engine.
std::string few_rows_of(const std::string& engine) {
  std::istringstream rows(rows_of(engine));
  std::string text, line;
  for (int number = 0; std::getline(rows, line); ++number) {
    if (number == 0 || number % 8 == 1) text += line + "\n";
  }
  return text;
}

TEST(EngineFit, ends_alike_wherever_the_description_begins) {
  const ScratchFolder folder;
  const std::string rows = folder.write("rows.csv", few_rows_of("nvdla-small-256"));
  double least = 1e9, most = 0;
  for (const char* bandwidth : {"2 GB/s", "8 GB/s"}) {
    for (const char* width : {"1", "4", "16"}) {
      const Json answer =
          run_json({"engine", "fit", rows, "--hw", kHw, "--set", "dram.bandwidth=" + std::string(bandwidth), "--set",
                    "post_processing.width=" + std::string(width), "--fit", "dram.bandwidth,post_processing.width",
                    "--hold-out", "0"});
      const double error = answer.at("fitted").at("after").at("mape_percent");
      least = std::min(least, error);
      most = std::max(most, error);
    }
  }
  EXPECT_LT(most, least + 1);
}

TEST(EngineFit, shows_what_any_model_is_held_against) {
  const ScratchFolder folder;
  std::string rows = few_rows_of("nvdla-small-256");
  const std::size_t header = rows.find('\n') + 1;
  rows += rows.substr(header, rows.find('\n', header) + 1 - header);  // one layer a second time, with the same cycles
  const Arguments arguments = {"engine", "fit",   folder.write("rows.csv", rows),         "--hw",
                               kHw,      "--fit", "dram.bandwidth,post_processing.width", "--folds",
                               "3"};
  const Json answer = run_json(arguments);
  EXPECT_EQ(answer.at("repeats").at("rows"), 2);
  EXPECT_EQ(answer.at("repeats").at("shapes"), 1);
  EXPECT_EQ(answer.at("repeats").at("floor_percent"), 0);
  const Json& roofline = answer.at("roofline");
  EXPECT_EQ(roofline.at("left_out").at("rows"), answer.at("left_out").at("after").at("rows"));
  EXPECT_GT(roofline.at("left_out").at("mape_percent"), answer.at("left_out").at("after").at("mape_percent"));
  EXPECT_EQ(roofline.at("better"), false);
  const std::string text = run(arguments).out;
  EXPECT_NE(text.find("roofline: max(compute at "), std::string::npos) << text;
  EXPECT_NE(text.find("repeated: 2 rows are of 1 layers"), std::string::npos) << text;
}

// Sixteen rows, of which three in four claim half as many cycles again: what is learned from them makes right ones
// worse.
std::string misleading_rows() {
  std::istringstream rows(rows_of("nvdla-small-256"));
  std::string text, line;
  std::getline(rows, line);
  text = line + "\n";
  std::ptrdiff_t cycles =
      std::count(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(line.find(",cycles,") + 1), ',');
  for (int number = 0; std::getline(rows, line) && number < 16 * 8; ++number) {
    if (number % 8 != 0) continue;
    std::istringstream in(line);
    std::string out, cell;
    for (std::ptrdiff_t column = 0; std::getline(in, cell, ','); ++column) {
      if (column == cycles && number % 32 != 0) cell = std::to_string(std::stoll(cell) * 3 / 2);
      out += (column > 0 ? "," : "") + cell;
    }
    text += out + "\n";
  }
  return text;
}

std::string percent(const Json& error) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f %%", error.at("mape_percent").get<double>());
  return text;
}

TEST(EngineFit, does_not_write_what_is_worse_on_rows_left_out_unless_forced) {
  const ScratchFolder folder;
  const std::string rows = folder.write("rows.csv", misleading_rows()), path = folder.file("fitted.yaml");
  int worse = 0;
  for (const char* seed : {"1", "2", "3", "4"}) {  // each leaves other rows out
    const Arguments arguments = {"engine",
                                 "fit",
                                 rows,
                                 "--hw",
                                 kHw,
                                 "--fit",
                                 "dram.bandwidth,dma.start_cycles,post_processing.atom_overhead_cycles",
                                 "--seed",
                                 seed};
    const Json left_out = run_json(arguments).at("left_out");  // without --out there is nothing to refuse
    const bool is_worse = left_out.at("after").at("mape_percent") > left_out.at("before").at("mape_percent");
    EXPECT_EQ(left_out.at("worse"), is_worse);
    Arguments writing = arguments;
    writing.insert(writing.end(), {"--out", path});
    Arguments forced = writing;
    forced.emplace_back("--force");
    if (is_worse) {
      ++worse;
      expect_refused(writing, 1, {path, percent(left_out.at("before")), percent(left_out.at("after")), "--force"});
      EXPECT_FALSE(std::filesystem::exists(path));
    } else {
      EXPECT_EQ(run(writing).status, 0);
      EXPECT_TRUE(std::filesystem::remove(path));
    }
    const Finished written = run(forced);
    EXPECT_EQ(written.status, 0) << written.err;
    EXPECT_EQ(written.out.find("written all the same, as --force asked") != std::string::npos, is_worse) << written.out;
    EXPECT_NE(written.out.find("wrote " + path + "\n"), std::string::npos) << written.out;
    EXPECT_TRUE(std::filesystem::remove(path));
  }
  EXPECT_GT(worse, 0);
  EXPECT_LT(worse, 4);
}

TEST(EngineFit, people_and_programs_get_the_same) {
  const Finished text = run(fit({"--fit", kFour}));
  EXPECT_EQ(text.status, 0) << text.err;
  EXPECT_NE(text.out.find("not fitted: every row sets it"), std::string::npos);
  EXPECT_NE(text.out.find("at least: more changes nothing"), std::string::npos);
  const Finished csv = run(fit({"--fit", kFour, "--csv"}));
  EXPECT_EQ(csv.out.rfind("key,described,fitted,standing,", 0), 0u);
  EXPECT_EQ(std::count(csv.out.begin(), csv.out.end(), '\n'), 5);
}

TEST(EngineFit, mistakes_are_one_line_and_nothing_is_written) {
  const ScratchFolder folder;
  const std::string path = folder.file("fitted.yaml");
  expect_refused(fit({"--out", path, "--fit", "dram.bandwith"}), 1, {"--fit", "dram.bandwith", "dram.bandwidth"});
  expect_refused(fit({"--out", path, "--fit", "dma.kind"}), 1, {"dma.kind", "tiles, streams"});
  expect_refused(fit({"--out", path, "--fit", "energy.dram"}), 1, {"energy.dram", "cycles"});
  expect_refused(fit({"--out", path, "--fit", "command.cycles_per_pass"}), 1, {"command.cycles_per_pass"});
  expect_refused(fit({"--out", path, "--fit", "dram.latency,dram.latency"}), 1, {"dram.latency", "once"});
  expect_refused(fit({"--out", path, "--fit", "dram.latency,"}), 1, {"--fit", "''"});
  expect_refused(fit({"--out", path, "--engine", "nvdla-huge"}), 1, {"rtl_layers.csv", "nvdla-huge", "engine"});
  expect_refused({"engine", "fit", "benchmarks/validation/rtl_back_to_back.csv", "--hw", kHw, "--out", path}, 1,
                 {"rtl_back_to_back.csv", "sequences"});
  expect_refused({"engine", "fit", kHw, "--hw", kHw, "--out", path}, 1, {kHw});
  expect_refused({"engine", "fit", kRtl, "--hw", folder.file("none.yaml"), "--out", path}, 1, {"none.yaml"});
  const std::string rows = folder.write("rows.csv", "in_w,in_h,in_c,out_c,kernel_w,kernel_h,cycles\n8,8,8,8,1,1,500\n");
  expect_refused({"engine", "fit", rows, "--hw", kHw, "--out", path, "--folds", "2"}, 1, {"rows.csv", "one shape"});
  expect_refused(fit({"--folds", "3", "--hold-out", "0.2"}), 2, {"--folds"});
  expect_refused(fit({"--hold-out", "1.5"}), 2, {"--hold-out"});
  expect_refused(fit({"--fit", kFour, "--out", folder.file("no/such/folder.yaml")}), 1, {"no/such/folder.yaml"});
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace lanewise::cli::testing
