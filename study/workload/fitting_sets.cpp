// SPDX-License-Identifier: Apache-2.0
#include "study/workload/fitting_sets.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.hpp"

namespace lanewise::study {
namespace {

std::vector<NetworkSet> subsets(std::size_t networks) {
  std::vector<NetworkSet> sets;
  for (std::size_t bits = 1; bits < (std::size_t{1} << networks); ++bits) {
    NetworkSet set;
    for (std::size_t n = 0; n < networks; ++n) {
      if ((bits >> n & 1) != 0) set.networks.push_back(n);
    }
    sets.push_back(std::move(set));
  }
  std::sort(sets.begin(), sets.end(), [](const NetworkSet& a, const NetworkSet& b) {
    if (a.networks.size() != b.networks.size()) return a.networks.size() > b.networks.size();
    return a.networks < b.networks;
  });
  return sets;
}

}  // namespace

std::vector<NetworkSet> fitting_sets(const WorkloadQuestion& question, MeasurementSource& source,
                                     const Progress& progress) {
  const Workload& workload = *question.workload;
  if (workload.networks.size() > kMostNetworksOfSets) {
    throw Error(fmt::format("workload {}: has {} networks; the sets of at most {} are tried", workload.name,
                            workload.networks.size(), kMostNetworksOfSets));
  }
  std::vector<NetworkSet> sets = subsets(workload.networks.size());
  std::vector<Workload> parts(sets.size(), workload);
  std::vector<WorkloadQuestion> questions(sets.size(), question);
  for (std::size_t s = 0; s < sets.size(); ++s) {
    parts[s].networks.clear();
    questions[s].workload = &parts[s];
    questions[s].graphs.clear();
    for (const std::size_t n : sets[s].networks) {
      parts[s].networks.push_back(workload.networks[n]);
      questions[s].graphs.push_back(question.graphs[n]);
    }
  }
  const std::vector<WorkloadAnswer> answers = answer_workloads(questions, source, progress);
  for (std::size_t s = 0; s < sets.size(); ++s) {
    NetworkSet& set = sets[s];
    set.failure = answers[s].failure;
    set.fits = answers[s].fits && set.failure.empty();
    set.objectives = answers[s].objectives;
    // Larger sets come first, so those that could hold this one are known.
    set.maximal =
        set.fits &&
        std::none_of(sets.begin(), sets.begin() + static_cast<std::ptrdiff_t>(s), [&](const NetworkSet& larger) {
          return larger.fits && std::includes(larger.networks.begin(), larger.networks.end(), set.networks.begin(),
                                              set.networks.end());
        });
  }
  return sets;
}

}  // namespace lanewise::study
