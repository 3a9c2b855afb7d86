// SPDX-License-Identifier: Apache-2.0
// measure --campaign: campaigns as files, and what stays when something is killed on the way.
#include <sys/resource.h>

#include <set>

#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

namespace fs = std::filesystem;

// Paths in a campaign are relative to its folder.
std::string here(const std::string& path) { return (fs::current_path() / path).string(); }

std::string campaign(const std::string& more = "") {
  return "format: 1\nname: small\nrows: 400\nseed: 3\nnetworks:\n  files: [" + here(kMobileNet) + ", " +
         here(kSqueezeNet) + "]\nengines:\n  hwconfig: " + here(kEngine) + "\n  count: 8\n" + more;
}

std::string csv_of(const ScratchFolder& folder, const std::string& name, Arguments arguments) {
  arguments.insert(arguments.begin(), "measure");
  for (const std::string& more :
       {std::string("--out"), folder.file(name), std::string("--csv"), folder.file(name + ".csv")}) {
    arguments.push_back(more);
  }
  const Finished finished = run(arguments);
  EXPECT_EQ(finished.status, 0) << finished.err;
  return text_of(folder.file(name + ".csv"));
}

TEST(CampaignFile, is_the_same_as_options) {
  const ScratchFolder folder;
  const std::string file = folder.write("c.yaml", campaign());
  const std::string of_file = csv_of(folder, "f", {"--campaign", file});
  EXPECT_EQ(std::count(of_file.begin(), of_file.end(), '\n'), 401);
  EXPECT_EQ(of_file,
            csv_of(folder, "o",
                   {kMobileNet, kSqueezeNet, "--hw", kEngine, "--rows", "400", "--engines", "8", "--seed", "3"}));
  // Options go before what the file says.
  EXPECT_EQ(csv_of(folder, "fs", {"--campaign", file, "--seed", "4", "--rows", "90", "--sampling", "sobol"}),
            csv_of(folder, "os",
                   {kMobileNet, kSqueezeNet, "--hw", kEngine, "--rows", "90", "--engines", "8", "--seed", "4",
                    "--sampling", "sobol"}));
}

TEST(CampaignFile, says_which_engines_and_shapes) {
  const ScratchFolder folder;
  const std::string file = folder.write(
      "c.yaml",
      "format: 1\nname: shapes\nrows: 200\nengines:\n  hwconfig: " + here(kEngine) +
          "\n  count: 40\n  sampling: sobol\n  outside_share: 0\n  set: {dram.bandwidth: 6.4 GB/s}\n  ranges:\n"
          "    memory.bank_size.values: [4 KiB]\n    dram.bandwidth.values: [6.4 GB/s]\n    dram.burst.values: [16 B, "
          "64 B]\n"
          "shapes:\n  pooling: {in_channels: [5, 7], in_height: 14, kernel: [2]}\n");
  const Json report = run_json(
      {"measure", "--campaign", file, "--out", folder.file("s"), "--csv", folder.file("s.csv"), "--text-columns"});
  EXPECT_EQ(report["engines"], 40);
  EXPECT_EQ(report["complete_networks"], 0);
  std::istringstream lines(text_of(folder.file("s.csv")));
  std::string line;
  std::getline(lines, line);
  std::set<std::string> bursts;
  int rows = 0, in_range = 0;
  for (; std::getline(lines, line); ++rows) {
    EXPECT_NE(line.find(",pooling,"), std::string::npos) << line;
    EXPECT_NE(line.find(" w=2x2/1x1/"), std::string::npos) << line;
    for (const char* burst : {",16 B,", ",64 B,"}) {
      if (line.find(burst) == std::string::npos) continue;
      bursts.insert(burst);
      in_range += line.find(",4 KiB,") != std::string::npos && line.find(",6.4 GB/s,") != std::string::npos ? 1 : 0;
    }
  }
  EXPECT_GT(rows, 0);
  EXPECT_EQ(bursts.size(), 2u);
  EXPECT_GT(in_range, rows / 2);  // the family's members are what they are
}

TEST(CampaignFile, every_shipped_one_can_be_measured) {
  const ScratchFolder folder;
  int files = 0;
  for (const auto& entry : fs::directory_iterator("campaigns")) {
    SCOPED_TRACE(entry.path());
    const Json report = run_json({"measure", "--campaign", entry.path().string(), "--rows", "240", "--engines", "2",
                                  "--out", folder.file(entry.path().stem().string())});
    EXPECT_EQ(report["planned"], 240);
    EXPECT_GT(report["complete_networks"], 0);
    ++files;
  }
  EXPECT_GE(files, 4);
}

TEST(CampaignFile, mistakes_name_file_line_key_value_and_rule) {
  const ScratchFolder folder;
  const auto refused = [&](const std::string& text, const std::vector<std::string>& named) {
    const std::string file = folder.write("c.yaml", text);
    std::vector<std::string> words = named;
    words.push_back(file);
    expect_refused({"measure", "--campaign", file, "--out", folder.file("never")}, 1, words);
    EXPECT_FALSE(fs::exists(folder.file("never")));
  };
  refused(campaign("  sampl: sobol\n"),
          {":10: key 'engines.sampl'", "unknown key", "did you mean 'engines.sampling'?"});
  refused(campaign("  members: some\n"), {":10: key 'engines.members'", "'some' must be true or false"});
  refused(campaign("forms: {rows: 2}\n"), {"'forms.rows'", "'2' must be a number from 0 to 1"});
  refused(campaign("forms: {structures: [4:2]}\n"), {"'forms.structures'", "4:2: N:M must have 1 <= N < M"});
  refused(campaign("forms: {densities: [1]}\n"), {"'forms.densities'", "'1' must be a number from 0.0001 to 0.9999"});
  refused(campaign("forms: {clusters: [1]}\n"), {"'forms.clusters'", "'1' must be a whole number from 2 to 65536"});
  refused(campaign("forms: {ranges: {compression.zeros: {values: []}}}\n"),
          {"'forms.ranges.compression.zeros.values'"});
  refused(campaign("forms: {ranges: {dram.burst: {values: [16 B]}}}\n"),
          {"'forms.ranges.dram.burst.values'", "must be of sparsity or compression"});
  refused(campaign("forms: {ranges: {compression.zeros: {outside_values: [none]}}}\n"),
          {"must be forms.ranges.KEY.values"});
  refused(campaign("  sampling: grid\n"), {":10: key 'engines.sampling'", "'grid'", "latin_hypercube or sobol"});
  refused(campaign("  outside_share: 1.5\n"), {"'1.5' must be a number from 0 to 1"});
  refused(campaign("  outside_share: nan\n"), {"'nan' must be a number from 0 to 1"});
  refused(campaign("  set: {memory.bank_sise: 4 KiB}\n"),
          {":10: key 'engines.set.memory.bank_sise'", "memory.bank_size"});
  refused(campaign("  set: {memory.bank_size: 4}\n"), {"'engines.set.memory.bank_size'", "'4'"});
  refused(campaign("  ranges: {memory.bank_size: {values: [4 KiB, 4 KiB]}}\n"), {"'4 KiB' is given twice"});
  refused(campaign("  ranges: {memory.bank_size: {values: []}}\n"), {"engines.ranges.memory.bank_size.values"});
  refused(campaign("  ranges: {memory.bank_size: {outside_values: [4 KiB]}}\n"),
          {"key 'engines.ranges.memory.bank_size.values': missing"});
  refused(campaign("  ranges: {name: {values: [a]}}\n"), {"'name' is a text and has no range"});
  refused(campaign("shares: {networks: 0.8, cliffs: 0.3}\n"), {"key 'shares'", "add up to 1.1"});
  refused(campaign("shares: {shapes: 0.3}\n"), {"key 'shares.shapes'", "'0.3'", "'shapes'"});
  refused(campaign("shapes: {convolution: {in_channels: [16, 8]}}\n"), {"[16, 8] must be [SMALLEST, LARGEST]"});
  refused(campaign("shapes: {convolution: {in_channels: [1, 2, 3]}}\n"), {"must be one size, or [SMALLEST, LARGEST]"});
  refused(campaign("shapes: {convolution: {in_channels: 0}}\n"), {"'0' must be a whole number from 1"});
  refused(campaign("shapes: {convolution: {in_channels: 8}}\n"), {"key 'shapes.convolution.out_channels': missing"});
  refused(campaign("shapes: {depthwise: {out_channels: 8}}\n"), {"key 'shapes.depthwise.out_channels': unknown key"});
  refused(campaign("shapes: {resize: {in_channels: 8}}\n"), {"'resize' is no family of shapes", "normalization"});
  refused(campaign("shapes: {pooling: {precision: [int7]}}\n"), {"'shapes.pooling.precision'", "int7"});
  refused("format: 1\nname: n\nrows: 9\nengines: {hwconfig: " + here(kEngine) + ", count: 1}\n",
          {"neither key 'networks.files' nor 'shapes'"});
  refused("format: 1\nname: n\nrows: 9\nnetworks: {files: [no*.onnx]}\n",
          {":4: key 'networks.files'", "'no*.onnx' matches no file"});
  refused("format: 1\nname: n\nrows: none\n", {":3: key 'rows'", "'none' must be a whole number"});
  refused("format: 2\nname: n\n", {"'2' is an unknown format"});
  refused("format: 1\nname: n\nrows: 5\nengines: {count: 2}\n", {"key 'engines.hwconfig': missing"});
  refused(campaign() + "rows: 5\n", {"key 'rows': given twice, first on line 3"});
  refused("", {"is empty"});
  const std::string file = folder.write("c.yaml", campaign());
  expect_refused({"measure", "--campaign", file, "--hw", kEngine, "--out", folder.file("n")}, 2,
                 {"--campaign", "--hw"});
  expect_refused({"measure", kMobileNet, "--campaign", file, "--out", folder.file("n")}, 2, {"--campaign", "MODEL"});
  expect_refused({"measure", kMobileNet, "--out", folder.file("n")}, 2, {"--hw", "--campaign"});
  expect_refused({"measure", "--campaign", folder.file("none.yaml"), "--out", folder.file("n")}, 1,
                 {"none.yaml: no such file"});
}

// Enough rows that something can happen on the way.
Arguments long_campaign(const ScratchFolder& folder) {
  const std::string file = folder.write("c.yaml", campaign());
  return {"--campaign", file, "--rows", "4000", "--engines", "40", "--jobs", "2"};
}

Arguments into(const ScratchFolder& folder, const std::string& name, Arguments arguments) {
  arguments.insert(arguments.begin(), "measure");
  arguments.insert(arguments.end(), {"--out", folder.file(name)});
  return arguments;
}

std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> out;
  std::ifstream list("/proc/" + std::to_string(parent) + "/task/" + std::to_string(parent) + "/children");
  for (pid_t child = 0; list >> child;) out.push_back(child);
  return out;
}

TEST(CampaignKilled, the_program_itself_goes_on_where_it_was) {
  const ScratchFolder folder;
  const Arguments campaign = long_campaign(folder);
  {
    Running running(into(folder, "cut", campaign));
    wait_for_rows(folder.file("cut"));
    running.send(SIGKILL);
    EXPECT_EQ(running.wait().status, 128 + SIGKILL);
  }
  const Json report = run_json(into(folder, "cut", campaign));
  EXPECT_EQ(report["rows"], 4000);
  EXPECT_GT(report["stored"], 0);
  EXPECT_EQ(csv_of(folder, "cut", campaign), csv_of(folder, "whole", campaign));
}

TEST(CampaignKilled, workers_are_replaced_and_nothing_is_missing) {
  const ScratchFolder folder;
  const Arguments campaign = long_campaign(folder);
  Running running(into(folder, "shot", campaign));
  wait_for_rows(folder.file("shot"));
  const std::vector<pid_t> workers = children_of(running.pid());
  for (const pid_t worker : workers) ::kill(worker, SIGKILL);
  const Finished finished = running.wait();
  EXPECT_EQ(finished.status, 0) << finished.err;
  EXPECT_FALSE(workers.empty());
  EXPECT_EQ(csv_of(folder, "shot", campaign), csv_of(folder, "whole", campaign));
}

// A file-size limit fails a write as a full disk does.
TEST(CampaignKilled, a_full_disk_is_one_line_and_the_rest_comes_later) {
  const ScratchFolder folder;
  const Arguments campaign = long_campaign(folder);
  rlimit before{}, small{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  small = before;
  small.rlim_cur = 600000;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  expect_refused(into(folder, "full", campaign), 1, {folder.file("full"), "goes on from there"});
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  const Json report = run_json(into(folder, "full", campaign));
  EXPECT_EQ(report["rows"], 4000);
  EXPECT_GT(report["stored"], 0);
  EXPECT_EQ(csv_of(folder, "full", campaign), csv_of(folder, "whole", campaign));
}

}  // namespace
}  // namespace lanewise::cli::testing
