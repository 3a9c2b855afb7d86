// SPDX-License-Identifier: Apache-2.0
// `train --adapt` as a person uses it: an estimator of the family, and rows from an engine whose memory is slower than
// its description says.
#include <cmath>

#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

// Layers whose cycles are those of ne-256 with 2 GB/s in place of 3.2.
std::string measured_rows(const ScratchFolder& folder) {
  std::string text = "in_w,in_h,in_c,out_c,kernel_w,kernel_h,pad_left,pad_right,pad_top,pad_bottom,cycles\n";
  std::vector<std::string> layers;
  for (const int size : {7, 14, 28, 56}) {
    for (const int in : {16, 64, 96}) {
      for (const int kernel : {1, 3}) {
        const int pad = kernel / 2, out = in == 64 ? 128 : 24;
        std::ostringstream layer;
        layer << size << ',' << size << ',' << in << ',' << out << ',' << kernel << ',' << kernel << ',' << pad << ','
              << pad << ',' << pad << ',' << pad << ',';
        layers.push_back(layer.str());
      }
    }
  }
  std::string guess = text;
  for (const std::string& layer : layers) guess += layer + "1000\n";
  const Finished simulated =
      run({"validate", folder.write("guess.csv", guess), "--hw", kEngine, "--set", "dram.bandwidth=2 GB/s", "--csv"});
  EXPECT_EQ(simulated.status, 0) << simulated.err;
  std::istringstream lines(simulated.out);
  std::string line;
  std::getline(lines, line);
  std::size_t column = 0;
  for (std::istringstream head(line); std::getline(head, line, ',') && line != "simulated_cycles";) ++column;
  for (const std::string& layer : layers) {
    std::getline(lines, line);
    std::istringstream cells(line);
    std::string cell;
    for (std::size_t i = 0; i <= column; ++i) std::getline(cells, cell, ',');
    text += layer + cell + "\n";
  }
  return folder.write("rows.csv", text);
}

std::string trained(const ScratchFolder& folder) {
  EXPECT_EQ(run({"measure", kMobileNet, kSqueezeNet, "--hw", kEngine, "--rows", "1500", "--engines", "16", "--seed",
                 "3", "--out", folder.file("store")})
                .status,
            0);
  EXPECT_EQ(
      run({"train", folder.file("store"), "--out", folder.file("plain.lwm"), "--trees", "60", "--depth", "5"}).status,
      0);
  return folder.file("plain.lwm");
}

TEST(Adapt, the_estimator_answers_for_the_engine_as_measured) {
  const ScratchFolder folder;
  const std::string plain = trained(folder), rows = measured_rows(folder), adapted = folder.file("adapted.lwm");
  const Arguments adapt = {"train", "--estimator", plain, "--adapt", rows, "--hw", kEngine, "--out", adapted};
  const Json report = run_json(adapt);
  EXPECT_EQ(report.at("engine"), "ne-256");
  EXPECT_EQ(report.at("before").at("rows"), 24);
  const double before = report.at("before").at("mape_percent");
  const double after = report.at("cross_validation").at("after").at("mape_percent");
  EXPECT_GT(before, 15);
  EXPECT_LT(after, before / 2);
  EXPECT_FALSE(report.at("keys").empty());

  // The same bytes again, also from an estimator that was adapted already.
  const std::string bytes = text_of(adapted);
  EXPECT_EQ(
      run_json({"train", "--estimator", adapted, "--adapt", rows, "--hw", kEngine, "--out", folder.file("again.lwm")}),
      report);
  EXPECT_EQ(text_of(folder.file("again.lwm")), bytes);

  const Arguments ask = {"estimate", kMobileNet, "--hw", kEngine, "--estimator"};
  const auto estimate = [&](const std::string& model, const Arguments& more) {
    Arguments arguments = ask;
    arguments.push_back(model);
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_json(arguments);
  };
  const auto latency = [](const Json& answer) { return answer.at("total").at("latency_cycles").get<double>(); };
  const Json here = estimate(adapted, {}), unadapted = estimate(plain, {});
  EXPECT_FALSE(unadapted.contains("adapted"));
  EXPECT_EQ(here.at("adapted").at("holds"), true);
  EXPECT_EQ(here.at("adapted").at("rows"), 24);
  const Json truth = run_json({"simulate", kMobileNet, "--hw", kEngine, "--set", "dram.bandwidth=2 GB/s"});
  EXPECT_LT(std::abs(latency(here) / latency(truth) - 1), std::abs(latency(unadapted) / latency(truth) - 1) / 2);

  // Another engine is answered for as before, and the answer says so.
  const Arguments other = {"--set", "engine.parallelism_factor=32"};
  const Json elsewhere = estimate(adapted, other);
  EXPECT_EQ(elsewhere.at("adapted").at("holds"), false);
  EXPECT_EQ(elsewhere.at("adapted").at("difference"), "engine.parallelism_factor is 32, not 16");
  EXPECT_EQ(latency(elsewhere), latency(estimate(plain, other)));
  const Finished text = run({"estimate", kMobileNet, "--hw", kEngine, "--estimator", adapted});
  EXPECT_NE(text.out.find("to ne-256 as measured in 24 rows"), std::string::npos) << text.out;
}

TEST(Adapt, mistakes_are_one_line_and_nothing_is_written) {
  const ScratchFolder folder;
  const std::string plain = trained(folder), rows = measured_rows(folder), out = folder.file("adapted.lwm");
  const auto refused = [&](const Arguments& more, int status, const std::vector<std::string>& named) {
    Arguments arguments = {"train", "--out", out};
    arguments.insert(arguments.end(), more.begin(), more.end());
    expect_refused(arguments, status, named);
  };
  refused({}, 1, {"STORE", "--estimator"});
  refused({folder.file("store"), "--estimator", plain, "--adapt", rows, "--hw", kEngine}, 1, {"STORE", "--estimator"});
  refused({"--estimator", plain}, 1, {"--adapt"});
  refused({"--estimator", plain, "--adapt", rows}, 1, {"--hw"});
  refused({"--estimator", plain, "--hw", kEngine}, 2, {"--hw"});
  refused({"--estimator", plain, "--adapt", rows, "--hw", "hwconfigs/nvdla-small.yaml"}, 1,
          {"hwconfigs/nvdla-small.yaml", "family", "'ne'"});
  refused({"--estimator", plain, "--adapt", rows, "--hw", kEngine, "--fit", "energy.dram"}, 1, {"energy.dram"});
  refused({"--estimator", plain, "--adapt", folder.file("none.csv"), "--hw", kEngine}, 1, {"none.csv"});
  refused({"--estimator", kEngine, "--adapt", rows, "--hw", kEngine}, 1, {kEngine});
  EXPECT_FALSE(std::filesystem::exists(out));
}

}  // namespace
}  // namespace lanewise::cli::testing
