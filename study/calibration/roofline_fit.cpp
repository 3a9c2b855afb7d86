// SPDX-License-Identifier: Apache-2.0
#include "study/calibration/roofline_fit.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"
#include "core/mapping/bounds.hpp"

namespace lanewise::study {
namespace {

// What the roofline knows of a row.
struct Work {
  double mac_cycles = 0, bytes = 0, measured = 0;
};

std::vector<Work> work_of(const engine::EngineConfig& described, const MeasuredRows& rows,
                          const std::vector<bool>& use) {
  const std::vector<engine::EngineConfig> engines = rows.engines(described);
  std::vector<Work> out;
  for (std::size_t i = 0; i < rows.rows.size(); ++i) {
    if (!use[i]) continue;
    const MeasuredRow& row = rows.rows[i];
    const mapping::Bounds bounds = mapping::bounds(row.subgraph.subgraph, engines[row.engine_set]);
    out.push_back({bounds.mac_cycles, bounds.dram_bytes, static_cast<double>(row.cycles)});
  }
  return out;
}

double cycles_of(const RooflineFit& roofline, const Work& work) {
  return std::max(work.mac_cycles / roofline.compute_share, work.bytes / roofline.bytes_per_cycle) +
         roofline.launch_cycles;
}

double mean_error(const RooflineFit& roofline, const std::vector<Work>& rows) {
  double sum = 0;
  for (const Work& row : rows) sum += std::abs(cycles_of(roofline, row) / row.measured - 1);
  return sum / static_cast<double>(rows.size());
}

// Pattern search (Hooke and Jeeves, 1961): each number up or down by a ratio, which shrinks where nothing helps.
RooflineFit descend(RooflineFit at, const std::vector<Work>& rows) {
  constexpr double kWidest = 2, kNarrowest = 1.0005;
  double error = mean_error(at, rows);
  for (double ratio = kWidest; ratio > kNarrowest;) {
    bool better = false;
    for (double RooflineFit::*number :
         {&RooflineFit::compute_share, &RooflineFit::bytes_per_cycle, &RooflineFit::launch_cycles}) {
      for (const double factor : {ratio, 1 / ratio}) {
        RooflineFit tried = at;
        tried.*number *= factor;
        const double its = mean_error(tried, rows);
        if (its < error) {
          at = tried;
          error = its;
          better = true;
        }
      }
    }
    if (!better) ratio = std::sqrt(ratio);
  }
  return at;
}

}  // namespace

RooflineFit fit_roofline(const engine::EngineConfig& described, const MeasuredRows& rows,
                         const std::vector<bool>& use) {
  const std::vector<Work> work = work_of(described, rows, use);
  if (work.empty()) throw Error(rows.path + ": no row to fit a roofline to");
  double least = work.front().measured;
  for (const Work& row : work) least = std::min(least, row.measured);
  RooflineFit best;
  double error = -1;
  for (const double share : {0.1, 0.3, 1.0}) {
    for (const double bytes : {0.5, 2.0, 8.0, 32.0, 128.0}) {
      // Of no launch at all a search by ratios never leaves, so that each bandwidth is tried with it and without.
      for (const double launch : {0.0, 0.1 * least, 0.5 * least}) {
        const RooflineFit found = descend({share, bytes, launch}, work);
        const double its = mean_error(found, work);
        if (error >= 0 && its >= error) continue;
        best = found;
        error = its;
      }
    }
  }
  return best;
}

Residuals roofline_residuals(const RooflineFit& roofline, const engine::EngineConfig& described,
                             const MeasuredRows& rows, const std::vector<bool>& use) {
  Residuals out;
  for (const Work& row : work_of(described, rows, use)) {
    out.push_back(std::log(std::max(cycles_of(roofline, row), 1.0) / row.measured));
  }
  return out;
}

}  // namespace lanewise::study
