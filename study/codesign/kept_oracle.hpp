// SPDX-License-Identifier: Apache-2.0
// What the accuracy oracles share that ask other programs: every network is asked about once, what is known is kept in
// a file of the job, and several programs run side by side.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/process_runs.hpp"
#include "nas/oracles/accuracy_oracle.hpp"
#include "study/codesign/program_oracle.hpp"
#include "study/codesign/score_cache.hpp"
#include "study/codesign/seconds_log.hpp"

namespace lanewise::study {

class KeptOracle : public nas::AccuracyOracle {
 public:
  bool measures() const override { return true; }
  bool higher_is_better() const override { return settings_.text("better", "higher") == "higher"; }

 protected:
  KeptOracle(const nas::AccuracySettings& settings, const ProgramPlace& place);

  std::vector<nas::AccuracyAnswer> answer(const std::vector<nas::AccuracyQuery>& queries) final;

  // Equal keys mean equal answers.
  virtual std::string key_of(const nas::AccuracyQuery& query) const = 0;
  // A query that nobody has answered yet, the first of those with its key.
  struct Open {
    const nas::AccuracyQuery* query;
    std::string key;
  };
  // Settles every one of them.
  virtual void ask(const std::vector<Open>& open) = 0;

  // Keeps an answer.
  void settle(const Open& open, const nas::AccuracyAnswer& answer);
  // Accounts for a program that has ended and had been asked about so many networks.
  void took(std::int64_t networks, double seconds);
  // Where answers are kept: a file of the job or one that the settings name; "" where they are not.
  std::string cache_path() const { return settings_.text("cache", place_.cache); }

  nas::AccuracySettings settings_;
  ProgramPlace place_;

 private:
  ScoreCache cache_;
  SecondsLog log_;
};

}  // namespace lanewise::study
