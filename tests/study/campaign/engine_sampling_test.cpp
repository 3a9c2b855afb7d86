// SPDX-License-Identifier: Apache-2.0
#include "study/campaign/engine_sampling.hpp"

#include <cmath>
#include <map>
#include <set>

#include "core/base/error.hpp"
#include "study/campaign/sobol.hpp"
#include "tests/study/fixtures.hpp"

namespace lanewise::study::testing {
namespace {

TEST(SobolSequence, every_axis_holds_one_point_an_interval) {
  for (const std::uint64_t seed : {1, 2, 77}) {
    constexpr std::size_t kDimensions = 24;
    for (const std::size_t points : {2, 16, 256, 1024}) {
      SobolSequence sequence(kDimensions, seed);
      std::vector<std::set<std::size_t>> met(kDimensions);
      for (std::size_t i = 0; i < points; ++i) {
        const std::vector<double> point = sequence.next();
        ASSERT_EQ(point.size(), kDimensions);
        for (std::size_t d = 0; d < kDimensions; ++d) {
          ASSERT_GE(point[d], 0);
          ASSERT_LT(point[d], 1);
          met[d].insert(static_cast<std::size_t>(point[d] * static_cast<double>(points)));
        }
      }
      for (std::size_t d = 0; d < kDimensions; ++d) EXPECT_EQ(met[d].size(), points) << "axis " << d;
    }
  }
}

// The first two axes are a (0, m, 2)-net: every dyadic rectangle of area 2^-m holds one of 2^m points, and scrambling
// keeps it so.
TEST(SobolSequence, the_first_two_axes_are_a_net) {
  constexpr int kPower = 8;
  SobolSequence sequence(2, 5);
  std::vector<std::vector<double>> points;
  for (int i = 0; i < 1 << kPower; ++i) points.push_back(sequence.next());
  for (int across = 0; across <= kPower; ++across) {
    std::set<std::pair<int, int>> met;
    for (const std::vector<double>& p : points) {
      met.emplace(static_cast<int>(p[0] * (1 << across)), static_cast<int>(p[1] * (1 << (kPower - across))));
    }
    EXPECT_EQ(met.size(), points.size()) << across;
  }
}

TEST(SobolSequence, depends_on_its_seed_alone) {
  SobolSequence a(5, 3), b(5, 3), other(5, 4);
  const std::vector<double> first = a.next();
  EXPECT_EQ(first, b.next());
  EXPECT_NE(first, other.next());
}

TEST(SobolSequence, more_axes_than_numbers_are_refused) { EXPECT_THROW(SobolSequence(100000, 1), Error); }

TEST(EngineSampling, names_come_back) {
  for (const EngineSampling sampling : {EngineSampling::kLatinHypercube, EngineSampling::kSobol}) {
    EXPECT_EQ(parse_engine_sampling(to_string(sampling)), sampling);
  }
  EXPECT_THROW(parse_engine_sampling("grid"), Error);
}

// How unevenly pairs of values are met: chi-square over its degrees of freedom, mean over all pairs of keys. Of
// independent draws it is 1.
double unevenness_of_pairs(const EngineSample& sample, const engine::Family& family) {
  double sum = 0;
  int pairs = 0;
  for (std::size_t a = 0; a < family.ranges.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b, ++pairs) {
      const engine::FamilyRange &first = family.ranges[a], &second = family.ranges[b];
      std::map<std::pair<std::string, std::string>, int> counts;
      for (const SampledEngine& engine : sample.engines) {
        ++counts[{engine::value_text(engine.config, first.key), engine::value_text(engine.config, second.key)}];
      }
      const auto cells = static_cast<double>(first.values.size() * second.values.size());
      const double even = static_cast<double>(sample.engines.size()) / cells;
      double chi = 0;
      for (const std::string& x : first.values) {
        for (const std::string& y : second.values) chi += std::pow(counts[{x, y}] - even, 2) / even;
      }
      sum += chi / (cells - 1);
    }
  }
  return sum / pairs;
}

TEST(EngineSampling, sobol_covers_keys_and_pairs_of_keys) {
  const engine::Family family = engine::load_family(kEnginePath);
  constexpr int kEngines = 262;  // the family's members and 256 points
  const EngineSample sobol = sample_engines(small_engine(), family, kEngines, 0, {}, 1, EngineSampling::kSobol);
  ASSERT_EQ(sobol.engines.size(), static_cast<std::size_t>(kEngines));
  for (const engine::FamilyRange& range : family.ranges) {
    std::map<std::string, int> counts;
    for (const SampledEngine& engine : sobol.engines) ++counts[engine::value_text(engine.config, range.key)];
    const double even = 256.0 / static_cast<double>(range.values.size());
    for (const std::string& value : range.values) {
      EXPECT_NEAR(counts[value], even, 8) << range.key << " " << value;
    }
  }
  const EngineSample hypercube = sample_engines(small_engine(), family, kEngines, 0, {}, 1);
  EXPECT_LT(unevenness_of_pairs(sobol, family), 0.7 * unevenness_of_pairs(hypercube, family));
}

TEST(EngineSampling, the_same_arguments_give_the_same_engines) {
  const engine::Family family = engine::load_family(kEnginePath);
  for (const EngineSampling sampling : {EngineSampling::kLatinHypercube, EngineSampling::kSobol}) {
    const auto hashes = [&](std::uint64_t seed) {
      std::vector<std::string> out;
      for (const SampledEngine& engine : sample_engines(small_engine(), family, 40, 0.1, {}, seed, sampling).engines) {
        out.push_back(engine.hash);
      }
      return out;
    };
    EXPECT_EQ(hashes(3), hashes(3));
    EXPECT_NE(hashes(3), hashes(4));
  }
}

}  // namespace
}  // namespace lanewise::study::testing
