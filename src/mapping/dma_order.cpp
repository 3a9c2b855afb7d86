// SPDX-License-Identifier: Apache-2.0
#include "mapping/dma_order.hpp"

#include <algorithm>
#include <queue>

namespace lanewise::mapping {
namespace {

struct Job {
  double release = 0, due = 0, cycles = 0;
  DmaEntry entry;
};

// Cycles that the step keeps its slowest unit busy.
double step_cycles(const TileStep& step, const TileProblem& problem) {
  double cycles = 1.0;
  if (problem.shape.uses_array()) {
    cycles += static_cast<double>(step.groups) * group_cycles(problem.work, step.pixels, step.blocks);
    if (step.last_reduction) {
      cycles = std::max(cycles, static_cast<double>(step.groups * drain_cycles(problem.work, step.pixels,
                                                                               problem.work.outputs_per_group)));
    }
  } else {
    cycles += post_cycles(problem.shape, problem.engine, step.post_elements);
  }
  return cycles;
}

// start[i] is when step i starts, start[n] when the last is done, with steps stretched to what DRAM can feed.
std::vector<double> timeline(const TilePlan& plan, const TileProblem& problem) {
  std::vector<double> start(plan.steps.size() + 1, 0.0);
  double bytes = 0;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const TileStep& step = plan.steps[i];
    start[i + 1] = start[i] + step_cycles(step, problem);
    bytes += static_cast<double>(step.weight_load.dram_bytes + step.input_load.dram_bytes +
                                 step.operand_load.dram_bytes + step.store.dram_bytes);
  }
  const double stretch = std::max(1.0, bytes / problem.engine.dram_bandwidth().count() / start.back());
  for (double& time : start) time *= stretch;
  return start;
}

// Collects the jobs of one kind in step order: the k-th needs the buffer of the (k - slots)-th.
class JobList {
 public:
  JobList(const TilePlan& plan, const TileProblem& problem) : plan_(plan), start_(timeline(plan, problem)) {
    bandwidth_ = problem.engine.dram_bandwidth().count();
  }

  void add_loads(TransferKind kind, const Transfer TileStep::*transfer, const std::vector<std::size_t>& freed,
                 int slots) {
    std::size_t loads = 0;
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
      const Transfer& what = plan_.steps[i].*transfer;
      if (what.bytes == 0) continue;
      // The first loads find empty buffers; each later one waits for one more to be freed.
      const bool first = loads < static_cast<std::size_t>(slots);
      const double release = first ? 0.0 : start_[freed[loads - static_cast<std::size_t>(slots)] + 1];
      add({release, start_[i], 0, {static_cast<std::int32_t>(i), kind}}, what);
      ++loads;
    }
  }

  void add_stores() {
    std::vector<std::size_t> storing;
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
      if (plan_.steps[i].store.bytes > 0) storing.push_back(i);
    }
    const std::size_t slots = static_cast<std::size_t>(plan_.output_slots);
    for (std::size_t k = 0; k < storing.size(); ++k) {
      const std::size_t step = storing[k];
      const double due = k + slots < storing.size() ? start_[storing[k + slots]] : start_.back() * 2.0;
      add({start_[step + 1],
           std::max(due, start_[step + 1]),
           0,
           {static_cast<std::int32_t>(step), TransferKind::kStore}},
          plan_.steps[step].store);
    }
  }

  std::vector<DmaEntry> order() {
    std::stable_sort(jobs_.begin(), jobs_.end(), [](const Job& a, const Job& b) { return a.release < b.release; });
    const auto later = [](const Job* a, const Job* b) {
      if (a->due != b->due) return a->due > b->due;
      if (a->entry.step != b->entry.step) return a->entry.step > b->entry.step;
      return a->entry.kind > b->entry.kind;
    };
    std::priority_queue<const Job*, std::vector<const Job*>, decltype(later)> released(later);
    std::vector<DmaEntry> entries;
    entries.reserve(jobs_.size());
    double time = 0;
    for (std::size_t next = 0; entries.size() < jobs_.size();) {
      if (released.empty() && next < jobs_.size()) time = std::max(time, jobs_[next].release);
      while (next < jobs_.size() && jobs_[next].release <= time) released.push(&jobs_[next++]);
      const Job* job = released.top();
      released.pop();
      entries.push_back(job->entry);
      time += job->cycles;
    }
    return entries;
  }

 private:
  void add(Job job, const Transfer& what) {
    job.cycles = static_cast<double>(what.dram_bytes) / bandwidth_;
    jobs_.push_back(job);
  }

  const TilePlan& plan_;
  std::vector<double> start_;
  double bandwidth_ = 1;
  std::vector<Job> jobs_;
};

// Steps after which a buffer is freed, in order.
template <class Frees>
std::vector<std::size_t> freeing_steps(const TilePlan& plan, Frees frees) {
  std::vector<std::size_t> steps;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    if (frees(plan.steps[i])) steps.push_back(i);
  }
  return steps;
}

// Step by step: nothing of a step is loaded before the step before it is stored.
std::vector<DmaEntry> in_turn(const TilePlan& plan) {
  std::vector<DmaEntry> entries;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const auto add = [&](TransferKind kind, const Transfer& what) {
      if (what.bytes > 0) entries.push_back({static_cast<std::int32_t>(i), kind});
    };
    const TileStep& step = plan.steps[i];
    add(TransferKind::kWeights, step.weight_load);
    add(TransferKind::kInput, step.input_load);
    add(TransferKind::kOperand, step.operand_load);
    add(TransferKind::kStore, step.store);
  }
  return entries;
}

}  // namespace

std::vector<DmaEntry> order_transfers(const TilePlan& plan, const TileProblem& problem) {
  if (problem.patches() && !problem.engine.dma.prefetch_input) return in_turn(plan);
  JobList jobs(plan, problem);
  jobs.add_loads(TransferKind::kWeights, &TileStep::weight_load,
                 freeing_steps(plan, [](const TileStep& step) { return step.weight_last; }), plan.weight_slots);
  jobs.add_loads(TransferKind::kInput, &TileStep::input_load,
                 freeing_steps(plan, [](const TileStep& step) { return step.input_last; }), plan.input_slots);
  jobs.add_loads(TransferKind::kOperand, &TileStep::operand_load,
                 freeing_steps(plan, [](const TileStep& step) { return step.operand_load.bytes > 0; }),
                 plan.operand_slots);
  jobs.add_stores();
  return jobs.order();
}

}  // namespace lanewise::mapping
