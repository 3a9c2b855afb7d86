// SPDX-License-Identifier: Apache-2.0
#include "study/codesign/inherited_accuracy.hpp"

#include <charconv>
#include <cmath>
#include <filesystem>
#include <limits>

#include "core/base/error.hpp"
#include "core/base/scratch_folder.hpp"
#include "core/record/csv.hpp"
#include "core/record/file.hpp"
#include "study/codesign/fit_program.hpp"
#include "study/codesign/kept_oracle.hpp"
#include "study/codesign/program_output.hpp"

namespace lanewise::study {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPlace = "--supernet: ";
constexpr std::chrono::hours kLongest(24);
constexpr std::size_t kMostOutput = std::size_t{1} << 28;

}  // namespace

InheritedAccuracy::InheritedAccuracy(std::string supernet, std::string space, std::string kept,
                                     const Progress& progress)
    : supernet_(fs::absolute(supernet).string()),
      space_(std::move(space)),
      kept_(std::move(kept)),
      program_(fit_program(kPlace)),
      progress_(progress) {
  std::error_code none;
  if (fs::exists(kept_, none)) take(kept_);
}

std::vector<double> InheritedAccuracy::of(const std::vector<std::string>& encodings) {
  std::vector<std::string> open;
  for (const std::string& encoding : encodings) {
    if (known_.emplace(encoding, std::numeric_limits<double>::quiet_NaN()).second) open.push_back(encoding);
  }
  if (!open.empty()) ask(open);
  std::vector<double> out;
  for (const std::string& encoding : encodings) out.push_back(known_.at(encoding));
  return out;
}

void InheritedAccuracy::ask(const std::vector<std::string>& encodings) {
  const ScratchFolder folder(fs::temp_directory_path(), "lanewise-inherited");
  write_fit_input(folder.path(), space_, encodings);
  ProcessRequest request;
  request.words = {program_,  "inherit", folder.file("encodings.csv"), "--supernet",
                   supernet_, "--space", folder.file("space.yaml"),    "--csv"};
  request.timeout = kLongest;
  request.most_output = kMostOutput;
  run_side_by_side(
      1, 1, progress_, "asking the supernet", [&](std::size_t) { return request; },
      [&](std::size_t, const ProcessOutcome& outcome, double) {
        const std::string failure = failure_of("lanewise-fit inherit", outcome, request);
        if (!failure.empty()) throw Error(kPlace + failure);
        record::write_file(folder.file("answers.csv"), outcome.output);
        return false;
      });
  take(folder.file("answers.csv"));
  keep();
}

void InheritedAccuracy::take(const std::string& path) {
  const record::CsvTable table = record::read_csv(path);
  const auto encoding = table.find("encoding"), accuracy = table.find("accuracy");
  if (!encoding || !accuracy) throw Error(path + ": must have columns 'encoding' and 'accuracy'");
  for (const record::CsvRow& row : table.rows) {
    const std::string& cell = row.cells[*accuracy];
    double value = 0;
    const auto [end, status] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    const bool is = status == std::errc() && end == cell.data() + cell.size() && std::isfinite(value);
    known_[row.cells[*encoding]] = is ? value : std::numeric_limits<double>::quiet_NaN();
  }
}

void InheritedAccuracy::keep() const {
  std::string text = "encoding,accuracy\n";
  for (const auto& [encoding, value] : known_) {
    text += record::csv_line({encoding, std::isfinite(value) ? record::csv_number(value) : ""});
  }
  record::write_file(kept_, text);
}

}  // namespace lanewise::study
