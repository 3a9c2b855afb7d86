// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

std::int64_t sum(const Json& subgraphs, const char* key) {
  std::int64_t total = 0;
  for (const Json& subgraph : subgraphs) total += subgraph.at(key).get<std::int64_t>();
  return total;
}

TEST(Simulate, prints_the_shape_that_programs_read) {
  const Json answer = run_json({"simulate", kMobileNet, "--hw", kEngine});
  ASSERT_TRUE(answer.is_object());
  EXPECT_EQ(answer.at("network"), "mobilenet_v2");
  EXPECT_EQ(answer.at("engine"), "ne-256");
  EXPECT_EQ(answer.at("source"), "simulated");
  EXPECT_TRUE(answer.at("tool_version").is_string());
  const Json& total = answer.at("total");
  for (const char* key : {"latency_cycles", "macs", "parameters", "parameter_bytes", "dram_bytes", "peak_sram_bytes",
                          "peak_activation_bytes"}) {
    EXPECT_TRUE(total.at(key).is_number_integer()) << key;
    EXPECT_GT(total.at(key), 0) << key;
  }
  for (const char* key :
       {"latency_ms", "inferences_per_second", "utilization", "energy_uj", "average_power_mw", "area_mm2"}) {
    EXPECT_TRUE(total.at(key).is_number()) << key;
    EXPECT_GT(total.at(key), 0) << key;
  }
  EXPECT_DOUBLE_EQ(total.at("macs_per_pixel"), total.at("macs").get<double>() / (224 * 224));
  EXPECT_TRUE(total.at("bound_by").is_string());
  for (const Json& subgraph : answer.at("subgraphs")) {
    for (const char* key : {"name", "operators", "block", "macs", "latency_cycles", "energy_uj", "dram_bytes",
                            "peak_sram_bytes", "bound_by", "units"}) {
      EXPECT_TRUE(subgraph.contains(key)) << key;
    }
    EXPECT_FALSE(subgraph.at("units").empty());
  }
}

TEST(Simulate, totals_are_the_subgraphs_and_what_lies_between) {
  for (const std::string& model : {kMobileNet, kSqueezeNet}) {
    const Json answer = run_json({"simulate", model, "--hw", kEngine});
    const Json& total = answer.at("total");
    const Json& between = answer.at("between");
    const Json& subgraphs = answer.at("subgraphs");
    EXPECT_EQ(total.at("latency_cycles"),
              sum(subgraphs, "latency_cycles") + between.at("latency_cycles").get<std::int64_t>());
    EXPECT_EQ(total.at("dram_bytes"), sum(subgraphs, "dram_bytes") + between.at("dram_bytes").get<std::int64_t>());
    EXPECT_EQ(total.at("macs"), sum(subgraphs, "macs"));
    double energy = between.at("energy_uj");
    for (const Json& subgraph : subgraphs) energy += subgraph.at("energy_uj").get<double>();
    EXPECT_NEAR(total.at("energy_uj").get<double>(), energy, 1e-9 * energy);
  }
}

double sum_of(const Json& parts) {
  double total = 0;
  for (const auto& [name, part] : parts.items()) {
    EXPECT_GE(part.get<double>(), 0) << name;
    total += part.get<double>();
  }
  return total;
}

// On engines that run one subgraph after the other, overlapping ones, with cascades and without DRAM.
TEST(Simulate, energy_and_area_add_up_from_their_parts) {
  const std::vector<Arguments> engines = {{"--hw", kEngine},
                                          {"--hw", kEngine, "--set", "mapping.cascade=true"},
                                          {"--hw", kEngine, "--set", "command.register_groups=2"},
                                          {"--hw", "hwconfigs/nvdla-small.yaml"},
                                          {"--hw", "hwconfigs/neureka.yaml"}};
  for (const Arguments& engine : engines) {
    Arguments arguments = {"simulate", kSqueezeNet};
    arguments.insert(arguments.end(), engine.begin(), engine.end());
    const Json answer = run_json(arguments);
    const Json& total = answer.at("total");
    const double energy = total.at("energy_uj"), area = total.at("area_mm2");
    EXPECT_NEAR(sum_of(total.at("energy_breakdown_uj").at("by_action")), energy, 1e-12 * energy) << engine[1];
    EXPECT_NEAR(sum_of(total.at("energy_breakdown_uj").at("by_unit")), energy, 1e-12 * energy) << engine[1];
    EXPECT_NEAR(sum_of(total.at("area_breakdown_mm2")), area, 1e-12 * area) << engine[1];
    for (const Json& subgraph : answer.at("subgraphs")) {
      const double own = subgraph.at("energy_uj");
      const Json& parts = subgraph.at("energy_breakdown_uj");
      EXPECT_NEAR(sum_of(parts.at("by_action")), own, 1e-12 * own) << subgraph.at("name");
      EXPECT_NEAR(sum_of(parts.at("by_unit")), own, 1e-12 * own) << subgraph.at("name");
    }
  }
}

TEST(Simulate, parts_of_the_energy_follow_from_counts_and_time) {
  const Json total = run_json({"simulate", kMobileNet, "--hw", kEngine}).at("total");
  const Json& actions = total.at("energy_breakdown_uj").at("by_action");
  // 162.5 pJ a byte; 2.9 mW for each of 3.2 GB/s, and 27.8 mW for each mm2 without the interface, over the latency.
  const double ms = total.at("latency_ms"), dram = total.at("dram_bytes").get<double>() * 162.5e-6;
  const double mm2 =
      total.at("area_mm2").get<double>() - total.at("area_breakdown_mm2").at("dram_interface").get<double>();
  EXPECT_NEAR(actions.at("dram").get<double>(), dram, 1e-9 * dram);
  EXPECT_NEAR(actions.at("dram_interface").get<double>(), 2.9 * 3.2 * ms, 1e-9 * ms);
  EXPECT_NEAR(actions.at("leakage").get<double>(), 27.8 * mm2 * ms, 1e-9 * ms);
  EXPECT_NEAR(total.at("area_breakdown_mm2").at("dram_interface").get<double>(), 3.2 * 0.113, 1e-12);
  const Finished text = run({"simulate", kMobileNet, "--hw", kEngine});
  for (const char* shown : {"energy by action", "dram_interface", "by unit", "weight_memory"}) {
    EXPECT_NE(text.out.find(shown), std::string::npos) << shown;
  }
}

TEST(Simulate, live_activations_count_what_works_in_place_once) {
  // Channels 96 of 112 x 112 go into the depthwise convolution and of 56 x 56 come out of it.
  constexpr std::int64_t kExpected = 96 * 112 * 112 + 96 * 56 * 56;
  const Json answer = run_json({"simulate", kMobileNet, "--hw", kEngine});
  EXPECT_EQ(answer.at("total").at("peak_activation_bytes"), kExpected);
  EXPECT_EQ(answer.at("memory").at("live_activation_bytes"), kExpected);
  EXPECT_EQ(run_json({"network", "show", kMobileNet}).at("total").at("peak_activation_bytes"), kExpected);
}

TEST(Simulate, derived_totals_follow_from_the_engine) {
  const Json answer = run_json({"simulate", kMobileNet, "--hw", kEngine, "--set", "engine.clock=1 GHz"});
  const Json& total = answer.at("total");
  const double ms = total.at("latency_ms");
  EXPECT_NEAR(ms, total.at("latency_cycles").get<double>() / 1e6, 1e-9 * ms);
  EXPECT_NEAR(total.at("inferences_per_second").get<double>(), 1000 / ms, 1e-6);
  EXPECT_NEAR(total.at("average_power_mw").get<double>(), total.at("energy_uj").get<double>() / ms, 1e-6);
  // ne-256 does 256 MACs a cycle.
  EXPECT_NEAR(total.at("utilization").get<double>(),
              total.at("macs").get<double>() / (256 * total.at("latency_cycles").get<double>()), 1e-12);
}

TEST(Simulate, every_unit_accounts_for_every_cycle) {
  const Json answer = run_json({"simulate", kSqueezeNet, "--hw", kEngine});
  for (const Json& subgraph : answer.at("subgraphs")) {
    for (const auto& [name, unit] : subgraph.at("units").items()) {
      std::int64_t cycles = unit.at("busy_cycles").get<std::int64_t>() + unit.at("idle_cycles").get<std::int64_t>();
      for (const auto& [cause, stalled] : unit.at("stalled_cycles").items()) cycles += stalled.get<std::int64_t>();
      EXPECT_EQ(cycles, subgraph.at("latency_cycles")) << subgraph.at("name") << " " << name;
    }
  }
}

TEST(Simulate, several_networks_are_an_array_and_rows_of_csv) {
  const Json answers = run_json({"simulate", kMobileNet, kSqueezeNet, "--hw", kEngine});
  ASSERT_EQ(answers.size(), 2u);
  const Finished csv = run({"simulate", kMobileNet, kSqueezeNet, "--hw", kEngine, "--csv"});
  EXPECT_EQ(csv.status, 0);
  const auto lines = static_cast<std::size_t>(std::count(csv.out.begin(), csv.out.end(), '\n'));
  EXPECT_EQ(lines, 1 + answers[0].at("subgraphs").size() + answers[1].at("subgraphs").size());
}

TEST(Simulate, out_holds_what_standard_output_would_have) {
  const ScratchFolder folder;
  const Finished printed = run({"simulate", kSqueezeNet, "--hw", kEngine, "--json"});
  const Finished written = run({"simulate", kSqueezeNet, "--hw", kEngine, "--json", "--out", folder.file("a.json")});
  EXPECT_EQ(written.status, 0);
  EXPECT_EQ(written.out, "");
  EXPECT_EQ(text_of(folder.file("a.json")), printed.out);
}

TEST(EngineShow, every_leaf_has_value_and_origin_and_the_value_is_what_set_takes) {
  const Json shown = run_json({"engine", "show", kEngine, "--set", "engine.clock=1.2 GHz"});
  EXPECT_EQ(shown.at("engine").at("clock").at("value"), "1.2 GHz");
  EXPECT_EQ(shown.at("engine").at("clock").at("origin"), "--set");
  const Json& factor = shown.at("engine").at("parallelism_factor");
  EXPECT_EQ(factor.at("origin").get<std::string>().rfind(kEngine + ":", 0), 0u);
  // Given back through --set, every value is taken and changes nothing.
  Arguments again = {"engine", "show", kEngine};
  for (const char* section : {"engine", "memory", "dram"}) {
    for (const auto& [key, leaf] : shown.at(section).items()) {
      if (!leaf.contains("value")) continue;
      again.push_back("--set");
      again.push_back(std::string(section) + "." + key + "=" + leaf.at("value").get<std::string>());
    }
  }
  const Json repeated = run_json(again);
  for (const char* section : {"engine", "memory", "dram"}) {
    for (const auto& [key, leaf] : shown.at(section).items()) {
      if (!leaf.contains("value")) continue;
      EXPECT_EQ(repeated.at(section).at(key).at("value"), leaf.at("value")) << key;
    }
  }
}

TEST(EngineShow, area_adds_up_by_unit) {
  for (const char* engine : {"ne-64", "ne-4096", "nvdla-large", "neureka"}) {
    const Json shown = run_json({"engine", "show", engine});
    EXPECT_NEAR(sum_of(shown.at("area_breakdown_mm2")), shown.at("area_mm2").get<double>(), 1e-12) << engine;
  }
  EXPECT_NE(run({"engine", "show", "ne-64"}).out.find("dram_interface 0.181 mm2"), std::string::npos);
}

TEST(NetworkShow, operators_add_up_to_the_network) {
  const Json shown = run_json({"network", "show", kMobileNet});
  EXPECT_EQ(sum(shown.at("operators"), "macs"), shown.at("total").at("macs"));
  EXPECT_EQ(sum(shown.at("operators"), "parameters"), shown.at("total").at("parameters"));
  EXPECT_FALSE(shown.at("blocks").empty());
}

// One operator between an input and an output of 1 x 100, as ONNX's wire format has it.
std::string one_operator(const std::string& type) {
  const auto field = [](int number, const std::string& content) {
    return std::string{static_cast<char>(number * 8 + 2), static_cast<char>(content.size())} + content;
  };
  const auto value = [&](const std::string& name) {
    const std::string shape = field(1, "\x08\x01") + field(1, "\x08\x64");
    return field(1, name) + field(2, field(1, "\x08\x01" + field(2, shape)));
  };
  const std::string node = field(1, "x") + field(2, "y") + field(3, "given") + field(4, type);
  const std::string graph = field(1, node) + field(2, "g") + field(11, value("x")) + field(12, value("y"));
  return "\x08\x08" + field(7, graph) + field(8, "\x10\x0d");
}

TEST(Simulate, says_how_much_of_the_latency_is_the_hosts) {
  const ScratchFolder folder;
  const std::string path = folder.write("hardmax.onnx", one_operator("Hardmax"));
  const Json answer = run_json({"simulate", path, "--hw", kEngine, "--set", "host.cycles_per_pass=500"});
  EXPECT_EQ(answer.at("total").at("host_share_percent"), 100);
  ASSERT_EQ(answer.at("subgraphs").size(), 1u);
  EXPECT_EQ(answer.at("subgraphs")[0].at("family"), "host");
  EXPECT_EQ(answer.at("subgraphs")[0].at("bound_by"), "host");
  EXPECT_GE(answer.at("total").at("latency_cycles"), 500 + 8 * 100);
  EXPECT_NE(run({"simulate", path, "--hw", kEngine}).out.find("host fallback     100.0 % of the latency"),
            std::string::npos);
  EXPECT_NE(run({"simulate", path, "--hw", kEngine, "--csv"}).out.find(",given,,host,"), std::string::npos);
  EXPECT_EQ(run_json({"network", "show", path}).at("operators")[0].at("detail"), "Hardmax");

  for (const auto& model : std::filesystem::directory_iterator("models")) {
    if (model.path().extension() != ".onnx") continue;
    EXPECT_LE(run_json({"simulate", model.path().string(), "--hw", kEngine}).at("total").at("host_share_percent"), 10);
  }
  const std::string unheard = folder.write("none.onnx", one_operator("Unheard"));
  expect_refused({"simulate", unheard, "--hw", kEngine}, 1, {unheard, "node 'given' (Unheard)", "not supported"});
}

TEST(Simulate, takes_precisions_of_weights_activations_and_layers) {
  const auto total = [](const Arguments& extra) {
    Arguments arguments{"simulate", kMobileNet, "--hw", "hwconfigs/ne-1024.yaml"};
    arguments.insert(arguments.end(), extra.begin(), extra.end());
    return run_json(arguments).at("total");
  };
  const Json plain = total({});
  const Json narrow = total({"--precision", "weights=int4,activations=int8"});
  EXPECT_EQ(narrow.at("parameter_bytes"), plain.at("parameter_bytes").get<std::int64_t>() / 2);
  EXPECT_LT(narrow.at("dram_bytes"), plain.at("dram_bytes"));
  EXPECT_LT(narrow.at("latency_cycles"), plain.at("latency_cycles"));
  const Json narrower = total({"--precision", "int4"});
  EXPECT_LT(narrower.at("latency_cycles"), narrow.at("latency_cycles"));
  const ScratchFolder folder;
  const std::string layers = folder.write("layers.txt", "*classifier* weights=int4  # the head alone\n");
  const Json head = total({"--layer-precision", layers});
  EXPECT_EQ(plain.at("parameter_bytes").get<std::int64_t>() - head.at("parameter_bytes").get<std::int64_t>(),
            (1280 * 1000 + 1000) / 2);
  const std::string wrong = folder.write("wrong.txt", "nowhere int4\n");
  expect_refused({"simulate", kMobileNet, "--hw", kEngine, "--layer-precision", wrong}, 1,
                 {wrong + ":1: 'nowhere' is no operator and no input of " + kMobileNet});
}

}  // namespace
}  // namespace lanewise::cli::testing
