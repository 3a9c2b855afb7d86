// SPDX-License-Identifier: Apache-2.0
#include "study/evaluation/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <optional>
#include <utility>

#include "core/base/version.hpp"
#include "core/engine/free_keys.hpp"
#include "core/engine/scaling_rules.hpp"
#include "study/evaluation/answer.hpp"
#include "study/evaluation/answer_metrics.hpp"
#include "study/evaluation/sweep_wishes.hpp"

namespace lanewise::study {
namespace {

// One engine of the sweep, or why it cannot be.
struct Point {
  std::vector<std::size_t> choice;  // a value index an axis
  std::vector<std::pair<std::string, std::string>> followers;
  std::optional<engine::EngineConfig> engine;
  std::string failure;
};

std::vector<std::string> keys_of(const std::vector<Axis>& axes) {
  std::vector<std::string> keys;
  keys.reserve(axes.size());
  for (const Axis& axis : axes) keys.push_back(axis.key);
  return keys;
}

// Every key that follows in some row has a column, with the value of `base` where it does not change.
void add_followers(Point& point, const engine::EngineConfig& base, std::vector<engine::Override>& overrides,
                   const std::vector<std::string>& keys, const engine::Scaling& scaling) {
  const std::vector<engine::Override> followers = engine::followers_of(base, overrides, scaling);
  for (const std::string& key : keys) {
    const auto follower = std::find_if(followers.begin(), followers.end(),
                                       [&](const engine::Override& change) { return change.key == key; });
    point.followers.emplace_back(key, follower == followers.end() ? engine::value_text(base, key) : follower->value);
  }
  overrides.insert(overrides.end(), followers.begin(), followers.end());
}

std::vector<Point> points_of(const engine::EngineConfig& base, const std::vector<Axis>& axes,
                             const engine::Scaling* scaling) {
  std::vector<Point> points(1);
  for (const Axis& axis : axes) {
    engine::value_text(base, axis.key);  // refuses a key that no engine has
    std::vector<Point> longer;
    for (const Point& point : points) {
      for (std::size_t v = 0; v < axis.values.size(); ++v) {
        longer.push_back(point);
        longer.back().choice.push_back(v);
      }
    }
    points = std::move(longer);
  }
  std::vector<std::string> follow;
  if (scaling != nullptr) follow = engine::follower_keys(keys_of(axes), *scaling);
  for (Point& point : points) {
    std::vector<engine::Override> overrides;
    for (std::size_t a = 0; a < axes.size(); ++a) overrides.push_back({axes[a].key, axes[a].values[point.choice[a]]});
    try {
      if (scaling != nullptr) add_followers(point, base, overrides, follow, *scaling);
      point.engine = engine::with_overrides(base, overrides);
    } catch (const Error& error) {
      point.failure = error.what();
    }
  }
  return points;
}

// A value that every combination refuses is a mistake in the command, not a finding of the sweep.
void refuse_useless_values(const std::vector<Point>& points, const std::vector<Axis>& axes) {
  for (std::size_t a = 0; a < axes.size(); ++a) {
    for (std::size_t v = 0; v < axes[a].values.size(); ++v) {
      const Point* refused = nullptr;
      bool useful = false;
      for (const Point& point : points) {
        if (point.choice[a] != v) continue;
        useful = useful || point.engine.has_value();
        if (!point.engine) refused = &point;
      }
      if (!useful && refused != nullptr) {
        throw Error(fmt::format("--vary {}={}: {}", axes[a].key, axes[a].values[v], refused->failure));
      }
    }
  }
}

// What each engine is to all networks together, at each of their sizes; `points` engines at `sizes` sizes, and
// `table.rows` network by network.
std::vector<SweepSetRow> set_of(const SweepTable& table, std::size_t points, std::size_t sizes) {
  const std::size_t of_network = points * sizes;
  const std::size_t networks = table.rows.size() / of_network;
  std::vector<SweepSetRow> set(of_network);
  for (std::size_t p = 0; p < of_network; ++p) {
    SweepSetRow& all = set[p];
    all.settings = table.rows[p].settings;
    all.point = p;
    std::array<double, nas::kMetricCount> logarithms{};  // sums over the networks
    for (std::size_t row = p; row < table.rows.size(); row += of_network) {
      const SweepRow& one = table.rows[row];
      if (!one.failure.empty()) {
        all.failure = one.network + ": " + one.failure;
        break;
      }
      const nas::Metrics values = metrics_of(one.total);
      for (std::size_t m = 0; m < logarithms.size(); ++m) logarithms[m] += std::log(values.values[m]);
      all.violation += one.violation();
      all.area_mm2 = one.total.area_mm2;
      all.in_range = all.in_range && (!one.reliability || one.reliability->in_range);
    }
    if (!all.failure.empty()) continue;
    for (std::size_t m = 0; m < logarithms.size(); ++m) {
      all.means.values[m] = std::exp(logarithms[m] / static_cast<double>(networks));
    }
    all.means[nas::Metric::kArea] = all.area_mm2;
    all.latency_ms = all.means[nas::Metric::kLatency];
    all.energy_uj = all.means[nas::Metric::kEnergy];
  }
  return set;
}

// What a limit may be a factor of.
nas::Metrics baseline_of(const Answered& answered, const network::Graph& graph, const engine::EngineConfig& base,
                         const SweepWishes& wishes) {
  if (answered.failure.empty()) return metrics_of(answered.answer.total);
  const auto limit =
      std::find_if(wishes.limits.begin(), wishes.limits.end(), [](const nas::Limit& one) { return one.of_baseline; });
  throw Error(fmt::format("limit '{}': the baseline, {} on {}, cannot run: {}", limit->text, graph.name(), base.name,
                          answered.failure));
}

using AnswerAll = std::function<std::vector<Answered>(const std::vector<Question>& questions)>;

SweepTable sweep_with(const std::vector<network::Graph>& graphs, const engine::EngineConfig& base,
                      const std::vector<Axis>& axes, const engine::Scaling* scaling, const std::vector<Axis>& sizes,
                      record::Source source, const SweepWishes& wishes, const AnswerAll& answer_all) {
  for (std::size_t a = 0; a < axes.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      if (axes[a].key == axes[b].key) throw Error(fmt::format("--vary {}: the key is varied twice", axes[a].key));
    }
  }
  const std::vector<Point> points = points_of(base, axes, scaling);
  refuse_useless_values(points, axes);

  SweepTable table;
  table.engine = base.name;
  table.identity = engine::identity_of(base);
  table.source = source;
  table.tool_version = version();
  table.free_keys = engine::free_keys(base, keys_of(axes));
  table.wishes = wishes;
  std::vector<Question> questions;
  std::vector<std::size_t> row_of;
  const auto of_sizes = combinations(sizes);
  if (graphs.size() % of_sizes.size() != 0) throw InternalError("a network lacks one of its sizes");
  for (std::size_t g = 0; g < graphs.size(); ++g) {
    const network::Graph& graph = graphs[g];
    for (const Point& point : points) {
      SweepRow row;
      row.settings = of_sizes[g % of_sizes.size()];
      row.network = graph.name();
      row.failure = point.failure;
      row.point = table.rows.size() % (points.size() * of_sizes.size());
      row.followers = point.followers;
      for (std::size_t a = 0; a < axes.size(); ++a) {
        row.settings.emplace_back(axes[a].key, axes[a].values[point.choice[a]]);
      }
      if (point.engine) {
        row.engine_hash = engine::engine_hash(*point.engine);
        for (engine::ScalingWarning& warning : engine::scaling_warnings(*point.engine)) {
          row.warnings.push_back(std::move(warning.message));
        }
        questions.push_back({&graph, &*point.engine});
        row_of.push_back(table.rows.size());
      }
      table.rows.push_back(std::move(row));
    }
  }
  const bool with_baseline = std::any_of(wishes.limits.begin(), wishes.limits.end(),
                                         [](const nas::Limit& limit) { return limit.of_baseline; });
  if (with_baseline) {
    for (const network::Graph& graph : graphs) questions.push_back({&graph, &base});
  }
  std::vector<Answered> answers = answer_all(questions);
  for (std::size_t q = 0; q < row_of.size(); ++q) {
    SweepRow& row = table.rows[row_of[q]];
    row.failure = answers[q].failure;
    row.total = answers[q].answer.total;
    row.reliability = std::move(answers[q].answer.reliability);
    const std::optional<estimator::NetworksLikeThis>& like = answers[q].answer.networks_like_this;
    const bool told = !table.networks_like.empty() && table.networks_like.back().first == row.network;
    if (like && !told) table.networks_like.emplace_back(row.network, *like);
    row.fallback = answers[q].answer.fallback;
    row.subgraphs = static_cast<std::int64_t>(answers[q].answer.subgraphs.size());
  }
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    SweepRow& row = table.rows[r];
    if (!row.failure.empty()) continue;
    const std::size_t graph = r / points.size();
    row.limits = check_limits(
        row, wishes.limits,
        with_baseline ? baseline_of(answers[row_of.size() + graph], graphs[graph], base, wishes) : nas::Metrics{});
  }
  if (graphs.size() > of_sizes.size()) table.set = set_of(table, points.size(), of_sizes.size());
  carry_out(table, points.size(), points.size() * of_sizes.size());
  return table;
}

}  // namespace

bool is_network_key(const std::string& key) { return key == "batch" || key.rfind("dim.", 0) == 0; }

std::vector<std::vector<std::pair<std::string, std::string>>> combinations(const std::vector<Axis>& axes) {
  std::vector<std::vector<std::pair<std::string, std::string>>> all(1);
  for (const Axis& axis : axes) {
    std::vector<std::vector<std::pair<std::string, std::string>>> longer;
    for (const auto& settings : all) {
      for (const std::string& value : axis.values) {
        longer.push_back(settings);
        longer.back().emplace_back(axis.key, value);
      }
    }
    all = std::move(longer);
  }
  return all;
}

Axis parse_axis(const std::string& text) {
  const engine::Override split = engine::parse_override(text);
  Axis axis{split.key, {}};
  std::size_t begin = 0;
  for (;;) {
    const std::size_t comma = split.value.find(',', begin);
    std::string value = split.value.substr(begin, comma == std::string::npos ? comma : comma - begin);
    value.erase(0, value.find_first_not_of(' '));
    value.erase(value.find_last_not_of(' ') + 1);
    if (value.empty())
      throw Error(fmt::format("--vary {}: an empty value; write KEY=v1,v2,…, with commas and no spaces", text));
    if (std::find(axis.values.begin(), axis.values.end(), value) != axis.values.end()) {
      throw Error(fmt::format("--vary {}: the value {} stands twice", text, value));
    }
    axis.values.push_back(value);
    if (comma == std::string::npos) return axis;
    begin = comma + 1;
  }
}

SweepTable sweep(const std::vector<network::Graph>& graphs, const engine::EngineConfig& base,
                 const std::vector<Axis>& axes, MeasurementSource& source, const Progress& progress,
                 const engine::Scaling* scaling, const std::vector<Axis>& sizes, const SweepWishes& wishes) {
  return sweep_with(graphs, base, axes, scaling, sizes, source.source(), wishes,
                    [&](const std::vector<Question>& questions) { return answer(questions, source, progress); });
}

SweepTable sweep(const std::vector<network::Graph>& graphs, const engine::EngineConfig& base,
                 const std::vector<Axis>& axes, const estimator::Estimator& estimator, const EstimateOptions& options,
                 const Progress& progress, const engine::Scaling* scaling, const std::vector<Axis>& sizes,
                 const SweepWishes& wishes) {
  SweepTable table = sweep_with(graphs, base, axes, scaling, sizes, record::Source::kEstimated, wishes,
                                [&](const std::vector<Question>& questions) {
                                  // A row tells what the network is bound by, and not each of its subgraphs.
                                  EstimateOptions of_rows = options;
                                  of_rows.explained = 0.9;
                                  return estimate(questions, estimator, of_rows, progress);
                                });
  table.estimator = EstimatorNote{estimator.family(), base.family != estimator.family()};
  table.held_out_accuracy = held_out_accuracy(estimator);
  table.adapted = adaptation_note(estimator, base);
  return table;
}

}  // namespace lanewise::study
