// SPDX-License-Identifier: Apache-2.0
// The answers of a person's program, kept in a file, so that it is asked once for each network.
#pragma once

#include <map>
#include <string>

#include "nas/oracles/accuracy_oracle.hpp"

namespace lanewise::study {

// A file of lines of JSON: {"key": "…", "encoding": "…", "accuracy": 0.91}, or "failure" in place of "accuracy". It
// grows answer by answer: a kill at any moment leaves at most an incomplete last line, which the next one cuts off.
class ScoreCache {
 public:
  // Reads what is there. "": nothing is kept beyond this object. `sorted`: sort() orders the lines, for a file that
  // must not depend on which answer came first; else the file is only ever appended to. Throws Error naming file, line
  // and rule for a file that is no such cache.
  ScoreCache(std::string path, bool sorted);

  // nullptr where the key was not answered.
  const nas::AccuracyAnswer* find(const std::string& key) const;
  // Throws Error naming the file where it cannot be written.
  void add(const std::string& key, const std::string& encoding, const nas::AccuracyAnswer& answer);
  // Orders the lines by encoding and key, in one step.
  void sort();

 private:
  struct Entry {
    std::string encoding;
    nas::AccuracyAnswer answer;
  };
  void read();
  std::string whole_text() const;
  static std::string line_of(const std::string& key, const Entry& entry);

  std::string path_;
  bool sorted_, in_order_ = true;
  std::map<std::string, Entry> entries_;  // by key
};

}  // namespace lanewise::study
