// SPDX-License-Identifier: Apache-2.0
#include "cli/console/completion.hpp"

#include "cli/console/option_values.hpp"
#include "cli/verbs.hpp"
#include "nas/algorithms/algorithm.hpp"
#include "nas/metric.hpp"

namespace lanewise::cli {
namespace {

std::vector<Candidate> metric_words(const char* behind) {
  std::vector<Candidate> words;
  for (const nas::MetricTraits& traits : nas::metrics()) {
    words.push_back({std::string(traits.name) + behind, traits.meaning});
  }
  return words;
}

// What the options of searches and tables take by name.
void add_named_values(const CLI::Option& option, const std::string& typed, Completion& completion) {
  const std::string name = option.get_name();
  if (name == "--objectives") add_list(metric_words(""), typed, completion);
  if (name == "--sort") {
    add_list(metric_words(""), typed, completion);
    add_list(metric_words(":desc"), typed, completion);
  }
  if (name == "--limit") {
    add_list(metric_words("<="), typed, completion);
    add_list(metric_words(">="), typed, completion);
    completion.open = true;
  }
  if (name == "--algorithm") {
    for (const nas::AlgorithmKind& kind : nas::algorithms()) completion.words.push_back({kind.name, kind.description});
  }
}

}  // namespace

void add_completion(CLI::App& app) { add_completion_verb(app, add_named_values); }

}  // namespace lanewise::cli
