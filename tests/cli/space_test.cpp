// SPDX-License-Identifier: Apache-2.0
// Networks of search spaces by their encodings, where verbs take files.
#include <map>

#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

const std::string kEncoding = "B-r-1.5-s12/i5e1c24r2/f3e3c12r1/f5e1c40r1/i3e4c24r1/h128";

TEST(Space, a_network_is_shown_by_its_encoding) {
  const Json shown = run_json({"network", "show", "--space", "fm28", "--encoding", kEncoding});
  EXPECT_EQ(shown.at("network"), "fm28:" + kEncoding);
  EXPECT_EQ(shown.at("total").at("parameters"), 93170);
  EXPECT_EQ(shown.at("total").at("macs"), 2669216);
  const Json larger = run_json({"network", "show", "--space", "spaces/fm28.yaml", "--encoding", kEncoding, "--batch",
                                "4", "--precision", "weights=int4,activations=int8"});
  EXPECT_EQ(larger.at("total").at("macs"), 4 * 2669216);
  EXPECT_EQ(larger.at("inputs").at(0).at("precision"), "int8");
}

TEST(Space, a_network_is_simulated_and_explained_by_its_encoding) {
  const Json answer = run_json({"simulate", "--space", "fm28", "--encoding", kEncoding, "--hw", "ne-256"});
  EXPECT_EQ(answer.at("total").at("parameters"), 93170);
  EXPECT_GT(answer.at("total").at("latency_cycles"), 10000);
  const Finished explained =
      run({"explain", "--space", "fm28", "--encoding", kEncoding, "--layer", "s4.0.depthwise", "--hw", "ne-256"});
  EXPECT_EQ(explained.status, 0) << explained.err;
  EXPECT_NE(explained.out.find("s4.0.depthwise"), std::string::npos);
}

TEST(Space, changes_of_the_engine_are_those_of_set) {
  const Json set = run_json({"simulate", "squeezenet1_1", "--hw", "ne-256", "--set", "engine.parallelism_factor=32"});
  const Json encoded = run_json({"simulate", "squeezenet1_1", "--space", "default", "--encoding",
                                 "default@engine.parallelism_factor=32", "--hw", "ne-256"});
  EXPECT_EQ(encoded.at("total"), set.at("total"));
  EXPECT_EQ(encoded.at("engine_hash"), set.at("engine_hash"));
  const Json as_is = run_json({"network", "show", "mobilenet_v2"});
  const Json fused =
      run_json({"network", "show", "mobilenet_v2", "--space", "fusion-only", "--encoding", "fuse.ibn1=fused_ibn"});
  EXPECT_EQ(fused.at("total").at("operators"), as_is.at("total").at("operators").get<int>() - 2);
}

TEST(Space, genes_are_shown_with_what_a_design_has_of_each) {
  const Json shown = run_json({"space", "show", "fm28", "--encoding", kEncoding});
  EXPECT_EQ(shown.at("encoding"), kEncoding);
  EXPECT_EQ(shown.at("genes").at(0).at("values"), Json({"B", "A", "C", "D"}));
  EXPECT_EQ(shown.at("genes").at(0).at("value"), "B");
  std::map<std::string, bool> matters;
  for (const Json& gene : shown.at("genes")) matters[gene.at("name")] = gene.at("matters");
  EXPECT_TRUE(matters.at("s1.expansion.i"));
  EXPECT_FALSE(matters.at("s1.expansion.f"));
  const Json joint = run_json({"space", "show", "joint", "--hw", "ne-256"});
  EXPECT_GT(joint.at("designs").get<double>(), 1e12);
  EXPECT_EQ(joint.at("genes").back().at("part"), "engine");
  const Finished text = run({"space", "show", "default", "mobilenet_v2", "--hw", "ne-256"});
  EXPECT_EQ(text.status, 0) << text.err;
  EXPECT_NE(text.out.find("fuse.ibn3"), std::string::npos);
  EXPECT_NE(text.out.find("memory.weight_banks"), std::string::npos);
}

TEST(Space, mistakes_are_one_line) {
  expect_refused({"network", "show", "--space", "fm28", "--encoding", "B-r-1.5-s13"}, 1,
                 {"encoding 'B-r-1.5-s13'", "'stem.channels' must be one of 16, 8, 12, 20, 24 at '13'"});
  expect_refused({"network", "show", "--encoding", kEncoding}, 2, {"--encoding", "--space"});
  expect_refused({"network", "show", "--space", "default"}, 1, {"space 'default'", "moves on a network"});
  expect_refused({"network", "show", "mobilenet_v2", "--space", "fm28"}, 1, {"space 'fm28'", "networks of its own"});
  expect_refused({"network", "show", "--space", "joint"}, 1, {"follow engine.parallelism_factor", "--hw FILE"});
  expect_refused({"network", "show", "--space", "joint", "--encoding", "default@engine.parallelism_factor=32"}, 1,
                 {"changes the engine", "--hw FILE"});
  expect_refused({"network", "show", "--space", "fm28", "--dim", "image.2=32"}, 1, {"--dim", "networks of files"});
  expect_refused({"network", "show", "--space", "fm29"}, 1, {"fm29: no such file; searched ., spaces"});
}

TEST(Space, prices_are_what_the_networks_take_by_themselves) {
  const Arguments drawn = {"space", "prices",      "fm28",    "--hw", "ne-256",  "--networks",
                           "3",     "--most-macs", "3000000", "--by", "simulate"};
  const Json prices = run_json(drawn);
  ASSERT_EQ(prices.at("networks").size(), 3U);
  for (const Json& network : prices.at("networks")) {
    const std::string encoding = network.at("encoding");
    const Json alone = run_json({"simulate", "--space", "fm28", "--encoding", encoding, "--hw", "ne-256"});
    EXPECT_DOUBLE_EQ(network.at("latency_ms"), alone.at("total").at("latency_ms"));
    EXPECT_EQ(network.at("macs"), alone.at("total").at("macs"));
    EXPECT_EQ(network.at("parameters"), alone.at("total").at("parameters"));
    EXPECT_LE(network.at("macs"), 3000000);
  }
  Arguments side_by_side = drawn;
  side_by_side.insert(side_by_side.end(), {"--jobs", "2"});
  EXPECT_EQ(run_json(side_by_side), prices);
  expect_refused(
      {"space", "prices", "fm28", "--hw", "ne-256", "--networks", "2", "--most-macs", "1", "--by", "simulate"}, 1,
      {"bounds on MACs"});
  expect_refused({"space", "prices", "default", "--hw", "ne-256", "--by", "simulate"}, 1, {"default", "moves"});
}

}  // namespace
}  // namespace lanewise::cli::testing
