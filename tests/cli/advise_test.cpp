// SPDX-License-Identifier: Apache-2.0
// Advice as a person takes it: advise, edit and veto, apply, simulate, and the same again on another network.
#include <fstream>
#include <regex>

#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

// A space with few moves, so that the simulator can price all of them.
const std::string kSpace =
    "name: few\nnetwork:\n  fuse_ibn: true\n  depth_multipliers: [1, 0.75]\n"
    "engine:\n  vary: none\ncapacity:\n  parameters: 0.7\n  macs: 0.7\n";

std::string only_line(const Finished& finished) {
  EXPECT_NE(finished.status, 0);
  EXPECT_EQ(finished.out, "");
  EXPECT_EQ(std::count(finished.err.begin(), finished.err.end(), '\n'), 1) << finished.err;
  EXPECT_EQ(finished.err.rfind("lanewise: error: ", 0), 0U) << finished.err;
  return finished.err;
}

TEST(Advise, its_plan_is_applied_and_simulates_to_the_cycles_that_it_reported) {
  const ScratchFolder folder;
  const std::string space = folder.write("few.yaml", kSpace), moves = folder.file("moves.yaml"),
                    moved = folder.file("moved.onnx"), engine = folder.file("engine.yaml");
  const Json advice = run_json({"advise", kMobileNet, "--hw", kEngine, "--space", space, "--top", "2", "--out", moves});
  const Json& plan = advice.at("plan");
  EXPECT_TRUE(plan.at("missed").empty());
  EXPECT_LT(plan.at("simulated").at("latency_cycles"), advice.at("given").at("simulated").at("latency_cycles"));
  EXPECT_EQ(advice.at("tried"), 16 + 5 + 1);
  std::size_t confirmed = 0;
  for (const Json& move : advice.at("moves")) confirmed += move.at("simulated").is_null() ? 0 : 1;
  EXPECT_LE(confirmed, 4U);  // the best two, and the best of the other kinds
  EXPECT_FALSE(advice.at("engine_keys").at("pay").empty());

  const Json applied =
      run_json({"apply", kMobileNet, "--moves", moves, "--hw", kEngine, "-o", moved, "--engine-out", engine});
  const Json& after = applied.at("after").at("simulated");
  EXPECT_EQ(after.at("latency_cycles"), plan.at("simulated").at("latency_cycles"));
  const Json simulated = run_json({"simulate", moved, "--hw", engine});
  EXPECT_EQ(simulated.at("total").at("latency_cycles"), after.at("latency_cycles"));
  EXPECT_EQ(simulated.at("total").at("macs"), applied.at("after").at("macs"));
  EXPECT_EQ(simulated.at("total").at("parameters"), applied.at("after").at("parameters"));

  // The same advice twice is the same file, whatever the number of processes.
  const std::string again = folder.file("again.yaml");
  EXPECT_EQ(run({"advise", kMobileNet, "--hw", kEngine, "--space", space, "--top", "2", "--jobs", "1", "--out", again})
                .status,
            0);
  EXPECT_EQ(text_of(again), text_of(moves));

  // A person vetoes the first move of the plan and is not told of it again.
  std::string text = text_of(moves);
  const std::regex first("\n  ([a-zA-Z0-9_-]+): \\{move: ([a-z_]+), place: ([a-z0-9]+)(, value: [0-9.]+)?, take: true");
  std::smatch found;
  ASSERT_TRUE(std::regex_search(text, found, first));
  const std::string move = found[2], place = found[3];
  text = std::regex_replace(text, std::regex("take: true"), "veto: true", std::regex_constants::format_first_only);
  const std::string edited = folder.write("edited.yaml", text);
  const Json other =
      run_json({"advise", kMobileNet, "--hw", kEngine, "--space", space, "--top", "0", "--moves", edited});
  EXPECT_EQ(other.at("vetoed"), 1);
  for (const Json& step : other.at("plan").at("steps"))
    EXPECT_FALSE(step.at("move") == move && step.at("place") == place);
}

// What a file of patterns says of capacity and engines is settled by advise as by apply, and stands in what it writes.
TEST(Advise, keeps_what_a_file_says_and_settles_it_as_apply_does) {
  const ScratchFolder folder;
  const std::string space = folder.write("few.yaml", kSpace), out = folder.file("more.yaml");
  const std::string moves = folder.write(
      "patterns.yaml",
      "capacity: {parameters: 0.9, macs: 0.9}\n"
      "notes: {by: hand}\n"
      "moves:\n"
      "  narrow: {move: depth_multiplier, place: all, value: 0.5, for_capacity: yields, within: {map_from: 7}}\n"
      "  back: {move: fuse, where: {at_stride: 32}, for_capacity: adds}\n"
      "  other: {move: fuse, where: {at_stride: 16}, on: {family: nvdla, array_from: 1024}}\n"
      "  maybe: {move: kernel, where: {kernel: 3, at_stride: 4}, value: 5, take: false}\n"
      "  never: {move: channels, value: aligned, veto: true, on: {family: ne}}\n");
  const Json applied = run_json({"apply", kMobileNet, "--moves", moves, "--hw", kEngine});
  EXPECT_TRUE(applied.at("keeps_capacity"));
  EXPECT_GE(applied.at("after").at("parameters").get<double>(),
            0.9 * applied.at("before").at("parameters").get<double>());
  EXPECT_GE(applied.at("after").at("macs").get<double>(), 0.9 * applied.at("before").at("macs").get<double>());
  EXPECT_FALSE(applied.at("widened").empty());
  EXPECT_NE(applied.at("entries").at(2).at("skipped").at(0).at("reason").get<std::string>().find("nvdla"),
            std::string::npos);

  const Json advice =
      run_json({"advise", kMobileNet, "--hw", kEngine, "--space", space, "--top", "0", "--moves", moves, "--out", out});
  // The advice begins with the network that apply makes, and keeps the file's capacity beside the space's.
  EXPECT_EQ(advice.at("start").at("simulated").at("latency_cycles"),
            applied.at("after").at("simulated").at("latency_cycles"));
  EXPECT_NE(advice.at("limits").dump().find("parameters>=0.9*baseline"), std::string::npos);
  const std::string text = text_of(out);
  EXPECT_NE(text.find("capacity: {parameters: 0.9, macs: 0.9}"), std::string::npos);
  EXPECT_NE(text.find("by: hand"), std::string::npos);
  for (const char* said :
       {"  narrow: {move: depth_multiplier, place: all, within: {map_from: 7}, value: 0.5, for_capacity: yields",
        "  back: {move: fuse, where: {at_stride: 32}, for_capacity: adds",
        "  other: {move: fuse, where: {at_stride: 16}, on: {family: nvdla, array_from: 1024}, take: true}",
        "  maybe: {move: kernel, where: {at_stride: 4, kernel: 3}, value: 5, take: false}",
        "  never: {move: channels, value: aligned, on: {family: ne}, veto: true}"}) {
    EXPECT_NE(text.find(said), std::string::npos) << said << "\n" << text;
  }
  // What is written makes the plan.
  const Json again = run_json({"apply", kMobileNet, "--moves", out, "--hw", kEngine});
  EXPECT_EQ(again.at("after").at("simulated").at("latency_cycles"),
            advice.at("plan").at("simulated").at("latency_cycles"));
  EXPECT_TRUE(again.at("keeps_capacity"));
}

TEST(Apply, a_file_of_patterns_is_repeated_on_another_network) {
  const ScratchFolder folder;
  const std::string moves = folder.write("patterns.yaml",
                                         "moves:\n"
                                         "  early: {move: fuse, where: {at_stride: [4, 8], stride: 2}}\n"
                                         "  small: {move: kernel, where: {kernel: 5}, value: 3}\n"
                                         "  listed: {move: fuse, place: ibn99, take: false}\n");
  for (const char* network : {"mobilenet_v2", "mnasnet1_0"}) {
    const std::string moved = folder.file(std::string(network) + ".onnx");
    const Json applied = run_json({"apply", network, "--moves", moves, "-o", moved});
    EXPECT_GE(applied.at("entries").at(0).at("places").size(), 2U);
    EXPECT_EQ(applied.at("not_taken"), 1);
    const Json shown = run_json({"network", "show", moved});
    EXPECT_EQ(shown.at("total").at("macs"), applied.at("after").at("macs"));
    EXPECT_EQ(shown.at("total").at("parameters"), applied.at("after").at("parameters"));
  }
  const Finished text = run({"apply", "mobilenet_v2", "--moves", moves});
  EXPECT_NE(text.out.find("matches nothing of mobilenet_v2"), std::string::npos) << text.out;
}

TEST(Apply, an_empty_file_gives_an_equal_network) {
  const ScratchFolder folder;
  const std::string moves = folder.write("none.yaml", "moves: []\n"), moved = folder.file("same.onnx");
  const Json applied = run_json({"apply", kMobileNet, "--moves", moves, "-o", moved, "--hw", kEngine});
  EXPECT_EQ(applied.at("before").at("simulated"), applied.at("after").at("simulated"));
  EXPECT_EQ(run_json({"network", "show", moved}).at("total"), run_json({"network", "show", kMobileNet}).at("total"));
}

TEST(Apply, keys_of_the_engine_are_written_as_an_hwconfig) {
  const ScratchFolder folder;
  const std::string moves = folder.write(
      "keys.yaml",
      "moves:\n  lanes: {move: engine, place: engine.parallelism_factor, value: 32}\n  all: {move: channels, value: "
      "aligned}\n");
  const std::string engine = folder.file("engine.yaml"), moved = folder.file("moved.onnx");
  const Json applied =
      run_json({"apply", kMobileNet, "--moves", moves, "--hw", kEngine, "-o", moved, "--engine-out", engine});
  const Json simulated = run_json({"simulate", moved, "--hw", engine});
  EXPECT_EQ(simulated.at("total").at("latency_cycles"), applied.at("after").at("simulated").at("latency_cycles"));
  EXPECT_NE(only_line(run({"apply", kMobileNet, "--moves", moves, "-o", folder.file("not.onnx")})).find("give --hw"),
            std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder.file("not.onnx")));
}

TEST(Apply, bad_input_is_one_line_and_writes_nothing) {
  const ScratchFolder folder;
  const std::string moved = folder.file("moved.onnx");
  const auto refused = [&](const std::string& text) {
    const std::string moves = folder.write("bad.yaml", text);
    const std::string line = only_line(run({"apply", kMobileNet, "--moves", moves, "-o", moved}));
    EXPECT_FALSE(std::filesystem::exists(moved));
    return line;
  };
  EXPECT_NE(refused("moves:\n  a: {move: fuse, place: ibn99}\n").find("bad.yaml:2: entry 'moves.a': place 'ibn99'"),
            std::string::npos);
  EXPECT_NE(refused("moves:\n  a: {move: fuse, place: ibn1}\n  b: {move: engine, place: engine.clock, value: 1 GHz}\n")
                .find("give --hw"),
            std::string::npos);
  EXPECT_NE(refused("moves:\n  a: {move: twist, place: ibn1}\n").find("must be one of"), std::string::npos);
  EXPECT_NE(refused("not yaml: [").find("bad.yaml"), std::string::npos);
  only_line(run({"apply", kMobileNet, "--moves", folder.file("absent.yaml"), "-o", moved}));
  only_line(run({"apply", kMobileNet, "--moves", folder.write("e.yaml", "moves: []\n"), "-o", moved, "--engine-out",
                 folder.file("e2.yaml")}));
  only_line(run({"advise", kMobileNet, "--hw", kEngine, "--space", "fm28"}));
  only_line(run({"advise", kMobileNet, "--hw", kEngine, "--limit", "accuracy>=1"}));
  only_line(run({"advise", kMobileNet, "--hw", kEngine, "--out", folder.file("none/moves.yaml")}));
}

}  // namespace
}  // namespace lanewise::cli::testing
