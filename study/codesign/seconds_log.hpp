// SPDX-License-Identifier: Apache-2.0
// What programs took that gave accuracies, kept over the runs of a job.
#pragma once

#include <cstdint>
#include <string>

namespace lanewise::study {

// A file of lines "NETWORKS SECONDS", one for each program that ended. It is an account and no part of any result: it
// lies beside the answers, which hold no times. A line that is no two numbers, such as one that a kill cut off, is
// passed over.
class SecondsLog {
 public:
  // Reads what earlier runs left. "": nothing is kept.
  explicit SecondsLog(std::string path);

  // Of earlier runs.
  std::int64_t networks() const { return networks_; }
  double seconds() const { return seconds_; }

  // A program answered for so many networks. Throws Error naming the file where it cannot be written.
  void add(std::int64_t networks, double seconds) const;

 private:
  std::string path_;
  std::int64_t networks_ = 0;
  double seconds_ = 0;
};

}  // namespace lanewise::study
