// SPDX-License-Identifier: Apache-2.0
// Search spaces: genes, encodings, and what these stand for.
#include <fmt/format.h>

#include <set>

#include "core/base/error.hpp"
#include "core/base/installation.hpp"
#include "core/base/random.hpp"
#include "python/bindings/space_handle.hpp"

namespace lanewise::python {
namespace {

SpacePointer load(const std::string& name, const NetworkHandle* model, const EngineHandle* engine, bool engine_genes) {
  auto made = std::make_shared<SpaceHandle>();
  made->description = nas::load_space(find_data("spaces", name));
  if (model != nullptr) made->model = *model;
  engine::Family family;
  engine::EngineConfig config;
  nas::SpaceDescription offered = made->description;
  if (engine != nullptr) {
    made->base = *engine;
    config = engine->config();
    family = engine::load_family(engine->path);
  }
  if (engine == nullptr || !engine_genes) {
    offered.engine = {};
    offered.engine.vary = nas::EngineSettings::Vary::kNone;
  }
  auto networks = nas::make_network_space(made->description, model != nullptr ? made->model->graph.get() : nullptr);
  if (engine == nullptr && !networks->engine_keys().empty()) {
    throw Error(fmt::format("space '{}': its networks follow {} of an engine: give engine=", made->description.name,
                            fmt::join(networks->engine_keys(), ", ")));
  }
  made->space = std::make_unique<nas::Space>(offered, std::move(networks), config, family);
  return made;
}

NetworkHandle network_of(const SpaceHandle& handle, const std::string& encoding) {
  const nas::Genotype genotype = handle.decode(encoding);
  const engine::EngineConfig engine = handle.base ? handle.space->engine(genotype) : engine::EngineConfig{};
  NetworkHandle made;
  made.graph = std::make_shared<const network::Graph>(handle.space->graph(genotype, engine));
  if (handle.model) {
    made.path = handle.model->path;
    made.options = handle.model->options;
    made.sizes = handle.model->sizes;
  }
  return made;
}

EngineHandle engine_of(const SpaceHandle& handle, const std::string& encoding) {
  if (!handle.base) throw Error(fmt::format("space '{}': was made without an engine", handle.description.name));
  EngineHandle made;
  made.path = handle.base->path;
  made.overrides = handle.base->overrides;
  for (const engine::Override& change : handle.space->engine_overrides(handle.decode(encoding))) {
    made.overrides.push_back({change.key, change.value});
  }
  made.loaded = std::make_shared<const engine::LoadedEngine>(engine::load_engine(made.path, made.overrides));
  return made;
}

double size_of(const SpaceHandle& handle) {
  double size = 1;
  for (const nas::Gene& gene : handle.space->genes()) size *= as_double(static_cast<std::int64_t>(gene.values.size()));
  return size;
}

// Distinct designs, every gene uniform; fewer than `count` where many draws in a row bring nothing new.
std::vector<std::string> sample(const SpaceHandle& handle, std::size_t count, std::uint64_t seed) {
  constexpr int kMostInVain = 1000;
  Random random(seed);
  std::set<nas::Genotype> seen;
  std::vector<std::string> drawn;
  for (int in_vain = 0; drawn.size() < count && in_vain < kMostInVain; ++in_vain) {
    nas::Genotype genotype = handle.space->defaults();
    for (std::size_t i = 0; i < genotype.size(); ++i) {
      genotype[i] = static_cast<int>(random.below(handle.space->genes()[i].values.size()));
    }
    genotype = handle.space->canonical(genotype);
    if (!seen.insert(genotype).second) continue;
    drawn.push_back(handle.space->encode(genotype));
    in_vain = -1;
  }
  return drawn;
}

py::list genes_of(const SpaceHandle& handle) {
  py::list rows;
  for (std::size_t i = 0; i < handle.space->genes().size(); ++i) {
    const nas::Gene& gene = handle.space->genes()[i];
    py::dict row;
    row["gene"] = gene.name;
    row["part"] = i < handle.space->network_genes() ? "network" : "engine";
    row["values"] = gene.values;
    rows.append(row);
  }
  return rows;
}

// The values of a design's genes as shown to people.
std::vector<std::string> values_of(const SpaceHandle& handle, const std::string& encoding) {
  const nas::Genotype genotype = handle.decode(encoding);
  std::vector<std::string> values;
  for (std::size_t i = 0; i < genotype.size(); ++i) {
    values.push_back(handle.space->genes()[i].values[static_cast<std::size_t>(genotype[i])]);
  }
  return values;
}

std::string encode(const SpaceHandle& handle, const nas::Genotype& genotype) {
  const std::vector<nas::Gene>& genes = handle.space->genes();
  if (genotype.size() != genes.size()) {
    throw Error(fmt::format("space '{}': a genotype has {} genes, not {}", handle.description.name, genes.size(),
                            genotype.size()));
  }
  for (std::size_t i = 0; i < genes.size(); ++i) {
    if (genotype[i] >= 0 && static_cast<std::size_t>(genotype[i]) < genes[i].values.size()) continue;
    throw Error(fmt::format("space '{}': gene {} has the values 0 to {}, not {}", handle.description.name,
                            genes[i].name, genes[i].values.size() - 1, genotype[i]));
  }
  return handle.space->encode(handle.space->canonical(genotype));
}

}  // namespace

void bind_space(py::module_& module) {
  py::class_<SpaceHandle, std::shared_ptr<SpaceHandle>>(module, "Space", "A search space; constant.")
      .def(py::init([](const std::string& name, const NetworkHandle* model, const EngineHandle* engine, bool genes) {
             return without_gil([&] { return std::const_pointer_cast<SpaceHandle>(load(name, model, engine, genes)); });
           }),
           py::arg("path"), py::arg("network"), py::arg("engine"), py::arg("engine_genes"))
      .def_property_readonly("name", [](const SpaceHandle& handle) { return handle.description.name; })
      .def_property_readonly("size", &size_of)
      .def_property_readonly("has_engine", [](const SpaceHandle& handle) { return handle.base.has_value(); })
      .def_property_readonly("left_out", [](const SpaceHandle& handle) { return handle.space->left_out(); })
      .def("genes", &genes_of)
      .def("default",
           [](const SpaceHandle& handle) {
             return handle.space->encode(handle.space->canonical(handle.space->defaults()));
           })
      .def("encode", &encode, py::arg("genotype"))
      .def(
          "decode", [](const SpaceHandle& handle, const std::string& encoding) { return handle.decode(encoding); },
          py::arg("encoding"))
      .def("values", &values_of, py::arg("encoding"))
      .def("sample", &sample, py::arg("count"), py::arg("seed"))
      .def(
          "network",
          [](const SpaceHandle& handle, const std::string& encoding) {
            return without_gil([&] { return network_of(handle, encoding); });
          },
          py::arg("encoding"))
      .def(
          "engine",
          [](const SpaceHandle& handle, const std::string& encoding) {
            return without_gil([&] { return engine_of(handle, encoding); });
          },
          py::arg("encoding"));
}

}  // namespace lanewise::python
