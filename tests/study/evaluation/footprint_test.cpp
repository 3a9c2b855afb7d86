// SPDX-License-Identifier: Apache-2.0
#include "study/evaluation/footprint.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "core/base/error.hpp"

namespace lanewise::study {
namespace {

// 40 million MACs in 2 ms with 0.5 mJ.
NetworkAnswer an_answer() {
  NetworkAnswer answer;
  answer.network = "net";
  answer.total.macs = 40'000'000;
  answer.total.latency_ms = 2;
  answer.total.energy_uj = 500;
  return answer;
}

FootprintAssumptions round_numbers() {
  FootprintAssumptions a;
  a.host_watts = 4;
  a.host_macs_per_second = 2e9;
  a.users = 1000;
  a.inferences_per_day = 50;
  a.days_per_year = 360;
  a.charging_efficiency = 0.5;
  a.grid_grams_per_kwh = 400;
  return a;
}

TEST(Footprint, is_what_a_hand_computes) {
  const Footprint f = footprint(an_answer(), round_numbers());
  EXPECT_DOUBLE_EQ(f.inferences_per_year, 18e6);
  EXPECT_DOUBLE_EQ(f.engine.seconds, 0.002);
  EXPECT_DOUBLE_EQ(f.engine.joules, 0.0005);
  EXPECT_DOUBLE_EQ(f.engine.picojoules_per_mac, 12.5);
  // 18e6 x 0.0005 J = 9,000 J in the devices, 18,000 J from the socket: 0.005 kWh, 2 g.
  EXPECT_DOUBLE_EQ(f.engine.kwh_per_year, 0.005);
  EXPECT_DOUBLE_EQ(f.engine.kg_co2e_per_year, 0.002);
  // 40e6 / 2e9 = 20 ms, at 4 W 80 mJ; 18e6 x 0.08 / 0.5 = 2,880,000 J: 0.8 kWh, 320 g.
  EXPECT_DOUBLE_EQ(f.host.seconds, 0.02);
  EXPECT_DOUBLE_EQ(f.host.joules, 0.08);
  EXPECT_DOUBLE_EQ(f.host.picojoules_per_mac, 2000);
  EXPECT_DOUBLE_EQ(f.host.kwh_per_year, 0.8);
  EXPECT_DOUBLE_EQ(f.host.kg_co2e_per_year, 0.32);
}

TEST(Footprint, a_stated_time_goes_before_the_rate) {
  FootprintAssumptions a = round_numbers();
  a.host_seconds = 0.1;
  const Footprint f = footprint(an_answer(), a);
  EXPECT_DOUBLE_EQ(f.host.seconds, 0.1);
  EXPECT_DOUBLE_EQ(f.host.joules, 0.4);
}

TEST(Footprint, needs_something_to_take_the_hosts_time_from) {
  NetworkAnswer answer = an_answer();
  answer.total.macs = 0;
  EXPECT_THROW(footprint(answer, round_numbers()), Error);
  FootprintAssumptions a = round_numbers();
  a.host_seconds = 0.1;
  EXPECT_DOUBLE_EQ(footprint(answer, a).engine.picojoules_per_mac, 0);
}

TEST(Footprint, refuses_assumptions_that_nothing_can_be) {
  const std::function<void(FootprintAssumptions&, double)> set[] = {
      [](FootprintAssumptions& a, double v) { a.host_watts = v; },
      [](FootprintAssumptions& a, double v) { a.host_macs_per_second = v; },
      [](FootprintAssumptions& a, double v) { a.host_seconds = v; },
      [](FootprintAssumptions& a, double v) { a.users = v; },
      [](FootprintAssumptions& a, double v) { a.inferences_per_day = v; },
      [](FootprintAssumptions& a, double v) { a.days_per_year = v; },
      [](FootprintAssumptions& a, double v) { a.charging_efficiency = v; },
      [](FootprintAssumptions& a, double v) { a.grid_grams_per_kwh = v; }};
  for (const auto& one : set) {
    for (const double value :
         {0.0, -1.0, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
      FootprintAssumptions a = round_numbers();
      one(a, value);
      EXPECT_THROW(footprint(an_answer(), a), Error);
    }
  }
  FootprintAssumptions a = round_numbers();
  a.charging_efficiency = 1;
  EXPECT_NO_THROW(footprint(an_answer(), a));
  a.charging_efficiency = 1.01;
  EXPECT_THROW(footprint(an_answer(), a), Error);
}

}  // namespace
}  // namespace lanewise::study
