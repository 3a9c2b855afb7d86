// SPDX-License-Identifier: Apache-2.0
// Subgraphs on engines, as estimators see them: features out, predictions out, a million at a time.
#include <cmath>
#include <deque>
#include <map>

#include "cli/file_kind.hpp"
#include "core/base/error.hpp"
#include "core/base/parallel.hpp"
#include "core/mapping/partition.hpp"
#include "core/mapping/refusal.hpp"
#include "estimator/features.hpp"
#include "python/bindings/bindings.hpp"
#include "study/dataset/sample_set.hpp"

namespace lanewise::python {
namespace {

struct Rows {
  std::deque<std::shared_ptr<const engine::LoadedEngine>> loaded;  // keep what the rows point to
  study::SampleSet measured;                                       // empty unless the rows are those of a store
  std::vector<mapping::Subgraph> subgraphs;                        // empty where they are those of a store
  std::vector<const engine::EngineConfig*> engines;                // one per row
  std::vector<std::int64_t> networks;  // one per row: the index of the network that it is of; -1: unknown
  std::vector<std::int64_t> engine_numbers;

  std::size_t size() const { return engines.size(); }
  const mapping::Subgraph& subgraph(std::size_t row) const {
    return subgraphs.empty() ? measured.samples[row].subgraph : subgraphs[row];
  }
};
using RowsHandle = std::shared_ptr<Rows>;

RowsHandle of_networks(const std::vector<const NetworkHandle*>& networks,
                       const std::vector<const EngineHandle*>& engines) {
  auto rows = std::make_shared<Rows>();
  for (const EngineHandle* engine : engines) rows->loaded.push_back(engine->loaded);
  for (std::size_t n = 0; n < networks.size(); ++n) {
    for (std::size_t e = 0; e < engines.size(); ++e) {
      for (mapping::Subgraph& subgraph : mapping::partition(*networks[n]->graph, engines[e]->config())) {
        rows->subgraphs.push_back(std::move(subgraph));
        rows->engines.push_back(&engines[e]->config());
        rows->networks.push_back(static_cast<std::int64_t>(n));
        rows->engine_numbers.push_back(static_cast<std::int64_t>(e));
      }
    }
  }
  return rows;
}

// `numbers`: for each key the index of its engine.
RowsHandle of_keys(const std::vector<std::string>& keys, const std::vector<const EngineHandle*>& engines,
                   const std::vector<std::int64_t>& numbers) {
  if (keys.size() != numbers.size()) throw Error("rows: there must be one engine for each subgraph key");
  auto rows = std::make_shared<Rows>();
  for (const EngineHandle* engine : engines) rows->loaded.push_back(engine->loaded);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    rows->subgraphs.push_back(mapping::parse_subgraph_key(keys[i]));
    const engine::EngineConfig& engine = engines.at(static_cast<std::size_t>(numbers[i]))->config();
    if (const std::string why = mapping::refusal_of(rows->subgraphs.back(), engine); !why.empty()) throw Error(why);
    rows->engines.push_back(&engine);
  }
  rows->networks.assign(keys.size(), -1);
  rows->engine_numbers = numbers;
  return rows;
}

RowsHandle of_store(const std::string& path, const Progress& progress) {
  cli::expect_store("Rows.from_store", path);
  auto rows = std::make_shared<Rows>();
  rows->measured = study::load_sample_set(path, progress);
  std::map<const engine::EngineConfig*, std::int64_t> numbers;
  for (const engine::EngineConfig& engine : rows->measured.engines) {
    numbers.emplace(&engine, static_cast<std::int64_t>(numbers.size()));
  }
  for (const estimator::Sample& sample : rows->measured.samples) {
    rows->engines.push_back(sample.engine);
    rows->networks.push_back(-1);
    rows->engine_numbers.push_back(numbers.at(sample.engine));
  }
  return rows;
}

std::vector<float> features_of(const Rows& rows, int threads) {
  const std::size_t columns = estimator::feature_names().size();
  std::vector<float> values(rows.size() * columns);
  constexpr std::size_t kAtOnce = 1024;
  const std::size_t pieces = (rows.size() + kAtOnce - 1) / kAtOnce;
  parallel_for(
      pieces, threads,
      [&](std::size_t piece) {
        for (std::size_t i = piece * kAtOnce; i < std::min(rows.size(), (piece + 1) * kAtOnce); ++i) {
          const std::vector<float> row = estimator::feature_vector(rows.subgraph(i), *rows.engines[i]);
          std::copy(row.begin(), row.end(), values.begin() + static_cast<std::ptrdiff_t>(i * columns));
        }
      },
      [](std::size_t) { check_signals(); });
  return values;
}

// Latency in cycles, energy in pJ, DRAM bytes, peak bytes on chip.
constexpr std::size_t kTargets = 4;

std::vector<double> predict(const EstimatorHandle& estimator, const Rows& rows, bool latency_only, int threads) {
  std::vector<double> values(rows.size() * (latency_only ? 1 : kTargets));
  constexpr std::size_t kAtOnce = 1024;
  const std::size_t pieces = (rows.size() + kAtOnce - 1) / kAtOnce;
  estimator::Estimator::Wanted wanted;
  wanted.energy = wanted.dram = wanted.peak_sram = !latency_only;
  parallel_for(
      pieces, threads,
      [&](std::size_t piece) {
        const std::size_t first = piece * kAtOnce, end = std::min(rows.size(), first + kAtOnce);
        std::vector<estimator::Estimator::Query> queries;
        for (std::size_t i = first; i < end; ++i) queries.push_back({&rows.subgraph(i), rows.engines[i]});
        const std::vector<estimator::Prediction> predictions = estimator.estimator->predict(queries, wanted);
        for (std::size_t i = first; i < end; ++i) {
          const estimator::Prediction& one = predictions[i - first];
          if (latency_only) {
            values[i] = as_double(one.latency);
            continue;
          }
          double* const row = &values[i * kTargets];
          row[0] = as_double(one.latency);
          row[1] = one.energy.count();
          row[2] = as_double(one.dram);
          row[3] = as_double(one.peak_sram);
        }
      },
      [](std::size_t) { check_signals(); });
  return values;
}

template <class T>
py::array_t<T> array_of(const std::vector<T>& values) {
  return py::array_t<T>(static_cast<py::ssize_t>(values.size()), values.data());
}

// Columns of the measurements; an empty dict where nothing was measured.
py::dict measured_of(const Rows& rows) {
  py::dict columns;
  const std::vector<estimator::Sample>& samples = rows.measured.samples;
  if (samples.empty()) return columns;
  const auto column = [&](const char* name, const auto& value) {
    using T = decltype(value(samples.front()));
    std::vector<T> values;
    values.reserve(samples.size());
    for (const estimator::Sample& sample : samples) values.push_back(value(sample));
    columns[name] = array_of(values);
  };
  using estimator::Sample;
  column("latency_cycles", [](const Sample& s) { return s.measurement.latency.count(); });
  column("energy_pj", [](const Sample& s) { return s.measurement.energy.count(); });
  column("dram_bytes", [](const Sample& s) { return s.measurement.dram_bytes().count(); });
  column("peak_sram_bytes", [](const Sample& s) { return s.measurement.peak_sram.count(); });
  column("weight", [](const Sample& s) { return s.weight; });
  column("outside_ranges", [](const Sample& s) { return static_cast<std::int8_t>(s.outside_ranges); });
  for (const estimator::Split split :
       {estimator::Split::kRandom, estimator::Split::kUnseenEngine, estimator::Split::kUnseenShape}) {
    std::vector<std::int8_t> flags;
    for (const bool held : estimator::held_out(samples, split)) flags.push_back(held ? 1 : 0);
    columns[("held_out_" + std::string(estimator::to_string(split))).c_str()] = array_of(flags);
  }
  return columns;
}

}  // namespace

void bind_rows(py::module_& module) {
  py::class_<Rows, RowsHandle>(module, "Rows", "Subgraphs on engines; constant.")
      .def_static(
          "of_networks",
          [](const std::vector<const NetworkHandle*>& networks, const std::vector<const EngineHandle*>& engines) {
            return without_gil([&] { return of_networks(networks, engines); });
          },
          py::arg("networks"), py::arg("engines"))
      .def_static(
          "of_keys",
          [](const std::vector<std::string>& keys, const std::vector<const EngineHandle*>& engines,
             const std::vector<std::int64_t>& numbers) {
            return without_gil([&] { return of_keys(keys, engines, numbers); });
          },
          py::arg("keys"), py::arg("engines"), py::arg("numbers"))
      .def_static(
          "of_store",
          [](const std::string& path, const py::object& callback) {
            const Progress progress = progress_of(callback);
            return without_gil([&] { return of_store(path, progress); });
          },
          py::arg("path"), py::arg("progress"))
      .def("__len__", &Rows::size)
      .def(
          "features",
          [](const Rows& rows, int threads) {
            const std::vector<float> values = without_gil([&] { return features_of(rows, threads); });
            return py::array_t<float>({rows.size(), estimator::feature_names().size()}, values.data());
          },
          py::arg("threads"), "[rows, features], single precision.")
      .def(
          "predict",
          [](const Rows& rows, const EstimatorHandle& estimator, bool latency_only, int threads) {
            const std::vector<double> values =
                without_gil([&] { return predict(estimator, rows, latency_only, threads); });
            return py::array_t<double>({rows.size(), latency_only ? 1 : kTargets}, values.data());
          },
          py::arg("estimator"), py::arg("latency_only"), py::arg("threads"), "[rows, 4], or [rows, 1].")
      .def("measured", &measured_of, "Arrays by column; none where nothing was measured.")
      .def("networks", [](const Rows& rows) { return array_of(rows.networks); })
      .def("engine_numbers", [](const Rows& rows) { return array_of(rows.engine_numbers); })
      .def("names",
           [](const Rows& rows) {
             std::vector<std::string> names;
             for (std::size_t i = 0; i < rows.size(); ++i) names.push_back(rows.subgraph(i).name);
             return names;
           })
      .def("families",
           [](const Rows& rows) {
             std::vector<std::string> families;
             for (std::size_t i = 0; i < rows.size(); ++i) {
               families.emplace_back(mapping::to_string(rows.subgraph(i).shape.family));
             }
             return families;
           })
      .def("keys",
           [](const Rows& rows) {
             std::vector<std::string> keys;
             for (std::size_t i = 0; i < rows.size(); ++i) keys.push_back(mapping::subgraph_key(rows.subgraph(i)));
             return keys;
           })
      .def("engine_hashes", [](const Rows& rows) {
        std::map<const engine::EngineConfig*, std::string> hashes;
        std::vector<std::string> out;
        for (const engine::EngineConfig* engine : rows.engines) {
          std::string& hash = hashes[engine];
          if (hash.empty()) hash = engine::engine_hash(*engine);
          out.push_back(hash);
        }
        return out;
      });
  module.def("feature_names", &estimator::feature_names, "Names of the features, in the order of their columns.");
  module.def("described_features", &estimator::described_features,
             "How many of the first features say what was asked; the others come from the analytical model.");
}

}  // namespace lanewise::python
