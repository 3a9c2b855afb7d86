// SPDX-License-Identifier: Apache-2.0
#include "nas/metric.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "core/base/error.hpp"

namespace lanewise::nas {
namespace {

template <class Call>
std::string refusal(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "taken";
}
std::string limit_refusal(const std::string& text) {
  return refusal([&] { parse_limit(text); });
}

Metrics of(Metric metric, double value) {
  Metrics metrics;
  metrics[metric] = value;
  return metrics;
}

TEST(MetricTable, is_in_the_order_of_the_enumeration_and_each_name_stands_once) {
  ASSERT_EQ(metrics().size(), kMetricCount);
  std::set<std::string> names;
  for (std::size_t i = 0; i < kMetricCount; ++i) {
    const MetricTraits& traits = metrics()[i];
    EXPECT_EQ(static_cast<std::size_t>(traits.metric), i);
    EXPECT_TRUE(names.insert(traits.name).second) << traits.name;
    if (traits.old_name != nullptr) {
      EXPECT_TRUE(names.insert(traits.old_name).second) << traits.old_name;
    }
    EXPECT_EQ(parse_metric(traits.name), traits.metric);
    EXPECT_EQ(traits.maximised, traits.metric == Metric::kAccuracy);
  }
}

TEST(MetricTable, older_names_are_read) {
  EXPECT_EQ(parse_metrics("latency,energy,area,parameters,dram,peak_memory"),
            (std::vector<Metric>{Metric::kLatency, Metric::kEnergy, Metric::kArea, Metric::kParameters,
                                 Metric::kDramBytes, Metric::kPeakSramBytes}));
}

TEST(Objectives, are_minimised_unless_max_stands_behind_them) {
  const Objectives objectives = parse_objectives("latency_ms, parameters:max ,accuracy:max");
  EXPECT_EQ(objectives.metrics, (std::vector<Metric>{Metric::kLatency, Metric::kParameters, Metric::kAccuracy}));
  EXPECT_EQ(objectives.maximised, std::vector<Metric>{Metric::kParameters}) << "accuracy goes its own way";
  EXPECT_EQ(as_minimised(Metric::kParameters, 5, objectives.maximised), -5);
  EXPECT_EQ(as_minimised(Metric::kLatency, 5, objectives.maximised), 5);
  EXPECT_EQ(parse_objectives("macs").maximised, std::vector<Metric>{});
}

TEST(Objectives, refuse_other_directions_and_what_is_no_list_of_metrics) {
  EXPECT_EQ(refusal([] { parse_objectives("macs:most"); }),
            "objective 'macs:most': must be a metric, minimised, or a metric with ':max' behind it");
  EXPECT_NE(refusal([] { parse_objectives("macs:max,"); }).find("a name is missing"), std::string::npos);
  EXPECT_NE(refusal([] { parse_objectives(":max"); }).find("a name is missing"), std::string::npos);
  EXPECT_NE(refusal([] { parse_objectives("macs:max,macs"); }).find("stands twice"), std::string::npos);
}

TEST(MetricTable, a_list_may_have_spaces_and_neither_gaps_nor_repetitions) {
  EXPECT_EQ(parse_metrics(" latency_ms , accuracy"), (std::vector<Metric>{Metric::kLatency, Metric::kAccuracy}));
  EXPECT_NE(refusal([] { parse_metrics(""); }).find("a name is missing"), std::string::npos);
  EXPECT_NE(refusal([] { parse_metrics("macs,"); }).find("a name is missing"), std::string::npos);
  EXPECT_EQ(refusal([] { parse_metrics("latency,macs,latency_ms"); }),
            "metric 'latency_ms' stands twice in 'latency,macs,latency_ms'");
}

TEST(MetricTable, an_unknown_name_is_told_the_nearest_and_all_known_ones) {
  EXPECT_EQ(
      refusal([] {
        parse_metric("latencyms");
      }).rfind("metric 'latencyms' is unknown (did you mean 'latency_ms'?); known are latency_ms, energy_uj, ", 0),
      0u);
}

TEST(ParseLimit, reads_both_comparisons_with_and_without_spaces) {
  const Limit most = parse_limit("latency_ms<=5");
  EXPECT_EQ(most.metric, Metric::kLatency);
  EXPECT_TRUE(most.at_most);
  EXPECT_EQ(most.bound, 5);
  EXPECT_FALSE(most.of_baseline);
  EXPECT_EQ(most.text, "latency_ms<=5");
  const Limit least = parse_limit("  parameters  >= 0.9 * baseline ");
  EXPECT_EQ(least.metric, Metric::kParameters);
  EXPECT_FALSE(least.at_most);
  EXPECT_EQ(least.bound, 0.9);
  EXPECT_TRUE(least.of_baseline);
  EXPECT_EQ(parse_limit("energy<=baseline*1.5").bound, 1.5);
  EXPECT_EQ(parse_limit("energy<=baseline").bound, 1);
  EXPECT_TRUE(parse_limit("energy<=baseline").of_baseline);
}

TEST(ParseLimit, units_scale_to_the_metrics_own) {
  EXPECT_EQ(parse_limit("latency_ms<=1.1 ms").bound, 1.1);
  EXPECT_EQ(parse_limit("latency_ms<=1100us").bound, 1.1);
  EXPECT_EQ(parse_limit("latency_ms<=0.5 s").bound, 500);
  EXPECT_EQ(parse_limit("energy_uj<=2.5 mJ").bound, 2500);
  EXPECT_EQ(parse_limit("dram_bytes<=1.5 MiB").bound, 1572864);
  EXPECT_EQ(parse_limit("peak_sram_bytes<=512 KiB").bound, 524288);
  EXPECT_EQ(parse_limit("macs<=300M").bound, 3e8);
  EXPECT_EQ(parse_limit("parameters>=3.5 M").bound, 3.5e6);
  EXPECT_EQ(parse_limit("average_power_mw<=1 W").bound, 1000);
  EXPECT_EQ(parse_limit("area_mm2<=1e-1 mm2").bound, 0.1);
  EXPECT_EQ(parse_limit("accuracy>=-0.5").bound, -0.5);
}

TEST(ParseLimit, refuses_in_one_line_with_text_and_rule) {
  const std::string rule =
      "must be METRIC<=BOUND or METRIC>=BOUND, where a bound is a number or a factor of the baseline's value, as in "
      "'latency_ms<=5' and 'parameters>=0.9*baseline'";
  EXPECT_EQ(limit_refusal("latency_ms"), "limit 'latency_ms': " + rule);
  EXPECT_EQ(limit_refusal("latency_ms<5"), "limit 'latency_ms<5': '<' is no comparison here: " + rule);
  EXPECT_EQ(limit_refusal("latency_ms==5"), "limit 'latency_ms==5': '==' is no comparison here: " + rule);
  EXPECT_EQ(limit_refusal("latency_ms<="), "limit 'latency_ms<=': the bound is missing: " + rule);
  EXPECT_EQ(limit_refusal("latency_ms<=fast"), "limit 'latency_ms<=fast': 'fast' is not a number: " + rule);
  EXPECT_EQ(limit_refusal("latency_ms<=5 MiB"),
            "limit 'latency_ms<=5 MiB': '5 MiB' has 'MiB' behind its number: units here are ns, us, ms, s, or none");
  EXPECT_EQ(limit_refusal("edp<=5 ms"),
            "limit 'edp<=5 ms': '5 ms' has 'ms' behind its number: must be a number without a unit");
  EXPECT_EQ(limit_refusal("energy_uj<=-1"), "limit 'energy_uj<=-1': '-1' is negative: must be 0 or above");
  EXPECT_EQ(limit_refusal("energy_uj<=nan"), "limit 'energy_uj<=nan': 'nan' must be a finite number");
  EXPECT_EQ(limit_refusal("energy_uj<=inf"), "limit 'energy_uj<=inf': 'inf' must be a finite number");
  EXPECT_EQ(limit_refusal("energy_uj<=1e999"), "limit 'energy_uj<=1e999': '1e999' is too large or too small a number");
  EXPECT_EQ(limit_refusal("dram_bytes<=1e308 MiB"),
            "limit 'dram_bytes<=1e308 MiB': '1e308 MiB' is too large or too small a number");
  EXPECT_EQ(limit_refusal("macs<=2*3"), "limit 'macs<=2*3': a product must be a number times 'baseline'");
  EXPECT_EQ(limit_refusal("macs<=2 M*baseline"),
            "limit 'macs<=2 M*baseline': '2 M' has 'M' behind its number: must be a number without a unit");
  EXPECT_EQ(limit_refusal("<=5").rfind("limit '<=5': metric '' is unknown", 0), 0u);
  EXPECT_EQ(limit_refusal("a\nb<=5").find('\n'), std::string::npos);
}

TEST(Limits, two_that_repeat_or_exclude_each_other_are_refused) {
  EXPECT_EQ(parse_limits({"latency_ms<=5", "latency_ms>=2", "macs<=10"}).size(), 3u);
  EXPECT_EQ(refusal([] {
              parse_limits({"latency_ms<=5", "latency<=4"});
            }),
            "limit 'latency<=4': 'latency_ms<=5' already bounds latency_ms from above");
  EXPECT_EQ(refusal([] {
              parse_limits({"macs>=5", "macs<=4"});
            }),
            "limit 'macs<=4': nothing fulfils it together with 'macs>=5'");
  EXPECT_EQ(parse_limits({"macs>=5", "macs<=0.5*baseline"}).size(), 2u);  // whether both can hold depends
}

TEST(Violation, is_relative_to_the_bound_and_zero_up_to_it) {
  const Limit most = parse_limit("latency_ms<=5");
  EXPECT_EQ(most.violation(of(Metric::kLatency, 5), {}), 0);
  EXPECT_EQ(most.violation(of(Metric::kLatency, 4), {}), 0);
  EXPECT_DOUBLE_EQ(most.violation(of(Metric::kLatency, 6), {}), 0.2);
  const Limit least = parse_limit("parameters>=0.9*baseline");
  const Metrics baseline = of(Metric::kParameters, 1000);
  EXPECT_EQ(least.bound_for(baseline), 900);
  EXPECT_EQ(least.violation(of(Metric::kParameters, 900), baseline), 0);
  EXPECT_DOUBLE_EQ(least.violation(of(Metric::kParameters, 450), baseline), 0.5);
  EXPECT_EQ(parse_limit("dram_bytes<=0").violation(of(Metric::kDramBytes, 3), {}), 3);  // no bound to be relative to
  EXPECT_DOUBLE_EQ(parse_limit("accuracy>=-2").violation(of(Metric::kAccuracy, -3), {}), 0.5);
}

TEST(Violation, what_is_not_known_fulfils_nothing) {
  const Limit limit = parse_limit("accuracy>=0.5");
  EXPECT_EQ(refusal([&] { limit.violation({}, {}); }), "limit 'accuracy>=0.5': accuracy is not known");
  const Limit share = parse_limit("macs<=0.5*baseline");
  EXPECT_EQ(refusal([&] { share.violation(of(Metric::kMacs, 1), {}); }),
            "limit 'macs<=0.5*baseline': macs of the baseline is not known");
  EXPECT_TRUE(std::isinf(parse_limit("macs<=1").violation(of(Metric::kMacs, INFINITY), {})));
}

TEST(Violation, of_several_limits_adds_up) {
  const std::vector<Limit> limits = parse_limits({"latency_ms<=5", "macs<=100"});
  Metrics candidate = of(Metric::kLatency, 6);
  candidate[Metric::kMacs] = 150;
  EXPECT_DOUBLE_EQ(total_violation(limits, candidate, {}), 0.7);
}

}  // namespace
}  // namespace lanewise::nas
