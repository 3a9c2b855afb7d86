// SPDX-License-Identifier: Apache-2.0
// What the files of the extension module lanewise._core share: the handles that Python holds, and how long work runs
// beside Python. The package around it, python/lanewise/*.py, is what people see; this module is private to it.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/progress.hpp"
#include "core/engine/engine_config.hpp"
#include "core/network/graph.hpp"
#include "core/network/import.hpp"
#include "estimator/estimator.hpp"
#include "python/bindings/kernel.hpp"
#include "study/evaluation/measurement_source.hpp"
#include "study/evaluation/network_sizes.hpp"

namespace lanewise::python {

namespace py = pybind11;

using Pairs = std::vector<std::pair<std::string, std::string>>;

struct NetworkHandle {
  std::shared_ptr<const network::Graph> graph;
  std::string path;                // of its file, whose weights an export keeps; "" where there is none
  network::ImportOptions options;  // how that file was read
  study::NetworkSizes sizes;       // that the person set
};

struct EngineHandle {
  std::string path;                         // of the hwconfig
  std::vector<engine::Override> overrides;  // what was set, in order
  std::shared_ptr<const engine::LoadedEngine> loaded;
  const engine::EngineConfig& config() const { return loaded->config; }
};

struct EstimatorHandle {
  std::shared_ptr<const estimator::Estimator> estimator;
  std::string path;  // that it was loaded from; "" where it was trained here
};

// Runs without Python's lock. `work` touches no Python object.
template <class Work>
auto without_gil(const Work& work) {
  const py::gil_scoped_release release;
  return work();
}
// The same as the only one of this process that simulates.
template <class Work>
auto simulating(const Work& work) {
  const py::gil_scoped_release release;
  const KernelHold hold;
  return work();
}

// Long work that Python started: `callback` (phase, done, total), which may be None, is called ten times a second at
// most, and every signal handler of Python runs in time, so that Ctrl-C ends the work with KeyboardInterrupt.
Progress progress_of(const py::object& callback);
// Runs Python's signal handlers where it is time to. Throws what they raise.
void check_signals();

// Simulates as the only one of this process while it measures, in `jobs` processes: 0 stands for one per core, 1 for
// this process itself.
std::unique_ptr<study::MeasurementSource> make_held_simulator(int jobs);
// The model file that answers for engines of this family where nobody named one. Throws Error where there is none.
EstimatorHandle default_estimator(const EngineHandle& engine);

// Each adds what its file is about.
void bind_errors(py::module_& module);
void bind_network(py::module_& module);
void bind_engine(py::module_& module);
void bind_evaluation(py::module_& module);
void bind_estimator(py::module_& module);
void bind_rows(py::module_& module);
void bind_space(py::module_& module);
void bind_search(py::module_& module);
void bind_measure(py::module_& module);

}  // namespace lanewise::python
