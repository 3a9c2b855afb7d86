// SPDX-License-Identifier: Apache-2.0
#include "study/codesign/history.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "nas/algorithms/hypervolume.hpp"

namespace lanewise::study {
namespace {

// The front of a round as it grows.
class GrowingFront {
 public:
  explicit GrowingFront(const std::vector<nas::Evaluation>& round) {
    nas::Point lowest;
    for (const nas::Evaluation& evaluation : round) {
      if (evaluation.violation > 0) continue;
      if (lowest.empty()) lowest = reference_ = evaluation.objectives;
      for (std::size_t i = 0; i < lowest.size(); ++i) {
        lowest[i] = std::min(lowest[i], evaluation.objectives[i]);
        reference_[i] = std::max(reference_[i], evaluation.objectives[i]);
      }
    }
    for (std::size_t i = 0; i < lowest.size(); ++i) {
      const double extent = reference_[i] - lowest[i];
      reference_[i] += 0.1 * (extent > 0 ? extent : std::max(std::abs(reference_[i]), 1.0));
    }
  }

  // The hypervolume with this candidate.
  double add(const nas::Evaluation& evaluation) {
    if (evaluation.violation > 0) return volume_;
    const nas::Point& point = evaluation.objectives;
    const auto covers = [](const nas::Point& a, const nas::Point& b) {
      for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] > b[i]) return false;
      }
      return true;
    };
    if (std::any_of(front_.begin(), front_.end(), [&](const nas::Point& p) { return covers(p, point); })) {
      return volume_;
    }
    front_.erase(std::remove_if(front_.begin(), front_.end(), [&](const nas::Point& p) { return covers(point, p); }),
                 front_.end());
    front_.push_back(point);
    volume_ = nas::hypervolume(front_, reference_);
    return volume_;
  }

 private:
  nas::Point reference_;
  std::vector<nas::Point> front_;
  double volume_ = 0;
};

}  // namespace

std::vector<HistoryRow> history_of(const CandidateLog& log, const Designs& designs) {
  std::map<int, std::vector<nas::Evaluation>> rounds;
  std::vector<HistoryRow> rows;
  std::vector<nas::Evaluation> evaluations;
  for (const CandidateBatch& batch : log.batches()) {
    const PricedCandidate* const baseline = log.find(batch.round, designs.space().defaults());
    for (const PricedCandidate& candidate : batch.candidates) {
      // What another search priced for itself may come again here.
      if (log.find(batch.round, candidate.genotype) != &candidate || baseline == nullptr) continue;
      HistoryRow row;
      row.round = batch.round;
      row.search = batch.search;
      row.encoding = designs.space().encode(candidate.genotype);
      row.genes = designs.genes_text(candidate.genotype);
      row.metrics = candidate.metrics;
      row.failure = candidate.failure;
      evaluations.push_back(designs.judge(candidate, baseline->metrics));
      row.violation = evaluations.back().violation;
      rounds[batch.round].push_back(evaluations.back());
      rows.push_back(std::move(row));
    }
  }
  std::map<int, GrowingFront> fronts;
  for (const auto& [round, all] : rounds) fronts.emplace(round, GrowingFront(all));
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i].hypervolume = fronts.at(rows[i].round).add(evaluations[i]);
  return rows;
}

}  // namespace lanewise::study
