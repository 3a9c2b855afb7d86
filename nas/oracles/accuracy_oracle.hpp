// SPDX-License-Identifier: Apache-2.0
// How good a network is at its task: a constraint on its size, or a score that somebody measured. The interface, and
// the table of those who answer. A space file chooses one by the section that it has: `capacity:` chooses the capacity
// constraint, `accuracy:` with a `table:` the table, with a `command:` a person's own program, with `train:` a training
// of each network, with a `score:` a score of the untrained network, with a `predictor:` what was learnt from others.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/network/graph.hpp"
#include "nas/oracles/accuracy_settings.hpp"

namespace lanewise::nas {

struct NetworkFacts {
  std::int64_t macs = 0;
  std::int64_t parameters = 0;
};

// A network whose score is asked for. The pointers outlive the call.
struct AccuracyQuery {
  std::string encoding;  // NetworkSpace::encode
  NetworkFacts facts;
  const network::Graph* graph = nullptr;                   // only programs read it; nullptr where the oracle is none
  const engine::EngineConfig* engine = nullptr;            // that it was built for; only programs read it
  std::vector<std::pair<std::string, std::string>> genes;  // names and values, as shown to people
};
struct AccuracyAnswer {
  double score = std::numeric_limits<double>::quiet_NaN();  // finite where there is no failure
  std::string failure;  // "", or why there is no score: one line, the same for the same cause
};

// What an oracle was asked, and what became of it.
struct AccuracyAccount {
  std::int64_t asked = 0;     // queries, of which
  std::int64_t failed = 0;    //   these had no score
  std::int64_t distinct = 0;  // different encodings among the queries: the samples that a search took
  // For programs: answers that were there from before, programs started, and of these the ones started again.
  std::int64_t from_cache = 0, runs = 0, retries = 0;
  double seconds = 0;  // that the answers took on the clock
  // For programs: networks that they answered, and the seconds of each program added up, which may run side by side;
  // and the same of earlier runs of the job.
  std::int64_t run_networks = 0, earlier_networks = 0;
  double run_seconds = 0, earlier_seconds = 0;
  std::map<std::string, std::int64_t> failures;  // by cause; beyond kMostCauses different ones under "other causes"
  static constexpr std::size_t kMostCauses = 20;
};

class AccuracyOracle {
 public:
  virtual ~AccuracyOracle() = default;
  // What stands for quality, for every output that shows it. It says accuracy only where accuracy was measured.
  virtual std::string name() const = 0;
  // By how much a candidate misses being good enough, in relative terms; 0 where it is good enough, and of oracles that
  // measure, whose scores are objectives or have limits. Costs nothing.
  virtual double shortfall(const NetworkFacts&) const { return 0; }

  // Whether it gives scores. The others are never asked for one.
  virtual bool measures() const { return false; }
  // The name of the score: "test_accuracy".
  virtual std::string score_name() const { return "accuracy"; }
  virtual bool higher_is_better() const { return true; }
  // Whether a score is to be had for nothing, like MACs; else each distinct encoding is an evaluation of the budget.
  virtual bool is_free() const { return !measures(); }
  // All that scores depend on beside the query, as one line: equal texts mean equal scores. "" where it gives none.
  virtual std::string identity() const { return ""; }

  // One answer per query, in order, and counts them. A score that is not finite becomes a failure. Throws InternalError
  // where the oracle does not measure; Interrupted where a person asked to stop.
  std::vector<AccuracyAnswer> measure(const std::vector<AccuracyQuery>& queries);
  const AccuracyAccount& account() const { return account_; }
  // The score as something to minimise.
  double objective(double score) const { return higher_is_better() ? -score : score; }

 protected:
  virtual std::vector<AccuracyAnswer> answer(const std::vector<AccuracyQuery>& queries);
  AccuracyAccount account_;

 private:
  std::set<std::string> seen_;
};

// What an oracle may need from those who make it.
struct AccuracyContext {
  // The encoding that stands for all that mean the same network, so that tables may spell them as they like. Throws
  // Error for what is no encoding of the space. Empty: encodings are as they are.
  std::function<std::string(const std::string& encoding)> canonical;
  // Makes the oracle that runs a person's program. Empty: programs are not allowed to run.
  std::function<std::unique_ptr<AccuracyOracle>(const AccuracySettings& settings)> program;
  // Makes the oracle that trains every network. Empty: nobody trains here.
  std::function<std::unique_ptr<AccuracyOracle>(const AccuracySettings& settings)> trainer;
  // Makes the oracle of a score that needs libtorch. Empty: there is none but those of this module.
  std::function<std::unique_ptr<AccuracyOracle>(const AccuracySettings& settings)> scorer;
};

struct AccuracyOracleKind {
  const char* name;     // "capacity", "table": AccuracySettings::oracle
  const char* section;  // of a space file. Kinds that share one are told apart by the key that is named like the kind
  std::vector<AccuracyKey> keys;
  // The oracle that judges candidates against `baseline`. Throws Error on settings that its rules refuse.
  std::unique_ptr<AccuracyOracle> (*make)(const AccuracySettings& settings, const NetworkFacts& baseline,
                                          const AccuracyContext& context);
};

// Every oracle there is. The first is the one of a space file that has no section of any.
const std::vector<AccuracyOracleKind>& accuracy_oracles();
// Throws Error where the table has no such oracle, where it runs a program and `context` allows none, and as its
// `make`.
std::unique_ptr<AccuracyOracle> make_accuracy_oracle(const AccuracySettings& settings, const NetworkFacts& baseline,
                                                     const AccuracyContext& context = {});

}  // namespace lanewise::nas
