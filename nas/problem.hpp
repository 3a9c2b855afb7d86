// SPDX-License-Identifier: Apache-2.0
// What search algorithms know: a Problem, never a network or an engine.
#pragma once

#include <cstddef>
#include <vector>

#include "nas/space/gene.hpp"

namespace lanewise::nas {

// What a candidate is worth. Objectives are minimised. `violation` is 0 for a feasible candidate, and else by how much
// constraints are missed, summed in relative terms.
struct Evaluation {
  std::vector<double> objectives;
  double violation = 0;
};

class Problem {
 public:
  virtual ~Problem() = default;
  virtual const std::vector<Gene>& genes() const = 0;
  // The genotype that stands for all that mean the same candidate: algorithms ask for canonical genotypes alone, and
  // never for one twice.
  virtual Genotype canonical(const Genotype& genotype) const { return genotype; }
  // One evaluation per genotype, in order, all with the same number of objectives.
  virtual std::vector<Evaluation> evaluate(const std::vector<Genotype>& genotypes) = 0;
  // Which objectives cost nothing to know, as MACs do beside a measured accuracy: one entry per objective, or none
  // where every objective costs an evaluation. A search may ask for these of any number of genotypes.
  virtual std::vector<bool> free_objectives() const { return {}; }
  // Per genotype all objectives, those that are not free left NaN, and the violation as far as it is known from free
  // ones. Only called where free_objectives() is not empty.
  virtual std::vector<Evaluation> known_beforehand(const std::vector<Genotype>& genotypes) const;
  // Numbers that cost nothing to know and say something of a candidate, such as MACs and parameters: per genotype the
  // same count of finite ones, or nothing at all. A surrogate reads them beside the genes.
  virtual std::vector<std::vector<double>> features(const std::vector<Genotype>&) const { return {}; }
};

struct Individual {
  Genotype genotype;
  Evaluation evaluation;
};

// Whether a dominates b: it is no worse in any objective and better in one. A feasible candidate goes before an
// infeasible one, and of two infeasible ones the one with less violation.
bool dominates(const Evaluation& a, const Evaluation& b);
// Indices of the evaluations that no other dominates, ascending.
std::vector<std::size_t> pareto_front(const std::vector<Evaluation>& evaluations);

}  // namespace lanewise::nas
