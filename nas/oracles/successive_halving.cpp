// SPDX-License-Identifier: Apache-2.0
#include "nas/oracles/successive_halving.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

#include "core/base/error.hpp"
#include "core/base/printable.hpp"
#include "nas/algorithms/dominance.hpp"

namespace lanewise::nas {

std::vector<std::size_t> best_of(const std::vector<Evaluation>& evaluations, std::size_t count) {
  std::vector<std::size_t> best;
  for (const std::vector<std::size_t>& front : non_dominated_sort(evaluations)) {
    if (best.size() >= count) break;
    const std::vector<double> crowding = crowding_distance(evaluations, front);
    std::vector<std::size_t> order(front.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return crowding[a] > crowding[b]; });
    for (const std::size_t i : order) best.push_back(front[i]);
  }
  if (best.size() > count) best.resize(count);
  return best;
}

SuccessiveHalving::SuccessiveHalving(std::vector<Rung> rungs) : rungs_(std::move(rungs)) {
  if (rungs_.empty()) throw Error("successive halving without a rung");
  for (std::size_t i = 0; i < rungs_.size(); ++i) {
    if (rungs_[i].size < 1) throw Error(fmt::format("rung '{}' has room for none: must be 1 or more", rungs_[i].name));
    if (i > 0 && rungs_[i].size > rungs_[i - 1].size) {
      throw Error(fmt::format("rung '{}' has room for {}, and '{}' before it for {}: must be no more", rungs_[i].name,
                              rungs_[i].size, rungs_[i - 1].name, rungs_[i - 1].size));
    }
  }
}

HalvingResult SuccessiveHalving::run(std::size_t count) const {
  HalvingResult result;
  result.candidates.resize(count);
  std::iota(result.candidates.begin(), result.candidates.end(), std::size_t{0});
  for (const Rung& rung : rungs_) {
    RungAccount account;
    account.name = rung.name;
    if (result.candidates.size() > rung.size) {
      account.left_out = static_cast<std::int64_t>(result.candidates.size() - rung.size);
      result.candidates.resize(rung.size);
    }
    account.entered = static_cast<std::int64_t>(result.candidates.size());
    if (!result.candidates.empty()) {
      const std::vector<Evaluation> evaluations = rung.evaluate(result.candidates);
      if (evaluations.size() != result.candidates.size()) throw InternalError("a rung judges another number");
      std::vector<std::size_t> candidates;
      result.evaluations.clear();
      for (const std::size_t i : best_of(evaluations, evaluations.size())) {
        candidates.push_back(result.candidates[i]);
        result.evaluations.push_back(evaluations[i]);
        if (evaluations[i].violation > 0) ++account.infeasible;
      }
      result.candidates = std::move(candidates);
    }
    result.rungs.push_back(std::move(account));
  }
  return result;
}

std::vector<std::size_t> halving_sizes(std::size_t count, double eta, std::size_t rungs) {
  if (count < 1 || rungs < 1 || !(eta > 1)) {
    throw Error(
        fmt::format("successive halving of {} candidates by {} over {} rungs: must be at least one candidate and "
                    "rung, and a factor above 1",
                    count, eta, rungs));
  }
  std::vector<std::size_t> sizes;
  double size = static_cast<double>(count);
  for (std::size_t i = 0; i < rungs; ++i, size /= eta) {
    sizes.push_back(std::max<std::size_t>(1, static_cast<std::size_t>(std::floor(size + 1e-9))));
  }
  return sizes;
}

std::vector<std::size_t> parse_halving(const std::string& text) {
  const auto fail = [&](const std::string& what) {
    throw Error(fmt::format("halving '{}': {}: must be how many candidates each oracle judges, as in 64,16,4",
                            printable(text), what));
  };
  std::vector<std::size_t> sizes;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  for (;;) {
    while (at != end && *at == ' ') ++at;
    std::size_t size = 0;
    const auto [behind, status] = std::from_chars(at, end, size);
    if (status != std::errc()) fail("a whole number is missing");
    if (size < 1) fail("0 judges none");
    if (!sizes.empty() && size > sizes.back())
      fail(fmt::format("{} is more than the {} before it", size, sizes.back()));
    sizes.push_back(size);
    at = behind;
    while (at != end && *at == ' ') ++at;
    if (at == end) return sizes;
    if (*at++ != ',') fail("numbers stand between commas");
  }
}

}  // namespace lanewise::nas
