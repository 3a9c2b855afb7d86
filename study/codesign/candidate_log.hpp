// SPDX-License-Identifier: Apache-2.0
// Every candidate that a job has priced, in a file that only ever grows: one line per batch, each with a checksum. A
// kill at any moment leaves at most an incomplete last line, which is cut off when the file is opened again.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nas/metric.hpp"
#include "nas/space/gene.hpp"

namespace lanewise::study {

struct PricedCandidate {
  nas::Genotype genotype;
  nas::Metrics metrics;  // NaN where a metric is not known, all of them where there is a failure
  std::string failure;   // "", or why there is no such design
};

// Candidates that were asked for together.
struct CandidateBatch {
  int round = 0;       // of trust: how often the estimator had been trained again
  std::string search;  // "network", "engine", "network_and_engine", "warm_start"
  std::string starts;  // "", or what begins here: then there are no candidates, and those before it were known to it
  std::vector<PricedCandidate> candidates;
};

// Who may read the log: genotypes mean something in one space alone.
struct CandidateSpace {
  std::string hash;
  std::vector<int> values;  // of each gene
};

class CandidateLog {
 public:
  // Opens or creates. Throws Error naming file, line and rule where the file is no log, is of another space, or is
  // damaged before its last line.
  CandidateLog(const std::string& path, CandidateSpace space);
  ~CandidateLog();
  CandidateLog(const CandidateLog&) = delete;
  CandidateLog& operator=(const CandidateLog&) = delete;

  const std::vector<CandidateBatch>& batches() const { return batches_; }
  // How many batches were there when a search with this name began, which `starts` describes; nullopt where none did.
  std::optional<std::size_t> begun(int round, const std::string& search, const std::string& starts) const;
  // nullptr where the genotype was not priced in this round.
  const PricedCandidate* find(int round, const nas::Genotype& genotype) const;
  // On disk on return. Throws Error naming the file where it cannot be written.
  void append(CandidateBatch batch);

 private:
  struct File;
  void read();
  void remember(CandidateBatch batch);

  std::string path_;
  CandidateSpace space_;
  std::unique_ptr<File> file_;
  std::vector<CandidateBatch> batches_;
  std::map<std::pair<int, nas::Genotype>, std::pair<std::size_t, std::size_t>> places_;  // batch and place in it
};

}  // namespace lanewise::study
