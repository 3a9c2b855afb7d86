// SPDX-License-Identifier: Apache-2.0
// Puts together what benchmarks/article_4_expert_moves has searched, found and tried: a table, JSON, and an SVG.
//   article_4_expert_moves FOLDER "SEEDS" [--json] [--svg FILE]
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/record/file.hpp"

namespace {

using namespace lanewise;
using Json = nlohmann::ordered_json;

// What expert moves alone reached of the full search's reduction in the article: 50 of 53 %.
constexpr double kArticleShare = 50.0 / 53.0;
constexpr const char* kEngines[] = {"ne-256", "nvdla-large"};

struct Found {
  double latency_ms = 0, macs = 0, parameters = 0;
  std::string encoding;
};

Found found_of(const Json& totals, const std::string& encoding) {
  return {totals.at("latency_ms"), totals.at("macs"), totals.at("parameters"), encoding};
}

class Results {
 public:
  Results(std::string folder, const std::string& seeds) : folder_(std::move(folder)) {
    std::istringstream words(seeds);
    for (std::string seed; words >> seed;) seeds_.push_back(seed);
    if (seeds_.empty()) throw Error("there are no seeds");
  }

  Json all() const {
    Json out;
    out["article"] = {{"full_search_percent", -53}, {"expert_moves_percent", -50}, {"share", kArticleShare}};
    out["seeds"] = seeds_;
    for (const char* network : {"detector", "classifier", "efficientnet_b0", "nas_bench_macro"}) {
      for (const char* engine : kEngines) out["rows"].push_back(row(network, engine));
    }
    for (const char* network :
         {"mobilenet_edgetpu", "efficientnet_edgetpu_s", "mobilenet_v2_160", "mobilenet_v2_035_96", "fm28"}) {
      for (const char* engine : kEngines) {
        out["rows"].push_back(row(network, engine));
        out["rows"].back()["held_out"] = true;
        out["rows"].back()["from_all_other_networks"] = from_all_others(network, engine);
      }
    }
    double least = 1e9, least_saved = 1e9;
    for (const Json& row : out["rows"]) {
      least = std::min(least, row["share_of_full_search"].get<double>());
      least_saved = std::min(least_saved, -row["expert_moves"]["by_all_patterns_percent"].get<double>());
    }
    out["least_share_of_full_search"] = least;
    out["least_saved_by_all_patterns_percent"] = least_saved;
    return out;
  }

 private:
  std::string folder_;
  std::vector<std::string> seeds_;

  Json read(const std::string& name) const {
    const std::string path = folder_ + "/" + name;
    try {
      return Json::parse(record::read_file(path));
    } catch (const Json::exception& error) {
      throw Error(path + ": " + error.what());
    }
  }

  // The best by what it was searched for, over the seeds; `evaluations` receives the designs that one search priced.
  Found best(const std::string& kind, const std::string& objective, Found& baseline, Json& each,
             std::int64_t& evaluations) const {
    Found best;
    double least = 1e300;
    for (const std::string& seed : seeds_) {
      const Json result = read(kind + "-" + seed + "/result.json");
      evaluations = result.at("evaluations");
      baseline = found_of(result.at("baseline").at("simulated"), "default");
      const Json& first = result.at("finalists").at(0);
      const Found found = found_of(first.at("simulated"), first.at("encoding"));
      each.push_back(change(baseline, found));
      const double value = objective == "macs" ? found.macs : found.latency_ms;
      if (value < least) least = value, best = found;
    }
    return best;
  }

  // What patterns of the searches on all other networks give.
  Json from_all_others(const std::string& network, const std::string& engine) const {
    const Json trial = read("wide-" + network + "-" + engine + ".json").at("trial");
    return {{"latency_percent", -trial.at("saved_percent").get<double>()},
            {"by_all_patterns_percent", -trial.at("saved_by_all_percent").get<double>()},
            {"keeps_capacity", trial.at("keeps_capacity")},
            {"within_record_percent", -trial.at("saved_within_record_percent").get<double>()},
            {"reached", trial.at("reached")},
            {"left_off", trial.at("left_off")}};
  }

  static double change(const Found& before, const Found& after) {
    return 100 * (after.latency_ms / before.latency_ms - 1);
  }

  static Json design(const Found& baseline, const Found& found) {
    return {{"latency_ms", found.latency_ms},
            {"latency_percent", change(baseline, found)},
            {"parameters_percent", 100 * (found.parameters / baseline.parameters - 1)},
            {"macs_percent", 100 * (found.macs / baseline.macs - 1)},
            {"encoding", found.encoding}};
  }

  Json row(const std::string& network, const std::string& engine) const {
    const std::string at = network + "-" + engine;
    Found baseline;
    std::int64_t evaluations = 0;
    Json full_each, macs_each;
    const Found full = best("full-" + at, "latency", baseline, full_each, evaluations);
    const Found by_macs = best("macs-" + at, "macs", baseline, macs_each, evaluations);
    const Json tried = read("expert-" + at + ".json");
    const Json& trial = tried.at("trial");
    if (trial.at("before").at("latency_ms").get<double>() != baseline.latency_ms) {
      throw Error(at + ": patterns and searches begin with different networks");
    }
    const Found expert = found_of(trial.at("after"), "");
    Json out = {{"network", network}, {"engine", engine}, {"baseline", design(baseline, baseline)}};
    for (const Json& search : tried.at("searches")) {
      const std::string searched = search.at("network");
      auto& names = out["patterns_from"];
      if (std::find(names.begin(), names.end(), searched) == names.end()) names.push_back(searched);
    }
    out["expert_moves"] = design(baseline, expert);
    out["expert_moves"]["moves"] = trial.at("moves");
    out["expert_moves"]["by_all_patterns_percent"] = -trial.at("saved_by_all_percent").get<double>();
    out["expert_moves"]["within_record_percent"] = -trial.at("saved_within_record_percent").get<double>();
    out["expert_moves"]["reached"] = trial.at("reached");
    out["expert_moves"]["left_off"] = trial.at("left_off");
    out["expert_moves"]["designs_simulated"] = trial.at("designs_simulated");
    out["expert_moves"]["keeps_capacity"] = trial.at("keeps_capacity");
    out["full_search"] = design(baseline, full);
    out["full_search"]["each_seed_percent"] = full_each;
    out["full_search"]["designs_priced"] = evaluations;
    out["search_by_macs"] = design(baseline, by_macs);
    out["search_by_macs"]["each_seed_percent"] = macs_each;
    out["share_of_full_search"] = change(baseline, expert) / change(baseline, full);
    out["expert_moves_over_search_by_macs_percent"] = change(by_macs, expert);
    out["full_search_over_search_by_macs_percent"] = change(by_macs, full);
    return out;
  }
};

void print(const Json& result) {
  std::printf("%-22s %-12s %10s %14s %12s %7s %10s %16s\n", "network", "engine", "ms", "expert moves", "full search",
              "share", "by MACs", "expert over MACs");
  for (const Json& row : result["rows"]) {
    const auto percent = [&](const char* key) { return row[key]["latency_percent"].get<double>(); };
    std::printf("%-22s %-12s %10.3f %12.1f %% %10.1f %% %6.1f%% %8.1f %% %14.1f %%",
                row["network"].get<std::string>().c_str(), row["engine"].get<std::string>().c_str(),
                row["baseline"]["latency_ms"].get<double>(), percent("expert_moves"), percent("full_search"),
                100 * row["share_of_full_search"].get<double>(), percent("search_by_macs"),
                row["expert_moves_over_search_by_macs_percent"].get<double>());
    if (row.contains("from_all_other_networks")) {
      std::printf("  held out; by patterns of all other networks %.1f %%",
                  row["from_all_other_networks"]["latency_percent"].get<double>());
    }
    std::printf("\n");
  }
  std::printf("article: -50 of -53 %%, %.1f%%; here at least %.1f%%; all patterns together save at least %.1f %%\n",
              100 * kArticleShare, 100 * result["least_share_of_full_search"].get<double>(),
              result["least_saved_by_all_patterns_percent"].get<double>());
}

// Reductions as bars: of each network and engine the search by MACs, the expert's moves and the full search.
std::string svg(const Json& result) {
  constexpr double kLeft = 250, kScale = 5, kBar = 16, kGap = 26, kTop = 56;
  const std::vector<std::pair<const char*, const char*>> kinds = {
      {"search_by_macs", "#999999"}, {"expert_moves", "#0072b2"}, {"full_search", "#d55e00"}};
  const double height = kTop + static_cast<double>(result["rows"].size()) * (3 * kBar + kGap) + 30;
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 760 {0:.0f}\" font-family=\"sans-serif\" "
      "font-size=\"12\">\n<rect width=\"760\" height=\"{0:.0f}\" fill=\"#ffffff\"/>\n"
      "<text x=\"16\" y=\"24\" font-size=\"15\">Expert moves alone against the full search: latency saved, simulated, %"
      "</text>\n",
      height);
  double x = 16;
  for (const auto& [key, colour] : kinds) {
    std::string label = key;
    std::replace(label.begin(), label.end(), '_', ' ');
    out += fmt::format(
        "<rect x=\"{0:.0f}\" y=\"34\" width=\"10\" height=\"10\" fill=\"{1}\"/><text x=\"{2:.0f}\" "
        "y=\"43\">{3}</text>\n",
        x, colour, x + 14, label);
    x += 130;
  }
  double y = kTop;
  for (const Json& row : result["rows"]) {
    out += fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\" text-anchor=\"end\">{} on {}</text>\n", kLeft - 8,
                       y + 1.5 * kBar + 4, row["network"].get<std::string>(), row["engine"].get<std::string>());
    for (const auto& [key, colour] : kinds) {
      const double saved = -row[key]["latency_percent"].get<double>();
      std::string text = fmt::format("{:.1f}", saved);
      if (std::string(key) == "expert_moves") {
        text += fmt::format(" ({:.0f} % of the full search's)", 100 * row["share_of_full_search"].get<double>());
      }
      out += fmt::format("<rect x=\"{:.0f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.0f}\" fill=\"{}\"/>", kLeft, y,
                         std::max(0.0, saved) * kScale, kBar - 2, colour);
      out += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", kLeft + std::max(0.0, saved) * kScale + 5,
                         y + kBar - 5, text);
      y += kBar;
    }
    y += kGap;
  }
  return out + "</svg>\n";
}

}  // namespace

int main(int argc, char** argv) {
  try {
    std::vector<std::string> words;
    std::string picture;
    bool json = false;
    for (int i = 1; i < argc; ++i) {
      const std::string argument = argv[i];
      if (argument == "--json") {
        json = true;
      } else if (argument == "--svg" && i + 1 < argc) {
        picture = argv[++i];
      } else {
        words.push_back(argument);
      }
    }
    if (words.size() != 2) throw Error("takes FOLDER and SEEDS");
    const Json result = Results(words[0], words[1]).all();
    if (!picture.empty()) record::write_file(picture, svg(result));
    if (json) {
      std::cout << result.dump(2) << '\n';
    } else {
      print(result);
    }
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "lanewise: error: " << error.what() << '\n';
    return 1;
  }
}
