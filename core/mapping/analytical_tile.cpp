// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/analytical_tile.hpp"

#include <algorithm>
#include <cmath>

#include "core/mapping/nominal_tile.hpp"

namespace lanewise::mapping {
namespace {

double bytes_of(double elements, Precision precision) { return elements * bits(precision) / 8.0; }

// Whether a planner would prefer it: about equally fast ones are told apart by their DRAM bytes.
bool better(const AnalyticalTile& tile, const AnalyticalTile& than) {
  constexpr double kAsFast = 1.03;  // the formula is no more exact
  if (tile.latency_cycles > kAsFast * than.latency_cycles) return false;
  if (kAsFast * tile.latency_cycles < than.latency_cycles) return true;
  return tile.dram_bytes() < than.dram_bytes();
}

class TileModel {
 public:
  TileModel(const TileProblem& problem, const Bounds& bounds)
      : p_(problem),
        s_(problem.shape),
        e_(problem.engine),
        work_(problem.work),
        bounds_(bounds),
        array_(s_.uses_array()),
        follows_(problem.follows) {
    fresh_.room = as_double(problem.activation_room);
    fresh_.weight_room = as_double(problem.weight_room);
    bandwidth_ = e_.dram_bandwidth().count();
    read_rate_ = read_rate(e_);
    setup_ = as_double(e_.dma.setup);
    overhead_ = setup_ + as_double(e_.dram_latency());
    lanes_ = as_double(e_.array.dot_product_lanes);
    const SubgraphContext& context = problem.context;
    if (!context.input_on_chip) fresh_.input.all_bytes = as_double(s_.input_bytes());
    if (!context.operand_on_chip) fresh_.operand.all_bytes = as_double(s_.operand_bytes());
    if (!context.output_on_chip) fresh_.output.all_bytes = as_double(s_.output_bytes());
    if (problem.loads_weights) fresh_.weights.all_bytes = as_double(stored_weight_bytes(s_, e_));
  }

  // The better of the nominal tiles.
  AnalyticalTile run() {
    NominalTile nominal = nominal_tile(p_, bounds_);
    fresh_.fits = nominal.choice.fits() || nominal.in_parts.fits();
    if (!nominal.choice.fits()) take_one_of_each(nominal.choice);  // numbers, if no more, for what fits in no way
    const AnalyticalTile whole = cost_of(nominal, nominal.choice);
    if (!nominal.in_parts.fits()) return whole;
    const AnalyticalTile in_parts = cost_of(nominal, nominal.in_parts);
    return better(in_parts, whole) ? in_parts : whole;
  }

 private:
  // The smallest tile with one buffer for each of its tensors, as if there were room.
  static void take_one_of_each(TileChoice& choice) {
    choice.rows = std::max<std::int64_t>(1, choice.rows);
    choice.columns = std::max<std::int64_t>(1, choice.columns);
    for (int* const slots : {&choice.input_slots, &choice.weight_slots, &choice.operand_slots, &choice.output_slots})
      *slots = std::max(1, *slots);
  }

  AnalyticalTile cost_of(const NominalTile& nominal, const TileChoice& choice) {
    t_ = fresh_;
    t_.weights_outside = choice.order == LoopOrder::kWeightsOutside;
    t_.input_stays = nominal.input_stays;
    t_.weights_stay = nominal.weights_stay;
    t_.traffic_weights_outside = nominal.traffic_weights_outside;
    t_.traffic_pixels_outside = nominal.traffic_pixels_outside;
    if (choice.partial_sums) t_.input_stays = t_.weights_stay = false;
    count_transfers(choice);
    time_compute();
    time_whole();
    return t_;
  }

  // DRAM bytes over bytes: whole bursts for each run of a surface of channels.
  double burst_factor(double pixels, double channels, Precision precision) const {
    const double burst = as_double(e_.dram.burst);
    const double run = bytes_of(pixels * std::min(channels, lanes_), precision);
    return run > 0 ? std::ceil(run / burst) * burst / run : 1;
  }

  void count_transfers(const TileChoice& choice) {
    const AxisCuts y = cut_axis(s_, 0, choice.rows), x = cut_axis(s_, 1, choice.columns);
    t_.rows = as_double(choice.rows);
    t_.columns = as_double(choice.columns);
    t_.pixel_tiles = as_double(s_.batch) * y.tiles * x.tiles;
    t_.conv_tile_pixels = y.conv_tile * x.conv_tile;
    t_.conv_pixels = as_double(s_.batch) * y.conv_all * x.conv_all;
    t_.input_overlap = y.in_all * x.in_all / as_double(s_.in_height * s_.in_width);
    const TileCycles cycles = tile_cycles(p_, choice, static_cast<std::int64_t>(t_.pixel_tiles));
    t_.output_tiles = as_double(cycles.outputs);
    t_.reduction_tiles = as_double(cycles.reductions);
    const double outputs = as_double(choice.outputs), tiles = t_.pixel_tiles * t_.output_tiles;
    const double inputs = as_double(p_.input_channels(choice.outputs, choice.reduction));
    const bool rows_whole = x.tiles <= 1;
    const double in_run = x.in_tile * (rows_whole ? y.in_tile : 1), out_run = t_.columns * (rows_whole ? t_.rows : 1);
    const double output_factor = burst_factor(out_run, outputs, s_.output_precision);
    if (!follows_ && cycles.input.set > choice.input_slots) t_.input.times = t_.output_tiles;
    if (cycles.weights.set > choice.weight_slots) t_.weights.times = t_.pixel_tiles;
    const auto flow = [](TileFlow& f, double transfers, double factor, int buffers) {
      if (f.all_bytes <= 0) return;
      f.transfers = f.times * transfers;
      f.dram_bytes = f.times * f.all_bytes * factor;
      f.tile_bytes = f.dram_bytes / f.transfers;
      f.buffers = as_double(buffers);
    };
    flow(t_.input, as_double(cycles.input.tiles), t_.input_overlap * burst_factor(in_run, inputs, s_.input_precision),
         choice.input_slots);
    flow(t_.weights, as_double(cycles.weights.tiles), 1, choice.weight_slots);
    flow(t_.output, tiles, output_factor, choice.output_slots);
    if (s_.operand == FusedOperand::kTensor) flow(t_.operand, tiles, output_factor, choice.operand_slots);
    if (s_.operand == FusedOperand::kPerChannel) flow(t_.operand, 1, 1, 1);
    t_.peak_bytes = as_double(choice.peak_bytes);
    drains_ = choice.partial_sums ? t_.reduction_tiles : 1;
    one_buffer_ = choice.output_slots == 1 && choice.input_slots == 1 && tiles > 1;
  }

  void time_compute() {
    if (array_) {
      const double tiles = t_.conv_pixels / t_.conv_tile_pixels;
      const auto pixels = static_cast<std::int64_t>(t_.conv_tile_pixels);
      // The array has half of the activation banks' ports, its results and what is fused with them the other half.
      const double groups = as_double(work_.groups);
      t_.array_cycles = std::max({tiles * groups * group_cycles(work_, pixels, work_.blocks),
                                  2 * bounds_.activation_cycles, bounds_.weight_cycles});
      t_.post_cycles = t_.conv_pixels * groups * atom_cycles(work_, e_, pixels) * drains_;
      t_.handover_cycles = handover_cycles(work_, pixels, t_.array_cycles, t_.post_cycles);
    } else {
      const double overlap = s_.family == SubgraphFamily::kPooling ? std::max(1.0, t_.input_overlap) : 1;
      t_.post_cycles = overlap * std::max(bounds_.post_cycles, bounds_.activation_cycles);
    }
    t_.compute_cycles = std::max({t_.array_cycles, t_.post_cycles, t_.steps() * as_double(e_.command.per_tile),
                                  t_.weights.times * bounds_.decode_cycles});
  }

  // So many transfers of a channel overlap; inputs, weights and operands have a channel each where there are three.
  double channel_cycles() const {
    double transfers[3] = {0, 0, 0}, moving[3] = {0, 0, 0}, longest = 0;
    const TileFlow* flows[3] = {&t_.input, &t_.weights, &t_.operand};
    for (std::int64_t i = 0; i < 3; ++i) {
      const std::int64_t channel = i < e_.dma.load_channels ? i : 0;
      transfers[channel] += flows[i]->transfers;
      moving[channel] += flows[i]->dram_bytes / read_rate_;
    }
    for (int i = 0; i < 3; ++i) {
      longest = std::max({longest, transfers[i] * setup_ + moving[i],
                          (transfers[i] * overhead_ + moving[i]) / as_double(e_.dma.transfers_in_flight)});
    }
    return longest;
  }

  // A buffer is filled, used and filled again.
  double turn_cycles(const TileFlow& flow) const {
    if (flow.transfers <= flow.buffers) return 0;
    return ((flow.transfers - flow.buffers) * transfer_cycles(flow) + t_.compute_cycles) / flow.buffers;
  }
  // How long one transfer takes by itself.
  double transfer_cycles(const TileFlow& flow) const {
    if (&flow != &t_.output) return overhead_ + flow.tile_bytes / read_rate_;
    return setup_ + as_double(e_.post_processing.latency) + flow.tile_bytes / bandwidth_;
  }

  void time_whole() {
    const double loads = t_.input.dram_bytes + t_.weights.dram_bytes + t_.operand.dram_bytes;
    const double last_store = t_.output.tile_bytes / bandwidth_;
    t_.dma_cycles = std::max(loads / read_rate_ + t_.output.dram_bytes / bandwidth_, channel_cycles());
    const double first =
        (t_.input.tile_bytes + t_.weights.tile_bytes + (array_ ? 0 : t_.operand.tile_bytes)) / read_rate_;
    t_.fill_cycles = as_double(e_.command.per_pass) + (loads > 0 ? overhead_ : as_double(e_.command.per_tile)) +
                     (array_ ? first_load_cycles(work_) : 0) + first;
    t_.drain_cycles = as_double(e_.memory.latency + e_.post_processing.latency) +
                      (array_ ? as_double(e_.array.pipeline_latency) + t_.handover_cycles : 0) +
                      (t_.output.transfers > 0 ? setup_ : 0) + last_store;
    t_.turn_cycles =
        std::max({turn_cycles(t_.input), turn_cycles(t_.weights), turn_cycles(t_.operand), turn_cycles(t_.output)});
    if (one_buffer_) {
      t_.turn_cycles = std::max(t_.turn_cycles, t_.compute_cycles + t_.input.transfers * transfer_cycles(t_.input) +
                                                    t_.output.transfers * transfer_cycles(t_.output));
    }
    const double steady = std::max({t_.compute_cycles, t_.dma_cycles - first - last_store, t_.turn_cycles - first});
    // What stays has to come during the first sweep.
    const double sweeps = t_.weights_outside ? t_.output_tiles : t_.pixel_tiles;
    const bool reused = !follows_ && sweeps > 1 && (t_.weights_outside ? t_.input_stays : t_.weights_stay);
    if (reused) {
      const double kept = (t_.weights_outside ? t_.input : t_.weights).dram_bytes / read_rate_;
      const double others = t_.dma_cycles - kept;
      const double phases = std::max(t_.compute_cycles / sweeps, kept + others / sweeps - first) +
                            std::max(t_.compute_cycles, others) * (1 - 1 / sweeps);
      t_.first_sweep_cycles = std::max(0.0, phases - steady);
    }
    // Behind the last load there is still one tile to compute and to store.
    const double after_last = t_.fill_cycles - first + t_.dma_cycles + t_.drain_cycles - last_store +
                              std::max(0.0, t_.compute_cycles / t_.steps() - last_store);
    t_.latency_cycles = std::max(t_.fill_cycles + steady + t_.first_sweep_cycles + t_.drain_cycles, after_last);
  }

  const TileProblem& p_;
  const SubgraphShape& s_;
  const engine::EngineConfig& e_;
  const ArrayWork& work_;
  const Bounds& bounds_;
  bool array_, follows_;
  double bandwidth_ = 1, read_rate_ = 1, setup_ = 0, overhead_ = 0, lanes_ = 1;
  double drains_ = 1;        // of each sum, on its way to the activation banks
  bool one_buffer_ = false;  // loading, computing and storing take turns
  AnalyticalTile fresh_;     // what all choices have in common
  AnalyticalTile t_;
};

}  // namespace

double first_load_cycles(const ArrayWork& work) {
  return std::ceil(as_double(work.outputs_per_group) * work.cycles_per_kernel);
}

double atom_cycles(const ArrayWork& work, const engine::EngineConfig& engine, std::int64_t pixels) {
  const double atom = as_double(work.atom_cycles), stripe = as_double(std::min(pixels, work.stripe_pixels));
  const double around =
      as_double(engine.array.pipeline_latency + engine.memory.latency + engine.accumulators.credit_return);
  const double stripes = std::floor(as_double(work.credits) / stripe);  // that the accumulators hold
  // Of two stripes, what finds no room beside the second has to be drained before its last block.
  const double loop =
      stripes < 2 ? (2 * stripe - as_double(work.credits)) * atom + around : (stripe * atom + around) / stripes;
  return std::max(atom, loop / stripe);
}

double handover_cycles(const ArrayWork& work, std::int64_t pixels, double array, double post) {
  const double load = work.weight_load_cycles, pixel = work.cycles_per_block, atom = as_double(work.atom_cycles);
  const std::int64_t first = stripe_length(work, pixels);
  std::int64_t last = pixels;
  if (last >= 2 * work.stripe_pixels) last = last % work.stripe_pixels + work.stripe_pixels;
  if (last > work.stripe_pixels) last -= ceil_div(last - work.stripe_pixels, work.second_stripe) * work.second_stripe;
  const double lead = as_double(work.blocks - 1) * std::max(as_double(first) * pixel, load);
  const double tail = as_double(last) * std::max(atom, pixel) - std::max(as_double(last) * pixel, load);
  return std::max(array + tail, lead + post) - std::max(array, post);
}

namespace {

// One group after the other: `times` as much of everything but filling and draining.
void repeat(AnalyticalTile& t, double times) {
  const double around = t.fill_cycles + t.drain_cycles;
  t.latency_cycles = around + times * (t.latency_cycles - around);
  t.output_tiles *= times;
  t.traffic_weights_outside *= times;
  t.traffic_pixels_outside *= times;
  for (TileFlow* const flow : {&t.input, &t.weights, &t.operand, &t.output}) {
    flow->all_bytes *= times;
    flow->transfers *= times;
    flow->dram_bytes *= times;
  }
  for (double* const cycles : {&t.array_cycles, &t.post_cycles, &t.compute_cycles, &t.handover_cycles, &t.dma_cycles,
                               &t.turn_cycles, &t.first_sweep_cycles}) {
    *cycles *= times;
  }
}

}  // namespace

AnalyticalTile analytical_tile(const Subgraph& subgraph, const engine::EngineConfig& engine, const Bounds& limits) {
  const TileProblem problem(subgraph, engine);
  AnalyticalTile whole = TileModel(problem, limits).run();
  if (!groups_stand_alone(subgraph.shape, engine)) return whole;
  const TileProblem group = TileProblem::of_one_group(subgraph, engine);
  Subgraph alone;
  alone.shape = group.shape;
  alone.context = subgraph.context;
  const Bounds limits_of_group = bounds(alone, engine);
  AnalyticalTile one = TileModel(group, limits_of_group).run();
  repeat(one, as_double(group.repeats));
  return better(one, whole) ? one : whole;
}

}  // namespace lanewise::mapping
