// SPDX-License-Identifier: Apache-2.0
// The article's classifier: parameters and peak activation memory within a budget that the baseline breaks, by an
// expert's moves alone, by a search over channels alone, and by moves and search combined; multiply-accumulates stay at
// nine tenths of the baseline's.
#include "benchmarks/article/answer.hpp"

namespace {

using namespace lanewise::article;

struct Way {
  const char *search, *label;
};
constexpr Way kWays[] = {{"channels", "search"}, {"memory", "both"}, {"by_macs", "by MACs"}};
constexpr double kArticle = -47;  // of both, in percent

Model moved(const std::string& path) {
  const Json total = read_json(path).at("total");
  Model model;
  model.simulated_ms = total.at("latency_ms");
  model.predicted_ms = std::numeric_limits<double>::quiet_NaN();  // nobody predicts what nobody searched
  model.cycles = total.at("latency_cycles");
  model.bound_by = total.at("bound_by");
  model.saved = total.at("saved_if_doubled_cycles");
  model.macs = total.at("macs");
  model.parameters = total.at("parameters");
  model.parameter_bytes = total.at("parameter_bytes");
  model.peak_activation_bytes = total.at("peak_activation_bytes");
  model.macs_per_pixel = total.at("macs_per_pixel");
  return model;
}

// The budget as the limits of the search say it: bytes of parameters and of live activations.
std::string within(const Model& model) { return model.keeps_limits ? "yes" : "no"; }

class Classifier {
 public:
  explicit Classifier(std::string folder) : folder_(std::move(folder)) {
    answer_.json = {{"benchmark", "article_2_classifier"}, {"baseline", "benchmarks/article/classifier.yaml"}};
    answer_.chart = {"Classifier (MobileNetV2, 224 x 224): memory against the baseline", "change, %", {}};
    answer_.reached = true;
  }

  Answer run() {
    for (const std::string& engine : engines_of(folder_)) add_engine(engine);
    return std::move(answer_);
  }

 private:
  static std::vector<std::string> row(const std::string& name, const Model& model, const Model& baseline) {
    return {name,
            signed_text(change_percent(baseline.parameters, model.parameters)),
            signed_text(change_percent(baseline.peak_activation_bytes, model.peak_activation_bytes)),
            within(model),
            signed_text(change_percent(baseline.macs, model.macs)),
            std::isnan(model.predicted_ms) ? "-" : fmt::format("{:.3f} ms", model.predicted_ms),
            fmt::format("{:.3f} ms", model.simulated_ms),
            std::isnan(model.predicted_ms) ? "-" : fmt::format("{:+.2f} %", model.error_percent()),
            signed_text(change_percent(baseline.simulated_ms, model.simulated_ms))};
  }

  void add_engine(const std::string& engine) {
    std::vector<Run> combined = runs_of(folder_, engine, "memory");
    Model baseline = combined.front().baseline;
    baseline.keeps_limits = false;
    const Json budget = read_json(folder_ + "/budget.json");
    const auto fits = [&](const Model& model) {
      return model.parameter_bytes <= budget.at("parameter_bytes").get<double>() &&
             model.peak_activation_bytes <= budget.at("peak_activation_bytes").get<double>();
    };
    if (fits(baseline)) throw std::runtime_error("the baseline keeps the budget: there is nothing to show");
    Model moves = moved(folder_ + "/" + engine + "/moves.json");
    moves.keeps_limits = fits(moves);
    std::vector<std::vector<std::string>> table = {
        {engine, "parameters", "activations", "in budget", "MACs", "predicted", "simulated", "error", "latency"},
        row("baseline", baseline, baseline),
        row("moves", moves, baseline)};
    Json json = {{"engine", engine},
                 {"baseline", baseline_json(baseline)},
                 {"budget", budget},
                 {"moves", to_json(moves, baseline)},
                 {"searches", Json::array()}};
    BarGroup group{engine, {}};
    add_bars(group, "moves", {change_percent(baseline.parameters, moves.parameters)},
             {change_percent(baseline.peak_activation_bytes, moves.peak_activation_bytes)});
    for (const Way& way : kWays) {
      const std::vector<Run> runs = runs_of(folder_, engine, way.search);
      const Run& run = median_run(runs, latency_change);
      table.push_back(row(way.label, run.finalists.front(), baseline));
      Json search = search_json(way.search, runs);
      search["parameters_change_percent"] = to_json(spread_over(runs, parameters_change));
      search["peak_activation_change_percent"] = to_json(spread_over(runs, memory_change));
      json["searches"].push_back(std::move(search));
      std::vector<double> parameters, memory;
      for (const Run& one : runs) {
        parameters.push_back(parameters_change(one));
        memory.push_back(memory_change(one));
      }
      add_bars(group, way.label, parameters, memory);
    }
    const std::vector<Run> unaware = runs_of(folder_, engine, "by_macs");
    const double gain = change_percent(median_run(unaware, latency_change).finalists.front().simulated_ms,
                                       median_run(combined, latency_change).finalists.front().simulated_ms);
    json["gain_over_unaware_percent"] = gain;
    const Spread parameters = spread_over(combined, parameters_change), memory = spread_over(combined, memory_change);
    answer_.reached = answer_.reached && parameters.median <= kArticle && memory.median <= kArticle;
    print_table(table);
    std::printf("both, over the seeds: parameters %s, activations %s\n", spread_text(parameters).c_str(),
                spread_text(memory).c_str());
    std::printf("twice as much would save, of the baseline: %s; of both: %s\n", bounds_text(baseline).c_str(),
                bounds_text(median_run(combined, latency_change).finalists.front()).c_str());
    std::printf("latency of both against the best network of an equal search by MACs: %s\n\n",
                signed_text(gain).c_str());
    answer_.json["engines"].push_back(std::move(json));
    answer_.chart.groups.push_back(std::move(group));
  }

  static void add_bars(BarGroup& group, const std::string& label, const std::vector<double>& parameters,
                       const std::vector<double>& memory) {
    const Spread p = spread_of(parameters), m = spread_of(memory);
    group.bars.push_back({label, p.median, p.least, p.most, "parameters", kArticle});
    group.bars.push_back({label, m.median, m.least, m.most, "live activations", kArticle});
  }

  std::string folder_;
  Answer answer_;
};

Answer classifier(const std::string& folder) { return Classifier(folder).run(); }

}  // namespace

int main(int argc, char** argv) { return answer_main(argc, argv, classifier); }
