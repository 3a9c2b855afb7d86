// SPDX-License-Identifier: Apache-2.0
// Tables of scores by encoding, as the section `accuracy` of a space file names them.
#include "core/base/error.hpp"
#include "core/record/csv.hpp"
#include "nas/oracles/accuracy_table.hpp"
#include "tests/fuzz/target.hpp"

namespace lanewise::fuzz {

void read_accuracy_table(const std::string& path, const std::string&) {
  const nas::AccuracyTable::Columns columns{"encoding", "test_accuracy", true};
  nas::AccuracyTable table(path, columns);
  if (table.name().find('\n') != std::string::npos) throw Nonsense("the name of a table has two lines");
  std::vector<nas::AccuracyQuery> queries(1);  // one that no table has
  queries[0].encoding = "\n";
  const record::CsvTable rows = record::read_csv(path);
  for (const record::CsvRow& row : rows.rows) {
    queries.emplace_back();
    queries.back().encoding = row.cells[*rows.find("encoding")];
  }
  const std::vector<nas::AccuracyAnswer> answers = table.measure(queries);
  if (answers[0].failure.empty()) throw Nonsense("a score that no row has");
  for (const nas::AccuracyAnswer& answer : answers) {
    if (answer.failure.empty())
      require_sane("the size of a score", answer.score < 0 ? -answer.score : answer.score, 1e308);
  }
}

}  // namespace lanewise::fuzz
