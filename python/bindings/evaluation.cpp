// SPDX-License-Identifier: Apache-2.0
// What networks cost on engines: simulated, estimated, swept.
#include <fmt/format.h>

#include <optional>

#include "core/base/error.hpp"
#include "core/engine/engine_identity.hpp"
#include "core/engine/followers.hpp"
#include "core/engine/scaling_rules.hpp"
#include "estimator/default_estimator.hpp"
#include "python/bindings/bindings.hpp"
#include "report/answer.hpp"
#include "report/sweep.hpp"
#include "sim/pool/worker_pool.hpp"
#include "study/evaluation/answer.hpp"
#include "study/evaluation/estimate.hpp"
#include "study/evaluation/profile.hpp"
#include "study/evaluation/sweep.hpp"
#include "study/evaluation/sweep_wishes.hpp"

namespace lanewise::python {
namespace {

class HeldSimulator : public study::MeasurementSource {
 public:
  explicit HeldSimulator(std::unique_ptr<study::MeasurementSource> simulator) : simulator_(std::move(simulator)) {}
  record::Source source() const override { return simulator_->source(); }

 protected:
  std::vector<record::SubgraphResult> measure_distinct(const std::vector<study::SubgraphQuery>& subgraphs,
                                                       const Progress& progress) override {
    const KernelHold hold;
    Progress interruptible = progress;
    if (!interruptible.stopped) {
      interruptible.stopped = [] {
        check_signals();
        return false;
      };
    }
    return simulator_->measure(subgraphs, interruptible);
  }

 private:
  std::unique_ptr<study::MeasurementSource> simulator_;
};

void finish(study::NetworkAnswer& answer, const NetworkHandle& network, const EngineHandle& engine) {
  for (engine::ScalingWarning& warning : engine::scaling_warnings(engine.config())) {
    answer.warnings.push_back(std::move(warning.message));
  }
  answer.sizes = network.sizes;
}

study::NetworkAnswer simulate(const NetworkHandle& network, const EngineHandle& engine, bool with_profile,
                              const Progress& progress) {
  const auto simulator = study::make_simulator();
  std::vector<study::Answered> answered =
      study::answer({{network.graph.get(), &engine.config()}}, *simulator, progress);
  if (!answered.front().failure.empty()) {
    throw Error(fmt::format("{} cannot run on {}: {}", network.graph->name(), engine::engine_title(engine.config()),
                            answered.front().failure));
  }
  study::NetworkAnswer answer = std::move(answered.front().answer);
  finish(answer, network, engine);
  answer.rtl = study::rtl_check_summary(engine.path, engine.config());
  if (with_profile) answer.profile = study::profile(*network.graph, engine.config(), answer);
  return answer;
}

study::NetworkAnswer estimate(const NetworkHandle& network, const EngineHandle& engine,
                              const EstimatorHandle& estimator, double level) {
  if (!(level > 0 && level < 1)) throw Error(fmt::format("level: {} must be above 0 and below 1", level));
  study::EstimateOptions options;
  options.level = level;
  study::NetworkAnswer answer = study::estimate_network(*network.graph, engine.config(), *estimator.estimator, options);
  finish(answer, network, engine);
  return answer;
}

struct SweepQuestion {
  std::vector<study::Axis> axes, sizes;
  study::SweepWishes wishes;
  std::optional<engine::Scaling> scaling;
  int jobs = 0;
  double level = 0.9;
};

std::vector<study::Axis> axes_of(const std::vector<std::pair<std::string, std::vector<std::string>>>& given) {
  std::vector<study::Axis> axes;
  for (const auto& [key, values] : given) {
    if (values.empty()) throw Error(fmt::format("vary: {} has no values", key));
    for (std::size_t i = 0; i < values.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (values[i] == values[j]) throw Error(fmt::format("vary: {} has the value {} twice", key, values[i]));
      }
    }
    axes.push_back({key, values});
  }
  return axes;
}

study::SweepTable sweep(const std::vector<const NetworkHandle*>& networks, const EngineHandle& engine,
                        const SweepQuestion& question, const EstimatorHandle* estimator, const Progress& progress) {
  std::vector<network::Graph> graphs;
  for (const NetworkHandle* network : networks) graphs.push_back(*network->graph);
  const engine::Scaling* const scaling = question.scaling ? &*question.scaling : nullptr;
  if (estimator != nullptr) {
    study::EstimateOptions options;
    options.level = question.level;
    return study::sweep(graphs, engine.config(), question.axes, *estimator->estimator, options, progress, scaling,
                        question.sizes, question.wishes);
  }
  const int workers = question.jobs > 0 ? question.jobs : sim::default_workers();
  const auto source =
      workers == 1 ? study::make_simulator() : study::make_simulator(sim::default_worker_path(), workers);
  return study::sweep(graphs, engine.config(), question.axes, *source, progress, scaling, question.sizes,
                      question.wishes);
}

engine::Scaling scaling_of(const EngineHandle& engine, const std::vector<std::string>& named) {
  engine::Scaling scaling;
  scaling.rules = engine::load_follow_rules(engine.path, engine.config().family);
  for (const std::string& text : named) scaling.named.push_back(engine::parse_follower(text));
  return scaling;
}

py::list interval_of(const study::NetworkAnswer& answer) {
  py::list bounds;
  if (!answer.reliability || !answer.reliability->interval) return bounds;
  bounds.append(answer.reliability->interval->low_cycles);
  bounds.append(answer.reliability->interval->high_cycles);
  return bounds;
}

}  // namespace

std::unique_ptr<study::MeasurementSource> make_held_simulator(int jobs) {
  const int workers = jobs > 0 ? jobs : sim::default_workers();
  return std::make_unique<HeldSimulator>(workers == 1 ? study::make_simulator()
                                                      : study::make_simulator(sim::default_worker_path(), workers));
}

EstimatorHandle default_estimator(const EngineHandle& engine) {
  EstimatorHandle made;
  made.path = estimator::default_estimator(engine.path, engine.config().family);
  made.estimator = std::make_shared<const estimator::Estimator>(estimator::Estimator::load(made.path));
  return made;
}

void bind_evaluation(py::module_& module) {
  py::class_<study::NetworkAnswer>(module, "Answer", "What a network costs on an engine.")
      .def(
          "json", [](const study::NetworkAnswer& answer) { return report::to_json({answer}); },
          "What the command line prints with --json.")
      .def(
          "csv", [](const study::NetworkAnswer& answer) { return report::to_csv({answer}); },
          "What the command line prints with --csv: one row per subgraph.")
      .def(
          "text", [](const study::NetworkAnswer& answer) { return report::to_text({answer}); },
          "What the command line prints.")
      .def_property_readonly("interval_cycles", &interval_of);
  py::class_<study::SweepTable>(module, "Sweep", "Networks on engines, one row per pair.")
      .def(
          "json", [](const study::SweepTable& table) { return report::to_json(table); },
          "What `lanewise sweep --json` prints.")
      .def(
          "csv", [](const study::SweepTable& table) { return report::to_csv(table); },
          "What `lanewise sweep --csv` prints.");
  module.def(
      "simulate",
      [](const NetworkHandle& network, const EngineHandle& engine, bool profile, const py::object& callback) {
        const Progress progress = progress_of(callback);
        return simulating([&] { return simulate(network, engine, profile, progress); });
      },
      py::arg("network"), py::arg("engine"), py::arg("profile"), py::arg("progress"), "Simulates in this process.");
  module.def(
      "estimate",
      [](const NetworkHandle& network, const EngineHandle& engine, const EstimatorHandle& estimator, double level) {
        return without_gil([&] { return estimate(network, engine, estimator, level); });
      },
      py::arg("network"), py::arg("engine"), py::arg("estimator"), py::arg("level"), "Predicts, with an interval.");
  module.def(
      "sweep",
      [](const std::vector<const NetworkHandle*>& networks, const EngineHandle& engine,
         const std::vector<std::pair<std::string, std::vector<std::string>>>& vary,
         const std::vector<std::pair<std::string, std::vector<std::string>>>& sizes, const EstimatorHandle* estimator,
         const std::string& objectives, const std::vector<std::string>& limits, const std::string& sort,
         std::size_t top, const std::optional<std::vector<std::string>>& scale_with, int jobs, double level,
         const py::object& callback) {
        const Progress progress = progress_of(callback);
        const auto work = [&] {
          SweepQuestion question;
          question.axes = axes_of(vary);
          question.sizes = axes_of(sizes);
          question.wishes = study::parse_wishes(objectives, limits, sort);
          if (top > 0) question.wishes.top = top;
          if (scale_with) question.scaling = scaling_of(engine, *scale_with);
          question.jobs = jobs;
          question.level = level;
          return sweep(networks, engine, question, estimator, progress);
        };
        return estimator != nullptr ? without_gil(work) : simulating(work);
      },
      py::arg("networks"), py::arg("engine"), py::arg("vary"), py::arg("sizes"), py::arg("estimator"),
      py::arg("objectives"), py::arg("limits"), py::arg("sort"), py::arg("top"), py::arg("scale_with"), py::arg("jobs"),
      py::arg("level"), py::arg("progress"), "Networks on every combination of values.");
}

}  // namespace lanewise::python
