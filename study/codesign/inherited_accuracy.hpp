// SPDX-License-Identifier: Apache-2.0
// Accuracies of networks with weights of a supernet, by `lanewise-fit inherit`.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/progress.hpp"

namespace lanewise::study {

class InheritedAccuracy {
 public:
  // `supernet`: what `lanewise-fit supernet` wrote; `space`: the text of the space's file; `kept`: a CSV file of what
  // is known, which grows. Throws Error where lanewise-fit is not there.
  InheritedAccuracy(std::string supernet, std::string space, std::string kept, const Progress& progress);
  // One per encoding, in order; NaN where the supernet has none. Throws Error with the program's last words where it
  // fails.
  std::vector<double> of(const std::vector<std::string>& encodings);

 private:
  void ask(const std::vector<std::string>& encodings);
  void take(const std::string& path);
  void keep() const;

  std::string supernet_, space_, kept_, program_;
  const Progress& progress_;
  std::map<std::string, double> known_;
};

}  // namespace lanewise::study
