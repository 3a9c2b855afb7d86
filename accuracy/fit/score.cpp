// SPDX-License-Identifier: Apache-2.0
// lanewise-fit score
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "accuracy/fit/networks_to_score.hpp"
#include "accuracy/fit/verbs.hpp"
#include "accuracy/scores/zero_shot.hpp"
#include "cli/console/output.hpp"
#include "cli/console/terminal.hpp"
#include "core/base/error.hpp"
#include "core/base/printable.hpp"
#include "core/record/csv.hpp"

namespace lanewise::fit {
namespace {

using accuracy::ScoredNetworks;
using accuracy::ScoreInput;
using accuracy::ZeroShotScore;
using Json = nlohmann::ordered_json;

const char* to_string(ScoreInput input) {
  switch (input) {
    case ScoreInput::kNothing:
      return "none";
    case ScoreInput::kRandom:
      return "random";
    case ScoreInput::kImages:
      return "images";
  }
  throw InternalError("no such input");
}

struct Score {
  NetworkOptions networks;
  std::vector<std::string> names;
  bool list = false;
  accuracy::ScoreSettings settings;
  int jobs = 1;
  cli::OutputOptions output;

  void run() const {
    output.check();
    if (list) {
      output.emit([&] { return list_json().dump(2) + "\n"; }, [&] { return list_csv(); }, [&] { return list_text(); });
      return;
    }
    const std::vector<std::string> wanted = wanted_scores();
    const std::vector<accuracy::NetworkToScore> given = networks.load();
    const ScoredNetworks scored = score(given, wanted);
    output.emit([&] { return as_json(given, scored).dump(2) + "\n"; }, [&] { return as_csv(given, scored); },
                [&] { return as_text(given, scored); });
  }

 private:
  std::vector<std::string> wanted_scores() const {
    if (names.empty()) return {"default"};
    std::vector<std::string> out;
    const auto add = [&](const std::string& name) {
      if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
    };
    for (const std::string& name : names) {
      if (name == "all") {
        for (const ZeroShotScore& each : accuracy::zero_shot_scores()) add(each.name);
      } else {
        add(accuracy::zero_shot_score(name).name);
      }
    }
    return out;
  }

  ScoredNetworks score(const std::vector<accuracy::NetworkToScore>& given,
                       const std::vector<std::string>& wanted) const {
    cli::Terminal terminal;
    const int threads = jobs > 0 ? jobs : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    return accuracy::score_networks(given, wanted, settings, threads, terminal.progress());
  }

  const char* named() const { return networks.space.empty() ? "network" : "encoding"; }

  // What the scores were fed, in words.
  std::string fed(const ZeroShotScore& score) const {
    if (score.input == ScoreInput::kNothing) return "needs no image";
    const std::int64_t batch = settings.batch > 0 ? settings.batch : score.batch;
    const bool real = score.input == ScoreInput::kImages && !settings.images.empty();
    return fmt::format("{} {}, seed {}{}", batch, real ? "images of " + settings.images : "random images",
                       settings.seed, settings.draws > 1 ? fmt::format(", mean of {} draws", settings.draws) : "");
  }

  static std::string direction(const ZeroShotScore& score) {
    return score.higher_is_better ? "higher is better" : "lower is better";
  }

  std::string as_csv(const std::vector<accuracy::NetworkToScore>& given, const ScoredNetworks& scored) const {
    std::vector<std::string> head = {named()};
    if (scored.scores.size() == 1) {
      head.emplace_back("score");
    } else {
      head.insert(head.end(), scored.scores.begin(), scored.scores.end());
    }
    std::string text = record::csv_line(head);
    for (std::size_t i = 0; i < given.size(); ++i) {
      std::vector<std::string> cells = {given[i].name};
      for (const double value : scored.values[i]) cells.push_back(record::csv_number(value));
      text += record::csv_line(cells);
    }
    return text;
  }

  Json as_json(const std::vector<accuracy::NetworkToScore>& given, const ScoredNetworks& scored) const {
    Json out;
    out["scores"] = Json::array();
    for (const std::string& name : scored.scores) {
      const ZeroShotScore& score = accuracy::zero_shot_score(name);
      Json one = row_json(score);
      one["fed"] = fed(score);
      out["scores"].push_back(std::move(one));
    }
    out["seed"] = settings.seed;
    out["draws"] = settings.draws;
    out["images"] = settings.images;
    out["networks"] = Json::array();
    for (std::size_t i = 0; i < given.size(); ++i) {
      Json row;
      row[named()] = given[i].name;
      for (std::size_t s = 0; s < scored.scores.size(); ++s) {
        const double value = scored.values[i][s];
        // JSON has no infinity.
        row["scores"][scored.scores[s]] = std::isfinite(value) ? Json(value) : Json(record::csv_number(value));
      }
      out["networks"].push_back(std::move(row));
    }
    return out;
  }

  std::string as_text(const std::vector<accuracy::NetworkToScore>& given, const ScoredNetworks& scored) const {
    std::string text;
    for (const std::string& name : scored.scores) {
      const ZeroShotScore& score = accuracy::zero_shot_score(name);
      text += fmt::format("{}: {} ({}; {})\n", name, score.meaning, direction(score), fed(score));
      if (score.of_list) text += fmt::format("{}: made of ranks among these {} networks\n", name, given.size());
    }
    std::size_t widest = std::string(named()).size();
    for (const accuracy::NetworkToScore& network : given) widest = std::max(widest, printable(network.name).size());
    const auto width = [](const std::string& name) { return std::max<std::size_t>(12, name.size()); };
    text += fmt::format("\n{:<{}}", named(), widest);
    for (const std::string& name : scored.scores) text += fmt::format("  {:>{}}", name, width(name));
    text += "\n";
    for (std::size_t i = 0; i < given.size(); ++i) {
      text += fmt::format("{:<{}}", printable(given[i].name), widest);
      for (std::size_t s = 0; s < scored.scores.size(); ++s) {
        text += fmt::format("  {:>{}.6g}", scored.values[i][s], width(scored.scores[s]));
      }
      text += "\n";
    }
    return text;
  }

  static Json row_json(const ZeroShotScore& score) {
    Json one;
    one["name"] = score.name;
    one["meaning"] = score.meaning;
    one["unit"] = score.unit;
    one["higher_is_better"] = score.higher_is_better;
    one["input"] = to_string(score.input);
    one["batch"] = score.batch;
    one["of_list"] = score.of_list;
    return one;
  }

  static Json list_json() {
    Json out;
    out["default"] = accuracy::zero_shot_score("default").name;
    out["scores"] = Json::array();
    for (const ZeroShotScore& score : accuracy::zero_shot_scores()) out["scores"].push_back(row_json(score));
    return out;
  }

  static std::string list_csv() {
    std::string text = record::csv_line({"score", "meaning", "unit", "better", "input", "batch"});
    for (const ZeroShotScore& score : accuracy::zero_shot_scores()) {
      text += record::csv_line({score.name, score.meaning, score.unit, score.higher_is_better ? "higher" : "lower",
                                to_string(score.input), std::to_string(score.batch)});
    }
    return text;
  }

  static std::string list_text() {
    std::string text = fmt::format("{:<18}  {:<7}  {:<6}  {}\n", "score", "better", "input", "meaning");
    for (const ZeroShotScore& score : accuracy::zero_shot_scores()) {
      text += fmt::format("{:<18}  {:<7}  {:<6}  {}\n", score.name, score.higher_is_better ? "higher" : "lower",
                          to_string(score.input), score.meaning);
    }
    text += fmt::format("\nDefault: {}. Input: images where --data gives some, else random numbers.\n",
                        accuracy::zero_shot_score("default").name);
    return text;
  }
};

}  // namespace

void add_score(CLI::App& app) {
  const auto [verb, options] = add_command<Score>(app, "score", "Score networks without training them");
  options->networks.add(*verb);
  verb->add_option("--score", options->names,
                   "Scores by their names, with commas between, or all (default: the default score)")
      ->type_name("NAME")
      ->delimiter(',');
  verb->add_flag("--list", options->list, "Only list the scores there are");
  verb->add_option("--data", options->settings.images,
                   "Images for scores that look at some: a name or path as of train; else random numbers")
      ->type_name("SPEC");
  verb->add_option("--fashion-mnist", options->settings.fashion_mnist_folder, "Folder of Fashion-MNIST's files")
      ->type_name("DIR")
      ->capture_default_str();
  verb->add_option("--seed", options->settings.seed, "Of weights, inputs and the choice of images")
      ->capture_default_str();
  verb->add_option("--draws", options->settings.draws, "Draws of weights and inputs that scores are the mean of")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  verb->add_option("--batch", options->settings.batch, "Images a network is fed (default: each score's own)")
      ->check(CLI::Range(2, 4096));
  verb->add_option("--jobs", options->jobs, "Networks scored at once, 0: one per core; the scores do not depend on it")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  options->output.add(*verb, true);
  verb->footer(
      "Example:\n  lanewise-fit score encodings.csv --space fm28 --csv\n"
      "  lanewise-fit score encodings.csv --space fm28 --score all --data fashion-mnist --jobs 2");
}

}  // namespace lanewise::fit
