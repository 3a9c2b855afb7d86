// SPDX-License-Identifier: Apache-2.0
// measure, train, evaluate, estimate: from simulations to predictions.
#include "command.hpp"

namespace lanewise::cli::testing {
namespace {

Arguments measure(const std::string& store, const Arguments& more) {
  Arguments arguments = {"measure",   kMobileNet, kSqueezeNet, "--hw", kEngine, "--rows", "600",
                         "--engines", "16",       "--seed",    "3",    "--out", store};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

TEST(Measure, IsTheSameWhateverTheNumberOfProcesses) {
  const ScratchFolder folder;
  ASSERT_EQ(run(measure(folder.file("a"), {"--jobs", "1", "--csv", folder.file("a.csv")})).status, 0);
  ASSERT_EQ(run(measure(folder.file("b"), {"--jobs", "3", "--csv", folder.file("b.csv")})).status, 0);
  const std::string rows = text_of(folder.file("a.csv"));
  EXPECT_EQ(std::count(rows.begin(), rows.end(), '\n'), 601);
  EXPECT_EQ(rows, text_of(folder.file("b.csv")));
}

TEST(Measure, MeasuresARowOnce) {
  const ScratchFolder folder;
  ASSERT_EQ(run(measure(folder.file("a"), {})).status, 0);
  const Json again = run_json(measure(folder.file("a"), {}));
  EXPECT_EQ(again.at("measured"), 0);
  EXPECT_EQ(again.at("stored"), 600);
  EXPECT_EQ(again.at("rows"), 600);
}

TEST(Measure, StoppedByASignalItSaysSoAndGoesOn) {
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

TEST(Estimator, EvaluateSaysTheSameOfTheModelAndOfItsStore) {
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

TEST(Estimator, EstimateHasTheShapeOfSimulate) {
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

}  // namespace
}  // namespace lanewise::cli::testing
