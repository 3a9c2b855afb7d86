// SPDX-License-Identifier: Apache-2.0
// Scores that somebody measured, in a CSV table with a column of encodings.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "nas/oracles/accuracy_oracle.hpp"

namespace lanewise::nas {

class AccuracyTable : public AccuracyOracle {
 public:
  struct Columns {
    std::string key = "encoding";  // as text: "00000000" stays what it is
    std::string value;
    bool higher_is_better = true;
  };
  // Reads the table. Rows of the same encoding, such as those of several seeds, count with their mean; a row whose
  // value is empty or NaN is passed over, and so is an encoding that `canonical` refuses. Throws Error naming the file,
  // and the line where there is one: for a file that record::read_csv refuses, a column that is missing, a value that
  // is no finite number, an empty key, and where no row is left.
  AccuracyTable(const std::string& path, Columns columns,
                const std::function<std::string(const std::string&)>& canonical = {});

  // With how many encodings, of how many rows, and what was passed over.
  std::string name() const override;
  bool measures() const override { return true; }
  std::string score_name() const override { return columns_.value; }
  bool higher_is_better() const override { return columns_.higher_is_better; }
  std::string identity() const override;

  std::size_t encodings() const { return scores_.size(); }

 protected:
  std::vector<AccuracyAnswer> answer(const std::vector<AccuracyQuery>& queries) override;

 private:
  std::string path_;
  Columns columns_;
  std::map<std::string, double> scores_;
  std::int64_t rows_ = 0, without_value_ = 0, of_no_space_ = 0, most_rows_ = 0;
};

// Of the settings "table", "key", "value" and "better".
std::unique_ptr<AccuracyOracle> make_accuracy_table(const AccuracySettings& settings, const NetworkFacts& baseline,
                                                    const AccuracyContext& context);

}  // namespace lanewise::nas
