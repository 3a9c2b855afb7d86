// SPDX-License-Identifier: Apache-2.0
#include "nas/oracles/capacity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"

namespace lanewise::nas {
namespace {

void check_share(const char* what, double share) {
  if (!(share >= 0 && share <= 1)) {
    throw Error(fmt::format("capacity constraint: share of {} is {}, must lie in [0, 1]", what, share));
  }
}

// By how much `have` falls below `share` of `baseline` or `least`, relative to that bound.
double miss(std::int64_t have, std::int64_t baseline, double share, std::int64_t least) {
  const double bound = std::max(share * static_cast<double>(baseline), static_cast<double>(least));
  return bound > 0 ? std::max(0.0, 1.0 - static_cast<double>(have) / bound) : 0.0;
}

}  // namespace

CapacityConstraint::CapacityConstraint(NetworkFacts baseline, double parameter_share, double mac_share,
                                       NetworkFacts least)
    : baseline_(baseline), parameter_share_(parameter_share), mac_share_(mac_share), least_(least) {
  check_share("parameters", parameter_share);
  check_share("MACs", mac_share);
}

std::string CapacityConstraint::name() const {
  std::string bounds;
  const auto add = [&bounds](const char* what, double share) {
    if (share > 0) bounds += fmt::format("{}{} at least {:.6g} %", bounds.empty() ? "" : ", ", what, 100 * share);
  };
  add("parameters", parameter_share_);
  add("MACs", mac_share_);
  if (!bounds.empty()) bounds += " of the baseline's";
  const auto add_least = [&bounds](const char* what, std::int64_t least) {
    if (least > 0) bounds += fmt::format("{}at least {} {}", bounds.empty() ? "" : ", ", least, what);
  };
  add_least("parameters", least_.parameters);
  add_least("MACs", least_.macs);
  return "capacity constraint: " + (bounds.empty() ? "none" : bounds);
}

double CapacityConstraint::shortfall(const NetworkFacts& candidate) const {
  return miss(candidate.parameters, baseline_.parameters, parameter_share_, least_.parameters) +
         miss(candidate.macs, baseline_.macs, mac_share_, least_.macs);
}

std::unique_ptr<AccuracyOracle> make_capacity_constraint(const AccuracySettings& settings, const NetworkFacts& baseline,
                                                         const AccuracyContext&) {
  const NetworkFacts least{std::llround(settings.number("least_macs")),
                           std::llround(settings.number("least_parameters"))};
  return std::make_unique<CapacityConstraint>(baseline, settings.number("parameters"), settings.number("macs"), least);
}

}  // namespace lanewise::nas
