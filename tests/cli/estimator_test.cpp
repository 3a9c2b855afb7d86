// SPDX-License-Identifier: Apache-2.0
// measure, train, evaluate, estimate: from simulations to predictions.
#include <chrono>
#include <set>
#include <thread>

#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

Arguments measure(const std::string& store, const Arguments& more) {
  Arguments arguments = {"measure",   kMobileNet, kSqueezeNet, "--hw", kEngine, "--rows", "600",
                         "--engines", "16",       "--seed",    "3",    "--out", store};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

TEST(Measure, is_the_same_whatever_the_number_of_processes) {
  const ScratchFolder folder;
  ASSERT_EQ(run(measure(folder.file("a"), {"--jobs", "1", "--csv", folder.file("a.csv")})).status, 0);
  ASSERT_EQ(run(measure(folder.file("b"), {"--jobs", "3", "--csv", folder.file("b.csv")})).status, 0);
  const std::string rows = text_of(folder.file("a.csv"));
  EXPECT_EQ(std::count(rows.begin(), rows.end(), '\n'), 601);
  EXPECT_EQ(rows, text_of(folder.file("b.csv")));
}

TEST(Measure, measures_a_row_once) {
  const ScratchFolder folder;
  ASSERT_EQ(run(measure(folder.file("a"), {})).status, 0);
  const Json again = run_json(measure(folder.file("a"), {}));
  EXPECT_EQ(again.at("measured"), 0);
  EXPECT_EQ(again.at("stored"), 600);
  EXPECT_EQ(again.at("rows"), 600);
}

TEST(Measure, stopped_by_a_signal_it_says_so_and_goes_on) {
  const ScratchFolder folder;
  Arguments arguments = {"measure",   kMobileNet, kSqueezeNet, "--hw",           kEngine,  "--rows", "20000",
                         "--engines", "60",       "--out",     folder.file("a"), "--jobs", "1"};
  Running running(arguments);
  wait_for_rows(folder.file("a"));
  running.send(SIGTERM);
  const Finished finished = running.wait();
  EXPECT_EQ(finished.status, 130);
  EXPECT_EQ(finished.out, "");
  EXPECT_EQ(finished.err.rfind("lanewise: error: interrupted", 0), 0u) << finished.err;
  const Json again = run_json(measure(folder.file("a"), {}));
  EXPECT_GT(again.at("rows"), 600);
}

TEST(Estimator, evaluate_says_the_same_of_the_model_and_of_its_store) {
  const ScratchFolder folder;
  ASSERT_EQ(run(measure(folder.file("a"), {})).status, 0);
  const Arguments quick = {"--trees", "30", "--depth", "4"};
  Arguments train = {"train", folder.file("a"), "--out", folder.file("m.lwm")};
  train.insert(train.end(), quick.begin(), quick.end());
  ASSERT_EQ(run(train).status, 0);
  const Json model = run_json({"evaluate", folder.file("m.lwm")});
  for (const char* split : {"random", "unseen_engine", "unseen_shape"}) {
    const Json& accuracy = model.at("splits").at(split);
    EXPECT_GT(accuracy.at("rows"), 0);
    for (const char* key : {"mape_percent", "rmspe_percent", "within_5_percent", "within_10_percent", "spearman"}) {
      EXPECT_TRUE(accuracy.at(key).is_number()) << key;
    }
    EXPECT_LE(accuracy.at("within_5_percent"), accuracy.at("within_10_percent"));
    EXPECT_EQ(accuracy.at("bound").at("rows"), accuracy.at("rows"));
  }
  Arguments evaluate = {"evaluate", folder.file("a")};
  evaluate.insert(evaluate.end(), quick.begin(), quick.end());
  EXPECT_EQ(run_json(evaluate).at("splits"), model.at("splits"));
}

TEST(Estimator, estimate_has_the_shape_of_simulate) {
  const ScratchFolder folder;
  ASSERT_EQ(run(measure(folder.file("a"), {})).status, 0);
  ASSERT_EQ(run({"train", folder.file("a"), "--out", folder.file("m.lwm"), "--trees", "60", "--depth", "5"}).status, 0);
  const Json estimated = run_json({"estimate", kMobileNet, "--hw", kEngine, "--estimator", folder.file("m.lwm")});
  const Json simulated = run_json({"simulate", kMobileNet, "--hw", kEngine});
  EXPECT_EQ(estimated.at("source"), "estimated");
  std::int64_t cycles = estimated.at("between").at("latency_cycles");
  for (const Json& subgraph : estimated.at("subgraphs")) cycles += subgraph.at("latency_cycles").get<std::int64_t>();
  EXPECT_EQ(estimated.at("total").at("latency_cycles"), cycles);
  ASSERT_EQ(estimated.at("subgraphs").size(), simulated.at("subgraphs").size());
  for (const auto& [key, value] : simulated.at("total").items())
    EXPECT_TRUE(estimated.at("total").contains(key)) << key;
  for (const char* key : {"macs", "parameters", "area_mm2", "peak_activation_bytes"}) {
    EXPECT_EQ(estimated.at("total").at(key), simulated.at("total").at(key)) << key;
  }
  // A few hundred rows are little; that the prediction is of this network on this engine must show all the same.
  const double ratio = estimated.at("total").at("latency_cycles").get<double>() /
                       simulated.at("total").at("latency_cycles").get<double>();
  EXPECT_GT(ratio, 0.7);
  EXPECT_LT(ratio, 1.4);

  const Json rows = run_json({"sweep", kMobileNet, "--hw", kEngine, "--vary", "engine.parallelism_factor=16,32", "--by",
                              "estimate", "--estimator", folder.file("m.lwm")})
                        .at("rows");
  EXPECT_EQ(rows[0].at("latency_cycles"), estimated.at("total").at("latency_cycles"));
}

TEST(Estimator, an_answer_says_how_wrong_estimates_of_networks_like_it_were) {
  const ScratchFolder folder;
  ASSERT_EQ(run({"measure", kMobileNet, kSqueezeNet, "--hw", kEngine, "--rows", "1200", "--engines", "8", "--out",
                 folder.file("a")})
                .status,
            0);
  ASSERT_EQ(run({"train", folder.file("a"), "--out", folder.file("m.lwm"), "--trees", "40", "--depth", "5", "--quick",
                 "--learning-rate", "0.2"})
                .status,
            0);
  const auto ask = [&](const std::string& network) {
    return run_json({"estimate", network, "--hw", kEngine, "--estimator", folder.file("m.lwm")})
        .at("networks_like_this");
  };
  const Json known = ask(kSqueezeNet);
  EXPECT_EQ(known.at("known"), true);
  EXPECT_EQ(known.at("nearest"), "squeezenet1_1");
  EXPECT_EQ(known.at("members"), Json::array({"squeezenet1_1"}));
  EXPECT_GT(known.at("networks"), 0);
  EXPECT_LE(known.at("latency").at("median_error_percent"), known.at("latency").at("worst_error_percent"));
  EXPECT_TRUE(known.contains("energy") && known.contains("peak_sram_bytes"));
  const Json unknown = ask("models/vit_b_16.onnx");
  EXPECT_EQ(unknown.at("known"), false);
  EXPECT_TRUE(unknown.at("family").is_null());

  // The model's card and `evaluate` say the same.
  const Json card = run_json({"estimator", "show", folder.file("m.lwm")});
  EXPECT_EQ(run_json({"evaluate", folder.file("m.lwm")}).at("whole_networks"), card.at("whole_networks"));
  for (const Json& family : card.at("whole_networks").at("families")) {
    if (family.at("members")[0] != "squeezenet1_1") continue;
    EXPECT_EQ(family.at("held_out").at("latency"), known.at("latency"));
  }
  EXPECT_EQ(card.at("splits").size(), 1U) << "a quick training holds out engines alone";
}

// A model that most tests below ask, in a folder of its own: made once.
const std::string& trained() {
  static const ScratchFolder folder;
  static const std::string model = [] {
    EXPECT_EQ(run(measure(folder.file("a"), {})).status, 0);
    const Finished train = run({"train", folder.file("a"), "--out", folder.file("ne.lwm"), "--trees", "40", "--depth",
                                "5", "--interval-folds", "4"});
    EXPECT_EQ(train.status, 0) << train.err;
    return folder.file("ne.lwm");
  }();
  return model;
}

TEST(Estimate, every_answer_has_an_interval_that_holds_it_and_grows_with_the_level) {
  std::int64_t last_width = 0;
  for (const char* level : {"0.5", "0.9", "0.99"}) {
    const Json answer = run_json({"estimate", kMobileNet, "--hw", kEngine, "--estimator", trained(), "--level", level});
    const auto holds = [&](const Json& part) {
      EXPECT_EQ(part.at("interval").at("level"), std::stod(level));
      EXPECT_LE(part.at("interval").at("low"), part.at("latency_cycles"));
      EXPECT_GE(part.at("interval").at("high"), part.at("latency_cycles"));
      EXPECT_EQ(part.at("in_range"), part.at("out_of_range").empty());
    };
    holds(answer.at("total"));
    for (const Json& subgraph : answer.at("subgraphs")) holds(subgraph);
    const Json& interval = answer.at("total").at("interval");
    const std::int64_t width = interval.at("high").get<std::int64_t>() - interval.at("low").get<std::int64_t>();
    EXPECT_GT(width, last_width);
    last_width = width;
  }
  expect_refused({"estimate", kMobileNet, "--hw", kEngine, "--estimator", trained(), "--level", "1.2"}, 2, {"--level"});
}

TEST(Estimate, an_engine_beyond_the_ranges_is_named_and_can_be_simulated_instead) {
  const ScratchFolder folder;
  const Arguments slow = {"estimate",    kMobileNet, "--hw", kEngine, "--set", "dram.bandwidth=0.2 GB/s",
                          "--estimator", trained()};
  const Json beyond = run_json(slow);
  EXPECT_EQ(beyond.at("total").at("in_range"), false);
  EXPECT_EQ(beyond.at("total").at("out_of_range")[0].get<std::string>().rfind("dram.bandwidth 200 MB/s < ", 0), 0u);
  EXPECT_EQ(beyond.at("subgraphs")[0].at("in_range"), false);
  const Finished text = run(slow);
  EXPECT_NE(text.out.find("out of range      trained on less: dram.bandwidth 200 MB/s < "), std::string::npos);

  Arguments instead = slow;
  instead.insert(instead.end(), {"--fallback", "simulate", "--store", folder.file("more.sqlite")});
  const Json answer = run_json(instead);
  EXPECT_EQ(answer.at("source"), "estimated");
  EXPECT_EQ(answer.at("fallback").at("passes"), answer.at("subgraphs").size());
  EXPECT_DOUBLE_EQ(answer.at("fallback").at("latency_share_percent"), 100);
  EXPECT_EQ(answer.at("subgraphs")[0].at("source"), "simulated");
  const Json simulated = run_json({"simulate", kMobileNet, "--hw", kEngine, "--set", "dram.bandwidth=0.2 GB/s"});
  EXPECT_EQ(answer.at("total").at("latency_cycles"), simulated.at("total").at("latency_cycles"));
  EXPECT_EQ(answer.at("total").at("interval").at("low"), simulated.at("total").at("latency_cycles"));
  // What was simulated can be learned from.
  ASSERT_EQ(run({"train", folder.file("more.sqlite"), "--out", folder.file("m.lwm"), "--trees", "5"}).status, 0);
  const Json again = run_json({"estimate", kMobileNet, "--hw", kEngine, "--set", "dram.bandwidth=0.2 GB/s",
                               "--estimator", folder.file("m.lwm")});
  EXPECT_EQ(again.at("total").at("in_range"), true) << again.at("total").at("out_of_range");
}

TEST(Estimate, only_what_is_too_wide_is_simulated) {
  const ScratchFolder folder;
  const Json answer = run_json({"estimate", kMobileNet, "--hw", kEngine, "--estimator", trained(), "--fallback",
                                "simulate", "--fallback-width", "20", "--store", folder.file("more.sqlite")});
  const Json plain = run_json({"estimate", kMobileNet, "--hw", kEngine, "--estimator", trained()});
  std::int64_t simulated = 0;
  for (std::size_t i = 0; i < plain.at("subgraphs").size(); ++i) {
    const Json& before = plain.at("subgraphs")[i];
    const auto cycles = before.at("latency_cycles").get<double>();
    const double width = before.at("interval").at("high").get<double>() - before.at("interval").at("low").get<double>();
    const bool expected = 100 * width > 20 * cycles || !before.at("in_range").get<bool>();
    EXPECT_EQ(answer.at("subgraphs")[i].at("source"), expected ? "simulated" : "estimated") << before.at("name");
    simulated += expected ? 1 : 0;
  }
  EXPECT_EQ(answer.at("fallback").at("passes"), simulated);
  expect_refused({"estimate", kMobileNet, "--hw", kEngine, "--estimator", trained(), "--fallback-width", "20"}, 1,
                 {"--fallback simulate"});
}

TEST(Estimate, finds_the_familys_estimator_or_says_how_to_make_it) {
  const ScratchFolder folder;
  std::filesystem::create_directory(folder.file("hwconfigs"));
  std::filesystem::copy("hwconfigs", folder.file("hwconfigs"), std::filesystem::copy_options::recursive);
  const std::string hw = folder.file("hwconfigs/ne-256.yaml");
  if (!std::filesystem::exists("trained/ne.lwm")) {
    expect_refused({"estimate", kMobileNet, "--hw", hw}, 1, {"family ne", folder.file("trained"), "make-estimator ne"});
  }
  std::filesystem::create_directory(folder.file("trained"));
  std::filesystem::copy(trained(), folder.file("trained/ne.lwm"));
  const Json found = run_json({"estimate", kMobileNet, "--hw", hw});
  const Json named = run_json({"estimate", kMobileNet, "--hw", hw, "--estimator", trained()});
  EXPECT_EQ(found, named);
  const Json rows = run_json({"sweep", kMobileNet, "--hw", hw, "--by", "estimate"}).at("rows");
  EXPECT_EQ(rows[0].at("latency_cycles"), found.at("total").at("latency_cycles"));
  const Json explained =
      run_json({"explain", kMobileNet, "--layer", "/features/features.9/conv/conv.2/Conv", "--hw", hw});
  EXPECT_EQ(explained.at("predicted").at("contributions").size(), 8u);
  EXPECT_EQ(explained.at("predicted").at("nearest_rows").size(), 3u);
}

TEST(EstimatorShow, prints_the_card) {
  const Json card = run_json({"estimator", "show", trained()});
  EXPECT_EQ(card.at("family"), "ne");
  EXPECT_GT(card.at("training_rows"), 0);
  EXPECT_EQ(card.at("options").at("trees"), 40);
  EXPECT_EQ(card.at("intervals").at("folds"), 4);
  EXPECT_EQ(card.at("targets")[0].at("unit"), "cycles");
  EXPECT_EQ(card.at("features").size(), card.at("features").get<std::set<std::string>>().size());
  EXPECT_TRUE(card.at("engine_ranges").contains("dram.bandwidth"));
  EXPECT_TRUE(card.at("pass_ranges").at("convolution").contains("in_channels"));
  for (const Json& row : card.at("splits").at("unseen_engine").at("intervals")) {
    EXPECT_GE(row.at("covered_percent"), 0);
    EXPECT_LE(row.at("covered_percent"), 100);
  }
  const std::string text = run({"estimator", "show", trained()}).out;
  for (const char* part : {"trained on", "mobilenet_v2, squeezenet1_1", "latency in cycles", "dram.bandwidth",
                           "How often latency intervals held"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part;
  }
  expect_refused({"estimator", "show", kEngine}, 1, {kEngine, "no estimator of this tool"});
}

}  // namespace
}  // namespace lanewise::cli::testing
