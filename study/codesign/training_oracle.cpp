// SPDX-License-Identifier: Apache-2.0
#include "study/codesign/training_oracle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>

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

// A training has no bound of time unless it is given one.
constexpr double kUnbounded = 1e7;

// Where trainings lie while they are under way. Beside the job's answers they outlive a kill; else they go with it.
class TrainingFolders {
 public:
  explicit TrainingFolders(const std::string& cache) {
    if (cache.empty()) {
      scratch_.emplace(fs::temp_directory_path(), "lanewise-trainings");
      path_ = scratch_->path();
    } else {
      path_ = fs::absolute(cache + ".trainings");
    }
  }
  ~TrainingFolders() {
    std::error_code none;
    fs::remove(path_, none);  // where it is empty
  }
  TrainingFolders(const TrainingFolders&) = delete;
  TrainingFolders& operator=(const TrainingFolders&) = delete;

  std::string of(const std::string& key) const { return (path_ / key).string(); }
  void remove(const std::string& key) const {
    std::error_code none;
    fs::remove_all(path_ / key, none);
  }

 private:
  fs::path path_;
  std::optional<ScratchFolder> scratch_;
};

nas::AccuracyAnswer failed(const std::string& reason) {
  return {std::numeric_limits<double>::quiet_NaN(), printable(reason)};
}

// The first reason of the trainer's own why there is no result; "" where it has none.
std::string failure_in(const record::CsvTable& table) {
  const auto failure = table.find("failure");
  for (const record::CsvRow& row : table.rows) {
    if (failure && !row.cells[*failure].empty()) return row.cells[*failure];
  }
  return "";
}

// The mean of the metric over the rows, which are the seeds of one network, or why there is none.
nas::AccuracyAnswer read_results(const std::string& path, const std::string& metric, std::size_t seeds) {
  const record::CsvTable table = record::read_csv(path);
  if (const std::string reason = failure_in(table); !reason.empty()) return failed("the training failed: " + reason);
  const auto column = table.find(metric);
  if (!column) {
    throw Error(fmt::format("the trainer gives no '{}': its columns are {}", metric, fmt::join(table.columns, ", ")));
  }
  double sum = 0;
  for (const record::CsvRow& row : table.rows) {
    const std::string& cell = row.cells[*column];
    double value = 0;
    const auto [end, status] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    if (status != std::errc() || end != cell.data() + cell.size() || !std::isfinite(value)) {
      return failed(fmt::format("the trainer's '{}' is no finite number: '{}'", metric, cell));
    }
    sum += value;
  }
  if (table.rows.size() != seeds) {
    return failed(fmt::format("the trainer gives {} rows for {} seeds", table.rows.size(), seeds));
  }
  return {sum / static_cast<double>(seeds), ""};
}

class TrainingOracle : public KeptOracle {
 public:
  TrainingOracle(const nas::AccuracySettings& settings, const ProgramPlace& place)
      : KeptOracle(settings, place),
        program_(fit_program(settings.place("train"))),
        metric_(settings.text("metric", "accuracy")),
        seeds_(static_cast<std::size_t>(settings.number("seeds", 1))),
        retries_(static_cast<int>(settings.number("retries", 1))),
        jobs_(static_cast<std::size_t>(settings.number("jobs", 1))),
        folders_(cache_path()) {
    require_own_networks(place, settings.place("train"));
    timeout_ = std::chrono::milliseconds(std::llround(1000 * settings.number("timeout", kUnbounded)));
  }

  std::string name() const override {
    return fmt::format("{} of each network after training on {}, {}", metric_, settings_.text("train"), recipe_text());
  }
  std::string score_name() const override { return metric_; }
  std::string identity() const override {
    return fmt::format("training on {}, {}, {}{}, {} is better", settings_.text("train"), recipe_text(), metric_,
                       recipe_hash(), higher_is_better() ? "higher" : "lower");
  }

 protected:
  std::string key_of(const nas::AccuracyQuery& query) const override {
    if (query.graph == nullptr) throw InternalError("a network without its graph is to be trained");
    return hex_hash(identity() + '\0' + query.encoding + '\0' + network::graph_hash(*query.graph));
  }

  void ask(const std::vector<Open>& open) override {
    std::map<std::size_t, int> tries;
    run_side_by_side(
        open.size(), jobs_, place_.progress, "training networks",
        [&](std::size_t i) -> std::optional<ProcessRequest> {
          ++account_.runs;
          if (tries[i]++ > 0) ++account_.retries;
          return request(open[i]);
        },
        [&](std::size_t i, const ProcessOutcome& outcome, double seconds) {
          const bool first = account_.earlier_networks + account_.run_networks == 0;
          const nas::AccuracyAnswer answer = heard(open[i], outcome, first);
          // What the trainer itself found wrong would be wrong again; what ended it from without may not be there.
          const bool cut_off = !answer.failure.empty() && outcome.end != ProcessOutcome::End::kExited;
          const bool again = cut_off && tries.at(i) <= retries_;
          took(again ? 0 : 1, seconds);
          if (again) return true;
          settle(open[i], answer);
          folders_.remove(open[i].key);
          return false;
        });
  }

 private:
  std::string recipe_text() const {
    const std::string recipe = settings_.text("recipe"), epochs = fmt::format("{:.0f}", settings_.number("epochs"));
    std::string text = recipe.empty() ? "the default recipe" : "recipe " + recipe;
    if (settings_.numbers.count("epochs") > 0) text += fmt::format(", {} epochs", epochs);
    if (seeds_ > 1) text += fmt::format(", {} seeds", seeds_);
    if (const auto options = settings_.words.find("options"); options != settings_.words.end()) {
      text += ", " + command_text(options->second);
    }
    return text;
  }

  // What a recipe says may change under its name where it is a file.
  std::string recipe_hash() const {
    const std::string recipe = settings_.text("recipe");
    const fs::path path = fs::path(settings_.folder) / recipe;
    std::error_code none;
    if (recipe.empty() || !fs::is_regular_file(path, none)) return "";
    return ", recipe's text " + hex_hash(record::read_file(path.string()));
  }

  // The same words each time, so that a training that was cut off goes on in its folder.
  ProcessRequest request(const Open& open) const {
    const std::string folder = folders_.of(open.key);
    fs::create_directories(folder);
    write_fit_input(folder, place_.space, {open.query->encoding});
    ProcessRequest out;
    out.words = {program_,      "train",
                 "--encodings", folder + "/encodings.csv",
                 "--space",     folder + "/space.yaml",
                 "--data",      settings_.text("train"),
                 "--out",       folder + "/trained",
                 "--jobs",      "1",
                 "--seeds",     std::to_string(seeds_)};
    if (const std::string recipe = settings_.text("recipe"); !recipe.empty()) {
      out.words.insert(out.words.end(), {"--recipe", recipe});
    }
    if (settings_.numbers.count("epochs") > 0) {
      out.words.insert(out.words.end(), {"--epochs", fmt::format("{:.0f}", settings_.number("epochs"))});
    }
    if (const auto options = settings_.words.find("options"); options != settings_.words.end()) {
      out.words.insert(out.words.end(), options->second.begin(), options->second.end());
    }
    out.folder = settings_.folder;
    out.timeout = timeout_;
    return out;
  }

  // A trainer that fails on the very first network is set up wrongly, which no other network changes.
  nas::AccuracyAnswer heard(const Open& open, const ProcessOutcome& outcome, bool first) const {
    const std::string folder = folders_.of(open.key), results = folder + "/trained/results.csv";
    const std::string place = settings_.place("train");
    if (outcome.end == ProcessOutcome::End::kNotStarted) {
      throw Error(fmt::format("{}'{}' cannot be started: {}", place, program_, outcome.last_words));
    }
    std::string failure = failure_of("the training", outcome, request(open));
    for (std::size_t at = failure.find(folder); at != std::string::npos; at = failure.find(folder, at)) {
      failure.replace(at, folder.size(), "FOLDER");
    }
    const bool exited = outcome.end == ProcessOutcome::End::kExited;
    std::error_code none;
    try {
      if (!failure.empty() && exited && fs::exists(results, none)) {
        const std::string reason = failure_in(record::read_csv(results));
        if (!reason.empty()) return failed("the training failed: " + reason);
      }
      if (!failure.empty() && exited && first) throw Error(failure);
      if (!failure.empty()) return failed(failure);
      return read_results(results, metric_, seeds_);
    } catch (const Error& error) {
      throw Error(place + error.what());
    }
  }

  std::string program_, metric_;
  std::size_t seeds_;
  int retries_;
  std::size_t jobs_;
  TrainingFolders folders_;
  std::chrono::milliseconds timeout_{};
};

}  // namespace

std::unique_ptr<nas::AccuracyOracle> make_training_oracle(const nas::AccuracySettings& settings,
                                                          const ProgramPlace& place) {
  return std::make_unique<TrainingOracle>(settings, place);
}

}  // namespace lanewise::study
