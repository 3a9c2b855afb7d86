// SPDX-License-Identifier: Apache-2.0
// Search algorithms: one interface, one file per algorithm in this folder, one table of them in algorithm.cpp. An
// algorithm asks for candidates and is told what they are worth; nas/search.hpp joins it to a problem.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "nas/problem.hpp"

namespace lanewise::nas {

// What people may set. An algorithm that has no use for an option ignores it.
struct SearchOptions {
  std::uint64_t seed = 1;
  int population = 48;     // of evolution, and the size of its batches; at least 2
  int batch = 0;           // candidates asked for at once; 0: each algorithm's own rule
  double crossover = 0.9;  // chance per child
  double mutation = 0.0;   // chance per gene; 0: one gene in expectation, of those that can change
};

// Same problem, options, seeds and answers, same questions, whatever ran before and on however many threads the answers
// were found.
class Algorithm {
 public:
  virtual ~Algorithm() = default;
  // The next batch: canonical genotypes, each once and none that was told before. Empty: the space is exhausted. The
  // default genotype and the seeds come first. To be followed by tell.
  virtual std::vector<Genotype> ask() = 0;
  // What the batch is worth: one evaluation per genotype. It may be a part of what was asked for, where a budget ends,
  // and genotypes that were never asked for, which another search has evaluated. Throws InternalError on evaluations
  // that are not numbers or differ in their number of objectives, and Error on genotypes that do not fit the genes.
  virtual void tell(const std::vector<Genotype>& batch, const std::vector<Evaluation>& evaluations) = 0;
  // Everything told so far, in order.
  virtual const std::vector<Individual>& told() const = 0;
  // The whole state as text, after a tell.
  virtual std::string save() const = 0;
  // A fresh algorithm of the same problem, options and seeds goes on bit by bit from what save() gave. Throws Error on
  // text that is no state of this algorithm or does not fit the genes.
  virtual void load(const std::string& state) = 0;
};

struct AlgorithmKind {
  const char* name;         // as people choose it: "nsga2"
  const char* description;  // one line for help texts
  // `problem` outlives the algorithm, which never evaluates by it: it reads genes and what is known beforehand.
  std::unique_ptr<Algorithm> (*make)(const Problem& problem, const SearchOptions& options,
                                     const std::vector<Genotype>& seeds);
};

// Every algorithm there is; the first is the default.
const std::vector<AlgorithmKind>& algorithms();
// Throws Error listing the known names where there is no such algorithm.
const AlgorithmKind& find_algorithm(const std::string& name);
// Throws Error on an unknown name, on options out of range, and on seeds that do not fit the genes.
std::unique_ptr<Algorithm> make_algorithm(const std::string& name, const Problem& problem, const SearchOptions& options,
                                          const std::vector<Genotype>& seeds = {});

}  // namespace lanewise::nas
