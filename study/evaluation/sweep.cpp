// SPDX-License-Identifier: Apache-2.0
#include "study/evaluation/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

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

void mark_pareto(std::vector<SweepRow>& rows, std::size_t begin, std::size_t end) {
  std::vector<nas::Evaluation> evaluations;
  std::vector<std::size_t> row_of;
  for (std::size_t i = begin; i < end; ++i) {
    if (!rows[i].failure.empty()) continue;
    const Totals& t = rows[i].total;
    evaluations.push_back({{t.latency_ms, t.energy_uj, t.area_mm2}, 0});
    row_of.push_back(i);
  }
  for (const std::size_t i : nas::pareto_front(evaluations)) rows[row_of[i]].pareto = true;
}

}  // namespace

Axis parse_axis(const std::string& text) {
  const engine::Override split = engine::parse_override(text);
  Axis axis{split.key, {}};
  std::size_t begin = 0;
  for (;;) {
    const std::size_t comma = split.value.find(',', begin);
    std::string value = split.value.substr(begin, comma == std::string::npos ? comma : comma - begin);
    value.erase(0, value.find_first_not_of(' '));
    value.erase(value.find_last_not_of(' ') + 1);
    if (value.empty()) throw Error(fmt::format("--vary {}: an empty value; write KEY=v1,v2,…", text));
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
                 const engine::Scaling* scaling) {
  for (std::size_t a = 0; a < axes.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      if (axes[a].key == axes[b].key) throw Error(fmt::format("--vary {}: the key is varied twice", axes[a].key));
    }
  }
  const std::vector<Point> points = points_of(base, axes, scaling);
  refuse_useless_values(points, axes);

  SweepTable table;
  table.engine = base.name;
  table.source = source.source();
  table.tool_version = version();
  std::vector<std::string> keys;
  for (const Axis& axis : axes) keys.push_back(axis.key);
  table.free_keys = engine::free_keys(base, keys);
  std::vector<Question> questions;
  std::vector<std::size_t> row_of;
  for (const network::Graph& graph : graphs) {
    for (const Point& point : points) {
      SweepRow row;
      row.network = graph.name();
      row.failure = point.failure;
      row.followers = point.followers;
      for (std::size_t a = 0; a < axes.size(); ++a) {
        row.settings.emplace_back(axes[a].key, axes[a].values[point.choice[a]]);
      }
      if (point.engine) {
        for (engine::ScalingWarning& warning : engine::scaling_warnings(*point.engine)) {
          row.warnings.push_back(std::move(warning.message));
        }
        questions.push_back({&graph, &*point.engine});
        row_of.push_back(table.rows.size());
      }
      table.rows.push_back(std::move(row));
    }
  }
  const std::vector<Answered> answers = answer(questions, source, progress);
  for (std::size_t q = 0; q < answers.size(); ++q) {
    table.rows[row_of[q]].failure = answers[q].failure;
    table.rows[row_of[q]].total = answers[q].answer.total;
  }
  for (std::size_t g = 0; g < graphs.size(); ++g) {
    mark_pareto(table.rows, g * points.size(), (g + 1) * points.size());
  }
  return table;
}

}  // namespace lanewise::study
