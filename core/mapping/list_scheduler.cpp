// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/list_scheduler.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "core/base/error.hpp"

namespace lanewise::mapping {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr std::size_t kKinds = 4;
constexpr TransferKind kLoads[] = {TransferKind::kWeights, TransferKind::kInput, TransferKind::kOperand};

std::size_t index(TransferKind kind) { return static_cast<std::size_t>(kind); }

// What a step takes by itself, in cycles.
struct StepWork {
  double array = 0, post = 0;
  double lead = 0;  // of the array, before the first sums leave
  double tail = 0;  // of the post-processor, behind the array's last block
};

// Runs a plan in step order on an idealised engine, and serves the transfers as they become ready: of those that could
// start, the one whose step comes first. Nothing is decided before what it rests on has been, so that the order can
// always be carried out.
class ListScheduler {
 public:
  ListScheduler(const TilePlan& plan, const TileProblem& problem)
      : plan_(plan), p_(problem), e_(problem.engine), array_subgraphs_(problem.shape.uses_array()) {
    bandwidth_ = e_.dram_bandwidth().count();
    latency_ = static_cast<double>(e_.dram_latency().count());
    const double in_flight = static_cast<double>(e_.dram.outstanding_requests * e_.dram.burst.count());
    read_rate_ = latency_ > 0 ? std::min(bandwidth_, in_flight / latency_) : bandwidth_;
    setup_ = static_cast<double>(e_.dma.setup.count());
    const std::size_t steps = plan.steps.size();
    before_.assign(steps + 1, 0.0);
    array_end_.reserve(steps);
    post_end_.reserve(steps);
    for (std::size_t i = 0; i < steps; ++i) {
      const TileStep& step = plan.steps[i];
      const StepWork work = work_of(step);
      work_.push_back(work);
      before_[i + 1] = before_[i] + std::max(work.array, work.post);
      if (step.weight_load.bytes > 0) queues_[index(TransferKind::kWeights)].steps.push_back(i);
      if (step.input_load.bytes > 0) queues_[index(TransferKind::kInput)].steps.push_back(i);
      if (step.operand_load.bytes > 0) queues_[index(TransferKind::kOperand)].steps.push_back(i);
      if (step.store.bytes > 0) queues_[index(TransferKind::kStore)].steps.push_back(i);
      if (step.weight_last) queues_[index(TransferKind::kWeights)].freeing.push_back(i);
      if (step.input_last) queues_[index(TransferKind::kInput)].freeing.push_back(i);
      if (step.operand_load.bytes > 0) queues_[index(TransferKind::kOperand)].freeing.push_back(i);
    }
    queues_[index(TransferKind::kWeights)].slots = static_cast<std::size_t>(plan.weight_slots);
    queues_[index(TransferKind::kInput)].slots = static_cast<std::size_t>(plan.input_slots);
    queues_[index(TransferKind::kOperand)].slots = static_cast<std::size_t>(plan.operand_slots);
    queues_[index(TransferKind::kStore)].slots = static_cast<std::size_t>(plan.output_slots);
    for (const TransferKind kind : kLoads) queues_[index(kind)].channel = channel_of(kind);
    queues_[index(TransferKind::kStore)].channel = 3;
  }

  void run() {
    std::size_t transfers = 0;
    for (const Queue& queue : queues_) transfers += queue.steps.size();
    entries_.reserve(transfers);
    for (advance(); entries_.size() < transfers; advance()) serve_next();
    const double last = post_end_.empty() ? 0.0 : std::max(post_end_.back(), array_end_.back());
    cycles_ = std::max(dram_free_, last);
  }

  std::vector<DmaEntry> take_entries() { return std::move(entries_); }
  double cycles() const { return cycles_; }

 private:
  // Transfers of one kind, in step order.
  struct Queue {
    std::vector<std::size_t> steps;    // that each transfer belongs to
    std::vector<std::size_t> freeing;  // steps that free a buffer
    std::vector<double> ends;          // of the transfers served so far
    std::size_t slots = 0;
    std::size_t channel = 0;
    std::size_t used = 0;  // loads that steps have taken, or stores that they have caused
  };

  std::size_t channel_of(TransferKind kind) const {
    const std::int64_t wanted = kind == TransferKind::kInput ? 0 : kind == TransferKind::kWeights ? 1 : 2;
    return static_cast<std::size_t>(wanted < e_.dma.load_channels ? wanted : 0);
  }

  StepWork work_of(const TileStep& step) const {
    StepWork work;
    const double post_bytes = static_cast<double>(step.post_read_bytes + step.post_write_bytes);
    if (!array_subgraphs_) {
      work.post =
          1.0 + std::max(post_cycles(p_.shape, e_, step.post_elements), post_bytes / e_.activation_bandwidth().count());
      return work;
    }
    const double groups = static_cast<double>(step.groups);
    const double stripes = static_cast<double>(ceil_div(step.pixels, p_.work.stripe_pixels));
    // The array has half of the activation banks' ports, the post-processor the other half.
    const double half = e_.activation_bandwidth().count() / 2;
    work.array = 1.0 + std::max({groups * group_cycles(p_.work, step.pixels, step.blocks),
                                 groups * static_cast<double>(step.pixels * step.activation_bytes) / half,
                                 stripes * static_cast<double>(step.weight_bytes) / e_.weight_bandwidth().count()});
    if (!step.last_reduction) return work;
    const double drain = static_cast<double>(drain_cycles(p_.work, step.pixels, p_.work.outputs_per_group));
    work.post = std::max(groups * drain, post_bytes / half);
    work.tail = drain / stripes;
    work.lead = work.array / (groups * stripes) * (1.0 - 1.0 / static_cast<double>(step.blocks));
    return work;
  }

  // Moves on through the steps whose loads have all been served.
  void advance() {
    for (std::size_t i = array_end_.size(); i < plan_.steps.size() && run_step(i); ++i) {
    }
  }

  // When the step's load of this kind has come, 0 where it has none; false while it was not served.
  bool loaded(TransferKind kind, bool needed, double& at) const {
    at = 0;
    if (!needed) return true;
    const Queue& queue = queues_[index(kind)];
    if (queue.used >= queue.ends.size()) return false;
    at = queue.ends[queue.used];
    return true;
  }

  bool run_step(std::size_t i) {
    const TileStep& step = plan_.steps[i];
    double weights = 0, input = 0, operand = 0, room = 0;
    if (!loaded(TransferKind::kWeights, step.weight_load.bytes > 0, weights)) return false;
    if (!loaded(TransferKind::kInput, step.input_load.bytes > 0, input)) return false;
    if (!loaded(TransferKind::kOperand, step.operand_load.bytes > 0, operand)) return false;
    Queue& stores = queues_[index(TransferKind::kStore)];
    if (step.store.bytes > 0 && stores.used >= stores.slots) {
      if (stores.used - stores.slots >= stores.ends.size()) return false;
      room = stores.ends[stores.used - stores.slots];
    }
    const double issued = static_cast<double>(e_.command.per_pass.count()) +
                          static_cast<double>(i + 1) * static_cast<double>(e_.command.per_tile.count());
    const StepWork& work = work_[i];
    const double array_before = i > 0 ? array_end_[i - 1] : 0.0, post_before = i > 0 ? post_end_[i - 1] : 0.0;
    double array = array_before, post = post_before;
    if (array_subgraphs_) {
      const double start = std::max({array_before, issued, weights, input});
      array = start + work.array;
      if (step.last_reduction) {
        const double drain_from = std::max({post_before, operand, room, start + work.lead});
        post = std::max(drain_from + work.post, array + work.tail);
        // The array is ahead by no more than the accumulators hold.
        const double held = std::min(work.post, static_cast<double>(p_.work.credits * p_.work.atom_cycles));
        array = std::max(array, post - held);
      }
    } else {
      post = std::max({post_before, issued, input, operand, room}) + work.post;
      array = post;
    }
    array_end_.push_back(array);
    post_end_.push_back(post);
    if (step.weight_load.bytes > 0) ++queues_[index(TransferKind::kWeights)].used;
    if (step.input_load.bytes > 0) ++queues_[index(TransferKind::kInput)].used;
    if (step.operand_load.bytes > 0) ++queues_[index(TransferKind::kOperand)].used;
    if (step.store.bytes > 0) ++stores.used;
    return true;
  }

  // Since when the next transfer of this kind may be set up; kNever while that is not known.
  double released(TransferKind kind) const {
    const Queue& queue = queues_[index(kind)];
    const std::size_t next = queue.ends.size();
    if (next >= queue.steps.size()) return kNever;
    if (kind == TransferKind::kStore) {
      return next < queue.used ? post_end_[queue.steps[next]] + static_cast<double>(e_.post_processing.latency.count())
                               : kNever;
    }
    if (next < queue.slots) return static_cast<double>(e_.command.per_pass.count());
    const std::size_t freed = queue.freeing[next - queue.slots];
    if (freed >= array_end_.size()) return kNever;
    return kind == TransferKind::kOperand ? post_end_[freed] : array_end_[freed];
  }

  double due(TransferKind kind) const {
    const Queue& queue = queues_[index(kind)];
    const std::size_t next = queue.ends.size();
    if (kind != TransferKind::kStore) return before_[queue.steps[next]];
    return next + queue.slots < queue.steps.size() ? before_[queue.steps[next + queue.slots]] : kNever;
  }

  void serve_next() {
    struct Head {
      TransferKind kind = TransferKind::kStore;
      double requested = kNever, ready = kNever, due = kNever;
    };
    std::array<Head, kKinds> heads{};
    double soonest = kNever;
    for (std::size_t k = 0; k < kKinds; ++k) {
      Head& head = heads[k];
      head.kind = static_cast<TransferKind>(k);
      const double from = released(head.kind);
      if (from == kNever) continue;
      const Channel& channel = channels_[queues_[k].channel];
      double at = std::max(from, channel.free_from);
      const auto limit = static_cast<std::size_t>(e_.dma.transfers_in_flight);
      if (channel.ends.size() >= limit) at = std::max(at, channel.ends[channel.ends.size() - limit]);
      head.requested = at + setup_;
      head.ready = head.requested + (head.kind == TransferKind::kStore ? 0.0 : latency_);
      head.due = due(head.kind);
      soonest = std::min(soonest, head.ready);
    }
    const double now = std::max(dram_free_, soonest);
    const Head* best = nullptr;
    for (const Head& head : heads) {
      if (head.ready <= now && (best == nullptr || head.due < best->due)) best = &head;
    }
    if (best == nullptr) throw InternalError("no transfer of a plan can start");
    Queue& queue = queues_[index(best->kind)];
    const std::size_t step = queue.steps[queue.ends.size()];
    const DmaEntry entry{static_cast<std::int32_t>(step), best->kind};
    const Transfer& what = plan_.transfer(entry);
    const double rate = best->kind == TransferKind::kStore ? bandwidth_ : read_rate_;
    dram_free_ = std::max(dram_free_, best->ready) + static_cast<double>(what.dram_bytes) / rate + what.row_miss_cycles;
    Channel& channel = channels_[queue.channel];
    channel.free_from = best->requested;
    channel.ends.push_back(dram_free_);
    queue.ends.push_back(dram_free_);
    entries_.push_back(entry);
  }

  struct Channel {
    double free_from = 0;  // no set-up under way
    std::vector<double> ends;
  };

  const TilePlan& plan_;
  const TileProblem& p_;
  const engine::EngineConfig& e_;
  bool array_subgraphs_;
  double bandwidth_ = 1, read_rate_ = 1, latency_ = 0, setup_ = 0;
  std::vector<StepWork> work_;
  std::vector<double> before_;  // cycles of all steps before this one, were nothing ever waited for
  std::vector<double> array_end_, post_end_;
  std::array<Queue, kKinds> queues_;
  std::array<Channel, kKinds> channels_;  // three for loads, one for stores
  double dram_free_ = 0, cycles_ = 0;
  std::vector<DmaEntry> entries_;
};

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

DmaProgram order_transfers(const TilePlan& plan, const TileProblem& problem) {
  if (problem.patches() && !problem.engine.dma.prefetch_input) return {in_turn(plan), 0};
  ListScheduler scheduler(plan, problem);
  scheduler.run();
  return {scheduler.take_entries(), scheduler.cycles()};
}

}  // namespace lanewise::mapping
