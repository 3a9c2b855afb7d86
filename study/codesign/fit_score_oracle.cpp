// SPDX-License-Identifier: Apache-2.0
#include "study/codesign/fit_score_oracle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "core/base/error.hpp"
#include "core/base/printable.hpp"
#include "core/base/random.hpp"
#include "core/base/scratch_folder.hpp"
#include "core/record/csv.hpp"
#include "core/record/file.hpp"
#include "study/codesign/fit_program.hpp"
#include "study/codesign/kept_oracle.hpp"
#include "study/codesign/program_output.hpp"

namespace lanewise::study {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr double kTimeout = 3600;  // seconds, of a batch

nas::AccuracyAnswer answer_in(const std::string& cell, const std::string& score) {
  double value = 0;
  const auto [end, status] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (status == std::errc() && end == cell.data() + cell.size() && std::isfinite(value)) return {value, ""};
  return {std::numeric_limits<double>::quiet_NaN(), fmt::format("the score {} is no finite number", score)};
}

class FitScoreOracle : public KeptOracle {
 public:
  FitScoreOracle(const nas::AccuracySettings& settings, const ProgramPlace& place)
      : KeptOracle(settings, place),
        program_(fit_program(fmt::format("{}'{}' is no score of the graph alone, and any other ",
                                         settings.place("score"), printable(settings.text("score"))))),
        score_(settings.text("score")),
        jobs_(static_cast<std::size_t>(settings.number("jobs", 1))) {
    require_own_networks(place, settings.place("score"));
    look_up();
  }

  std::string name() const override {
    return fmt::format("the zero-shot score {} of each network{}, which is no accuracy", score_, options_text());
  }
  std::string score_name() const override { return score_; }
  bool higher_is_better() const override {
    return settings_.text("better", higher_is_better_ ? "higher" : "lower") == "higher";
  }
  std::string identity() const override {
    return fmt::format("zero-shot score {} by lanewise-fit{}, {} is better", score_, options_text(),
                       higher_is_better() ? "higher" : "lower");
  }

 protected:
  std::string key_of(const nas::AccuracyQuery& query) const override {
    if (query.graph == nullptr) throw InternalError("a network without its graph is to be scored");
    return hex_hash(identity() + '\0' + query.encoding + '\0' + network::graph_hash(*query.graph));
  }

  void ask(const std::vector<Open>& open) override {
    const std::size_t batches = std::min(jobs_, open.size());
    std::vector<std::vector<Open>> cut(batches);
    for (std::size_t i = 0; i < open.size(); ++i) cut[i * batches / open.size()].push_back(open[i]);
    const std::vector<Open> apart = ask_batches(cut);
    // One network of which the score is not defined fails its batch: the others are asked about by themselves.
    cut.clear();
    for (const Open& one : apart) cut.push_back({one});
    ask_batches(cut);
  }

 private:
  // What lanewise-fit says about the score.
  void look_up() {
    ProcessRequest list;
    list.words = {program_, "score", "--list", "--json"};
    std::string text;
    run_side_by_side(
        1, 1, place_.progress, "asking for scores", [&](std::size_t) { return list; },
        [&](std::size_t, const ProcessOutcome& outcome, double) {
          const std::string failure = failure_of("lanewise-fit score", outcome, list);
          if (!failure.empty()) throw Error(settings_.place("score") + failure);
          text = outcome.output;
          return false;
        });
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_object() || !json.value("scores", Json()).is_array()) {
      throw Error(settings_.place("score") + "lanewise-fit score lists no scores");
    }
    if (score_ == "default") score_ = json.value("default", score_);
    std::vector<std::string> known;
    for (const Json& each : json.at("scores")) {
      known.push_back(each.value("name", ""));
      if (known.back() != score_) continue;
      if (each.value("of_list", false)) {
        throw Error(
            fmt::format("{}'{}' is made of ranks within a list of networks: a search needs a score of each by "
                        "itself",
                        settings_.place("score"), score_));
      }
      higher_is_better_ = each.value("higher_is_better", true);
      return;
    }
    throw Error(fmt::format("{}'{}' is no score; known are {}", settings_.place("score"), printable(score_),
                            fmt::join(known, ", ")));
  }

  std::string options_text() const {
    const auto options = settings_.words.find("options");
    const std::string data = settings_.text("data");
    return (data.empty() ? "" : " on images of " + data) +
           (options == settings_.words.end() ? "" : ", " + command_text(options->second));
  }

  // Asks about each batch; returns the networks of those of several that failed.
  std::vector<Open> ask_batches(const std::vector<std::vector<Open>>& batches) {
    const ScratchFolder folder(fs::temp_directory_path(), "lanewise-scores");
    std::vector<Open> apart;
    const auto own = [&](std::size_t batch) { return folder.file(std::to_string(batch)); };
    run_side_by_side(
        batches.size(), jobs_, place_.progress, "scoring networks",
        [&](std::size_t batch) {
          ++account_.runs;
          fs::create_directories(own(batch));
          std::vector<std::string> encodings;
          for (const Open& one : batches[batch]) encodings.push_back(one.query->encoding);
          write_fit_input(own(batch), place_.space, encodings);
          return request(own(batch));
        },
        [&](std::size_t batch, const ProcessOutcome& outcome, double seconds) {
          const bool first = account_.earlier_networks + account_.run_networks == 0;
          const std::vector<Open>& asked = batches[batch];
          std::string failure = failure_of("lanewise-fit score", outcome, request(own(batch)));
          if (outcome.end == ProcessOutcome::End::kNotStarted || (first && !failure.empty())) {
            throw Error(settings_.place("score") + without(std::move(failure), own(batch)));
          }
          if (!failure.empty() && asked.size() > 1) {
            took(0, seconds);
            apart.insert(apart.end(), asked.begin(), asked.end());
            return false;
          }
          took(static_cast<std::int64_t>(asked.size()), seconds);
          if (!failure.empty()) {
            const double none = std::numeric_limits<double>::quiet_NaN();
            settle(asked.front(), {none, without(std::move(failure), own(batch))});
          } else {
            hear(asked, own(batch) + "/scores.csv", outcome.output);
          }
          return false;
        });
    return apart;
  }

  // A reason may name the folder of the batch, which is another one each time.
  static std::string without(std::string text, const std::string& folder) {
    for (std::size_t at = text.find(folder); at != std::string::npos; at = text.find(folder, at)) {
      text.replace(at, folder.size(), "FOLDER");
    }
    return printable(text);
  }

  ProcessRequest request(const std::string& folder) const {
    ProcessRequest out;
    out.words = {program_, "score", folder + "/encodings.csv", "--space", folder + "/space.yaml", "--score",
                 score_,   "--csv"};
    if (const std::string data = settings_.text("data"); !data.empty()) {
      out.words.insert(out.words.end(), {"--data", data});
    }
    if (const auto options = settings_.words.find("options"); options != settings_.words.end()) {
      out.words.insert(out.words.end(), options->second.begin(), options->second.end());
    }
    out.folder = settings_.folder;
    out.timeout = std::chrono::milliseconds(std::llround(1000 * settings_.number("timeout", kTimeout)));
    out.most_output = std::size_t{1} << 28;
    return out;
  }

  // Rows may come in another order, with encodings as the space writes them, which is how they were asked for.
  void hear(const std::vector<Open>& asked, const std::string& path, const std::string& text) {
    record::write_file(path, text);
    const record::CsvTable table = record::read_csv(path);
    const auto encoding = table.find("encoding"), score = table.find("score");
    if (!encoding || !score) {
      throw Error(settings_.place("score") + "lanewise-fit score gives no columns 'encoding' and 'score'");
    }
    std::map<std::string, nas::AccuracyAnswer> answers;
    for (const record::CsvRow& row : table.rows) {
      answers.insert_or_assign(row.cells[*encoding], answer_in(row.cells[*score], score_));
    }
    for (const Open& one : asked) {
      const auto found = answers.find(one.query->encoding);
      if (found == answers.end()) {
        throw Error(fmt::format("{}lanewise-fit gives no score of '{}'", settings_.place("score"),
                                printable(one.query->encoding)));
      }
      settle(one, found->second);
    }
  }

  std::string program_, score_;
  std::size_t jobs_;
  bool higher_is_better_ = true;
};

}  // namespace

std::unique_ptr<nas::AccuracyOracle> make_fit_score_oracle(const nas::AccuracySettings& settings,
                                                           const ProgramPlace& place) {
  return std::make_unique<FitScoreOracle>(settings, place);
}

}  // namespace lanewise::study
