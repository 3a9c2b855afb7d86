// SPDX-License-Identifier: Apache-2.0
// A person's program as what measures a campaign: an RTL simulator, a compiler's model, a board. It is given each
// subgraph as files and says how many cycles it takes (docs/external_measurement.md).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/base/progress.hpp"
#include "study/campaign/truth.hpp"

namespace lanewise::study {

struct ExternalSettings {
  // The program and its arguments. In each word {onnx}, {json}, {folder} and {answer} become paths; where no word has
  // one of them the path of the JSON file is the last argument.
  std::vector<std::string> words;
  std::string source;   // what the rows are kept under; "": the words, for people
  std::string scratch;  // the folder for the files; made, and gone when the run ends
  int jobs = 1;         // programs at once
  int retries = 1;      // of a program that fails without saying so itself
  std::chrono::milliseconds timeout{600'000};
  std::string keep;  // where the files of every subgraph stay, a folder each; "": nowhere
};

// Cuts a command into words at blanks. Single and double quotes keep blanks, a backslash the character behind it. No
// shell reads it. Throws Error quoting the text for one without words or with an open quote.
std::vector<std::string> command_words(const std::string& text);

struct ExternalAccount {
  std::int64_t runs = 0, retries = 0;                               // of the program
  std::int64_t given_up = 0;                                        // subgraphs without an answer
  std::vector<std::pair<std::string, std::string>> given_up_first;  // key and reason of the first few
  double seconds = 0;                                               // of all runs together
};

class ExternalTruth : public Truth {
 public:
  // Throws Error for settings without words.
  explicit ExternalTruth(ExternalSettings settings);
  std::string source() const override { return settings_.source; }
  // Answers are handed over as they come, in whatever order. Throws Error for a program that cannot be started, and
  // where the first subgraphs, as many as run at once and at least three, get no answer: then none will.
  void run(const std::vector<sim::WorkerJob>& jobs,
           const std::function<void(std::vector<sim::WorkerAnswer>& answers)>& done,
           const std::function<bool()>& stopped) override;
  const ExternalAccount& account() const { return account_; }

 private:
  class Run;
  ExternalSettings settings_;
  ExternalAccount account_;
  bool heard_ = false;  // the program has answered at least once
};

}  // namespace lanewise::study
