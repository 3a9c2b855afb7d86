// SPDX-License-Identifier: Apache-2.0
#include "study/validation/validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "core/base/error.hpp"
#include "core/base/version.hpp"
#include "sim/planning.hpp"
#include "sim/simulate.hpp"
#include "study/evaluation/measurement_source.hpp"
#include "study/validation/row_engines.hpp"
#include "study/validation/validation_cells.hpp"
#include "study/validation/validation_rows.hpp"
#include "study/validation/validation_statistics.hpp"

namespace lanewise::study {
namespace {

// The engines that rows name, each loaded once and changed once for each distinct set of overrides.
class Engines {
 public:
  Engines(std::string file, const ValidationSettings& settings) : file_(std::move(file)), settings_(settings) {}

  // The engine of a row, overrides applied. Lives as long as this.
  const engine::EngineConfig& of(const ValidationSubgraph& subgraph) {
    const engine::EngineConfig& base = base_of(subgraph);
    if (subgraph.overrides.empty()) return base;
    std::string key = path_of(subgraph);
    for (const ColumnOverride& column : subgraph.overrides) key += fmt::format("\n{}={}", column.column, column.cell);
    const auto known = changed_.find(key);
    if (known != changed_.end()) return known->second;
    return changed_.emplace(key, row_engine(base, subgraph, file_)).first->second;
  }

  // What answers call it.
  std::string name_of(const ValidationSubgraph& subgraph) {
    std::string name = settings_.hw.empty() ? subgraph.engine : base_of(subgraph).name;
    if (!subgraph.variant.empty()) {
      name = (subgraph.engine.empty() ? base_of(subgraph).name : subgraph.engine) + "/" + subgraph.variant;
    }
    named_.emplace(name, path_of(subgraph));
    return name;
  }

  std::vector<std::pair<std::string, engine::EngineIdentity>> identities() const {
    std::vector<std::pair<std::string, engine::EngineIdentity>> out;
    for (const auto& [name, path] : named_) {
      const auto engine = loaded_.find(path);
      if (engine != loaded_.end()) out.emplace_back(name, engine::identity_of(engine->second));
    }
    return out;
  }

 private:
  std::string place(const ValidationSubgraph& subgraph) const { return fmt::format("{}:{}: ", file_, subgraph.line); }

  std::string path_of(const ValidationSubgraph& subgraph) const {
    if (!settings_.hw.empty()) return settings_.hw;
    return (std::filesystem::path(settings_.hw_folder) / (subgraph.engine + ".yaml")).string();
  }

  const engine::EngineConfig& base_of(const ValidationSubgraph& subgraph) {
    if (settings_.hw.empty() && subgraph.engine.empty()) {
      throw Error(file_ + ": has no column 'engine': --hw FILE must name the engine");
    }
    const std::string path = path_of(subgraph);
    const auto known = loaded_.find(path);
    if (known != loaded_.end()) return known->second;
    const bool named_by_row = settings_.hw.empty();
    std::error_code ignored;
    if (named_by_row && !std::filesystem::exists(path, ignored)) {
      throw Error(place(subgraph) + refusal("engine", subgraph.engine, path + ": no such file"));
    }
    return loaded_.emplace(path, engine::load_engine(path, settings_.overrides).config).first->second;
  }

  std::string file_;
  const ValidationSettings& settings_;
  std::map<std::string, engine::EngineConfig> loaded_, changed_;
  std::map<std::string, std::string> named_;  // paths by what answers call the engines
};

ValidationHead head_of(const ValidationRows& rows) { return {rows.path, version(), rows.ignored_columns, rows.log}; }

// One row of either kind that is simulated by itself, with what answers say of it so far.
struct Single {
  const ValidationSubgraph* subgraph = nullptr;
  const LayerRow* layer = nullptr;  // nullptr for rows of the post-processor
  ValidatedRow row;
};

std::vector<Single> singles_of(const ValidationRows& rows) {
  std::vector<Single> singles;
  for (const LayerRow& layer : rows.layers) {
    Single single{&layer.subgraph, &layer, {}};
    single.row.part = layer.set;
    single.row.tag = layer.tag;
    single.row.measured = layer.cycles;
    singles.push_back(single);
  }
  for (const PostProcessingRow& operation : rows.post_processing) {
    Single single{&operation.subgraph, nullptr, {}};
    single.row.part = operation.unit;
    single.row.tag = operation.operation;
    single.row.measured = operation.cycles;
    singles.push_back(single);
  }
  return singles;
}

record::Timestamps since(record::Timestamps timestamps, std::int64_t enabled) {
  timestamps.first_mac -= Cycles(enabled);
  timestamps.last_mac -= Cycles(enabled);
  return timestamps;
}

void fill_in(Single& single, const record::SubgraphResult& result, Cycles launch) {
  const record::Measurement& m = result.measurement;
  single.row.failure = result.failure;
  if (!result.failure.empty()) return;
  const std::int64_t enabled = m.timestamps.load_enabled.count();
  single.row.simulated = single.subgraph->counted(m.latency, m.timestamps.load_enabled, launch).count();
  single.row.bound_by = m.bound_by;
  if (single.layer == nullptr) return;
  for (const auto& [column, measured] : single.layer->timestamps) {
    single.row.timestamps.push_back({column->name, measured, column->simulated(since(m.timestamps, enabled))});
  }
}

RowValidation summarized(const ValidationRows& rows, const std::vector<Single>& singles) {
  RowValidation validation;
  validation.head = head_of(rows);
  validation.part_name = rows.layers.empty() ? "unit" : "set";
  std::map<std::string, std::vector<ValidatedRow>> by_engine;
  for (const Single& single : singles) {
    std::vector<ValidatedRow>& own = by_engine[single.row.engine];
    if (own.empty()) validation.engines.emplace_back(single.row.engine, ValidatedGroup{});
    own.push_back(single.row);
    validation.rows.push_back(single.row);
  }
  for (auto& [name, group] : validation.engines) group = summarize(by_engine[name]);
  validation.all = summarize(validation.rows);
  if (validation.all.all.rows == 0) {
    const ValidatedRow& first = validation.rows.front();
    throw Error(fmt::format("{}:{}: {}; nor could any other row be simulated", rows.path, first.line, first.failure));
  }
  return validation;
}

RowValidation validate_singles(const ValidationRows& rows, Engines& engines, const Progress& progress) {
  std::vector<Single> singles = singles_of(rows);
  std::vector<SubgraphQuery> queries;
  std::vector<Single*> asked;
  for (Single& single : singles) {
    single.row.line = single.subgraph->line;
    single.row.engine = engines.name_of(*single.subgraph);
    single.row.failure = single.subgraph->failure;
    if (!single.row.failure.empty()) continue;
    queries.push_back({&single.subgraph->subgraph, &engines.of(*single.subgraph)});
    asked.push_back(&single);
  }
  const std::vector<record::SubgraphResult> results = make_simulator()->measure(queries, progress);
  for (std::size_t i = 0; i < asked.size(); ++i) fill_in(*asked[i], results[i], queries[i].engine->launch_cycles());
  return summarized(rows, singles);
}

// The rows of each (engine, sequence), in the file's order. Throws Error where positions do not count from 0 or ends do
// not rise.
std::vector<std::vector<const SequenceRow*>> sequences_of(const ValidationRows& rows, Engines& engines) {
  std::vector<std::vector<const SequenceRow*>> sequences;
  std::map<std::pair<std::string, std::string>, std::size_t> known;
  for (const SequenceRow& row : rows.sequences) {
    const auto [at, is_new] = known.emplace(std::pair(engines.name_of(row.subgraph), row.sequence), sequences.size());
    if (is_new) sequences.emplace_back();
    std::vector<const SequenceRow*>& sequence = sequences[at->second];
    const auto refuse = [&](const char* column, std::int64_t value, const std::string& rule) {
      throw Error(fmt::format("{}:{}: {}", rows.path, row.subgraph.line, refusal(column, std::to_string(value), rule)));
    };
    const auto expected = static_cast<std::int64_t>(sequence.size());
    if (row.position != expected) {
      refuse("position", row.position, fmt::format("must be {}: the rows of a sequence count from 0", expected));
    }
    if (!sequence.empty() && row.done <= sequence.back()->done) {
      refuse("done_cycle", row.done,
             fmt::format("must be above {}, the end of the layer before", sequence.back()->done));
    }
    sequence.push_back(&row);
  }
  return sequences;
}

// Each layer is planned on its own split of the banks; one simulation runs them all.
std::vector<record::Measurement> run_sequence(const std::vector<const SequenceRow*>& rows, Engines& engines) {
  std::vector<mapping::TilePlan> plans;
  plans.reserve(rows.size());
  std::vector<sim::PlannedSubgraph> subgraphs;
  for (const SequenceRow* row : rows) {
    plans.push_back(sim::plan(row->subgraph.subgraph, engines.of(row->subgraph)));
    subgraphs.push_back({&plans.back(), &row->subgraph.subgraph});
  }
  return sim::simulate_sequence(subgraphs, engines.of(rows.front()->subgraph));
}

ValidatedSequence validate_sequence(const std::vector<const SequenceRow*>& rows, Engines& engines) {
  ValidatedSequence sequence;
  sequence.engine = engines.name_of(rows.front()->subgraph);
  sequence.name = rows.front()->sequence;
  sequence.prefetch = rows.front()->prefetch;
  for (const SequenceRow* row : rows) {
    engines.of(row->subgraph);  // a bad row is an error, not a failure
    ValidatedPosition position;
    position.line = row->subgraph.line;
    position.layer = row->layer;
    position.measured_done = row->done;
    position.measured_load_enabled = row->load_enabled;
    sequence.positions.push_back(position);
  }
  try {
    const std::vector<record::Measurement> measurements = run_sequence(rows, engines);
    const std::int64_t enabled = measurements.front().timestamps.load_enabled.count();
    std::int64_t done = -enabled;
    for (std::size_t i = 0; i < measurements.size(); ++i) {
      done += measurements[i].latency.count();
      sequence.positions[i].simulated_done = done;
      sequence.positions[i].simulated_load_enabled = measurements[i].timestamps.load_enabled.count() - enabled;
    }
  } catch (const Error& error) {
    sequence.failure = error.what();
  }
  summarize(sequence);
  return sequence;
}

SequenceValidation validate_sequences(const ValidationRows& rows, Engines& engines, const Progress& progress) {
  SequenceValidation validation;
  validation.head = head_of(rows);
  const auto sequences = sequences_of(rows, engines);
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    progress("simulating", static_cast<std::int64_t>(i), static_cast<std::int64_t>(sequences.size()));
    validation.sequences.push_back(validate_sequence(sequences[i], engines));
  }
  summarize(validation);
  if (validation.failed == static_cast<std::int64_t>(validation.sequences.size())) {
    const ValidatedSequence& first = validation.sequences.front();
    throw Error(fmt::format("{}: not one sequence could be simulated: '{}': {}", rows.path, first.name, first.failure));
  }
  return validation;
}

}  // namespace

Validation validate(const std::string& path, const ValidationSettings& settings, const Progress& progress) {
  RowSettings reading{settings.cycles_column};
  if (!settings.hw.empty()) reading.clock = engine::load_engine(settings.hw, settings.overrides).config.array.clock;
  const ValidationRows rows = read_validation_rows(path, reading);
  Engines engines(path, settings);
  Validation validation = rows.sequences.empty() ? Validation(validate_singles(rows, engines, progress))
                                                 : Validation(validate_sequences(rows, engines, progress));
  std::visit([&](auto& kind) { kind.head.engines = engines.identities(); }, validation);
  return validation;
}

}  // namespace lanewise::study
