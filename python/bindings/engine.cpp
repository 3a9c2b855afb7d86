// SPDX-License-Identifier: Apache-2.0
// Engines: descriptions with what was set of them, and their keys with values, units and meanings.
#include <cmath>
#include <limits>
#include <map>

#include "cli/file_kind.hpp"
#include "core/base/error.hpp"
#include "core/base/quantity_text.hpp"
#include "core/engine/engine_identity.hpp"
#include "core/engine/scaling_rules.hpp"
#include "python/bindings/bindings.hpp"
#include "report/describe.hpp"
#include "study/evaluation/answer.hpp"

namespace lanewise::python {
namespace {

// A unit of keys: how it ends the names of columns, and how a number in it is written as --set takes it.
struct KeyUnit {
  const char* notation;  // engine::ParameterReference::notation
  const char* suffix;    // "bytes_per_second"
  std::string (*text)(double number);
  double (*number)(const std::string& text);
};

template <class Quantity>
std::string text_as(double number) {
  return to_text(Quantity(number));
}
template <auto parse>
double number_as(const std::string& text) {
  return static_cast<double>(parse(text).count());
}

std::string bytes_text(double number) {
  if (std::nearbyint(number) != number) throw Error(number_text(number) + " is no whole number of bytes");
  return to_text(Bytes(static_cast<std::int64_t>(number)));
}

const std::vector<KeyUnit>& key_units() {
  static const std::vector<KeyUnit> all = {
      {"B, KiB, MiB, GiB", "bytes", bytes_text, number_as<parse_bytes>},
      {"B/cycle", "bytes_per_cycle", text_as<BytesPerCycle>, number_as<parse_bytes_per_cycle>},
      {"MB/s, GB/s", "bytes_per_second", text_as<BytesPerSecond>, number_as<parse_bytes_per_second>},
      {"Hz, kHz, MHz, GHz", "hz", text_as<Hertz>, number_as<parse_hertz>},
      {"ns, us, ms, s", "seconds", text_as<Seconds>, number_as<parse_seconds>},
      {"fJ, pJ, nJ", "pj", text_as<Picojoules>, number_as<parse_picojoules>},
      {"pJ/B", "pj_per_byte", text_as<PicojoulesPerByte>, number_as<parse_picojoules_per_byte>},
      {"uW, mW, W", "mw", text_as<Milliwatts>, number_as<parse_milliwatts>},
      {"um2, mm2", "mm2", text_as<SquareMillimetres>, number_as<parse_square_millimetres>},
  };
  return all;
}

const KeyUnit* unit_of(const std::string& key) {
  static const std::map<std::string, const KeyUnit*> by_key = [] {
    std::map<std::string, const KeyUnit*> made;
    for (const engine::ParameterReference& row : engine::parameter_reference()) {
      for (const KeyUnit& unit : key_units()) {
        if (row.notation == unit.notation) made[row.key] = &unit;
      }
    }
    return made;
  }();
  const auto found = by_key.find(key);
  return found == by_key.end() ? nullptr : found->second;
}

EngineHandle load(const std::string& name, const Pairs& sets) {
  EngineHandle made;
  made.path = cli::find_engine_file("--hw", name);
  for (const auto& [key, value] : sets) made.overrides.push_back({key, value});
  made.loaded = std::make_shared<const engine::LoadedEngine>(engine::load_engine(made.path, made.overrides));
  return made;
}

// The value as a number in the unit of its column, NaN where it is a word.
double number_of(const engine::EngineConfig& config, const std::string& key) {
  try {
    return engine::numeric_value(config, key);
  } catch (const Error&) {
    return std::numeric_limits<double>::quiet_NaN();
  }
}

py::list keys_of(const EngineHandle& engine) {
  std::map<std::string, engine::Leaf> leaves;
  for (const engine::Leaf& leaf : engine.loaded->leaves) leaves[leaf.key] = leaf;
  py::list rows;
  for (const engine::ParameterReference& reference : engine::parameter_reference()) {
    const engine::Leaf& leaf = leaves[reference.key];
    const KeyUnit* const unit = unit_of(reference.key);
    py::dict row;
    row["key"] = reference.key;
    row["value"] = leaf.value;
    row["number"] = number_of(engine.config(), reference.key);
    row["unit"] = unit != nullptr ? unit->suffix : "";
    row["origin"] = leaf.origin;
    row["least"] = reference.low;
    row["most"] = reference.high;
    row["notation"] = reference.notation;
    row["meaning"] = reference.meaning;
    rows.append(row);
  }
  return rows;
}

// The text of a number as --set takes it: in the unit of the key's column where the key has one.
std::string text_of(const std::string& key, double number) {
  const KeyUnit* const unit = unit_of(key);
  if (!std::isfinite(number)) throw Error(key + ": must be a finite number");
  return unit != nullptr ? unit->text(number) : number_text(number);
}

// The number that a text of --set stands for, in the unit of the key's column; a key without one has plain numbers.
double number_of_text(const std::string& key, const std::string& text) {
  const KeyUnit* const unit = unit_of(key);
  return unit != nullptr ? unit->number(text) : parse_number(text);
}

std::vector<std::string> warnings_of(const EngineHandle& engine) {
  std::vector<std::string> warnings;
  for (engine::ScalingWarning& warning : engine::scaling_warnings(engine.config())) {
    warnings.push_back(std::move(warning.message));
  }
  return warnings;
}

}  // namespace

void bind_engine(py::module_& module) {
  py::class_<EngineHandle>(module, "Engine", "The description of an engine; constant.")
      .def(py::init([](const std::string& name, const Pairs& sets) {
             return without_gil([&] { return load(name, sets); });
           }),
           py::arg("path"), py::arg("sets"), "Reads an hwconfig, or one of hwconfigs/ by its name, and sets keys.")
      .def_property_readonly("path", [](const EngineHandle& engine) { return engine.path; })
      .def_property_readonly("sets",
                             [](const EngineHandle& engine) {
                               Pairs sets;
                               for (const engine::Override& set : engine.overrides)
                                 sets.emplace_back(set.key, set.value);
                               return sets;
                             })
      .def_property_readonly("name", [](const EngineHandle& engine) { return engine.config().name; })
      .def_property_readonly("family", [](const EngineHandle& engine) { return engine.config().family; })
      .def_property_readonly("title", [](const EngineHandle& engine) { return engine::engine_title(engine.config()); })
      .def_property_readonly("hash", [](const EngineHandle& engine) { return engine::engine_hash(engine.config()); })
      .def_property_readonly("area_mm2",
                             [](const EngineHandle& engine) { return engine.config().total_area().count(); })
      .def_property_readonly("macs_per_cycle",
                             [](const EngineHandle& engine) { return engine.config().macs_per_cycle(); })
      .def_property_readonly("clock_hz", [](const EngineHandle& engine) { return engine.config().array.clock.count(); })
      .def_property_readonly("dram_bytes_per_cycle",
                             [](const EngineHandle& engine) { return engine.config().dram_bandwidth().count(); })
      .def("keys", &keys_of, "One dict per key of the format, in the order of the reference.")
      .def(
          "value",
          [](const EngineHandle& engine, const std::string& key) { return engine::value_text(engine.config(), key); },
          py::arg("key"), "The value of a key as --set takes it.")
      .def(
          "number",
          [](const EngineHandle& engine, const std::string& key) {
            engine::value_text(engine.config(), key);  // refuses an unknown key
            return number_of(engine.config(), key);
          },
          py::arg("key"), "The value of a key in the unit of its column; NaN for a word.")
      .def("warnings", &warnings_of, "Which rules of scale the engine breaks, one line each.")
      .def(
          "json",
          [](const EngineHandle& engine) {
            return report::engine_json(*engine.loaded, study::rtl_check_summary(engine.path, engine.config()));
          },
          "What `lanewise engine show --json` prints.");
  module.def("key_text", &text_of, py::arg("key"), py::arg("number"),
             "A number, in the unit of the key's column, as --set takes it.");
  module.def("key_number", &number_of_text, py::arg("key"), py::arg("text"),
             "What a text of --set stands for, in the unit of the key's column.");
  module.def(
      "key_unit",
      [](const std::string& key) {
        const KeyUnit* const unit = unit_of(key);
        return std::string(unit != nullptr ? unit->suffix : "");
      },
      py::arg("key"), "How the key's column ends: \"bytes_per_second\"; \"\" where the key has no unit of its own.");
  module.def("key_names", &engine::parameter_keys, "Every key of the format, in the order of the reference.");
}

}  // namespace lanewise::python
