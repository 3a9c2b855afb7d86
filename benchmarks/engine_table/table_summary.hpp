// SPDX-License-Identifier: Apache-2.0
// What an engine table says in few numbers: each engine's front, and how far one engine's answer holds on another.
#pragma once

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "benchmarks/seed_runs.hpp"
#include "core/base/parallel.hpp"
#include "study/dataset/engine_table.hpp"

namespace lanewise {

// Rounded to so many significant digits, for files that are committed.
inline double significant(double value, int digits) {
  char text[40];
  std::snprintf(text, sizeof text, "%.*g", digits, value);
  return std::strtod(text, nullptr);
}

class TableSummary {
 public:
  static constexpr double kLeastAccuracy = 80;  // of hypervolumes, as in the published reference against MACs

  explicit TableSummary(const study::EngineTable& table) : table_(table) {
    const std::size_t engines = table.engines.size();
    latencies_.resize(engines), fronts_.resize(engines);
    tau_.assign(engines, std::vector<double>(engines, 1.0)), lost_ = tau_;
    tau_macs_.resize(engines);
    std::vector<double> macs;
    for (const study::TableNetwork& network : table.networks) macs.push_back(static_cast<double>(network.macs));
    for (std::size_t e = 0; e < engines; ++e) {
      for (const study::TableCell& cell : table.engines[e].cells) latencies_[e].push_back(cell.latency_ms);
      fronts_[e] = study::front_of_engine(table, e, study::FrontKind::kLatency);
    }
    const int threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
    parallel_for(engines, threads, [&](std::size_t a) {
      tau_macs_[a] = study::kendall_tau(latencies_[a], macs);
      for (std::size_t b = 0; b < engines; ++b) {
        if (b > a) tau_[a][b] = study::kendall_tau(latencies_[a], latencies_[b]);
        lost_[a][b] = a == b ? 0 : lost(a, b);
      }
    });
    for (std::size_t a = 0; a < engines; ++a) {
      for (std::size_t b = 0; b < a; ++b) tau_[a][b] = tau_[b][a];
    }
  }

  const std::vector<std::size_t>& front(std::size_t engine) const { return fronts_[engine]; }
  const std::vector<double>& latencies(std::size_t engine) const { return latencies_[engine]; }
  // The share of engine b's hypervolume that is lost where the networks of a's front are used on b.
  double hypervolume_lost(std::size_t a, std::size_t b) const { return lost_[a][b]; }
  // The share of a's front that is on b's, too.
  double shared(std::size_t a, std::size_t b) const {
    std::size_t both = 0;
    for (const std::size_t n : fronts_[a]) both += std::binary_search(fronts_[b].begin(), fronts_[b].end(), n) ? 1 : 0;
    return static_cast<double>(both) / static_cast<double>(fronts_[a].size());
  }

  nlohmann::ordered_json of_engine(std::size_t e) const {
    const study::TableEngine& engine = table_.engines[e];
    nlohmann::ordered_json out = {
        {"engine", engine.name},
        {"hash", engine.hash},
        {"family", engine.family},
        {"origin", engine.origin},
        {"area_mm2", significant(engine.area_mm2, 6)},
        {"front_latency", fronts_[e].size()},
        {"front_energy", study::front_of_engine(table_, e, study::FrontKind::kEnergy).size()}};
    for (const int percent : {10, 25, 50, 75, 90}) {
      const double most = quantile(latencies_[e], percent / 100.0);
      double best = 0;
      for (std::size_t n = 0; n < table_.networks.size(); ++n) {
        if (latencies_[e][n] <= most) best = std::max(best, table_.networks[n].accuracy_percent);
      }
      out["best_accuracy_under_latency_quantile"][std::to_string(percent)] = {{"latency_ms", significant(most, 5)},
                                                                              {"accuracy_percent", best}};
    }
    out["tau_of_latency_with_macs"] = significant(tau_macs_[e], 4);
    out["tau_of_latency_with_others"] = over_others(e, [&](std::size_t o) { return tau_[e][o]; });
    out["front_shared_with_others"] = over_others(e, [&](std::size_t o) { return shared(e, o); });
    out["hypervolume_lost_with_the_fronts_of_others"] = over_others(e, [&](std::size_t o) { return lost_[o][e]; });
    return out;
  }

  nlohmann::ordered_json of_all() const {
    const std::size_t engines = table_.engines.size();
    std::vector<double> taus, losses, shares;
    std::set<std::size_t> on_any;
    std::vector<std::size_t> times(table_.networks.size(), 0);
    std::array<std::size_t, 2> worst{0, 0}, least_alike{0, 0};
    for (std::size_t a = 0; a < engines; ++a) {
      for (const std::size_t n : fronts_[a]) on_any.insert(n), ++times[n];
      for (std::size_t b = 0; b < engines; ++b) {
        if (a == b) continue;
        losses.push_back(lost_[a][b]);
        shares.push_back(shared(a, b));
        if (lost_[a][b] > lost_[worst[0]][worst[1]]) worst = {a, b};
        if (b > a) taus.push_back(tau_[a][b]);
        if (tau_[a][b] < tau_[least_alike[0]][least_alike[1]]) least_alike = {a, b};
      }
    }
    const auto names = [&](const std::array<std::size_t, 2>& pair) {
      return nlohmann::ordered_json{table_.engines[pair[0]].name, table_.engines[pair[1]].name};
    };
    nlohmann::ordered_json out;
    out["networks_on_any_front"] = on_any.size();
    out["networks_on_every_front"] = std::count(times.begin(), times.end(), engines);
    out["front_of_all_latency_area"] = study::front_of_all(table_).size();
    out["tau_of_latency_with_macs"] = spread(tau_macs_);
    out["tau_of_latency_between_engines"] = spread(taus);
    out["least_alike"] = names(least_alike);
    out["front_shared_between_engines"] = spread(shares);
    out["hypervolume_lost_with_another_engines_front"] = spread(losses);
    out["most_lost_from_to"] = names(worst);
    return out;
  }

 private:
  static nlohmann::ordered_json spread(const std::vector<double>& values) {
    return {{"least", significant(quantile(values, 0), 4)},
            {"median", significant(quantile(values, 0.5), 4)},
            {"p90", significant(quantile(values, 0.9), 4)},
            {"most", significant(quantile(values, 1), 4)}};
  }
  template <class Value>
  nlohmann::ordered_json over_others(std::size_t e, const Value& value) const {
    std::vector<double> values;
    for (std::size_t o = 0; o < table_.engines.size(); ++o) {
      if (o != e) values.push_back(value(o));
    }
    return spread(values);
  }

  double lost(std::size_t from, std::size_t to) const {
    const double slowest = *std::max_element(latencies_[to].begin(), latencies_[to].end());
    const auto volume = [&](const std::vector<std::size_t>& networks) {
      std::vector<std::array<double, 2>> points;
      for (const std::size_t n : networks) points.push_back({latencies_[to][n], table_.networks[n].accuracy_percent});
      return study::front_volume(std::move(points), slowest, kLeastAccuracy);
    };
    return 1 - volume(fronts_[from]) / volume(fronts_[to]);
  }

  const study::EngineTable& table_;
  std::vector<std::vector<double>> latencies_;  // ms, by engine
  std::vector<std::vector<std::size_t>> fronts_;
  std::vector<std::vector<double>> tau_, lost_;
  std::vector<double> tau_macs_;
};

}  // namespace lanewise
