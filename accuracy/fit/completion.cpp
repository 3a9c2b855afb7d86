// SPDX-License-Identifier: Apache-2.0
// lanewise-fit completion
#include "cli/console/completion.hpp"

#include "accuracy/fit/verbs.hpp"
#include "accuracy/scores/zero_shot.hpp"

namespace lanewise::fit {
namespace {

void add_named_values(const CLI::Option& option, const std::string&, cli::Completion& completion) {
  if (option.get_name() != "--score") return;
  for (const accuracy::ZeroShotScore& score : accuracy::zero_shot_scores()) {
    completion.words.push_back({score.name, score.meaning});
  }
}

}  // namespace

void add_completion(CLI::App& app) { cli::add_completion_verb(app, add_named_values); }

}  // namespace lanewise::fit
