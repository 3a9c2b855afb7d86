// SPDX-License-Identifier: Apache-2.0
// Estimators: trained on stores, loaded, saved, asked.
#include <limits>

#include "cli/file_kind.hpp"
#include "core/base/error.hpp"
#include "core/base/parallel.hpp"
#include "python/bindings/bindings.hpp"
#include "report/accuracy.hpp"
#include "report/model_card.hpp"
#include "study/dataset/sample_set.hpp"
#include "study/evaluation/answer.hpp"
#include "study/training/model_card.hpp"

namespace lanewise::python {
namespace {

EstimatorHandle load(const std::string& path) {
  cli::expect_estimator("Estimator.load", path);
  return {std::make_shared<const estimator::Estimator>(estimator::Estimator::load(path)), path};
}

EstimatorHandle train(const std::string& store, const estimator::TrainOptions& options) {
  cli::expect_store("Estimator.train", store);
  const study::SampleSet set = study::load_sample_set(store, options.progress);
  return {std::make_shared<const estimator::Estimator>(study::train_and_report(set, options)), ""};
}

// Sums over whole networks, as an estimate has them but for the interval: [networks, engines] of latency in cycles,
// latency in ms, energy in uJ, DRAM bytes and peak bytes on chip; NaN where the engine cannot run the network.
constexpr std::size_t kSums = 5;

std::vector<double> predict_networks(const EstimatorHandle& estimator,
                                     const std::vector<const NetworkHandle*>& networks,
                                     const std::vector<const EngineHandle*>& engines) {
  std::vector<study::Question> questions;
  for (const NetworkHandle* network : networks) {
    for (const EngineHandle* engine : engines) questions.push_back({network->graph.get(), &engine->config()});
  }
  const auto source = study::make_estimated(*estimator.estimator);
  std::vector<double> sums(questions.size() * kSums, std::numeric_limits<double>::quiet_NaN());
  const std::vector<study::Answered> answers = study::answer(questions, *source);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i].failure.empty()) continue;
    const study::Totals& total = answers[i].answer.total;
    double* const row = &sums[i * kSums];
    row[0] = as_double(total.latency_cycles);
    row[1] = total.latency_ms;
    row[2] = total.energy_uj;
    row[3] = as_double(total.dram_bytes);
    row[4] = as_double(total.peak_sram_bytes);
  }
  return sums;
}

}  // namespace

void bind_estimator(py::module_& module) {
  py::class_<EstimatorHandle>(module, "Estimator", "A trained estimator; constant.")
      .def_static(
          "load", [](const std::string& path) { return without_gil([&] { return load(path); }); }, py::arg("path"))
      .def_static(
          "default", [](const EngineHandle& engine) { return without_gil([&] { return default_estimator(engine); }); },
          py::arg("engine"))
      .def_static(
          "train",
          [](const std::string& store, std::uint64_t seed, int trees, int depth, double learning_rate, int folds,
             int threads, bool quick, const py::object& callback) {
            estimator::TrainOptions options;
            options.seed = seed;
            options.trees = trees;
            options.depth = depth;
            options.learning_rate = learning_rate;
            options.folds = folds;
            options.threads = threads;
            options.quick = quick;
            options.progress = progress_of(callback);
            return without_gil([&] {
              require_trainable();
              return train(store, options);
            });
          },
          py::arg("store"), py::arg("seed"), py::arg("trees"), py::arg("depth"), py::arg("learning_rate"),
          py::arg("folds"), py::arg("threads"), py::arg("quick"), py::arg("progress"))
      .def(
          "save",
          [](const EstimatorHandle& estimator, const std::string& path) {
            without_gil([&] { estimator.estimator->save(path); });
          },
          py::arg("path"))
      .def_property_readonly("path", [](const EstimatorHandle& estimator) { return estimator.path; })
      .def_property_readonly("family", [](const EstimatorHandle& estimator) { return estimator.estimator->family(); })
      .def_property_readonly("rows",
                             [](const EstimatorHandle& estimator) { return estimator.estimator->training_rows(); })
      .def_property_readonly("engines",
                             [](const EstimatorHandle& estimator) { return estimator.estimator->training_engines(); })
      .def(
          "accuracy_csv",
          [](const EstimatorHandle& handle) {
            const estimator::Estimator& model = *handle.estimator;
            return report::to_csv({model.training_rows(), model.training_engines(), model.family(), model.reports(),
                                   model.network_report()});
          },
          "What `lanewise evaluate --csv` prints.")
      .def_static(
          "card_json",
          [](const std::string& path) { return without_gil([&] { return report::to_json(study::model_card(path)); }); },
          py::arg("path"), "What `lanewise estimator show --json` prints.")
      .def(
          "predict_networks",
          [](const EstimatorHandle& estimator, const std::vector<const NetworkHandle*>& networks,
             const std::vector<const EngineHandle*>& engines) {
            const std::vector<double> sums =
                without_gil([&] { return predict_networks(estimator, networks, engines); });
            return py::array_t<double>({networks.size(), engines.size(), kSums}, sums.data());
          },
          py::arg("networks"), py::arg("engines"), "Sums over whole networks, [networks, engines, 5].");
}

}  // namespace lanewise::python
