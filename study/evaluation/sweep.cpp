// SPDX-License-Identifier: Apache-2.0
#include "study/evaluation/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <utility>

#include "core/base/version.hpp"
#include "core/engine/free_keys.hpp"
#include "core/engine/scaling_rules.hpp"
#include "nas/problem.hpp"
#include "study/evaluation/answer.hpp"

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

// Of rows that failed, none is on the front.
template <class Row, class Costs>
void mark_pareto(std::vector<Row>& rows, std::size_t begin, std::size_t end, const Costs& costs) {
  std::vector<nas::Evaluation> evaluations;
  std::vector<std::size_t> row_of;
  for (std::size_t i = begin; i < end; ++i) {
    if (!rows[i].failure.empty()) continue;
    evaluations.push_back({costs(rows[i]), 0});
    row_of.push_back(i);
  }
  for (const std::size_t i : nas::pareto_front(evaluations)) rows[row_of[i]].pareto = true;
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
    double latency = 0, energy = 0;  // sums of logarithms
    for (std::size_t row = p; row < table.rows.size(); row += of_network) {
      const SweepRow& one = table.rows[row];
      if (!one.failure.empty()) {
        all.failure = one.network + ": " + one.failure;
        break;
      }
      latency += std::log(one.total.latency_ms);
      energy += std::log(one.total.energy_uj);
      all.area_mm2 = one.total.area_mm2;
      all.in_range = all.in_range && (!one.reliability || one.reliability->in_range);
    }
    if (!all.failure.empty()) continue;
    all.latency_ms = std::exp(latency / static_cast<double>(networks));
    all.energy_uj = std::exp(energy / static_cast<double>(networks));
  }
  for (std::size_t size = 0; size < sizes; ++size) {
    mark_pareto(set, size * points, (size + 1) * points, [](const SweepSetRow& row) {
      return std::vector<double>{row.latency_ms, row.energy_uj, row.area_mm2};
    });
  }
  return set;
}

using AnswerAll = std::function<std::vector<Answered>(const std::vector<Question>& questions)>;

SweepTable sweep_with(const std::vector<network::Graph>& graphs, const engine::EngineConfig& base,
                      const std::vector<Axis>& axes, const engine::Scaling* scaling, const std::vector<Axis>& sizes,
                      record::Source source, const AnswerAll& answer_all) {
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
  std::vector<Answered> answers = answer_all(questions);
  for (std::size_t q = 0; q < answers.size(); ++q) {
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
  for (std::size_t g = 0; g < graphs.size(); ++g) {
    mark_pareto(table.rows, g * points.size(), (g + 1) * points.size(), [](const SweepRow& row) {
      return std::vector<double>{row.total.latency_ms, row.total.energy_uj, row.total.area_mm2};
    });
  }
  if (graphs.size() > of_sizes.size()) table.set = set_of(table, points.size(), of_sizes.size());
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
                 const engine::Scaling* scaling, const std::vector<Axis>& sizes) {
  return sweep_with(graphs, base, axes, scaling, sizes, source.source(),
                    [&](const std::vector<Question>& questions) { return answer(questions, source, progress); });
}

SweepTable sweep(const std::vector<network::Graph>& graphs, const engine::EngineConfig& base,
                 const std::vector<Axis>& axes, const estimator::Estimator& estimator, const EstimateOptions& options,
                 const Progress& progress, const engine::Scaling* scaling, const std::vector<Axis>& sizes) {
  SweepTable table = sweep_with(graphs, base, axes, scaling, sizes, record::Source::kEstimated,
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
