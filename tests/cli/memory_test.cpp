// SPDX-License-Identifier: Apache-2.0
// network memory: the printed map, the tensors and the simulator's account of the same network agree.
#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

Json memory_of(const std::string& model, Arguments more = {}) {
  Arguments arguments{"network", "memory", model, "--hw", kEngine};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run_json(arguments);
}

// Letters of a row, by counting: what the map says is kept.
std::int64_t letters(const std::string& row) {
  return std::count_if(row.begin(), row.end(), [](char c) { return c != '.' && c != '-' && c != '='; });
}

TEST(NetworkMemory, map_subgraphs_and_tensors_agree) {
  for (const std::string& model : {kMobileNet, kSqueezeNet}) {
    const Json answer = memory_of(model);
    const std::int64_t banks = answer.at("activation_banks");
    std::int64_t peak = 0;
    for (std::size_t i = 0; i < answer.at("passes").size(); ++i) {
      const Json& subgraph = answer.at("passes").at(i);
      const std::string map = subgraph.at("map");
      EXPECT_EQ(static_cast<std::int64_t>(map.size()), banks);
      EXPECT_EQ(letters(map), subgraph.at("kept_banks")) << "no two tensors share a bank";
      EXPECT_EQ(std::count(map.begin(), map.end(), '.'), subgraph.at("free_banks"));
      EXPECT_EQ(std::count(map.begin(), map.end(), '-'), subgraph.at("streaming_banks"));
      std::int64_t kept = 0;
      for (const Json& tensor : answer.at("tensors")) {
        if (tensor.at("place") != "on_chip" || i < tensor.at("first_pass") || i > tensor.at("last_pass")) continue;
        kept += tensor.at("banks").get<std::int64_t>();
        const std::size_t first = tensor.at("first_bank");
        const std::size_t count = tensor.at("banks");
        EXPECT_EQ(map.substr(first, count), std::string(count, map.at(first))) << tensor;
      }
      EXPECT_EQ(kept, subgraph.at("kept_banks"));
      peak = std::max(peak, kept);
    }
    const Json& total = answer.at("total");
    EXPECT_EQ(total.at("onchip_peak_bytes"), peak * answer.at("bank_size_bytes").get<std::int64_t>());
    EXPECT_LE(total.at("own_transfer_bytes"), total.at("saved_dram_bytes_bound"));
    EXPECT_GT(total.at("saved_dram_bytes"), 0);
  }
}

TEST(NetworkMemory, shows_the_buffers_of_cascades) {
  const Arguments cascade{"--set", "mapping.cascade=true"};
  const Json answer = memory_of(kMobileNet, cascade);
  std::int64_t striped = 0, banks = 0;
  for (const Json& tensor : answer.at("tensors")) {
    if (tensor.at("place") != "striped") continue;
    ++striped;
    banks += tensor.at("banks").get<std::int64_t>();
    EXPECT_FALSE(tensor.at("spilled"));
    EXPECT_TRUE(tensor.at("first_bank").is_null());
  }
  EXPECT_GT(striped, 0);
  const Json& total = answer.at("total");
  EXPECT_EQ(total.at("striped_tensors"), striped);
  EXPECT_EQ(total.at("striped_buffer_bytes"), banks * answer.at("bank_size_bytes").get<std::int64_t>());
  EXPECT_LT(total.at("live_activation_bytes"), memory_of(kMobileNet).at("total").at("live_activation_bytes"));
  for (const Json& subgraph : answer.at("passes")) {
    const std::string map = subgraph.at("map");
    EXPECT_EQ(std::count(map.begin(), map.end(), '='), subgraph.at("striped_banks"));
    EXPECT_EQ(letters(map), subgraph.at("kept_banks"));
  }
  const Json simulated = run_json({"simulate", kMobileNet, "--hw", kEngine, cascade[0], cascade[1]});
  EXPECT_EQ(simulated.at("memory"), total);
  std::int64_t in_cascades = 0;
  for (const Json& subgraph : simulated.at("subgraphs")) {
    EXPECT_EQ(subgraph.at("cascade").is_null(), subgraph.at("stripes") == 1) << subgraph.at("name");
    in_cascades += subgraph.at("cascade").is_null() ? 0 : 1;
  }
  EXPECT_GT(in_cascades, striped) << "a cascade has a subgraph more than tensors between them";
}

TEST(NetworkMemory, simulate_tells_the_same_totals) {
  const Json simulated = run_json({"simulate", kMobileNet, "--hw", kEngine});
  EXPECT_EQ(simulated.at("memory"), memory_of(kMobileNet).at("total"));
}

TEST(NetworkMemory, keeping_activations_saves_the_dram_traffic_it_says) {
  const Json kept = run_json({"simulate", kMobileNet, "--hw", kEngine});
  const Json through = run_json({"simulate", kMobileNet, "--hw", kEngine, "--set", "memory.keep_activations=false"});
  EXPECT_EQ(through.at("memory").at("kept_tensors"), 0);
  EXPECT_EQ(through.at("memory").at("onchip_peak_bytes"), 0);
  const double saved = kept.at("memory").at("saved_dram_bytes");
  const double difference =
      through.at("total").at("dram_bytes").get<double>() - kept.at("total").at("dram_bytes").get<double>();
  // What is said is net, but by the closed form of the tiles instead of their plans.
  EXPECT_NEAR(difference / saved, 1.0, 0.05);
}

TEST(NetworkMemory, prints_tables_and_rows) {
  const Finished text = run({"network", "memory", kMobileNet, "--hw", kEngine});
  EXPECT_EQ(text.status, 0) << text.err;
  for (const char* expected :
       {"activation banks", "spilled to DRAM", "too_large", "DRAM saved", "own transfers", "streaming"}) {
    EXPECT_NE(text.out.find(expected), std::string::npos) << expected;
  }
  const Finished csv = run({"network", "memory", kMobileNet, "--hw", kEngine, "--csv"});
  EXPECT_EQ(csv.status, 0) << csv.err;
  EXPECT_EQ(std::count(csv.out.begin(), csv.out.end(), '\n'),
            static_cast<std::int64_t>(memory_of(kMobileNet).at("tensors").size()) + 1);
}

TEST(NetworkMemory, refuses_what_it_cannot_read) {
  expect_refused({"network", "memory", "missing.onnx", "--hw", kEngine}, 1, {"missing.onnx"});
  expect_refused({"network", "memory", kMobileNet}, 2, {"--hw"});
  expect_refused({"network", "memory", kMobileNet, "--hw", kEngine, "--set", "memory.keep_activations=maybe"}, 1,
                 {"memory.keep_activations", "maybe"});
}

}  // namespace
}  // namespace lanewise::cli::testing
