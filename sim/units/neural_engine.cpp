// SPDX-License-Identifier: Apache-2.0
#include "sim/units/neural_engine.hpp"

#include <algorithm>
#include <new>
#include <string>
#include <utility>

#include "core/base/error.hpp"
#include "sim/units/measure.hpp"

namespace lanewise::sim {

NeuralEngine::NeuralEngine(const sc_core::sc_module_name& name)
    : sc_module(name),
      command_("command_processor"),
      load_("load_dma"),
      store_("store_dma"),
      dram_("dram"),
      weight_decoder_("weight_decoder"),
      input_loader_("input_loader"),
      weight_loader_("weight_loader"),
      operand_loader_("operand_loader"),
      read_port_("read_port"),
      write_port_("write_port"),
      memory_("onchip_memory"),
      array_("dot_product_array"),
      accumulators_("accumulators"),
      post_("post_processor"),
      units_{{&memory_, Path::kBoth},
             {&accumulators_, Path::kBoth},
             {&read_port_, Path::kStreams},
             {&write_port_, Path::kStreams},
             {&dram_, Path::kTiles},
             {&weight_decoder_, Path::kBoth},
             {&load_, Path::kTiles},
             {&store_, Path::kTiles},
             {&input_loader_, Path::kStreams},
             {&weight_loader_, Path::kStreams},
             {&operand_loader_, Path::kStreams},
             {&array_, Path::kBoth},
             {&post_, Path::kBoth},
             {&command_, Path::kBoth}},
      issue_load_("issue_load"),
      issue_load_weights_("issue_load_weights"),
      issue_loader_("issue_loader"),
      issue_input_("issue_input"),
      issue_operand_("issue_operand"),
      issue_array_("issue_array"),
      issue_post_("issue_post"),
      subgraph_done_("pass_done"),
      input_to_array_("input_to_array"),
      input_to_post_("input_to_post"),
      weights_to_array_("weights_to_array"),
      operand_to_post_("operand_to_post"),
      output_to_store_("output_to_store"),
      input_from_array_("input_from_array"),
      input_from_post_("input_from_post"),
      weights_from_array_("weights_from_array"),
      operand_from_post_("operand_from_post"),
      output_from_store_("output_from_store"),
      subgraph_to_weights_("pass_to_weights"),
      weights_loaded_("weights_loaded"),
      subgraph_computed_("pass_computed") {
  // Commands: which subgraphs and tiles each unit may take up, and which subgraphs are done.
  command_.to_load.bind(issue_load_);
  load_.commands.bind(issue_load_);
  command_.to_load_weights.bind(issue_load_weights_);
  load_.weight_commands.bind(issue_load_weights_);
  load_.subgraph_computed.bind(subgraph_computed_);
  command_.to_input_loader.bind(issue_loader_);
  input_loader_.commands.bind(issue_loader_);
  command_.to_input.bind(issue_input_);
  input_loader_.input_available.bind(issue_input_);
  command_.to_operand_loader.bind(issue_operand_);
  operand_loader_.commands.bind(issue_operand_);
  command_.to_array.bind(issue_array_);
  array_.commands.bind(issue_array_);
  command_.to_post.bind(issue_post_);
  post_.commands.bind(issue_post_);
  post_.subgraph_done.bind(subgraph_done_);
  store_.subgraph_done.bind(subgraph_done_);
  write_port_.subgraph_done.bind(subgraph_done_);
  command_.subgraph_done.bind(subgraph_done_);

  // Tiles between DRAM and the on-chip banks.
  load_.decoder.bind(weight_decoder_);
  for (const auto& channel : load_.channels) {
    channel->dram.bind(dram_.socket);
    channel->memory.bind(memory_.socket);
  }
  for (const auto& channel : store_.channels) {
    channel->dram.bind(dram_.socket);
    channel->memory.bind(memory_.socket);
  }

  // Streams between memory and the on-chip banks.
  input_loader_.port.bind(read_port_);
  weight_loader_.port.bind(read_port_);
  operand_loader_.port.bind(read_port_);
  read_port_.input.bind(input_loader_);
  read_port_.weights.bind(weight_loader_);
  read_port_.operand.bind(operand_loader_);
  read_port_.writes.bind(write_port_);
  write_port_.memory.bind(read_port_);
  input_loader_.to_weights.bind(subgraph_to_weights_);
  weight_loader_.subgraphs.bind(subgraph_to_weights_);
  weight_loader_.weights_loaded.bind(weights_loaded_);
  input_loader_.weights_loaded.bind(weights_loaded_);
  array_.subgraph_computed.bind(subgraph_computed_);
  input_loader_.subgraph_computed.bind(subgraph_computed_);
  post_.output.bind(write_port_);

  // Data between the banks and the computing units, and from the array to the post-processor.
  array_.memory.bind(memory_.socket);
  post_.memory.bind(memory_.socket);
  array_.accumulators.bind(accumulators_);
  post_.accumulators.bind(accumulators_);
  accumulators_.listener.bind(post_);

  // Buffers: filled one way, freed the other.
  load_.input_ready.bind(input_to_array_);
  input_loader_.input_ready.bind(input_to_array_);
  array_.input_ready.bind(input_to_array_);
  array_.input_freed.bind(input_from_array_);
  load_.input_freed.bind(input_from_array_);
  load_.input_ready_for_post.bind(input_to_post_);
  input_loader_.input_ready_for_post.bind(input_to_post_);
  post_.input_ready.bind(input_to_post_);
  post_.input_freed.bind(input_from_post_);
  load_.input_freed_by_post.bind(input_from_post_);
  load_.weights_ready.bind(weights_to_array_);
  weight_loader_.weights_ready.bind(weights_to_array_);
  array_.weights_ready.bind(weights_to_array_);
  array_.weights_freed.bind(weights_from_array_);
  load_.weights_freed.bind(weights_from_array_);
  weight_loader_.weights_freed.bind(weights_from_array_);
  load_.operand_ready.bind(operand_to_post_);
  operand_loader_.operand_ready.bind(operand_to_post_);
  post_.operand_ready.bind(operand_to_post_);
  post_.operand_freed.bind(operand_from_post_);
  load_.operand_freed.bind(operand_from_post_);
  operand_loader_.operand_freed.bind(operand_from_post_);
  post_.output_ready.bind(output_to_store_);
  store_.output_ready.bind(output_to_store_);
  store_.output_freed.bind(output_from_store_);
  post_.output_freed.bind(output_from_store_);

  // The memory outside, where engines share one.
  dram_.memory.bind(shared_dram);
  SC_METHOD(pause);
  sensitive << subgraph_done_.event();
  dont_initialize();

  for (sc_core::sc_object* const child : get_child_objects()) {
    if (auto* const wire = dynamic_cast<Tokens*>(child)) wires_.push_back(wire);
  }
}

void NeuralEngine::DoneTokens::send(const Moment& at) {
  Tokens::send(at);
  if (!watched_) return;
  const Ticks cycles = (at.at - start_ + kTicksPerCycle - 1) / kTicksPerCycle;
  done_ = start_ + cycles * kTicksPerCycle;
  event_.notify(duration(done_ - now()));
}

void NeuralEngine::check_finished(const Sequence& sequence, const std::vector<Counters>& counters_of_jobs) const {
  const auto stuck =
      std::find_if(units_.rbegin(), units_.rend(), [](const Member& member) { return !member.unit->done(); });
  if (stuck == units_.rend()) return;
  std::size_t job = 0;
  while (job + 1 < sequence.jobs.size() && counters_of_jobs[job].done() > 0) ++job;
  const mapping::Subgraph& subgraph = *sequence.jobs[job].subgraph;
  throw InternalError("simulator: deadlock at subgraph '" + subgraph.name + "' on engine " + sequence.engine->name +
                      ": " + record::to_string(stuck->unit->logs().front()->unit()) + " has work left (" +
                      mapping::subgraph_key(subgraph) + ")");
}

namespace {

// What a unit throws comes out of the kernel as a report with the kernel's own words.
void run_kernel() {
  try {
    sc_core::sc_start();
  } catch (const sc_core::sc_report& report) {
    const std::string what = report.get_msg();
    if (what.find("bad_alloc") != std::string::npos) throw std::bad_alloc();
    throw InternalError("simulator: " + what);
  }
}

// Cubes of one subgraph after the other: its counts and its moments.
void add(Counters& sum, const Counters& cube) {
  const bool first = sum.first_mac < 0 && sum.done() == 0;
  if (first) sum.enabled = cube.enabled;
  if (sum.first_mac < 0) sum.first_mac = cube.first_mac;
  sum.inputs_loaded = std::max(sum.inputs_loaded, cube.inputs_loaded);
  sum.weights_loaded = std::max(sum.weights_loaded, cube.weights_loaded);
  sum.last_mac = std::max(sum.last_mac, cube.last_mac);
  sum.post_done.wait_for(cube.post_done);
  sum.store_done.wait_for(cube.store_done);
  sum.mac_active += cube.mac_active;
  sum.macs += cube.macs;
  sum.accumulations += cube.accumulations;
  sum.decoded_weights += cube.decoded_weights;
  sum.post_elements += cube.post_elements;
  sum.dram_read += cube.dram_read;
  sum.dram_write += cube.dram_write;
  sum.sram_read += cube.sram_read;
  sum.sram_write += cube.sram_write;
  sum.weight_read += cube.weight_read;
  sum.weight_write += cube.weight_write;
  sum.activation_moved += cube.activation_moved;
  sum.weight_moved += cube.weight_moved;
  sum.read_beats += cube.read_beats;
  sum.write_beats += cube.write_beats;
}

// What the running subgraph has planned to hold on chip, tensors kept there included.
void draw_onchip_bytes(const Sequence& sequence, const std::vector<Counters>& counters_of_jobs,
                       record::Timeline& timeline) {
  const auto counter = static_cast<std::int32_t>(timeline.counters.size());
  timeline.counters.emplace_back("onchip_bytes");
  double begin = 0;
  for (std::size_t job = 0; job < sequence.jobs.size(); ++job) {
    const auto bytes = static_cast<double>(sequence.jobs[job].plan->peak_sram.count());
    if (job == 0 || sequence.jobs[job].number != sequence.jobs[job - 1].number) {
      timeline.samples.push_back({counter, begin, bytes});
    }
    begin = static_cast<double>(counters_of_jobs[job].done().at - sequence.start) / kTicksPerCycle;
  }
  timeline.samples.push_back({counter, begin, 0});
}

}  // namespace

record::Measurement NeuralEngine::measure(const Sequence& sequence, const Job& job, const Counters& counters,
                                          const Moment& before, const std::vector<const UnitLog*>& logs) const {
  record::Measurement m = measurement_of(sequence, job, counters, before);
  for (const UnitLog* const log : logs) m.units.push_back(log->within(before, counters.done(), m.latency));
  for (const EngineUnit* const unit : present_) {
    for (record::UnitTime& time : unit->counted(counters, m.latency)) m.units.push_back(std::move(time));
  }
  m.bound_by = record::bound_by(m.gains);
  return m;
}

void NeuralEngine::draw(const Sequence& sequence, const std::vector<Counters>& counters_of_jobs,
                        const std::vector<const UnitLog*>& logs, record::Timeline& timeline) const {
  timeline = {};
  timeline.clock_hz = sequence.engine->array.clock.count();
  timeline.cycles = static_cast<double>(counters_of_jobs.back().done().at - sequence.start) / kTicksPerCycle;
  for (const Job& job : sequence.jobs) {
    if (job.number == timeline.subgraphs.size()) timeline.subgraphs.push_back(job.subgraph->name);
  }
  for (const UnitLog* const log : logs) log->draw(timeline, sequence);
  for (const EngineUnit* const unit : present_) {
    for (const RateLog* const rate : unit->rates()) rate->draw(timeline, sequence.start);
  }
  draw_onchip_bytes(sequence, counters_of_jobs, timeline);
}

void NeuralEngine::begin(Sequence& sequence, std::vector<Counters>& counters_of_jobs, Recording keep) {
  sequence.start = now();
  for (Tokens* const wire : wires_) wire->reset();
  for (const Member& member : units_) member.unit->begin(sequence, counters_of_jobs, keep);
}

// The logs of the units that the sequence's engine has, in the order of their names.
std::vector<const UnitLog*> NeuralEngine::present_logs(const Sequence& sequence) {
  const bool streams = sequence.engine->streams();
  present_.clear();
  for (const Member& member : units_) {
    const bool on_path = member.path != (streams ? Path::kTiles : Path::kStreams);
    if (on_path && member.unit->present(*sequence.engine)) present_.push_back(member.unit);
  }
  std::vector<const UnitLog*> logs;
  for (const EngineUnit* const unit : present_) {
    for (const UnitLog* const log : unit->logs()) logs.push_back(log);
  }
  std::sort(logs.begin(), logs.end(), [](const UnitLog* a, const UnitLog* b) { return a->unit() < b->unit(); });
  return logs;
}

void NeuralEngine::start(Sequence& sequence) {
  started_ = &sequence;
  started_counters_.assign(sequence.jobs.size(), Counters());
  subgraph_done_.watch(now());
  begin(sequence, started_counters_, {});
}

bool NeuralEngine::finished() const { return subgraph_done_.done() >= 0 && subgraph_done_.done() <= now(); }

record::Measurement NeuralEngine::finish() {
  check_finished(*started_, started_counters_);
  return measure(*started_, started_->jobs.front(), started_counters_.front(), Moment::begin(started_->start),
                 present_logs(*started_));
}

std::vector<record::Measurement> NeuralEngine::run(Sequence& sequence, record::Timeline* timeline) {
  std::vector<Counters> counters_of_jobs(sequence.jobs.size());
  const bool several = sequence.jobs.front().number != sequence.jobs.back().number;
  subgraph_done_.unwatch();
  begin(sequence, counters_of_jobs, {several || timeline != nullptr, timeline != nullptr});
  run_kernel();
  check_finished(sequence, counters_of_jobs);
  const std::vector<const UnitLog*> logs = present_logs(sequence);

  std::vector<record::Measurement> measurements;
  Moment before = Moment::begin(sequence.start);
  for (std::size_t job = 0; job < sequence.jobs.size();) {
    const Job& first = sequence.jobs[job];
    Counters counters = counters_of_jobs[job];
    for (++job; job < sequence.jobs.size() && sequence.jobs[job].number == first.number; ++job) {
      add(counters, counters_of_jobs[job]);
    }
    measurements.push_back(measure(sequence, first, counters, before, logs));
    before = counters.done();
  }
  if (timeline != nullptr) draw(sequence, counters_of_jobs, logs, *timeline);
  return measurements;
}

}  // namespace lanewise::sim
