// SPDX-License-Identifier: Apache-2.0
// Searches whose answers are known: a machine in closed form with two overheads and a bandwidth.
#include "study/calibration/parameter_search.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "study/calibration/identifiability.hpp"

namespace lanewise::study {
namespace {

// What a row costs: bytes / bandwidth + calls x overhead + a fixed start.
struct Row {
  double bytes = 0, calls = 0, measured = 0;
};

SearchKey whole(const char* name, double start) { return {name, start, 0, 1024, true, 1}; }
SearchKey rate(const char* name, double start) { return {name, start, 0.01, 1000, false, 0}; }

double cost(const Row& row, double bandwidth, double overhead, double start) {
  return row.bytes / bandwidth + row.calls * overhead + start;
}

std::vector<Row> make_rows(double bandwidth, double overhead, double start, double noise = 0) {
  Random random(3);
  std::vector<Row> rows;
  for (int i = 0; i < 30; ++i) {
    Row row{static_cast<double>(random.between(100, 20000)), static_cast<double>(random.between(1, 40)), 0};
    row.measured = cost(row, bandwidth, overhead, start) * std::exp(noise * random.normal());
    rows.push_back(row);
  }
  return rows;
}

ResidualModel model_of(const std::vector<Row>& rows) {
  return [rows](const std::vector<double>& v) -> std::optional<Residuals> {
    Residuals residuals;
    for (const Row& row : rows) residuals.push_back(std::log(cost(row, v[0], v[1], v[2]) / row.measured));
    return residuals;
  };
}

const std::vector<SearchKey> kKeys = {rate("bandwidth", 5.6), whole("overhead", 39), whole("start", 130)};

TEST(ParameterSearch, finds_the_numbers_behind_exact_rows) {
  const auto model = model_of(make_rows(8, 30, 100));
  const SearchOutcome found = search_parameters(kKeys, model, {});
  EXPECT_NEAR(found.values[0], 8, 0.02);
  EXPECT_EQ(found.values[1], 30);
  EXPECT_NEAR(found.values[2], 100, 2);
  EXPECT_LT(mean_error_percent(found.after), 0.1);
  EXPECT_GT(mean_error_percent(found.before), 20);
  const std::vector<KeyIdentifiability> judged = assess(kKeys, model, found, {});
  for (const KeyIdentifiability& key : judged) {
    EXPECT_EQ(key.kind, Identifiability::kKnown);
    EXPECT_GT(key.lower_rise_percent, 0);
    EXPECT_GT(key.higher_rise_percent, 0);
    EXPECT_TRUE(key.together_with.empty());
  }
  EXPECT_EQ(judged[1].uncertainty_percent, 0);  // no other whole number would do
}

TEST(ParameterSearch, is_the_same_every_time) {
  const auto model = model_of(make_rows(8, 30, 100, 0.02));
  const SearchOutcome first = search_parameters(kKeys, model, {}), second = search_parameters(kKeys, model, {});
  EXPECT_EQ(first.values, second.values);
  EXPECT_EQ(first.evaluations, second.evaluations);
}

TEST(ParameterSearch, rows_that_are_far_off_do_not_bend_the_others) {
  std::vector<Row> rows = make_rows(8, 30, 100, 0.01);
  for (std::size_t i = 0; i < 4; ++i) rows[7 * i].measured *= 1.6;
  const SearchOutcome found = search_parameters(kKeys, model_of(rows), {});
  EXPECT_NEAR(found.values[0], 8, 0.4);
  EXPECT_NEAR(found.values[1], 30, 2);
}

TEST(ParameterSearch, noisy_rows_say_how_well_a_value_is_known) {
  const auto model = model_of(make_rows(8, 30, 100, 0.03));
  const SearchOutcome found = search_parameters(kKeys, model, {});
  EXPECT_GT(found.noise, 0.01);
  const std::vector<KeyIdentifiability> judged = assess(kKeys, model, found, {});
  EXPECT_EQ(judged[0].kind, Identifiability::kKnown);
  EXPECT_LT(std::abs(found.values[0] - 8) / 8, 3 * judged[0].uncertainty_percent / 100);
}

TEST(ParameterSearch, a_key_that_no_row_feels_is_unknown_and_stays) {
  std::vector<SearchKey> keys = kKeys;
  keys.push_back(whole("idle", 17));
  const auto model = model_of(make_rows(8, 30, 100));
  const SearchOutcome found = search_parameters(keys, model, {});
  EXPECT_EQ(found.values[3], 17);
  const std::vector<KeyIdentifiability> judged = assess(keys, model, found, {});
  EXPECT_EQ(judged[3].kind, Identifiability::kUnknown);
  EXPECT_EQ(judged[3].lower_rise_percent, 0);
  EXPECT_EQ(judged[0].kind, Identifiability::kKnown);
}

TEST(ParameterSearch, keys_that_only_count_together_name_each_other) {
  const std::vector<Row> rows = make_rows(8, 30, 100);
  const std::vector<SearchKey> keys = {rate("bandwidth", 5.6), whole("overhead", 39), whole("before", 60),
                                       whole("behind", 70)};
  const ResidualModel model = [&](const std::vector<double>& v) -> std::optional<Residuals> {
    Residuals residuals;
    for (const Row& row : rows) residuals.push_back(std::log(cost(row, v[0], v[1], v[2] + v[3]) / row.measured));
    return residuals;
  };
  const SearchOutcome found = search_parameters(keys, model, {});
  EXPECT_NEAR(found.values[2] + found.values[3], 100, 2);
  const std::vector<KeyIdentifiability> judged = assess(keys, model, found, {});
  EXPECT_EQ(judged[1].kind, Identifiability::kKnown);
  EXPECT_EQ(judged[2].kind, Identifiability::kJoint);
  EXPECT_EQ(judged[2].together_with, std::vector<std::string>{"behind"});
  EXPECT_EQ(judged[3].kind, Identifiability::kJoint);
  EXPECT_EQ(judged[3].together_with, std::vector<std::string>{"before"});
}

TEST(ParameterSearch, what_hides_behind_a_limit_is_known_from_one_side) {
  // The port takes 8 at most: a memory of 8 or more cannot be told from another.
  const std::vector<Row> rows = make_rows(8, 30, 100);
  const ResidualModel model = [&](const std::vector<double>& v) -> std::optional<Residuals> {
    return (*model_of(rows)({std::min(v[0], 8.0), v[1], v[2]}));
  };
  const SearchOutcome found = search_parameters(kKeys, model, {});
  EXPECT_GE(found.values[0], 7.9);
  EXPECT_EQ(assess(kKeys, model, found, {})[0].kind, Identifiability::kAtLeast);
}

TEST(ParameterSearch, values_that_no_engine_can_have_are_passed_over) {
  const std::vector<Row> rows = make_rows(8, 30, 100);
  const ResidualModel model = [&](const std::vector<double>& v) -> std::optional<Residuals> {
    if (v[1] > 45 || v[0] > 9) return std::nullopt;
    return model_of(rows)(v);
  };
  EXPECT_EQ(search_parameters(kKeys, model, {}).values[1], 30);
  const ResidualModel none = [](const std::vector<double>&) { return std::optional<Residuals>(); };
  EXPECT_THROW(search_parameters(kKeys, none, {}), Error);
}

TEST(ParameterSearch, times_are_whole_cycles_from_none_upwards) {
  // 800 MHz: 1.25 ns a cycle. The rows have 10 ns, and the description 40 ns; and the other way round, from none.
  engine::EngineConfig engine = engine::load_engine("hwconfigs/ne-256.yaml").config;
  for (const double measured : {10e-9, 40e-9}) {
    engine.dram.latency = Seconds(measured == 10e-9 ? 40e-9 : 0);
    const std::vector<SearchKey> keys = search_keys(engine, {"dram.latency"});
    EXPECT_DOUBLE_EQ(keys[0].grid, 1.25e-9);
    const ResidualModel model = [&](const std::vector<double>& v) -> std::optional<Residuals> {
      Residuals residuals;
      for (double calls = 5; calls < 40; calls += 2) {
        residuals.push_back(std::log((1e-6 + calls * v[0]) / (1e-6 + calls * measured)));
      }
      return residuals;
    };
    EXPECT_DOUBLE_EQ(search_parameters(keys, model, {}).values[0], measured);
  }
}

TEST(ParameterSearch, ends_alike_wherever_it_begins) {
  const auto model = model_of(make_rows(8, 30, 100, 0.02));
  SearchSettings settings;
  settings.single_factors = {0.25, 0.5, 2, 4};
  double least = 1e9, most = 0;
  for (const double bandwidth : {0.25, 1.0, 4.0}) {
    for (const double overhead : {0.25, 1.0, 4.0}) {
      for (const double begin : {0.25, 1.0, 4.0}) {
        const std::vector<SearchKey> keys = {rate("bandwidth", 8 * bandwidth),
                                             whole("overhead", std::round(30 * overhead)),
                                             whole("start", std::round(100 * begin))};
        const double error = mean_error_percent(search_parameters(keys, model, settings).after);
        least = std::min(least, error);
        most = std::max(most, error);
      }
    }
  }
  EXPECT_LT(most, least + 1);
}

TEST(ParameterSearch, rows_that_weigh_little_bend_little) {
  std::vector<Row> rows = make_rows(8, 30, 100, 0.01);
  SearchSettings weighted;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool wrong = i % 3 == 0;
    if (wrong) rows[i].measured *= 1.3;
    weighted.weights.push_back(wrong ? 0.1 : 1);
  }
  const auto off = [&](const SearchSettings& settings) {
    return std::abs(search_parameters(kKeys, model_of(rows), settings).values[0] - 8);
  };
  EXPECT_LT(off(weighted), 0.3);
  EXPECT_GT(off({}), 2 * off(weighted));
}

TEST(ParameterSearch, nothing_moves_where_the_description_is_right) {
  const std::vector<SearchKey> keys = {rate("bandwidth", 8), whole("overhead", 30), whole("start", 100)};
  EXPECT_EQ(search_parameters(keys, model_of(make_rows(8, 30, 100)), {}).values, (std::vector<double>{8, 30, 100}));
}

}  // namespace
}  // namespace lanewise::study
