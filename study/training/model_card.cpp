// SPDX-License-Identifier: Apache-2.0
#include "study/training/model_card.hpp"

#include "core/base/version.hpp"
#include "estimator/estimator.hpp"

namespace lanewise::study {

ModelCard model_card(const std::string& path) {
  const estimator::Estimator model = estimator::Estimator::load(path);
  ModelCard out;
  out.file = path;
  out.read_by = version();
  out.card = model.card();
  if (const estimator::Adaptation* adaptation = model.adaptation()) {
    out.adapted = estimator::AdaptationNote{adaptation->engine, adaptation->rows, adaptation->before_mape_percent,
                                            adaptation->after_mape_percent, ""};
  }
  out.accuracy = {out.card.rows,          out.card.engines,   out.card.family,     model.reports(),
                  model.network_report(), out.card.campaigns, out.card.measured_by};
  return out;
}

}  // namespace lanewise::study
