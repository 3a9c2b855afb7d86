// SPDX-License-Identifier: Apache-2.0
#include "study/campaign/engine_sampling.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "study/campaign/sobol.hpp"

namespace lanewise::study {
namespace {

constexpr int kTriesAnEngine = 200;

// Which value of each range the engines take, one engine after another.
class Choices {
 public:
  virtual ~Choices() = default;
  // Of the next engine.
  virtual std::vector<std::size_t> next() = 0;
  // Instead of a choice that no engine can have.
  virtual std::vector<std::size_t> another() = 0;
};

class LatinHypercube : public Choices {
 public:
  LatinHypercube(const std::vector<engine::FamilyRange>& ranges, std::size_t engines, Random& random)
      : ranges_(ranges), random_(random) {
    for (const engine::FamilyRange& range : ranges) {
      std::vector<std::size_t> column(engines);
      for (std::size_t i = 0; i < engines; ++i) column[i] = i * range.values.size() / engines;
      random_.shuffle(column);
      columns_.push_back(std::move(column));
    }
  }

  std::vector<std::size_t> next() override {
    std::vector<std::size_t> choice;
    for (const auto& column : columns_) choice.push_back(column[at_]);
    ++at_;
    return choice;
  }

  std::vector<std::size_t> another() override {
    std::vector<std::size_t> choice;
    for (const engine::FamilyRange& range : ranges_) choice.push_back(random_.below(range.values.size()));
    return choice;
  }

 private:
  const std::vector<engine::FamilyRange>& ranges_;
  Random& random_;
  std::vector<std::vector<std::size_t>> columns_;
  std::size_t at_ = 0;
};

class Sobol : public Choices {
 public:
  Sobol(const std::vector<engine::FamilyRange>& ranges, std::uint64_t seed)
      : ranges_(ranges), points_(ranges.size(), seed) {}

  std::vector<std::size_t> next() override {
    std::vector<std::size_t> choice;
    const std::vector<double> point = points_.next();
    for (std::size_t r = 0; r < ranges_.size(); ++r) {
      choice.push_back(static_cast<std::size_t>(point[r] * static_cast<double>(ranges_[r].values.size())));
    }
    return choice;
  }
  std::vector<std::size_t> another() override { return next(); }

 private:
  const std::vector<engine::FamilyRange>& ranges_;
  SobolSequence points_;
};

// Which engines that somebody described are among the sampled ones.
enum class Described { kAll, kBase, kNone };

class Sampler {
 public:
  Sampler(const engine::EngineConfig& base, const engine::Family& family, int count,
          const std::vector<std::string>& focus, std::uint64_t seed, Described described = Described::kAll)
      : family_(family),
        count_(static_cast<std::size_t>(count)),
        seed_(seed),
        random_(seed),
        focus_(focus.begin(), focus.end()) {
    bases_.push_back(base);
    if (described != Described::kNone) add(base, false, false);
    for (const std::string& member : family.members) {
      engine::EngineConfig config = engine::load_engine(member).config;
      if (described != Described::kAll) {
        known_.insert(engine::engine_hash(config));  // a point that is this engine is not drawn either
        continue;
      }
      bases_.push_back(std::move(config));
      if (sample_.engines.size() < count_) add(bases_.back(), false, false);
    }
    known_.insert(engine::engine_hash(base));
  }

  EngineSample take(double outside_share, EngineSampling sampling, const Progress& progress) {
    const auto outside = static_cast<std::size_t>(std::lround(outside_share * static_cast<double>(count_)));
    const std::size_t wanted = count_ - std::min(count_, sample_.engines.size());
    const std::unique_ptr<Choices> choices = choices_by(sampling, wanted);
    for (std::size_t i = 0; i < wanted; ++i) {
      progress("sampling engines", static_cast<std::int64_t>(i), static_cast<std::int64_t>(wanted));
      // The last ones lie outside.
      const bool beyond = i + outside >= wanted;
      std::vector<std::size_t> choice = choices->next();
      for (int tries = 0; !sample(choice, beyond) && tries < kTriesAnEngine; ++tries) choice = choices->another();
    }
    return std::move(sample_);
  }

 private:
  std::unique_ptr<Choices> choices_by(EngineSampling sampling, std::size_t engines) {
    if (sampling == EngineSampling::kSobol) return std::make_unique<Sobol>(family_.ranges, seed_);
    return std::make_unique<LatinHypercube>(family_.ranges, engines, random_);
  }

  bool add(const engine::EngineConfig& config, bool outside, bool drawn) {
    std::string hash = engine::engine_hash(config);
    if (!known_.insert(hash).second) return false;
    sample_.engines.push_back({config, std::move(hash), outside, drawn});
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
      return add(engine::with_overrides(around, overrides), beyond && !can_leave.empty(), true);
    } catch (const Error&) {
      ++sample_.refused;
      return false;
    }
  }

  const engine::Family& family_;
  std::size_t count_;
  std::uint64_t seed_;
  Random random_;
  std::set<std::string> focus_;
  std::vector<engine::EngineConfig> bases_;
  std::set<std::string> known_;
  EngineSample sample_;
};

}  // namespace

const char* to_string(EngineSampling sampling) {
  return sampling == EngineSampling::kSobol ? "sobol" : "latin_hypercube";
}

EngineSampling parse_engine_sampling(const std::string& text) {
  for (const EngineSampling sampling : {EngineSampling::kLatinHypercube, EngineSampling::kSobol}) {
    if (text == to_string(sampling)) return sampling;
  }
  throw Error(fmt::format("'{}' is no way of sampling: must be latin_hypercube or sobol", text));
}

EngineSample sample_engines(const engine::EngineConfig& base, const engine::Family& family, int count,
                            double outside_share, const std::vector<std::string>& focus, std::uint64_t seed,
                            EngineSampling sampling, const Progress& progress) {
  if (count < 1) throw Error(fmt::format("{} engines cannot be sampled: give 1 or more", count));
  return Sampler(base, family, count, focus, seed).take(outside_share, sampling, progress);
}

EngineSample sample_ranges(const engine::EngineConfig& base, const engine::Family& family, int count, bool with_base,
                           double outside_share, const std::vector<std::string>& focus, std::uint64_t seed,
                           EngineSampling sampling, const Progress& progress) {
  if (count < 1) throw Error(fmt::format("{} engines cannot be sampled: give 1 or more", count));
  const Described described = with_base ? Described::kBase : Described::kNone;
  EngineSample sample = Sampler(base, family, count, focus, seed, described).take(outside_share, sampling, progress);
  if (sample.engines.empty()) {
    throw Error(
        fmt::format("the ranges of family {} hold no engine but those that are described: nothing is left to "
                    "be measured without them",
                    family.name));
  }
  return sample;
}

}  // namespace lanewise::study
