// SPDX-License-Identifier: Apache-2.0
#include "study/curation/start.hpp"

#include <tuple>

namespace lanewise::study {
namespace {

bool below(const Choice& choice, const Choice& raw) {
  return choice.size.macs < raw.size.macs || choice.size.parameters < raw.size.parameters;
}

// The smallest is nearest to the raw value: first those above, from the least; then those below, from the most.
auto distance(const Choice& choice, const Choice& raw) {
  const bool is_below = below(choice, raw);
  const std::int64_t sign = is_below ? -1 : 1;
  return std::make_tuple(is_below, sign * choice.size.macs, sign * choice.size.parameters, choice.size.cycles);
}

int in_place_of_raw(const GeneChoices& genes) {
  const Choice& raw = genes.choices.front();
  if (raw.kept) return 0;
  const auto at = [&](int value) -> const Choice& { return genes.choices[static_cast<std::size_t>(value)]; };
  if (raw.dominator >= 0 && !raw.traded && at(raw.dominator).kept && !below(at(raw.dominator), raw)) {
    return raw.dominator;
  }
  int best = -1;
  for (int v = 0; v < static_cast<int>(genes.choices.size()); ++v) {
    if (at(v).kept && (best < 0 || distance(at(v), raw) < distance(at(best), raw))) best = v;
  }
  return best;
}

}  // namespace

void choose_start(GeneChoices& genes, bool traded, CurationStart start) {
  genes.raw_value = in_place_of_raw(genes);
  genes.best_value = traded ? genes.default_value : genes.raw_value;
  genes.default_value = start == CurationStart::kBest ? genes.best_value : genes.raw_value;
}

}  // namespace lanewise::study
