// SPDX-License-Identifier: Apache-2.0
#include "accuracy/training/training_folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "accuracy/training/training_record.hpp"
#include "core/base/error.hpp"
#include "core/base/output_file.hpp"
#include "core/base/printable.hpp"
#include "core/base/random.hpp"
#include "core/record/csv.hpp"
#include "core/record/file.hpp"

namespace lanewise::accuracy {
namespace {

namespace fs = std::filesystem;
using Row = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t kLongestName = 120;

void make_folder(const std::string& path) {
  std::error_code failure;
  fs::create_directories(path, failure);
  if (failure) throw Error(fmt::format("{}: cannot make the folder: {}", path, failure.message()));
}

bool exists(const std::string& path) {
  std::error_code none;
  return fs::exists(path, none);
}

// Opens a file that only stands for something being held.
int open_lock(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (file < 0) throw Error(path + ": cannot be written");
  return file;
}

std::string file_name(const std::string& name, std::uint64_t seed) {
  std::string out;
  for (const char c : name) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    out += is_plain || c == '-' || c == '.' || c == '_' ? c : '_';
  }
  // Names with slashes alone, as encodings have, or with underscores alone are told apart without help.
  std::string slashes = name;
  std::replace(slashes.begin(), slashes.end(), '/', '_');
  const bool has_both = name.find('_') != std::string::npos && name.find('/') != std::string::npos;
  const bool is_clear = out == slashes && !has_both && out.size() <= kLongestName && !out.empty() && out.front() != '.';
  if (!is_clear) out = out.substr(0, kLongestName) + "-" + hex_hash(name);
  return fmt::format("{}-seed{}", out, seed);
}

void add_metrics(Row& row, const std::vector<Metric>& metrics, const std::string& beginning) {
  for (const Metric& metric : metrics) row.emplace_back(beginning + metric.name, record::csv_number(metric.value));
}

Row failure_row(const std::string& text) {
  const std::size_t first = text.find('\n'), second = text.find('\n', first + 1);
  if (second == std::string::npos) return {};
  return {{"encoding", text.substr(0, first)},
          {"seed", text.substr(first + 1, second - first - 1)},
          {"failure", printable(text.substr(second + 1))}};
}

}  // namespace

TrainingFolder::TrainingFolder(std::string path, const Checkpoint::Texts& common) : path_(std::move(path)) {
  make_folder(path_ + "/networks");
  const std::string file = path_ + "/job.json";
  if (exists(file)) {
    Checkpoint there;
    there.identity = parse_job(file, record::read_file(file));
    require_same_job(file, there, common);
  } else {
    write_file(file, job_json(common));
  }
}

std::string TrainingFolder::of(const std::string& name, std::uint64_t seed) const {
  return path_ + "/networks/" + file_name(name, seed);
}

std::optional<TrainingResult> TrainingFolder::result(const std::string& name, std::uint64_t seed) const {
  const std::string file = of(name, seed) + "/result.json";
  if (!exists(file)) return std::nullopt;
  return parse_result(file, record::read_file(file)).result;
}

void TrainingFolder::fail(const std::string& name, std::uint64_t seed, const std::string& reason) const {
  make_folder(of(name, seed));
  write_file(of(name, seed) + "/failure.txt", fmt::format("{}\n{}\n{}", name, seed, reason));
}

void TrainingFolder::forget_failure(const std::string& name, std::uint64_t seed) const {
  std::error_code none;
  fs::remove(of(name, seed) + "/failure.txt", none);
}

void TrainingFolder::write_results() {
  const int lock = open_lock(path_ + "/lock");
  ::flock(lock, LOCK_EX);
  std::vector<Row> rows;
  try {
    for (const auto& entry : fs::directory_iterator(path_ + "/networks")) {
      const std::string folder = entry.path().string();
      if (known_.count(folder) == 0 && exists(folder + "/result.json")) {
        known_[folder] = parse_result(folder + "/result.json", record::read_file(folder + "/result.json")).result;
      }
      if (known_.count(folder) > 0) {
        rows.push_back(result_row(known_.at(folder)));
      } else if (exists(folder + "/failure.txt")) {
        rows.push_back(failure_row(record::read_file(folder + "/failure.txt")));
      }
    }
    rows.erase(std::remove_if(rows.begin(), rows.end(), [](const Row& row) { return row.size() < 2; }), rows.end());
    std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
      const auto key = [](const Row& row) {
        return std::make_tuple(row[0].second, row[1].second.size(), row[1].second);
      };
      return key(a) < key(b);
    });
    write_file(results_path(), results_csv(rows));
  } catch (...) {
    ::close(lock);
    throw;
  }
  ::close(lock);
}

TrainingLock::TrainingLock(const std::string& path) {
  make_folder(path);
  file_ = open_lock(path + "/lock");
  if (::flock(file_, LOCK_EX | LOCK_NB) == 0) return;
  ::close(file_);
  throw Error(path + ": another process is training there");
}

TrainingLock::~TrainingLock() { ::close(file_); }

Row result_row(const TrainingResult& result) {
  Row row = {{"encoding", result.name}, {"seed", std::to_string(result.seed)}};
  const bool tested = !result.test.empty(), validated = !result.validation.empty();
  row.emplace_back("measured_on", tested ? "test" : validated ? "validation" : "train");
  add_metrics(row, tested ? result.test : validated ? result.validation : result.train, "");
  add_metrics(row, result.validation, "validation_");
  add_metrics(row, result.train, "train_");
  const auto add = [&](const char* name, std::int64_t value) { row.emplace_back(name, std::to_string(value)); };
  add("parameters", result.parameters);
  add("macs", result.macs);
  add("epochs", static_cast<std::int64_t>(result.curve.size()));
  add("kept_epoch", result.kept_epoch);
  row.emplace_back("kept_weights", result.kept_average ? "average" : "plain");
  row.emplace_back("train_loss_first_epoch",
                   result.curve.empty() ? "" : record::csv_number(result.curve.front().train_loss));
  row.emplace_back("train_loss_last_epoch",
                   result.curve.empty() ? "" : record::csv_number(result.curve.back().train_loss));
  row.emplace_back("seconds", fmt::format("{:.1f}", result.seconds));
  row.emplace_back("failure", "");
  return row;
}

std::string results_csv(const std::vector<Row>& rows) {
  std::vector<std::string> columns;
  // Rows of results before those of failures, which have few of the columns.
  for (const bool whole : {true, false}) {
    for (const Row& row : rows) {
      if ((row.size() > 3) != whole) continue;
      for (const auto& [column, cell] : row) {
        if (std::find(columns.begin(), columns.end(), column) == columns.end()) columns.push_back(column);
      }
    }
  }
  if (columns.empty()) columns = {"encoding", "seed", "failure"};
  std::string text = record::csv_line(columns);
  for (const Row& row : rows) {
    std::vector<std::string> cells;
    for (const std::string& column : columns) {
      const auto found = std::find_if(row.begin(), row.end(), [&](const auto& each) { return each.first == column; });
      cells.push_back(found == row.end() ? "" : found->second);
    }
    text += record::csv_line(cells);
  }
  return text;
}

}  // namespace lanewise::accuracy
