// SPDX-License-Identifier: Apache-2.0
#include "study/engine_sampling.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/error.hpp"
#include "base/random.hpp"

namespace lanewise::study {
namespace {

constexpr int kTriesAnEngine = 200;

class Sampler {
 public:
  Sampler(const engine::EngineConfig& base, const engine::Family& family, int count,
          const std::vector<std::string>& focus, std::uint64_t seed)
      : family_(family), count_(static_cast<std::size_t>(count)), random_(seed), focus_(focus.begin(), focus.end()) {
    bases_.push_back(base);
    add(base, false);
    for (const std::string& member : family.members) {
      bases_.push_back(engine::load_engine(member).config);
      if (sample_.engines.size() < count_) add(bases_.back(), false);
    }
  }

  EngineSample take(double outside_share) {
    const auto outside = static_cast<std::size_t>(std::lround(outside_share * static_cast<double>(count_)));
    const std::size_t wanted = count_ - std::min(count_, sample_.engines.size());
    const std::vector<std::vector<std::size_t>> strata = hypercube(wanted);
    for (std::size_t i = 0; i < wanted; ++i) {
      // The last ones lie outside.
      const bool beyond = i + outside >= wanted;
      std::vector<std::size_t> choice;
      for (const auto& column : strata) choice.push_back(column[i]);
      for (int tries = 0; !sample(choice, beyond) && tries < kTriesAnEngine; ++tries) {
        for (std::size_t r = 0; r < choice.size(); ++r) choice[r] = random_.below(family_.ranges[r].values.size());
      }
    }
    return std::move(sample_);
  }

 private:
  // A column a range: each value stands equally often (give or take one), in random order.
  std::vector<std::vector<std::size_t>> hypercube(std::size_t rows) {
    std::vector<std::vector<std::size_t>> columns;
    for (const engine::FamilyRange& range : family_.ranges) {
      std::vector<std::size_t> column(rows);
      for (std::size_t i = 0; i < rows; ++i) column[i] = i * range.values.size() / rows;
      random_.shuffle(column);
      columns.push_back(std::move(column));
    }
    return columns;
  }

  bool add(const engine::EngineConfig& config, bool outside) {
    std::string hash = engine::engine_hash(config);
    if (!known_.insert(hash).second) return false;
    sample_.engines.push_back({config, std::move(hash), outside});
    return true;
  }

  bool sample(const std::vector<std::size_t>& choice, bool beyond) {
    std::vector<engine::Override> overrides;
    std::vector<std::size_t> can_leave;
    for (std::size_t r = 0; r < family_.ranges.size(); ++r) {
      const engine::FamilyRange& range = family_.ranges[r];
      overrides.push_back({range.key, range.values[choice[r]]});
      if (!range.outside_values.empty()) can_leave.push_back(r);
    }
    if (beyond && !can_leave.empty()) {
      random_.shuffle(can_leave);
      const auto leaving = static_cast<std::size_t>(random_.between(1, 3));
      for (std::size_t i = 0; i < std::min(leaving, can_leave.size()); ++i) {
        overrides[can_leave[i]].value = random_.pick(family_.ranges[can_leave[i]].outside_values);
      }
    }
    overrides.push_back({"name", fmt::format("{}-s{}", family_.name, sample_.engines.size())});
    // Half stay around the engine that was asked about, the others share what the family's members have beside the
    // ranges.
    const bool near = random_.chance(0.5);
    const engine::EngineConfig& around = near ? bases_.front() : random_.pick(bases_);
    if (near && !beyond && !focus_.empty()) {
      const auto stays = [this](const engine::Override& o) { return o.key != "name" && focus_.count(o.key) == 0; };
      overrides.erase(std::remove_if(overrides.begin(), overrides.end(), stays), overrides.end());
    }
    try {
      return add(engine::with_overrides(around, overrides), beyond && !can_leave.empty());
    } catch (const Error&) {
      ++sample_.refused;
      return false;
    }
  }

  const engine::Family& family_;
  std::size_t count_;
  Random random_;
  std::set<std::string> focus_;
  std::vector<engine::EngineConfig> bases_;
  std::set<std::string> known_;
  EngineSample sample_;
};

}  // namespace

EngineSample sample_engines(const engine::EngineConfig& base, const engine::Family& family, int count,
                            double outside_share, const std::vector<std::string>& focus, std::uint64_t seed) {
  if (count < 1) throw Error(fmt::format("{} engines cannot be sampled: give 1 or more", count));
  return Sampler(base, family, count, focus, seed).take(outside_share);
}

}  // namespace lanewise::study
