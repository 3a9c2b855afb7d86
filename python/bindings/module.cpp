// SPDX-License-Identifier: Apache-2.0
// The extension module lanewise._core.
#include "core/base/installation.hpp"
#include "core/base/version.hpp"
#include "python/bindings/bindings.hpp"

namespace lanewise::python {

PYBIND11_MODULE(_core, module) {
  module.doc() = "The part of lanewise that is written in C++. Use the package lanewise.";
  module.def("version", &version, "Version of the tool, as `lanewise --version` gives it.");
  module.def("data_folders", &data_folders,
             "Folders that engines, networks, spaces and campaigns are looked up in by name; \"\": the current one.");
  module.def(
      "find_data", &find_data, py::arg("kind"), py::arg("name"),
      "Path of a file of the folder `kind` (\"models\", \"hwconfigs\", \"spaces\", \"campaigns\") that is named.");
  module.def("find_program", &find_program, py::arg("name"), "Path of a program that comes with the tool.");
  bind_errors(module);
  bind_network(module);
  bind_engine(module);
  bind_evaluation(module);
  bind_estimator(module);
  bind_rows(module);
  bind_space(module);
  bind_search(module);
  bind_measure(module);
}

}  // namespace lanewise::python
