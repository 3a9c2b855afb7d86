// SPDX-License-Identifier: Apache-2.0
// What is said of a number wherever it is shown: that the engine can run the network, which engine it is, and how far
// an estimate can be trusted.
#include <cmath>

#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

// An estimator that most tests below ask, made once.
const std::string& trained() {
  static const ScratchFolder folder;
  static const std::string model = [] {
    EXPECT_EQ(run({"measure", kMobileNet, kSqueezeNet, "--hw", kEngine, "--rows", "600", "--engines", "16", "--seed",
                   "3", "--out", folder.file("a")})
                  .status,
              0);
    const Finished train = run({"train", folder.file("a"), "--out", folder.file("ne.lwm"), "--trees", "40", "--depth",
                                "5", "--interval-folds", "4"});
    EXPECT_EQ(train.status, 0) << train.err;
    return folder.file("ne.lwm");
  }();
  return model;
}

Arguments with(Arguments arguments, const Arguments& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

const std::string kDeepLab = "models/deeplabv3_mobilenet_v3_large.onnx";
// Too little for its dilated kernels: simulate refuses it.
const Arguments kTooSmall = {"--set", "memory.bank_size=1 KiB", "--set", "memory.activation_banks=2"};

TEST(Refused, by_simulate_is_refused_by_estimate_in_the_same_words) {
  const Finished simulated = run(with({"simulate", kDeepLab, "--hw", kEngine}, kTooSmall));
  ASSERT_EQ(simulated.status, 1);
  EXPECT_NE(simulated.err.find("does not fit"), std::string::npos) << simulated.err;
  const Arguments estimate = with({"estimate", kDeepLab, "--hw", kEngine, "--estimator", trained()}, kTooSmall);
  expect_refused(estimate, 1, {"does not fit"});
  EXPECT_EQ(run(estimate).err, simulated.err);
  ScratchFolder folder;
  expect_refused(with(estimate, {"--fallback", "simulate", "--store", folder.file("s")}), 1, {"does not fit"});
  expect_refused(with({"compare", kDeepLab, kMobileNet, "--hw", kEngine, "--estimator", trained()}, kTooSmall), 1,
                 {"deeplabv3", "does not fit"});
}

TEST(Refused, a_row_of_a_sweep_fails_by_estimate_as_by_simulation) {
  const Arguments sweep = {"sweep",
                           kDeepLab,
                           kSqueezeNet,
                           "--hw",
                           kEngine,
                           "--set",
                           "memory.activation_banks=2",
                           "--vary",
                           "memory.bank_size=1 KiB,16 KiB"};
  const Json rows = run_json(with(sweep, {"--by", "estimate", "--estimator", trained()})).at("rows");
  const Finished simulated = run(with({"simulate", kDeepLab, "--hw", kEngine}, kTooSmall));
  ASSERT_EQ(rows.size(), 4u);
  ASSERT_TRUE(rows[0].contains("failure")) << rows[0];
  EXPECT_NE(simulated.err.find(rows[0].at("failure").get<std::string>()), std::string::npos) << rows[0];
  EXPECT_FALSE(rows[0].contains("pareto"));
  for (const std::size_t i : {1u, 3u}) {
    EXPECT_GT(rows[i].at("latency_cycles").get<std::int64_t>(), 0) << rows[i];
  }
}

TEST(Refused, an_engine_that_cannot_run_the_network_is_infeasible_in_a_codesign_which_goes_on) {
  ScratchFolder folder;
  const std::string space = folder.write("space.yaml",
                                         "name: tiny\n"
                                         "network:\n"
                                         "  fuse_ibn: false\n"
                                         "  depth_multipliers: [1]\n"
                                         "  channel_alignment: none\n"
                                         "engine:\n"
                                         "  vary:\n"
                                         "    memory.activation_banks: [16, 1, 2, 4]\n"
                                         "    memory.bank_size: [8 KiB, 1 KiB, 2 KiB]\n");
  const Finished finished =
      run({"codesign",     kDeepLab, "--hw",          kEngine, "--space",     space, "--out",   folder.file("out"),
           "--rows",       "300",    "--engines",     "12",    "--trees",     "10",  "--depth", "3",
           "--population", "8",      "--generations", "2",     "--finalists", "2",   "--json"});
  ASSERT_EQ(finished.status, 0) << finished.err;
  const Json result = Json::parse(finished.out);
  EXPECT_GT(result.at("cannot_run").get<int>(), 0);
  EXPECT_LT(result.at("cannot_run").get<int>(), result.at("evaluations").get<int>());
  ASSERT_FALSE(result.at("finalists").empty());
  for (const Json& finalist : result.at("finalists")) {
    EXPECT_GT(finalist.at("simulated").at("latency_cycles").get<std::int64_t>(), 0);
    EXPECT_TRUE(finalist.at("predicted").contains("interval"));
  }
}

TEST(SweepByEstimate, has_the_interval_and_range_mark_of_estimate_in_each_row) {
  const Arguments sweep = {"sweep", kMobileNet, "--hw",        kEngine,   "--vary",  "dram.bandwidth=200 MB/s,3.2 GB/s",
                           "--by",  "estimate", "--estimator", trained(), "--level", "0.8"};
  const Json table = run_json(sweep);
  for (std::size_t i = 0; i < 2; ++i) {
    const Json& row = table.at("rows")[i];
    const Json answer = run_json({"estimate", kMobileNet, "--hw", kEngine, "--set",
                                  "dram.bandwidth=" + row.at("settings").at("dram.bandwidth").get<std::string>(),
                                  "--estimator", trained(), "--level", "0.8"});
    EXPECT_EQ(row.at("latency_cycles"), answer.at("total").at("latency_cycles"));
    EXPECT_EQ(row.at("interval"), answer.at("total").at("interval"));
    EXPECT_EQ(row.at("in_range"), answer.at("total").at("in_range"));
    EXPECT_EQ(row.at("out_of_range"), answer.at("total").at("out_of_range"));
    EXPECT_EQ(row.at("engine_hash"), answer.at("engine_hash"));
  }
  EXPECT_EQ(table.at("rows")[0].at("in_range"), false) << "200 MB/s is below what was trained on";
  EXPECT_TRUE(table.contains("unseen_engine_error"));
  const Finished csv = run(with(sweep, {"--csv"}));
  const std::string head = csv.out.substr(0, csv.out.find('\n'));
  for (const char* column : {"latency_low_cycles", "latency_high_cycles", "in_range"})
    EXPECT_NE(head.find(column), std::string::npos) << head;
  const std::string text = run(sweep).out;
  for (const char* part : {"interval ms", "out of range", "error: ", "80 % probability"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

TEST(SweepByEstimate, falls_back_on_the_simulator_beyond_the_ranges_and_says_how_much) {
  ScratchFolder folder;
  const Arguments sweep = {"sweep", kSqueezeNet, "--hw",        kEngine,  "--vary", "dram.bandwidth=200 MB/s,3.2 GB/s",
                           "--by",  "estimate",  "--estimator", trained()};
  const Arguments fallback = with(sweep, {"--fallback", "simulate", "--store", folder.file("store")});
  const Json rows = run_json(fallback).at("rows");
  EXPECT_EQ(rows[0].at("fallback").at("subgraphs"), rows[0].at("fallback").at("of_subgraphs"));
  EXPECT_EQ(rows[0].at("fallback").at("latency_share_percent"), 100.0);
  const Json simulated =
      run_json({"simulate", kSqueezeNet, "--hw", kEngine, "--set", "dram.bandwidth=200 MB/s"}).at("total");
  EXPECT_EQ(rows[0].at("latency_cycles"), simulated.at("latency_cycles"));
  EXPECT_LT(rows[1].at("fallback").at("subgraphs"), rows[1].at("fallback").at("of_subgraphs"));
  EXPECT_TRUE(std::filesystem::exists(folder.file("store")));
  EXPECT_NE(run(fallback).out.find("subgraphs simulated"), std::string::npos);
  // The same bytes whatever the number of processes.
  EXPECT_EQ(run(with(fallback, {"--jobs", "1"})).out, run(with(fallback, {"--jobs", "3"})).out);
  expect_refused(with(sweep, {"--fallback-width", "20"}), 1, {"--fallback-width", "--fallback simulate"});
  expect_refused({"sweep", kSqueezeNet, "--hw", kEngine, "--fallback", "simulate"}, 1, {"--by estimate"});
}

TEST(SweepOfSeveralNetworks, has_their_geometric_means_and_a_front_over_them) {
  const Json table = run_json({"sweep", kMobileNet, kSqueezeNet, "--hw", kEngine, "--vary",
                               "engine.parallelism_factor=8,16,32", "--vary", "dram.bandwidth=1.6 GB/s,6.4 GB/s"});
  const Json& rows = table.at("rows");
  const Json& set = table.at("over_networks").at("rows");
  ASSERT_EQ(set.size(), 6u);
  const auto dominates = [](const Json& a, const Json& b) {
    bool better = false;
    for (const char* key : {"mean_latency_ms", "mean_energy_uj", "area_mm2"}) {
      if (a.at(key).get<double>() > b.at(key).get<double>()) return false;
      better = better || a.at(key).get<double>() < b.at(key).get<double>();
    }
    return better;
  };
  for (std::size_t i = 0; i < set.size(); ++i) {
    EXPECT_EQ(set[i].at("settings"), rows[i].at("settings"));
    for (const auto& [mean, one] :
         {std::pair("mean_latency_ms", "latency_ms"), std::pair("mean_energy_uj", "energy_uj")}) {
      const double product = rows[i].at(one).get<double>() * rows[i + 6].at(one).get<double>();
      EXPECT_NEAR(set[i].at(mean).get<double>(), std::sqrt(product), 1e-9 * std::sqrt(product));
    }
    const bool dominated =
        std::any_of(set.begin(), set.end(), [&](const Json& other) { return dominates(other, set[i]); });
    EXPECT_EQ(set[i].at("pareto").get<bool>(), !dominated) << set[i];
  }
  EXPECT_FALSE(run_json({"sweep", kSqueezeNet, "--hw", kEngine}).contains("over_networks"));
}

TEST(Limits, of_an_estimated_sweep_are_uncertain_within_the_interval) {
  const Arguments sweep = {"sweep", kSqueezeNet, "--hw", kEngine, "--by", "estimate", "--estimator", trained()};
  const Json row = run_json(sweep).at("rows")[0];
  const double ms_a_cycle = row.at("latency_ms").get<double>() / row.at("latency_cycles").get<double>();
  const double low = row.at("interval").at("low_cycles").get<double>() * ms_a_cycle;
  const double high = row.at("interval").at("high_cycles").get<double>() * ms_a_cycle;
  ASSERT_LT(low, high);
  const auto uncertain = [&](double bound) {
    const Json limited = run_json(with(sweep, {"--limit", "latency_ms<=" + std::to_string(bound)})).at("rows")[0];
    return limited.at("limits")[0].at("uncertain").get<bool>();
  };
  EXPECT_TRUE(uncertain((low + high) / 2));
  EXPECT_FALSE(uncertain(0.9 * low));
  EXPECT_FALSE(uncertain(1.1 * high));
  const std::string text = run(with(sweep, {"--limit", "latency_ms<=" + std::to_string((low + high) / 2)})).out;
  EXPECT_NE(text.find("(uncertain)"), std::string::npos) << text;
}

TEST(OtherFamily, an_estimator_says_so_in_place_of_its_error_in_every_verb) {
  const std::string other = "hwconfigs/neureka.yaml";
  const Json answer = run_json({"estimate", kSqueezeNet, "--hw", other, "--estimator", trained()});
  EXPECT_TRUE(answer.at("unseen_engine_error").is_null());
  EXPECT_EQ(answer.at("estimator_family"), "ne");
  EXPECT_EQ(answer.at("other_family"), true);
  EXPECT_EQ(run_json({"estimate", kSqueezeNet, "--hw", kEngine, "--estimator", trained()}).at("other_family"), false);
  const std::string says = "not known: the estimator was trained on engines of the family ne";
  for (const Arguments& verb :
       {Arguments{"estimate", kSqueezeNet, "--hw", other, "--estimator", trained()},
        Arguments{"sweep", kSqueezeNet, "--hw", other, "--by", "estimate", "--estimator", trained()},
        Arguments{"compare", other, other, "--model", kSqueezeNet, "--estimator", trained()},
        Arguments{"explain", kSqueezeNet, "--layer", "features.0/Conv", "--hw", other, "--estimator", trained()}}) {
    const Finished finished = run(verb);
    EXPECT_EQ(finished.status, 0) << finished.err;
    EXPECT_NE(finished.out.find(says), std::string::npos) << verb.front() << "\n" << finished.out.substr(0, 2000);
    EXPECT_EQ(finished.out.find("on average over"), std::string::npos) << verb.front();
    const Json json = run_json(verb);
    const Json& place = verb.front() == "explain"   ? json.at("predicted")
                        : verb.front() == "compare" ? json.at("b")
                                                    : json;
    EXPECT_EQ(place.at("other_family"), true) << verb.front();
  }
}

// Every verb that answers for an engine.
TEST(Overrides, are_named_wherever_an_engine_is) {
  ScratchFolder folder;
  const Arguments change = {"--set", "engine.weight_load_kernels_per_cycle=8", "--effort", "0"};
  const std::string title = "ne-256 with engine.weight_load_kernels_per_cycle=8, mapping.effort=0";
  const std::string hash =
      run_json(with({"simulate", kSqueezeNet, "--hw", kEngine}, change)).at("engine_hash").get<std::string>();
  EXPECT_NE(hash, run_json({"simulate", kSqueezeNet, "--hw", kEngine}).at("engine_hash").get<std::string>());
  const std::vector<Arguments> verbs = {
      {"simulate", kSqueezeNet, "--hw", kEngine, "--profile"},
      {"estimate", kSqueezeNet, "--hw", kEngine, "--estimator", trained()},
      {"sweep", kSqueezeNet, "--hw", kEngine},
      {"explain", kSqueezeNet, "--layer", "features.0/Conv", "--hw", kEngine, "--estimator", trained()},
      {"network", "memory", kSqueezeNet, "--hw", kEngine},
      {"engine", "show", kEngine},
      {"compare", kEngine, kEngine, "--model", kSqueezeNet}};
  for (const Arguments& verb : verbs) {
    SCOPED_TRACE(verb.front());
    const Json json = run_json(with(verb, change));
    const Json& place = verb.front() == "compare" ? json.at("a") : json;
    EXPECT_EQ(place.at("engine_hash"), hash);
    EXPECT_EQ(place.at("engine_overrides"),
              Json({{"engine.weight_load_kernels_per_cycle", "8"}, {"mapping.effort", "0"}}));
    EXPECT_NE(run(with(verb, change)).out.find(title), std::string::npos);
    const Json plain = run_json(verb);
    EXPECT_EQ((verb.front() == "compare" ? plain.at("a") : plain).at("engine_overrides"), Json::object());
  }
  const Finished files = run(with({"simulate", kSqueezeNet, "--hw", kEngine, "--roofline", folder.file("r.svg"),
                                   "--trace", folder.file("t.json"), "--vcd", folder.file("w.vcd")},
                                  change));
  ASSERT_EQ(files.status, 0) << files.err;
  EXPECT_NE(text_of(folder.file("r.svg")).find(title), std::string::npos);
  const Json trace = Json::parse(text_of(folder.file("t.json"))).at("otherData");
  EXPECT_EQ(trace.at("engine_overrides").at("mapping.effort"), "0");
  EXPECT_EQ(trace.at("engine_hash"), hash);
  const std::string waveform = text_of(folder.file("w.vcd"));
  EXPECT_NE(waveform.find("engine override engine.weight_load_kernels_per_cycle=8"), std::string::npos);
  EXPECT_NE(waveform.find("engine hash: " + hash), std::string::npos);
}

TEST(Overrides, of_a_validation_stand_beside_each_engine) {
  ScratchFolder folder;
  const std::string rows = folder.write("rows.csv",
                                        "engine,in_w,in_h,in_c,out_c,kernel_w,kernel_h,cycles\n"
                                        "ne-256,8,8,16,16,1,1,1000\n");
  const Arguments validate = {"validate", rows, "--set", "dram.bandwidth=800 MB/s"};
  const Json json = run_json(validate);
  EXPECT_EQ(json.at("engines").at("ne-256").at("engine_overrides").at("dram.bandwidth"), "800 MB/s");
  EXPECT_NE(run(validate).out.find("ne-256 with dram.bandwidth=800 MB/s"), std::string::npos);
}

TEST(Compare, takes_changes_for_one_side_alone) {
  const Json result = run_json({"compare", kEngine, kEngine, "--model", kSqueezeNet, "--set", "mapping.effort=0",
                                "--set-b", "engine.weight_load_kernels_per_cycle=8"});
  EXPECT_EQ(result.at("a").at("engine_overrides"), Json({{"mapping.effort", "0"}}));
  EXPECT_EQ(result.at("b").at("engine_overrides"),
            Json({{"engine.weight_load_kernels_per_cycle", "8"}, {"mapping.effort", "0"}}));
  ASSERT_EQ(result.at("engine_changes").size(), 1u);
  EXPECT_EQ(result.at("engine_changes")[0].get<std::string>().rfind("engine.weight_load_kernels_per_cycle: ", 0), 0u);
  for (const char* side : {"a", "b"}) {
    Arguments simulate = {"simulate", kSqueezeNet, "--hw", kEngine, "--set", "mapping.effort=0"};
    if (*side == 'b') simulate = with(simulate, {"--set", "engine.weight_load_kernels_per_cycle=8"});
    EXPECT_EQ(result.at(side).at("total").at("latency_cycles"), run_json(simulate).at("total").at("latency_cycles"));
  }
  const Json networks = run_json(
      {"compare", kSqueezeNet, kSqueezeNet, "--hw", kEngine, "--set-a", "dram.bandwidth=800 MB/s", "--effort", "0"});
  EXPECT_GT(networks.at("a").at("total").at("latency_cycles"), networks.at("b").at("total").at("latency_cycles"));
  expect_refused({"compare", kEngine, kEngine, "--model", kSqueezeNet, "--set-b", "dram.bandwith=1 GB/s"}, 1,
                 {"dram.bandwith"});
}

TEST(Compare, by_an_estimator_is_marked_and_has_the_numbers_of_estimate) {
  const Arguments compare = {"compare", kEngine,     kEngine,
                             "--model", kSqueezeNet, "--estimator",
                             trained(), "--set-b",   "engine.parallelism_factor=32"};
  const Json result = run_json(compare);
  EXPECT_EQ(result.at("source"), "estimated");
  const Json answer = run_json(
      {"estimate", kSqueezeNet, "--hw", kEngine, "--estimator", trained(), "--set", "engine.parallelism_factor=32"});
  for (const char* key : {"latency_cycles", "energy_uj", "interval", "in_range", "out_of_range"}) {
    EXPECT_EQ(result.at("b").at("total").at(key), answer.at("total").at(key)) << key;
  }
  EXPECT_FALSE(result.at("subgraphs")[0].at("interval").at("a").is_null());
  EXPECT_NE(run(compare).out.find("Estimated, not simulated"), std::string::npos);
}

}  // namespace
}  // namespace lanewise::cli::testing
