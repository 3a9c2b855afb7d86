// SPDX-License-Identifier: Apache-2.0
#include "estimator/network_mix.hpp"

#include <fmt/format.h>

#include <cmath>
#include <set>

namespace lanewise::estimator {
namespace {

std::string kind_of(const mapping::SubgraphShape& shape) {
  const std::string family = mapping::to_string(shape.family);
  if (shape.window.kernel[0] == 1 && shape.window.kernel[1] == 1) return family;
  return fmt::format("{} {}x{}", family, shape.window.kernel[0], shape.window.kernel[1]);
}

void add_shares(const std::map<std::string, double>& amounts, const char* of, double whole,
                std::map<std::string, double>& shares) {
  double sum = 0;
  for (const auto& [kind, amount] : amounts) sum += amount;
  if (sum <= 0) return;
  for (const auto& [kind, amount] : amounts) shares[of + kind] = whole * amount / sum;
}

}  // namespace

double NetworkMix::distance(const NetworkMix& other) const {
  std::set<std::string> kinds;
  for (const auto& [kind, share] : shares_) kinds.insert(kind);
  for (const auto& [kind, share] : other.shares_) kinds.insert(kind);
  const auto share_of = [](const NetworkMix& mix, const std::string& kind) {
    const auto found = mix.shares_.find(kind);
    return found == mix.shares_.end() ? 0.0 : found->second;
  };
  double sum = 0;
  for (const std::string& kind : kinds) sum += std::abs(share_of(*this, kind) - share_of(other, kind));
  return sum / 2;
}

void MixCounter::add(const mapping::SubgraphShape& shape, double times) {
  const std::string kind = kind_of(shape);
  const double macs = as_double(shape.macs());
  if (macs > 0) macs_[kind] += times * macs;
  bytes_[kind] += times * as_double(shape.input_bytes() + shape.output_bytes());
}

NetworkMix MixCounter::mix() const {
  std::map<std::string, double> shares;
  const double half = macs_.empty() ? 0.0 : 0.5;
  add_shares(macs_, "macs ", half, shares);
  add_shares(bytes_, "bytes ", 1 - half, shares);
  return NetworkMix(std::move(shares));
}

}  // namespace lanewise::estimator
