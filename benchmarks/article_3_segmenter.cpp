// SPDX-License-Identifier: Apache-2.0
// The article's segmenters: five models, from 27 to 51 % below the baseline's latency, by channels, fused inverted
// bottlenecks and the sizes of image and result, found by evolution. Each is the one with the most multiply-accumulates
// on the simulated front that reaches its latency.
#include "benchmarks/article/answer.hpp"

namespace {

using namespace lanewise::article;

// Latencies to reach, as changes in percent: the article's first and last, and evenly between them.
constexpr double kTargets[] = {-27, -33, -39, -45, -51};

const Model* most_macs_within(const Run& run, double target) {
  const Model* best = nullptr;
  for (const Model& model : run.finalists) {
    if (!model.keeps_limits || change_percent(run.baseline.simulated_ms, model.simulated_ms) > target) continue;
    if (best == nullptr || model.macs > best->macs) best = &model;
  }
  return best;
}

std::string gene(const Model& model, const std::string& name) {
  const std::size_t at = model.encoding.find(name + "=");
  if (at == std::string::npos) return "";
  const std::size_t begin = at + name.size() + 1;
  return model.encoding.substr(begin, std::min(model.encoding.find('/', begin), model.encoding.size()) - begin);
}

// The model of every seed for a target.
template <class Pick>
std::vector<Run> picked(const std::vector<Run>& runs, double target, const Pick& pick) {
  std::vector<Run> out;
  for (const Run& run : runs) {
    const Model* const model = pick(run, target);
    if (model == nullptr) continue;
    Run one = run;
    one.finalists = {*model};
    out.push_back(std::move(one));
  }
  return out;
}

class Segmenter {
 public:
  explicit Segmenter(std::string folder) : folder_(std::move(folder)) {
    answer_.json = {{"benchmark", "article_3_segmenter"}, {"baseline", "benchmarks/article/segmenter.yaml"}};
    answer_.chart = {"Segmenter (MobileNetV3-Large + LR-ASPP, 512 x 512): five models",
                     "latency, %",
                     {},
                     "to be reached: from the article's first to its last"};
    answer_.reached = true;
  }

  Answer run() {
    for (const std::string& engine : engines_of(folder_)) add_engine(engine);
    return std::move(answer_);
  }

 private:
  void add_engine(const std::string& engine) {
    const std::vector<Run> found = runs_of(folder_, engine, "front"), unaware = runs_of(folder_, engine, "by_macs");
    const Model& baseline = found.front().baseline;
    std::vector<std::vector<std::string>> table = {{engine, "latency, median (least to most)", "predicted", "simulated",
                                                    "error", "MACs", "a pixel", "parameters", "image", "result",
                                                    "fused"}};
    Json json = {{"engine", engine}, {"baseline", baseline_json(baseline)}, {"models", Json::array()}};
    BarGroup group{engine, {}};
    std::vector<std::string> distinct;
    std::string more_macs;
    for (std::size_t i = 0; i < std::size(kTargets); ++i) {
      const double target = kTargets[i];
      const std::vector<Run> ours = picked(found, target, most_macs_within);
      const std::vector<Run> theirs = picked(unaware, target, most_macs_within);
      Json model = {{"target_percent", target}, {"seeds_that_reach_it", ours.size()}};
      const std::string name = fmt::format("model {}", i + 1);
      answer_.reached = answer_.reached && ours.size() == found.size();
      if (!ours.empty()) {
        add(table, name, ours);
        model["found"] = search_json("front", ours);
        distinct.push_back(median_run(ours, latency_change).finalists.front().encoding);
        const Spread spread = spread_over(ours, latency_change);
        group.bars.push_back({name, spread.median, spread.least, spread.most, "by latency", target});
      }
      if (!theirs.empty()) {
        add(table, "  by MACs", theirs);
        model["unaware"] = search_json("by_macs", theirs);
      }
      if (!ours.empty() && !theirs.empty()) {
        const double macs = change_percent(median_run(theirs, latency_change).finalists.front().macs,
                                           median_run(ours, latency_change).finalists.front().macs);
        model["macs_over_unaware_percent"] = macs;
        more_macs += fmt::format("{}{:+.0f} %", more_macs.empty() ? "" : ", ", macs);
      }
      json["models"].push_back(std::move(model));
    }
    std::sort(distinct.begin(), distinct.end());
    distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
    json["distinct_models"] = distinct.size();
    answer_.reached = answer_.reached && distinct.size() == std::size(kTargets);
    print_table(table);
    std::printf("MACs at each latency, against those of an equal search by MACs: %s\n", more_macs.c_str());
    std::printf("%zu of %zu models differ; twice as much would save, of the baseline: %s\n\n", distinct.size(),
                std::size(kTargets), bounds_text(baseline).c_str());
    answer_.json["engines"].push_back(std::move(json));
    answer_.chart.groups.push_back(std::move(group));
  }

  static void add(std::vector<std::vector<std::string>>& table, const std::string& name, const std::vector<Run>& runs) {
    const Run& run = median_run(runs, latency_change);
    const Model& model = run.finalists.front();
    const std::string image = gene(model, "input_resolution"), result = gene(model, "output_resolution");
    table.push_back({name, spread_text(spread_over(runs, latency_change)), fmt::format("{:.3f} ms", model.predicted_ms),
                     fmt::format("{:.3f} ms", model.simulated_ms), fmt::format("{:+.2f} %", model.error_percent()),
                     signed_text(macs_change(run)),
                     signed_text(change_percent(run.baseline.macs_per_pixel, model.macs_per_pixel)),
                     signed_text(parameters_change(run)), image.empty() ? "512x512" : image,
                     result.empty() ? "1" : result, fmt::format("{}", model.fused.size())});
  }

  std::string folder_;
  Answer answer_;
};

Answer segmenter(const std::string& folder) { return Segmenter(folder).run(); }

}  // namespace

int main(int argc, char** argv) { return answer_main(argc, argv, segmenter); }
