// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/step_work.hpp"

namespace lanewise::mapping {

StepWork step_work(const TileStep& step, const TileProblem& problem) {
  const engine::EngineConfig& e = problem.engine;
  const ArrayWork& array = problem.work;
  StepWork work;
  const double post_bytes = static_cast<double>(step.post_read_bytes + step.post_write_bytes);
  if (!problem.shape.uses_array()) {
    work.post = 1.0 + std::max(post_cycles(problem.shape, e, step.post_elements),
                               post_bytes / e.activation_bandwidth().count());
    return work;
  }
  const double groups = static_cast<double>(step.groups);
  const double stripes = static_cast<double>(ceil_div(step.pixels, array.stripe_pixels));
  // The array has half of the activation banks' ports, the post-processor the other half.
  const double half = e.activation_bandwidth().count() / 2;
  work.array = 1.0 + std::max({groups * group_cycles(array, step.pixels, step.blocks, step.columns),
                               groups * static_cast<double>(step.pixels * step.activation_bytes) / half,
                               stripes * static_cast<double>(step.weight_bytes) / e.weight_bandwidth().count()});
  if (!step.last_reduction) return work;
  const double drain = static_cast<double>(drain_cycles(array, step.pixels, array.outputs_per_group));
  work.post = std::max(groups * drain, post_bytes / half);
  work.tail = drain / stripes;
  work.lead = work.array / (groups * stripes) * (1.0 - 1.0 / static_cast<double>(step.blocks));
  const double atoms = groups * static_cast<double>(step.pixels);
  work.ahead = work.array * std::min(1.0, static_cast<double>(array.credits) / atoms);
  return work;
}

}  // namespace lanewise::mapping
