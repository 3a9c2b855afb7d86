// SPDX-License-Identifier: Apache-2.0
#include "estimator/network_report.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"

namespace lanewise::estimator {

NetworkErrors network_errors(std::vector<double> percents) {
  NetworkErrors errors;
  if (percents.empty()) return errors;
  for (double& percent : percents) percent = std::abs(percent);
  std::sort(percents.begin(), percents.end());
  const auto within = [&](double limit) {
    const auto end = std::upper_bound(percents.begin(), percents.end(), limit);
    return 100.0 * static_cast<double>(end - percents.begin()) / static_cast<double>(percents.size());
  };
  const std::size_t middle = percents.size() / 2;
  errors.networks = static_cast<std::int64_t>(percents.size());
  errors.within_5_percent = within(5);
  errors.within_10_percent = within(10);
  errors.median_percent = percents.size() % 2 == 1 ? percents[middle] : (percents[middle - 1] + percents[middle]) / 2;
  errors.worst_percent = percents.back();
  return errors;
}

NetworksLikeThis networks_like(const NetworkReport& report, const NetworkMix& mix) {
  if (report.empty()) throw InternalError("asked for networks like another where none were measured");
  NetworksLikeThis like;
  like.distance = 2;
  for (const auto& [name, known] : report.mixes) {
    const double distance = known.distance(mix);
    if (distance >= like.distance) continue;
    like.distance = distance;
    like.nearest = name;
  }
  like.known = like.distance <= kAlike;
  for (const NetworkFamily& family : report.families) {
    if (!std::binary_search(family.members.begin(), family.members.end(), like.nearest)) continue;
    like.family = family.name;
    like.members = family.members;
    if (like.known) like.accuracy = family.held_out;
  }
  if (!like.known) like.accuracy = report.left_out;
  return like;
}

}  // namespace lanewise::estimator
