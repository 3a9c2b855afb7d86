// SPDX-License-Identifier: Apache-2.0
// A vendor's log as what was measured: `validate` and `engine fit` on the log of a chip that the simulator plays.
#include <cmath>
#include <sstream>

#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

struct Layer {
  std::string type, inputs, output;
};

std::vector<Layer> layers() {
  std::vector<Layer> out;
  for (const int size : {7, 14, 28, 56}) {
    for (const int channels : {16, 64, 96}) {
      for (const int kernel : {1, 3}) {
        const auto map = [&](int depth) {
          return "(1," + std::to_string(depth) + "," + std::to_string(size) + "," + std::to_string(size) + ")";
        };
        const int made = channels == 64 ? 128 : 24;
        const std::string weights = "(" + std::to_string(made) + "," + std::to_string(channels) + "," +
                                    std::to_string(kernel) + "," + std::to_string(kernel) + ")";
        out.push_back({"ConvRelu", map(channels) + "," + weights + ",(" + std::to_string(made) + ")", map(made)});
      }
    }
  }
  return out;
}

// `times`: of each layer, in microseconds.
std::string log_of(const std::vector<std::string>& times) {
  std::ostringstream text;
  text << "ID   OpType   DataType Target InputShape   OutputShape   Cycles(DDR/NPU/Total)   Time(us)   "
          "FullName\n-----\n";
  text << "1 InputOperator INT8 CPU \\ (1,3,8,8) 0/0/0 7 InputOperator:x\n";
  std::size_t at = 0;
  for (const Layer& layer : layers()) {
    text << at + 2 << "  " << layer.type << "  INT8  NPU  " << layer.inputs << "  " << layer.output << "  1/1/1  "
         << times[at] << "  Conv:" << at << '\n';
    ++at;
  }
  text << "-----\n";
  return text.str();
}

std::vector<std::string> column_of(const std::string& csv, const std::string& name) {
  std::istringstream lines(csv);
  std::string line, cell;
  std::getline(lines, line);
  std::size_t column = 0;
  for (std::istringstream head(line); std::getline(head, cell, ',') && cell != name;) ++column;
  std::vector<std::string> out;
  while (std::getline(lines, line)) {
    std::istringstream cells(line);
    for (std::size_t i = 0; i <= column; ++i) std::getline(cells, cell, ',');
    out.push_back(cell);
  }
  return out;
}

// Whole microseconds of ne-256 at 800 MHz with 2 GB/s in place of 3.2, whose layers take 20 us to launch.
std::string chips_log(const ScratchFolder& folder) {
  const std::vector<std::string> guesses(layers().size(), "1");
  const Finished simulated = run({"validate", folder.write("guess.txt", log_of(guesses)), "--hw", kEngine, "--set",
                                  "dram.bandwidth=2 GB/s", "--set", "command.cycles_per_pass=16000", "--csv"});
  EXPECT_EQ(simulated.status, 0) << simulated.err;
  std::vector<std::string> times;
  for (const std::string& cycles : column_of(simulated.out, "simulated_cycles")) {
    times.push_back(std::to_string(std::llround(std::stod(cycles) / 800)));
  }
  EXPECT_EQ(times.size(), layers().size());
  return folder.write("rknn.txt", log_of(times));
}

TEST(ProfilerLog, is_validated_with_its_launches_and_says_what_is_left_out) {
  const ScratchFolder folder;
  const std::string log = chips_log(folder);
  const Json right = run_json(
      {"validate", log, "--hw", kEngine, "--set", "dram.bandwidth=2 GB/s", "--set", "command.cycles_per_pass=16000"});
  EXPECT_EQ(right.at("all").at("rows"), layers().size());
  // Half a microsecond of the twenty that the shortest layer takes at least.
  EXPECT_LT(right.at("all").at("worst_percent"), 2.5);
  const Json& about = right.at("log");
  EXPECT_EQ(about.at("tool"), "RKNN profiler");
  EXPECT_EQ(about.at("clock_hz"), 800e6);
  EXPECT_EQ(about.at("left_out"), Json({{{"line", 3}, {"layer", "InputOperator:x"}, {"reason", "runs on CPU"}}}));
  const Finished words = run({"validate", log, "--hw", kEngine});
  EXPECT_NE(words.out.find("line 3: InputOperator:x: runs on CPU"), std::string::npos) << words.out;
  expect_refused({"validate", log}, 1, {"rknn.txt", "RKNN profiler", "--hw"});
  expect_refused({"validate", log, "--hw", kEngine, "--cycles", "cycles"}, 1, {"rknn.txt", "--cycles"});
}

TEST(ProfilerLog, an_engine_is_fitted_to_it) {
  const ScratchFolder folder;
  const std::string log = chips_log(folder), out = folder.file("chip.yaml");
  const Json fit = run_json(
      {"engine", "fit", log, "--hw", kEngine, "--fit", "command.cycles_per_pass,dram.bandwidth", "--out", out});
  EXPECT_EQ(fit.at("log").at("left_out").size(), 1U);
  EXPECT_GT(fit.at("left_out").at("before").at("mape_percent"), 20);
  EXPECT_LT(fit.at("left_out").at("after").at("mape_percent"), 2);
  const Json fitted = run_json({"validate", log, "--hw", out});
  EXPECT_LT(fitted.at("all").at("mape_percent"), 2);
  expect_refused({"engine", "fit", log, "--hw", kEngine, "--fit", "engine.clock"}, 1, {"engine.clock", "times"});
}

}  // namespace
}  // namespace lanewise::cli::testing
