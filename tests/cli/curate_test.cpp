// SPDX-License-Identifier: Apache-2.0
// Spaces curated as a person curates them.
#include <chrono>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <thread>

#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

const std::string kSpace = R"(name: small
network:
  input: {channels: 3, height: 32, width: 32}
  activation: relu6
  stem: {channels: 16, kernel: 3, stride: 2}
  stages:
    a: {type: [ibn, fused_ibn], expansion: 4, channels: {from: 8, to: 40, step: 4, default: 20}, stride: 2}
    b: {type: ibn, expansion: [4, 6], channels: {values: [24, 32, 40], default: 32}}
  head: {type: classification, classes: 10}
engine: {vary: none}
capacity: {parameters: 0.9, macs: 0.9}
)";

TEST(Curate, the_file_is_a_space_whose_networks_are_those_of_the_raw_one) {
  const ScratchFolder folder;
  const std::string raw = folder.write("small.yaml", kSpace), out = folder.file("curated.yaml");
  const Finished done = run({"curate", raw, "--hw", "nvdla-large", "--out", out, "--jobs", "1"});
  ASSERT_EQ(done.status, 0) << done.err;
  EXPECT_NE(done.out.find("wrote " + out), std::string::npos);
  const Json shown = run_json({"space", "show", out});
  const Json before = run_json({"space", "show", raw});
  EXPECT_LT(shown.at("designs").get<double>(), before.at("designs").get<double>());
  const std::string encoding = shown.at("encoding");
  const Json mine = run_json({"network", "show", "--space", out});
  const Json same = run_json({"network", "show", "--space", raw, "--encoding", encoding});
  EXPECT_EQ(mine.at("total").at("macs"), same.at("total").at("macs"));
  EXPECT_EQ(mine.at("total").at("parameters"), same.at("total").at("parameters"));
  const std::string text = text_of(out);
  const Json base = run_json({"network", "show", "--space", raw});
  const auto least = static_cast<std::int64_t>(std::ceil(0.9 * base.at("total").at("macs").get<double>()));
  EXPECT_NE(text.find("least_macs: " + std::to_string(least)), std::string::npos) << text;
}

TEST(Curate, the_bytes_do_not_depend_on_the_number_of_processes) {
  const ScratchFolder folder;
  const std::string raw = folder.write("small.yaml", kSpace);
  const auto answer = [&](const char* jobs) {
    const std::string out = folder.file("curated.yaml");
    const Finished done = run({"curate", raw, "--hw", "ne-256", "--out", out, "--jobs", jobs, "--json"});
    EXPECT_EQ(done.status, 0) << done.err;
    return done.out + text_of(out);
  };
  EXPECT_EQ(answer("1"), answer("3"));
}

TEST(Curate, the_start_changes_the_default_of_the_file_and_nothing_that_is_kept) {
  const ScratchFolder folder;
  const std::string raw = folder.write("small.yaml", kSpace), out = folder.file("curated.yaml");
  const auto start = [&](const char* name) {
    Json answer = run_json({"curate", raw, "--hw", "ne-256", "--out", out, "--start", name});
    EXPECT_EQ(answer.at("start"), name);
    EXPECT_EQ(run_json({"space", "show", out}).at("encoding"), answer.at(std::string(name) + "_start"));
    return answer;
  };
  const Json one = start("raw"), two = start("best");
  EXPECT_EQ(two.at("best_start"), two.at("points").front().at("encoding"));
  ASSERT_EQ(one.at("genes").size(), two.at("genes").size());
  for (std::size_t g = 0; g < one.at("genes").size(); ++g) {
    EXPECT_EQ(one.at("genes")[g].at("choices"), two.at("genes")[g].at("choices"));
  }
  const Json base = run_json({"network", "show", "--space", raw});
  const Json begun =
      run_json({"network", "show", "--space", raw, "--encoding", one.at("raw_start").get<std::string>()});
  EXPECT_GE(begun.at("total").at("macs").get<double>(), 0.9 * base.at("total").at("macs").get<double>());
}

TEST(Curate, json_says_of_each_value_why) {
  const ScratchFolder folder;
  const Json answer = run_json({"curate", folder.write("small.yaml", kSpace), "--hw", "ne-256", "--no-trades"});
  EXPECT_EQ(answer.at("source"), "simulated");
  EXPECT_TRUE(answer.at("points").empty());
  for (const Json& gene : answer.at("genes")) {
    int kept = 0;
    for (const Json& choice : gene.at("choices")) {
      EXPECT_FALSE(choice.at("reason").get<std::string>().empty());
      kept += choice.at("kept").get<bool>() ? 1 : 0;
      EXPECT_EQ(choice.at("dominated_by").is_null(), choice.at("kept").get<bool>());
    }
    EXPECT_GT(kept, 0);
  }
}

TEST(Curate, moves_on_a_network_keep_the_network_as_it_is) {
  const ScratchFolder folder;
  const std::string out = folder.file("curated.yaml");
  const std::string raw = folder.write("moves.yaml",
                                       "name: moves\nnetwork: {fuse_ibn: false, depth_multipliers: [1, 0.75, 0.9], "
                                       "channel_alignment: none}\nengine: {vary: none}\ncapacity: {macs: 0.9}\n");
  const Finished done =
      run({"curate", raw, "squeezenet1_1", "--hw", "nvdla-large", "--out", out, "--contexts", "2", "--no-trades"});
  ASSERT_EQ(done.status, 0) << done.err;
  const Json shown = run_json({"space", "show", out, "squeezenet1_1"});
  EXPECT_EQ(shown.at("encoding"), "default");
}

TEST(Curate, ctrl_c_ends_it_with_one_line_and_leaves_no_file) {
  const ScratchFolder folder;
  const std::string out = folder.file("curated.yaml");
  Running running({"curate", "detector", "--hw", "ne-256", "--out", out, "--jobs", "1"});
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  running.send(SIGINT);
  const Finished finished = running.wait();
  if (finished.status == 0) GTEST_SKIP() << "done before it could be interrupted";
  EXPECT_EQ(finished.status, 130);
  EXPECT_EQ(finished.out, "");
  EXPECT_EQ(finished.err, "lanewise: error: interrupted; nothing was written\n");
  EXPECT_TRUE(std::filesystem::is_empty(std::filesystem::path(out).parent_path()));
}

TEST(Curate, bad_input_is_one_line_and_leaves_no_file) {
  const ScratchFolder folder;
  const std::string raw = folder.write("small.yaml", kSpace), out = folder.file("curated.yaml");
  const auto refused = [&](Arguments more, const std::string& says) {
    Arguments arguments = {"curate", raw, "--hw", "ne-256", "--out", out};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Finished done = run(arguments);
    EXPECT_NE(done.status, 0);
    EXPECT_NE(done.err.find(says), std::string::npos) << done.err;
    EXPECT_EQ(std::count(done.err.begin(), done.err.end(), '\n'), 1);
    EXPECT_FALSE(std::filesystem::exists(out));
  };
  refused({"--keep", "a.channel"}, "is no gene of the space (did you mean 'a.channels'?)");
  refused({"--limit", "latency_ms<=5"}, "at least");
  refused({"--batch", "4"}, "--batch and --precision");
}

}  // namespace
}  // namespace lanewise::cli::testing
