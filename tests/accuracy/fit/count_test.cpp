// SPDX-License-Identifier: Apache-2.0
// lanewise-fit count, run as a person runs it, and modules of whole spaces.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/base/random.hpp"
#include "nas/space/space.hpp"
#include "tests/cli/command.hpp"

namespace lanewise::fit {
namespace {

using cli::testing::Json;
using cli::testing::ScratchFolder;

struct Answer {
  int status = -1;
  std::string out;
};

Answer count(const std::string& arguments) {
  const std::string command = std::string(LANEWISE_BINARY_DIR) + "/lanewise-fit count " + arguments + " 2>&1";
  Answer answer;
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return answer;
  std::array<char, 4096> block{};
  for (std::size_t n = 0; (n = std::fread(block.data(), 1, block.size(), pipe)) > 0;)
    answer.out.append(block.data(), n);
  answer.status = WEXITSTATUS(::pclose(pipe));
  return answer;
}

// As many networks of a space as said, by seed.
std::string encodings_of(const std::string& file, int networks) {
  const auto space = nas::make_network_space(nas::load_space(LANEWISE_SOURCE_DIR "/spaces/" + file + ".yaml"), nullptr);
  Random random(7);
  std::string text = "note,encoding\n";
  for (int i = 0; i < networks; ++i) {
    nas::Genotype genotype;
    for (const nas::Gene& gene : space->genes()) {
      genotype.push_back(static_cast<int>(random.below(gene.values.size())));
    }
    text += "x," + space->encode(space->canonical(genotype)) + "\n";
  }
  return text;
}

TEST(Count, finds_the_graphs_parameters_and_macs_in_running_networks_of_spaces) {
  const ScratchFolder folder;
  for (const auto& [space, networks] :
       std::vector<std::pair<std::string, int>>{{"fm28", 24}, {"nas-bench-macro", 12}}) {
    const std::string table = folder.write(space + ".csv", encodings_of(space, networks));
    const Answer answer = count(table + " --space " + space + " --json");
    ASSERT_EQ(answer.status, 0) << answer.out;
    const Json json = Json::parse(answer.out);
    EXPECT_GT(json.at("networks"), networks / 2);  // each once
    EXPECT_EQ(json.at("equal"), json.at("networks"));
    EXPECT_GT(json.at("rows").at(0).at("macs"), 0);
  }
}

TEST(Count, knows_published_numbers) {
  const ScratchFolder folder;
  const std::string table =
      folder.write("t.csv", "encoding\nB-r-1.5-s12/i5e1c24r2/f3e3c12r1/f5e1c40r1/i3e4c24r1/h128\n");
  const Answer answer = count(table + " --space fm28 --csv");
  EXPECT_EQ(answer.status, 0);
  EXPECT_EQ(answer.out,
            "encoding,parameters,graph_parameters,macs,graph_macs,equal\n"
            "B-r-1.5-s12/i5e1c24r2/f3e3c12r1/f5e1c40r1/i3e4c24r1/h128,93170,93170,2669216,2669216,yes\n");
  const Answer shipped = count("shufflenet_v2_x1_0 squeezenet1_1 --json");
  ASSERT_EQ(shipped.status, 0) << shipped.out;
  EXPECT_EQ(Json::parse(shipped.out).at("rows").at(0).at("parameters"), 2270514);
  EXPECT_EQ(Json::parse(shipped.out).at("rows").at(1).at("macs"), 349151936);
}

TEST(Count, refuses_in_one_line) {
  const ScratchFolder folder;
  const Answer host = count("decoder_decode");
  EXPECT_EQ(host.status, 1);
  EXPECT_EQ(host.out.rfind("lanewise: error: network 'decoder_decode': operator '", 0), 0U) << host.out;
  const std::string table = folder.write("t.csv", "network\nx\n");
  EXPECT_NE(count(table + " --space fm28").out.find("has no column 'encoding'"), std::string::npos);
  const std::string wrong = folder.write("w.csv", "encoding\nB-r\n");
  EXPECT_NE(count(wrong + " --space fm28").out.find("line 2"), std::string::npos);
}

}  // namespace
}  // namespace lanewise::fit
