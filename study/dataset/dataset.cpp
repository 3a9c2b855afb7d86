// SPDX-License-Identifier: Apache-2.0
#include "study/dataset/dataset.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <map>

#include "core/base/error.hpp"
#include "core/record/csv.hpp"
#include "core/record/export_csv.hpp"
#include "core/record/file.hpp"
#include "core/record/merge.hpp"
#include "core/record/splits_table.hpp"
#include "study/dataset/feature_export.hpp"
#include "study/dataset/splits.hpp"
#include "study/dataset/store_summary.hpp"

namespace lanewise::study {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRows = "measurements.csv";
constexpr const char* kStore = "measurements.sqlite";
constexpr const char* kDictionary = "dictionary.csv";
constexpr const char* kFeatures = "features.csv";
constexpr const char* kFeaturesDictionary = "features_dictionary.csv";
constexpr const char* kCard = "README.md";

// Makes the folder beside `target` that takes its name when it is complete.
void make_folder(const std::string& target, const record::Unfinished& folder) {
  std::error_code failed;
  if (fs::exists(target, failed) && !(fs::is_directory(target, failed) && fs::is_empty(target, failed))) {
    throw Error(fmt::format("cannot write '{}': must be a folder that does not exist yet or is empty", target));
  }
  fs::create_directories(folder.path(), failed);
  if (failed) throw Error(fmt::format("cannot write '{}': {}", target, failed.message()));
}

// The split columns of the CSV. Rows are asked for in the store's order, which `splits` is in.
class SplitCells {
 public:
  explicit SplitCells(const std::vector<record::RowSplits>& splits) : splits_(splits) {}

  std::vector<record::AddedColumn> columns() {
    std::vector<record::AddedColumn> columns;
    for (std::size_t c = 0; c < split_columns().size(); ++c) {
      const std::string meaning = fmt::format(
          "side of the row: train, validation, test, outside (of the ranges: on no side) or empty (failed); {}",
          split_columns()[c].meaning);
      columns.push_back(
          {{split_columns()[c].column, "text", meaning}, [this, c](const record::Row& row) { return side(row, c); }});
    }
    return columns;
  }

 private:
  std::string side(const record::Row& row, std::size_t column) {
    while (next_ < splits_.size() && !of(splits_[next_], row)) ++next_;
    if (next_ == splits_.size()) throw InternalError("a row without splits: the store changed while it was exported");
    return side_of(splits_[next_], column);
  }

  static bool of(const record::RowSplits& splits, const record::Row& row) {
    return splits.subgraph_key == row.subgraph_key && splits.engine_hash == row.engine_hash &&
           splits.tool_version == row.tool_version;
  }

  const std::vector<record::RowSplits>& splits_;
  std::size_t next_ = 0;
};

std::string dictionary(const std::vector<record::DataColumn>& columns) {
  std::string text = record::csv_line({"column", "unit", "meaning"});
  for (const record::DataColumn& column : columns) text += record::csv_line({column.name, column.unit, column.meaning});
  return text;
}

}  // namespace

std::vector<std::string> dataset_files(const DatasetOptions& options) {
  std::vector<std::string> files = {kRows};
  const std::string constants = record::constants_path(kRows, options.form);
  if (!constants.empty()) files.push_back(constants);
  files.insert(files.end(), {kStore, kDictionary});
  if (options.features) files.insert(files.end(), {kFeatures, kFeaturesDictionary});
  files.emplace_back(kCard);
  return files;
}

StoreSummary export_dataset(const std::string& store, const std::string& folder,
                            const std::function<std::string(const StoreSummary&)>& card,
                            const DatasetOptions& options) {
  if (::access(store.c_str(), R_OK) != 0) throw Error(fmt::format("{}: cannot be read", store));
  std::string target = folder;
  while (target.size() > 1 && target.back() == '/') target.pop_back();
  record::Unfinished out(target);
  make_folder(target, out);
  const auto file = [&](const char* name) { return out.path() + "/" + name; };
  const std::string rows = file(kStore);
  // What the store holds now, once: it may be one that is still being measured into.
  if (record::merge_stores(rows, {store}).rows == 0) throw Error(fmt::format("{}: holds no rows", store));
  StoreSummary summary;
  std::vector<record::RowSplits> splits;
  {
    const record::Store copy(rows);
    splits = split_rows(copy, store);
    summary = summarize_store(copy, store);
    SplitCells cells(splits);
    const std::vector<record::AddedColumn> added = cells.columns();
    const record::CsvContents contents = record::export_csv(copy, file(kRows), added, options.form);
    record::write_file(file(kDictionary), dictionary(contents.columns));
    if (options.features) {
      record::write_file(file(kFeaturesDictionary), dictionary(export_features(copy, store, splits, file(kFeatures))));
    }
  }
  record::write_splits(rows, splits);
  record::write_file(file(kCard), card(summary));
  out.finish();
  return summary;
}

}  // namespace lanewise::study
