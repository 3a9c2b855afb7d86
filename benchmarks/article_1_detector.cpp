// SPDX-License-Identifier: Apache-2.0
// The article's detector: what the depth multiplier alone, fused inverted bottlenecks alone and both together take off
// the latency, by simulation, with parameters and multiply-accumulates at least nine tenths of the baseline's.
#include "benchmarks/article/answer.hpp"

namespace {

using namespace lanewise::article;

struct Version {
  const char *search, *label;
  double article;  // latency, in percent
};
constexpr Version kVersions[] = {
    {"depth_multiplier", "V1 depth", -14}, {"fused_ibn", "V2 fused", -35}, {"both", "V3 both", -53}};
constexpr const char* kUnaware = "by_macs";
constexpr double kGoal = -45;  // of V3, on one shipped engine at least

std::string fused_text(const Model& model) {
  std::string text;
  for (const std::string& block : model.fused) text += (text.empty() ? "" : " ") + block.substr(block.rfind("ibn") + 3);
  return text.empty() ? "none" : text;
}

Answer detector(const std::string& folder) {
  Answer answer;
  answer.json = {{"benchmark", "article_1_detector"}, {"baseline", "benchmarks/article/detector.yaml"}};
  answer.chart = {"Detector (MobileNetV2 + SSDLite, 320 x 320): latency against the baseline", "latency, %", {}};
  for (const std::string& engine : engines_of(folder)) {
    Json json = {{"engine", engine}};
    BarGroup group{engine, {}};
    std::vector<std::vector<std::string>> table = {{engine, "latency, median (least to most)", "article", "predicted",
                                                    "simulated", "error", "MACs", "parameters"}};
    const auto add = [&](const std::string& name, const std::vector<Run>& runs, const std::string& article) {
      const Run& run = median_run(runs, latency_change);
      const Model& model = run.finalists.front();
      table.push_back({name, spread_text(spread_over(runs, latency_change)), article,
                       fmt::format("{:.3f} ms", model.predicted_ms), fmt::format("{:.3f} ms", model.simulated_ms),
                       fmt::format("{:+.2f} %", model.error_percent()), signed_text(macs_change(run)),
                       signed_text(parameters_change(run))});
    };
    const std::vector<Run> unaware = runs_of(folder, engine, kUnaware);
    const Model& baseline = unaware.front().baseline;
    table.push_back({"baseline", "", "", fmt::format("{:.3f} ms", baseline.predicted_ms),
                     fmt::format("{:.3f} ms", baseline.simulated_ms),
                     fmt::format("{:+.2f} %", baseline.error_percent()), "", ""});
    json["baseline"] = baseline_json(baseline);
    json["searches"] = Json::array();
    std::string why = "twice as much would save, of the baseline: " + bounds_text(baseline) + "\n";
    for (const Version& version : kVersions) {
      const std::vector<Run> runs = runs_of(folder, engine, version.search);
      add(version.label, runs, fmt::format("{:+.0f} %", version.article));
      Json search = search_json(version.search, runs);
      search["article_percent"] = version.article;
      json["searches"].push_back(std::move(search));
      const Spread spread = spread_over(runs, latency_change);
      group.bars.push_back({version.label, spread.median, spread.least, spread.most, "by latency", version.article});
      const Model& model = median_run(runs, latency_change).finalists.front();
      why += fmt::format("  {}: {}; fused blocks: {}\n", version.label, bounds_text(model), fused_text(model));
    }
    add("V3 by MACs", unaware, "");
    json["unaware"] = search_json(kUnaware, unaware);
    const Spread plain = spread_over(unaware, latency_change);
    group.bars.push_back({"V3 by MACs", plain.median, plain.least, plain.most, "by MACs, engine-unaware", {}});
    const std::vector<Run> both = runs_of(folder, engine, "both");
    const double gain = change_percent(median_run(unaware, latency_change).finalists.front().simulated_ms,
                                       median_run(both, latency_change).finalists.front().simulated_ms);
    json["gain_over_unaware_percent"] = gain;
    answer.reached = answer.reached || spread_over(both, latency_change).median <= kGoal;
    print_table(table);
    std::printf("%sV3 against the best network of an equal search by MACs: %s\n\n", why.c_str(),
                signed_text(gain).c_str());
    answer.json["engines"].push_back(std::move(json));
    answer.chart.groups.push_back(std::move(group));
  }
  return answer;
}

}  // namespace

int main(int argc, char** argv) { return answer_main(argc, argv, detector); }
