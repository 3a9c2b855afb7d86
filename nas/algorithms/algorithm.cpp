// SPDX-License-Identifier: Apache-2.0
#include "nas/algorithms/algorithm.hpp"

#include <fmt/format.h>

#include "core/base/error.hpp"

namespace lanewise::nas {

// Each is defined in the file of its name.
std::unique_ptr<Algorithm> make_surrogate(const Problem&, const SearchOptions&, const std::vector<Genotype>&);
std::unique_ptr<Algorithm> make_nsga2(const Problem&, const SearchOptions&, const std::vector<Genotype>&);

std::unique_ptr<Algorithm> make_regularised_evolution(const Problem&, const SearchOptions&,
                                                      const std::vector<Genotype>&);
std::unique_ptr<Algorithm> make_reinforce(const Problem&, const SearchOptions&, const std::vector<Genotype>&);
std::unique_ptr<Algorithm> make_local_search(const Problem&, const SearchOptions&, const std::vector<Genotype>&);
std::unique_ptr<Algorithm> make_random_search(const Problem&, const SearchOptions&, const std::vector<Genotype>&);

const std::vector<AlgorithmKind>& algorithms() {
  static const std::vector<AlgorithmKind> all = {
      {"surrogate", "Gaussian processes and expected gain in hypervolume; free objectives are exact", make_surrogate},
      {"nsga2", "non-dominated sorting genetic algorithm II, constrained (Deb et al., 2002)", make_nsga2},
      {"regularised_evolution", "regularised (aging) evolution (Real et al., 2019)", make_regularised_evolution},
      {"reinforce", "a controller trained by policy gradients (Zoph and Le, 2017)", make_reinforce},
      {"local", "hill climbing along drawn weights, with restarts", make_local_search},
      {"random", "every gene uniform, nothing twice", make_random_search},
  };
  return all;
}

const AlgorithmKind& find_algorithm(const std::string& name) {
  std::vector<std::string> known;
  for (const AlgorithmKind& kind : algorithms()) {
    if (name == kind.name) return kind;
    known.emplace_back(kind.name);
  }
  throw Error(fmt::format("search algorithm '{}' is unknown; known are {}", name, fmt::join(known, ", ")));
}

std::unique_ptr<Algorithm> make_algorithm(const std::string& name, const Problem& problem, const SearchOptions& options,
                                          const std::vector<Genotype>& seeds) {
  return find_algorithm(name).make(problem, options, seeds);
}

}  // namespace lanewise::nas
