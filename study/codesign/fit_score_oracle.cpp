// SPDX-License-Identifier: Apache-2.0
#include "study/codesign/fit_score_oracle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>

#include "core/base/error.hpp"
#include "core/base/printable.hpp"
#include "core/base/random.hpp"
#include "core/record/csv.hpp"
#include "core/record/file.hpp"
#include "study/codesign/fit_program.hpp"
#include "study/codesign/kept_oracle.hpp"
#include "study/codesign/program_output.hpp"
#include "study/codesign/scratch_folder.hpp"

namespace lanewise::study {
namespace {

namespace fs = std::filesystem;

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
        program_(fit_program(settings.place("score"))),
        score_(settings.text("score")),
        jobs_(static_cast<std::size_t>(settings.number("jobs", 1))) {
    require_own_networks(place, settings.place("score"));
  }

  std::string name() const override {
    return fmt::format("the zero-shot score {} of each network, which is no accuracy", score_);
  }
  std::string score_name() const override { return score_; }
  std::string identity() const override {
    return fmt::format("zero-shot score {} by lanewise-fit, {} is better", score_,
                       higher_is_better() ? "higher" : "lower");
  }

 protected:
  std::string key_of(const nas::AccuracyQuery& query) const override {
    if (query.graph == nullptr) throw InternalError("a network without its graph is to be scored");
    return hex_hash(identity() + '\0' + query.encoding + '\0' + network::graph_hash(*query.graph));
  }

  void ask(const std::vector<Open>& open) override {
    const ScratchFolder folder(fs::temp_directory_path(), "lanewise-scores");
    const std::size_t batches = std::min(jobs_, open.size());
    const auto first_of = [&](std::size_t batch) { return batch * open.size() / batches; };
    run_side_by_side(
        batches, jobs_, place_.progress, "scoring networks",
        [&](std::size_t batch) -> std::optional<ProcessRequest> {
          ++account_.runs;
          const std::string own = folder.path() + "/" + std::to_string(batch);
          fs::create_directories(own);
          std::vector<std::string> encodings;
          for (std::size_t i = first_of(batch); i < first_of(batch + 1); ++i) {
            encodings.push_back(open[i].query->encoding);
          }
          write_fit_input(own, place_.space, encodings);
          return request(own);
        },
        [&](std::size_t batch, const ProcessOutcome& outcome, double seconds) {
          const std::string own = folder.path() + "/" + std::to_string(batch);
          const std::string failure = failure_of("lanewise-fit score", outcome, request(own));
          if (!failure.empty()) throw Error(settings_.place("score") + failure);
          took(static_cast<std::int64_t>(first_of(batch + 1) - first_of(batch)), seconds);
          const std::map<std::string, nas::AccuracyAnswer> scores = read_scores(own + "/scores.csv", outcome.output);
          for (std::size_t i = first_of(batch); i < first_of(batch + 1); ++i) {
            const auto found = scores.find(open[i].query->encoding);
            if (found == scores.end()) {
              throw Error(fmt::format("{}lanewise-fit gives no score of '{}'", settings_.place("score"),
                                      printable(open[i].query->encoding)));
            }
            settle(open[i], found->second);
          }
          return false;
        });
  }

 private:
  ProcessRequest request(const std::string& folder) const {
    ProcessRequest out;
    out.words = {program_, "score", folder + "/encodings.csv", "--space", folder + "/space.yaml", "--score",
                 score_,   "--csv"};
    out.folder = settings_.folder;
    out.timeout = std::chrono::milliseconds(std::llround(1000 * settings_.number("timeout", kTimeout)));
    out.most_output = std::size_t{1} << 28;
    return out;
  }

  std::map<std::string, nas::AccuracyAnswer> read_scores(const std::string& path, const std::string& text) const {
    record::write_file(path, text);
    const record::CsvTable table = record::read_csv(path);
    const auto encoding = table.find("encoding"), score = table.find("score");
    if (!encoding || !score) {
      throw Error(settings_.place("score") + "lanewise-fit score gives no columns 'encoding' and 'score'");
    }
    std::map<std::string, nas::AccuracyAnswer> out;
    for (const record::CsvRow& row : table.rows) {
      out.insert_or_assign(row.cells[*encoding], answer_in(row.cells[*score], score_));
    }
    return out;
  }

  std::string program_, score_;
  std::size_t jobs_;
};

}  // namespace

std::unique_ptr<nas::AccuracyOracle> make_fit_score_oracle(const nas::AccuracySettings& settings,
                                                           const ProgramPlace& place) {
  return std::make_unique<FitScoreOracle>(settings, place);
}

}  // namespace lanewise::study
