// SPDX-License-Identifier: Apache-2.0
#include "study/workload/workload.hpp"

#include <fmt/format.h>

#include "core/base/error.hpp"

namespace lanewise::study {
namespace {

constexpr std::pair<Policy, const char*> kPolicies[] = {
    {Policy::kFixedPriority, "fixed_priority"},
    {Policy::kEarliestDeadlineFirst, "earliest_deadline_first"},
    {Policy::kFirstComeFirstServed, "first_come_first_served"},
    {Policy::kRoundRobin, "round_robin"},
};

}  // namespace

const char* to_string(Policy policy) {
  for (const auto& [known, name] : kPolicies) {
    if (known == policy) return name;
  }
  throw InternalError("a policy without a name");
}

Policy parse_policy(const std::string& text) {
  std::string names;
  for (const auto& [policy, name] : kPolicies) {
    if (text == name) return policy;
    names += (names.empty() ? "" : ", ") + std::string(name);
  }
  throw Error(fmt::format("'{}' must be one of {}", text, names));
}

std::vector<network::Graph> import_networks(const Workload& workload) {
  std::vector<network::Graph> graphs;
  graphs.reserve(workload.networks.size());
  for (const WorkloadNetwork& network : workload.networks) {
    graphs.push_back(network::import_network(network.model, network.import));
  }
  return graphs;
}

}  // namespace lanewise::study
