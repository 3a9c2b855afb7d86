// SPDX-License-Identifier: Apache-2.0
// Networks in the formats of other tools, given to the verbs as they are.
#include <cmath>

#include "command.hpp"

namespace lanewise::cli::testing {
namespace {

const std::string kCases = "tests/core/network/cases/";

double cycles_of(const std::string& network) {
  const Finished made = run({"simulate", network, "--hw", kEngine, "--json"});
  EXPECT_EQ(made.status, 0) << made.err;
  return made.status == 0 ? Json::parse(made.out)["total"]["latency_cycles"].get<double>() : 0;
}

TEST(Formats, the_same_network_takes_as_long_as_tflite_and_as_onnx) {
  for (const std::string name : {"ds_cnn_kws", "mobile_blocks"}) {
    const double here = cycles_of("models/" + name + ".tflite"), there = cycles_of(kCases + name + ".onnx");
    EXPECT_GT(there, 0);
    EXPECT_LE(std::abs(here - there), 0.01 * there) << name;
    EXPECT_EQ(cycles_of(name), here);  // found by its name
  }
}

TEST(Formats, a_workload_of_scale_sim_runs_unchanged) {
  const ScratchFolder folder;
  const std::string file =
      folder.write("topo.csv",
                   "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num "
                   "Filter, Strides,\nConv1, 226, 226, 3, 3, 3, 32, 2,\nConv2_dw, 114, 114, 3, 3, 1, 32, "
                   "1,\nFC, 1, 1, 1, 1, 1024, 1000, 1,\n");
  const Finished made = run({"simulate", file, "--hw", "ne-256", "--json"});
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_EQ(Json::parse(made.out)["total"]["macs"], 112 * 112 * 32 * 27 + 112 * 112 * 32 * 9 + 1024 * 1000);
}

TEST(Formats, every_format_is_written_as_onnx) {
  const ScratchFolder folder;
  const std::string products = folder.write("gemm.csv", "Layer, M, N, K,\nup, 128, 3072, 768,\n");
  for (const std::string& network :
       {std::string("models/ds_cnn_kws.tflite"), std::string("models/mobile_blocks.tflite"), products}) {
    const std::string file = folder.file("copy.onnx");
    const Finished made = run({"network", "show", network, "--export", file});
    ASSERT_EQ(made.status, 0) << made.err;
    const Json before = Json::parse(run({"network", "show", network, "--json"}).out);
    EXPECT_EQ(Json::parse(run({"network", "show", file, "--json"}).out)["total"], before["total"]) << network;
    EXPECT_EQ(cycles_of(file), cycles_of(network)) << network;
  }
}

TEST(Formats, weights_of_tflite_are_counted) {
  const Finished made = run({"network", "show", "models/ds_cnn_kws.tflite", "--compression", "counted", "--json"});
  ASSERT_EQ(made.status, 0) << made.err;
}

TEST(Formats, what_is_no_topology_is_refused_by_one_line) {
  const ScratchFolder folder;
  const std::string file = folder.write("rows.csv", "network,engine,latency_cycles\nx,ne-256,100\n");
  const Finished made = run({"simulate", file, "--hw", kEngine});
  EXPECT_EQ(made.status, 1);
  EXPECT_EQ(made.err, "lanewise: error: " + file +
                          ":1: heading 'network', must begin with 'Layer name' (convolutions) or 'Layer' (M, N, K)\n");
}

}  // namespace
}  // namespace lanewise::cli::testing
