// SPDX-License-Identifier: Apache-2.0
#include "study/training/accuracy.hpp"

#include <fmt/format.h>

#include "core/base/error.hpp"
#include "core/base/input_file.hpp"
#include "study/dataset/sample_set.hpp"

namespace lanewise::study {
estimator::AccuracyReport accuracy_report(const estimator::Estimator& model, const std::string& name) {
  if (model.reports().empty()) throw Error(fmt::format("{}: the model carries no held-out accuracy", name));
  return {model.training_rows(),  model.training_engines(), model.family(),          model.reports(),
          model.network_report(), model.card().campaigns,   model.card().measured_by};
}

estimator::AccuracyReport evaluate_file(const std::string& path, const estimator::TrainOptions& options) {
  const std::string magic = "SQLite format 3";
  if (first_bytes(path, magic.size()) != magic) {
    return accuracy_report(estimator::Estimator::load(path), path);
  }
  const SampleSet set = load_sample_set(path, options.progress);
  const estimator::Estimator model = study::train_and_report(set, options);
  return {static_cast<std::int64_t>(set.samples.size()),
          static_cast<std::int64_t>(set.engines.size()),
          set.engines.front().family,
          model.reports(),
          model.network_report(),
          set.campaigns,
          set.source};
}

}  // namespace lanewise::study
