// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/list_scheduler.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "core/base/error.hpp"
#include "core/mapping/step_work.hpp"

namespace lanewise::mapping {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr std::size_t kQueues = 4;
constexpr TransferKind kLoads[] = {TransferKind::kWeights, TransferKind::kInput, TransferKind::kOperand};

std::size_t index(TransferKind kind) { return static_cast<std::size_t>(kind); }

// Two moments are the same moment of a period if they differ by no more than this many cycles. It bounds what a million
// copied periods can be off.
constexpr double kSameMoment = 1e-6;

// Transfers of one kind, in step order.
struct Queue {
  std::vector<std::uint32_t> steps;    // that each transfer belongs to
  std::vector<std::uint32_t> freeing;  // steps that free a buffer
  std::vector<double> ends;            // of the transfers served so far
  std::size_t slots = 0;
  std::size_t channel = 0;
  std::size_t used = 0;  // loads that steps have taken, or stores that they have caused

  bool all_served() const { return ends.size() == steps.size(); }
};

struct Channel {
  double free_from = 0;  // no set-up under way
  std::vector<double> ends;
};

// Where a schedule stood when it had run so many steps.
struct Standing {
  std::size_t steps = 0, entries = 0;
  double dram_free = 0;
  std::array<std::size_t, kQueues> served{};
  std::array<std::size_t, kQueues> on_channel{};  // transfers
  std::array<double, kQueues> free_from{};
};

// Runs the steps in order on an idealised engine, and serves the transfers as they become ready: of those that could
// start, the one whose step comes first. Nothing is decided before what it rests on has been, so that the order can
// always be carried out.
class ListScheduler {
 public:
  // `keep_order`: the transfers are written down as they are served.
  ListScheduler(const StepSequence& sequence, const TileChoice& choice, const TileProblem& problem, bool keep_order)
      : sequence_(sequence),
        p_(problem),
        e_(problem.engine),
        policy_(choice.policy),
        keep_order_(keep_order),
        array_subgraphs_(problem.shape.uses_array()) {
    bandwidth_ = e_.dram_bandwidth().count();
    latency_ = static_cast<double>(e_.dram_latency().count());
    read_rate_ = read_rate(e_);
    setup_ = static_cast<double>(e_.dma.setup.count());
    per_pass_ = static_cast<double>(e_.command.per_pass.count());
    per_tile_ = static_cast<double>(e_.command.per_tile.count());
    post_latency_ = static_cast<double>(e_.post_processing.latency.count());
    credit_cycles_ = static_cast<double>(p_.work.credits * p_.work.atom_cycles);
    in_flight_ = static_cast<std::size_t>(e_.dma.transfers_in_flight);
    for (const TileStep& kind : sequence.kinds) work_.push_back(step_work(kind, problem));
    queue(TransferKind::kWeights).slots = static_cast<std::size_t>(choice.weight_slots);
    queue(TransferKind::kInput).slots = static_cast<std::size_t>(choice.input_slots);
    queue(TransferKind::kOperand).slots = static_cast<std::size_t>(choice.operand_slots);
    queue(TransferKind::kStore).slots = static_cast<std::size_t>(choice.output_slots);
    for (const TransferKind kind : kLoads) queue(kind).channel = channel_of(kind);
    queue(TransferKind::kStore).channel = 3;
    list_transfers();
    standing_.resize(sequence.periods.size());
  }

  // False where it gave up, because the schedule will certainly exceed `most` cycles.
  bool run(double most) {
    for (advance(); served_ < transfers_;) {
      if (least_cycles() > most) return false;
      serve_next();
      if (!advance()) continue;
      if (repeat_period()) advance();
    }
    const double last = post_end_.empty() ? 0.0 : std::max(post_end_.back(), array_end_.back());
    cycles_ = std::max(dram_free_, last);
    return true;
  }

  std::vector<DmaEntry> take_entries() { return std::move(entries_); }
  double cycles() const { return cycles_; }

 private:
  Queue& queue(TransferKind kind) { return queues_[index(kind)]; }
  const Queue& queue(TransferKind kind) const { return queues_[index(kind)]; }

  std::size_t channel_of(TransferKind kind) const {
    const std::int64_t wanted = kind == TransferKind::kInput ? 0 : kind == TransferKind::kWeights ? 1 : 2;
    return static_cast<std::size_t>(wanted < e_.dma.load_channels ? wanted : 0);
  }

  void list_transfers() {
    // What each kind of step adds, so that the steps themselves are not looked at again and again.
    struct Adds {
      std::array<bool, kQueues> moves{}, frees{};
      double longer = 0, array = 0;
    };
    std::vector<Adds> adds;
    adds.reserve(sequence_.kinds.size());
    for (std::size_t kind = 0; kind < sequence_.kinds.size(); ++kind) {
      const TileStep& step = sequence_.kinds[kind];
      Adds add;
      for (std::size_t k = 0; k < kQueues; ++k) add.moves[k] = step.transfer(static_cast<TransferKind>(k)).bytes > 0;
      add.frees[index(TransferKind::kWeights)] = step.weight_last;
      add.frees[index(TransferKind::kInput)] = step.input_last;
      add.frees[index(TransferKind::kOperand)] = step.operand_load.bytes > 0;
      add.longer = work_[kind].longer();
      add.array = work_[kind].array;
      adds.push_back(add);
    }
    const std::size_t steps = sequence_.steps.size();
    std::vector<std::size_t> times(sequence_.kinds.size(), 0);
    for (const std::uint32_t kind : sequence_.steps) ++times[kind];
    for (std::size_t k = 0; k < kQueues; ++k) {
      std::size_t moves = 0, frees = 0;
      for (std::size_t kind = 0; kind < adds.size(); ++kind) {
        moves += adds[kind].moves[k] ? times[kind] : 0;
        frees += adds[kind].frees[k] ? times[kind] : 0;
      }
      queues_[k].steps.reserve(moves);
      queues_[k].ends.reserve(moves);
      queues_[k].freeing.reserve(frees);
      transfers_ += moves;
    }
    before_.reserve(steps + 1);
    before_.push_back(0.0);
    for (std::size_t i = 0; i < steps; ++i) {
      const Adds& add = adds[sequence_.steps[i]];
      before_.push_back(before_.back() + add.longer);
      array_left_ += add.array;
      const auto number = static_cast<std::uint32_t>(i);
      for (std::size_t k = 0; k < kQueues; ++k) {
        if (add.moves[k]) queues_[k].steps.push_back(number);
        if (add.frees[k]) queues_[k].freeing.push_back(number);
      }
    }
    array_end_.reserve(steps);
    post_end_.reserve(steps);
    if (keep_order_) entries_.reserve(transfers_);
  }

  // What the schedule takes at least, as far as it has come.
  double least_cycles() const { return array_end_.empty() ? 0.0 : array_end_.back() + array_left_; }

  // Moves on through the steps whose loads have all been served; whether there were any.
  bool advance() {
    const std::size_t before = array_end_.size();
    while (array_end_.size() < sequence_.steps.size() && run_step(array_end_.size())) {
    }
    return array_end_.size() > before;
  }

  // When the step's load of this kind has come, 0 where it has none; false while it was not served.
  bool loaded(TransferKind kind, bool needed, double& at) const {
    at = 0;
    if (!needed) return true;
    const Queue& q = queue(kind);
    if (q.used >= q.ends.size()) return false;
    at = q.ends[q.used];
    return true;
  }

  bool run_step(std::size_t i) {
    const TileStep& step = sequence_.step(i);
    double weights = 0, input = 0, operand = 0, room = 0;
    if (!loaded(TransferKind::kWeights, step.weight_load.bytes > 0, weights)) return false;
    if (!loaded(TransferKind::kInput, step.input_load.bytes > 0, input)) return false;
    if (!loaded(TransferKind::kOperand, step.operand_load.bytes > 0, operand)) return false;
    Queue& stores = queue(TransferKind::kStore);
    if (step.store.bytes > 0 && stores.used >= stores.slots) {
      if (stores.used - stores.slots >= stores.ends.size()) return false;
      room = stores.ends[stores.used - stores.slots];
    }
    const double issued = per_pass_ + static_cast<double>(i + 1) * per_tile_;
    const StepWork& work = work_[sequence_.steps[i]];
    const double array_before = i > 0 ? array_end_.back() : 0.0, post_before = i > 0 ? post_end_.back() : 0.0;
    double array = array_before, post = post_before;
    if (array_subgraphs_) {
      const double start = std::max({array_before, issued, weights, input});
      array = start + work.array;
      if (step.last_reduction) {
        const double drain_from = std::max({post_before, operand, room, start + work.lead});
        // Until the post-processor may drain, the array goes on for as long as the accumulators hold its sums.
        array = std::max(array, drain_from + work.array - work.lead - work.ahead);
        post = std::max(drain_from + work.post, array + work.tail);
        // The array is ahead by no more than the accumulators hold.
        array = std::max(array, post - std::min(work.post, credit_cycles_));
      }
    } else {
      post = std::max({post_before, issued, input, operand, room}) + work.post;
      array = post;
    }
    array_end_.push_back(array);
    post_end_.push_back(post);
    array_left_ -= work.array;
    if (step.weight_load.bytes > 0) ++queue(TransferKind::kWeights).used;
    if (step.input_load.bytes > 0) ++queue(TransferKind::kInput).used;
    if (step.operand_load.bytes > 0) ++queue(TransferKind::kOperand).used;
    if (step.store.bytes > 0) ++stores.used;
    return true;
  }

  // Since when the next transfer of this kind may be set up; kNever while that is not known.
  double released(TransferKind kind) const {
    const Queue& q = queue(kind);
    const std::size_t next = q.ends.size();
    if (next >= q.steps.size()) return kNever;
    if (kind == TransferKind::kStore) return next < q.used ? post_end_[q.steps[next]] + post_latency_ : kNever;
    if (next < q.slots) return per_pass_;
    const std::size_t freed = q.freeing[next - q.slots];
    if (freed >= array_end_.size()) return kNever;
    return kind == TransferKind::kOperand ? post_end_[freed] : array_end_[freed];
  }

  double due(TransferKind kind) const {
    const Queue& q = queue(kind);
    const std::size_t next = q.ends.size();
    if (kind != TransferKind::kStore || policy_ == DmaPolicy::kStoresEarly) return before_[q.steps[next]];
    return next + q.slots < q.steps.size() ? before_[q.steps[next + q.slots]] : kNever;
  }

  void serve_next() {
    struct Head {
      TransferKind kind = TransferKind::kStore;
      double requested = kNever, ready = kNever, due = kNever;
    };
    std::array<Head, kQueues> heads{};
    double soonest = kNever;
    for (std::size_t k = 0; k < kQueues; ++k) {
      Head& head = heads[k];
      head.kind = static_cast<TransferKind>(k);
      const double from = released(head.kind);
      if (from == kNever) continue;
      const Channel& channel = channels_[queues_[k].channel];
      double at = std::max(from, channel.free_from);
      if (channel.ends.size() >= in_flight_) at = std::max(at, channel.ends[channel.ends.size() - in_flight_]);
      head.requested = at + setup_;
      head.ready = head.requested + (head.kind == TransferKind::kStore ? 0.0 : latency_);
      head.due = due(head.kind);
      soonest = std::min(soonest, head.ready);
    }
    const double now = std::max(dram_free_, soonest);
    const Head* best = nullptr;
    for (const Head& head : heads) {
      const double from = policy_ == DmaPolicy::kPatient ? head.requested : head.ready;
      if (from <= now && (best == nullptr || head.due < best->due)) best = &head;
    }
    if (best == nullptr) throw InternalError("no transfer of a plan can start");
    Queue& q = queue(best->kind);
    const std::size_t step = q.steps[q.ends.size()];
    const Transfer& what = sequence_.step(step).transfer(best->kind);
    const double rate = best->kind == TransferKind::kStore ? bandwidth_ : read_rate_;
    const double began = std::max(dram_free_, best->ready);
    dram_free_ = began + static_cast<double>(what.dram_bytes) / rate + what.row_miss_cycles + what.request_cycles;
    Channel& channel = channels_[q.channel];
    channel.free_from = best->requested;
    channel.ends.push_back(dram_free_);
    q.ends.push_back(best->kind == TransferKind::kWeights ? unpacked(sequence_.step(step), began) : dram_free_);
    if (keep_order_) entries_.push_back({static_cast<std::int32_t>(step), best->kind});
    ++served_;
  }

  // When the weights of a transfer that began to move then are unpacked.
  double unpacked(const TileStep& step, double began) {
    if (step.decoded_weights <= 0 || p_.work.storage.on_chip) return dram_free_;
    const double rate = static_cast<double>(e_.compression.weights_per_cycle);
    const double latency = static_cast<double>(e_.compression.latency.count());
    const std::vector<double>& ends = queue(TransferKind::kWeights).ends;
    const double free = ends.empty() ? 0 : ends.back() - latency;
    return std::max(dram_free_, std::max(began, free) + step.decoded_weights / rate) + latency;
  }

  Standing standing() const {
    Standing now;
    now.steps = array_end_.size();
    now.entries = entries_.size();
    now.dram_free = dram_free_;
    for (std::size_t k = 0; k < kQueues; ++k) {
      now.served[k] = queues_[k].ends.size();
      now.on_channel[k] = channels_[k].ends.size();
      now.free_from[k] = channels_[k].free_from;
    }
    return now;
  }

  // Where the schedule stands as it stood some turns of a loop ago, but for the time, and as much lies ahead of it,
  // goes through the turns to come at once; whether it did.
  bool repeat_period() {
    const std::size_t at = array_end_.size();
    for (std::size_t p = 0; p < sequence_.periods.size(); ++p) {
      Standing& then = standing_[p];
      const std::size_t period = sequence_.periods[p];
      if (then.steps != 0 && (at - then.steps) % period != 0 && at - then.steps < 4 * period) continue;
      const std::size_t turns = then.steps != 0 && (at - then.steps) % period == 0 ? turns_alike(then) : 0;
      if (turns > 0) {
        go_through(then, turns);
        for (Standing& standing : standing_) standing = {};
        return true;
      }
      then = standing();
    }
    return false;
  }

  // How many more times what happened since `then` happens again in the same way.
  std::size_t turns_alike(const Standing& then) const {
    const std::size_t at = array_end_.size(), length = at - then.steps;
    const double shift = array_end_[at - 1] - array_end_[then.steps - 1];
    const auto moved = [&](double before, double now) { return std::abs(now - before - shift) <= kSameMoment; };
    if (shift < static_cast<double>(length) * per_tile_ || !moved(then.dram_free, dram_free_) ||
        !moved(post_end_[then.steps - 1], post_end_[at - 1])) {
      return 0;
    }
    // What the decisions to come look at must follow the same pattern.
    std::size_t ahead = 0, limit = sequence_.steps.size();
    std::size_t fresh_turns = sequence_.steps.size();
    for (std::size_t k = 0; k < kQueues; ++k) {
      const Queue& q = queues_[k];
      if (q.all_served()) {
        if (then.served[k] != q.ends.size()) return 0;
        continue;
      }
      const std::size_t served = q.ends.size() - then.served[k];
      const auto kind = static_cast<TransferKind>(k);
      if (served == 0) {
        // Nothing of this kind was served: its turn must not come, nor may it have become ready meanwhile.
        const std::size_t head = q.steps[q.ends.size()];
        if (head < at) return 0;
        const double from = released(kind);
        if (from != kNever && from > array_end_[then.steps - 1] - shift) return 0;
        if (from == kNever && kind != TransferKind::kStore) {
          limit = std::min<std::size_t>(limit, q.freeing[q.ends.size() - q.slots]);
        }
        limit = std::min(limit, head);
        continue;
      }
      if (!queue_alike(then, k, served, moved)) return 0;
      const std::size_t next = q.ends.size() + (kind == TransferKind::kStore ? q.slots : 0);
      if (next >= q.steps.size()) return 0;
      ahead = std::max(ahead, q.steps[next] > at ? q.steps[next] - at : 0);
      if (kind != TransferKind::kStore && q.ends.size() < q.slots) {
        fresh_turns = std::min(fresh_turns, (q.slots - q.ends.size()) / served);
      }
    }
    std::size_t same = at;
    while (same < limit && sequence_.steps[same] == sequence_.steps[same - length]) ++same;
    if (same <= at + ahead + 1) return 0;
    return std::min(fresh_turns, (same - at - ahead - 1) / length);
  }

  template <class Moved>
  bool queue_alike(const Standing& then, std::size_t k, std::size_t served, const Moved& moved) const {
    const Queue& q = queues_[k];
    const auto kind = static_cast<TransferKind>(k);
    const std::size_t at = array_end_.size(), length = at - then.steps;
    // As many as the steps took in.
    const auto first = std::lower_bound(q.steps.begin(), q.steps.end(), static_cast<std::uint32_t>(then.steps));
    const auto last = std::lower_bound(first, q.steps.end(), static_cast<std::uint32_t>(at));
    if (static_cast<std::size_t>(last - first) != served) return false;
    // The channel, and the transfers of which the ends still count.
    const Channel& channel = channels_[q.channel];
    const std::size_t on_channel = channel.ends.size() - then.on_channel[q.channel];
    if (!moved(then.free_from[q.channel], channel.free_from) || channel.ends.size() < on_channel + in_flight_) {
      return false;
    }
    for (std::size_t i = channel.ends.size() - in_flight_; i < channel.ends.size(); ++i) {
      if (!moved(channel.ends[i - on_channel], channel.ends[i])) return false;
    }
    const bool store = kind == TransferKind::kStore;
    const std::size_t from = store ? (q.ends.size() > q.slots ? q.ends.size() - q.slots : 0) : q.used;
    if (store && (from < served || q.used < q.slots + served)) return false;
    for (std::size_t i = from; i < q.ends.size(); ++i) {
      if (i < served || !moved(q.ends[i - served], q.ends[i])) return false;
    }
    if (store) {
      for (std::size_t i = q.ends.size(); i < q.used; ++i) {
        if (!moved(post_end_[q.steps[i] - length], post_end_[q.steps[i]])) return false;
      }
      return true;
    }
    if (q.ends.size() < q.slots) return true;  // buffers that nothing used before
    if (then.served[k] < q.slots) return false;
    for (std::size_t i = q.ends.size() - q.slots; i < q.freeing.size() && q.freeing[i] < at; ++i) {
      const std::size_t freed = q.freeing[i];
      if (freed < length || sequence_.steps[freed] != sequence_.steps[freed - length]) return false;
      const std::vector<double>& end = kind == TransferKind::kOperand ? post_end_ : array_end_;
      if (!moved(end[freed - length], end[freed])) return false;
    }
    return true;
  }

  void go_through(const Standing& then, std::size_t turns) {
    const std::size_t at = array_end_.size(), length = at - then.steps;
    const double shift = array_end_[at - 1] - array_end_[then.steps - 1];
    const auto copy = [&](std::vector<double>& moments, std::size_t in_turn) {
      for (std::size_t i = 0; i < turns * in_turn; ++i) moments.push_back(moments[moments.size() - in_turn] + shift);
    };
    for (std::size_t i = then.steps; i < at; ++i) {
      array_left_ -= static_cast<double>(turns) * work_[sequence_.steps[i]].array;
    }
    copy(array_end_, length);
    copy(post_end_, length);
    const double all = static_cast<double>(turns) * shift;
    for (std::size_t k = 0; k < kQueues; ++k) {
      const std::size_t served = queues_[k].ends.size() - then.served[k];
      copy(queues_[k].ends, served);
      queues_[k].used += turns * served;
      served_ += turns * served;
      const std::size_t on_channel = channels_[k].ends.size() - then.on_channel[k];
      copy(channels_[k].ends, on_channel);
      if (on_channel > 0) channels_[k].free_from += all;
    }
    dram_free_ += all;
    const std::size_t entries = entries_.size() - then.entries;
    for (std::size_t i = 0; i < turns * entries; ++i) {
      DmaEntry entry = entries_[entries_.size() - entries];
      entry.step += static_cast<std::int32_t>(length);
      entries_.push_back(entry);
    }
  }

  const StepSequence& sequence_;
  const TileProblem& p_;
  const engine::EngineConfig& e_;
  DmaPolicy policy_;
  bool keep_order_;
  bool array_subgraphs_;
  double bandwidth_ = 1, read_rate_ = 1, latency_ = 0, setup_ = 0, per_pass_ = 0, per_tile_ = 0, post_latency_ = 0;
  double credit_cycles_ = 0;
  std::size_t in_flight_ = 1;
  std::vector<StepWork> work_;  // by kind of step
  std::vector<double> before_;  // cycles of all steps before this one, were nothing ever waited for
  std::vector<double> array_end_, post_end_;
  double array_left_ = 0;  // cycles of the array in steps that have not run
  std::array<Queue, kQueues> queues_;
  std::array<Channel, kQueues> channels_;  // three for loads, one for stores
  double dram_free_ = 0, cycles_ = 0;
  std::vector<DmaEntry> entries_;
  std::size_t served_ = 0, transfers_ = 0;
  std::vector<Standing> standing_;  // by period
};

// Step by step: nothing of a step is loaded before the step before it is stored.
std::vector<DmaEntry> in_turn(const StepSequence& sequence) {
  std::vector<DmaEntry> entries;
  for (std::size_t i = 0; i < sequence.steps.size(); ++i) {
    const auto add = [&](TransferKind kind, const Transfer& what) {
      if (what.bytes > 0) entries.push_back({static_cast<std::int32_t>(i), kind});
    };
    const TileStep& step = sequence.step(i);
    add(TransferKind::kWeights, step.weight_load);
    add(TransferKind::kInput, step.input_load);
    add(TransferKind::kOperand, step.operand_load);
    add(TransferKind::kStore, step.store);
  }
  return entries;
}

}  // namespace

DmaProgram order_transfers(const StepSequence& steps, const TileChoice& choice, const TileProblem& problem) {
  if (problem.patches() && !problem.engine.dma.prefetch_input) return {in_turn(steps), 0};
  ListScheduler scheduler(steps, choice, problem, true);
  scheduler.run(kNever);
  return {scheduler.take_entries(), scheduler.cycles()};
}

double scheduled_cycles(const StepSequence& steps, const TileChoice& choice, const TileProblem& problem, double most) {
  ListScheduler scheduler(steps, choice, problem, false);
  return scheduler.run(most) ? scheduler.cycles() : kNever;
}

}  // namespace lanewise::mapping
