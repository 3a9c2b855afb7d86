// SPDX-License-Identifier: Apache-2.0
#include "study/evaluation/answer_metrics.hpp"

namespace lanewise::study {

nas::Metrics metrics_of(const Totals& total) {
  using nas::Metric;
  nas::Metrics metrics;
  metrics[Metric::kLatency] = total.latency_ms;
  metrics[Metric::kEnergy] = total.energy_uj;
  metrics[Metric::kEnergyDelayProduct] = total.energy_uj * total.latency_ms;
  metrics[Metric::kAveragePower] = total.average_power_mw;
  metrics[Metric::kArea] = total.area_mm2;
  metrics[Metric::kParameters] = static_cast<double>(total.parameters);
  metrics[Metric::kParameterBytes] = static_cast<double>(total.parameter_bytes);
  metrics[Metric::kPeakActivationBytes] = static_cast<double>(total.peak_activation_bytes);
  metrics[Metric::kPeakSramBytes] = static_cast<double>(total.peak_sram_bytes);
  metrics[Metric::kDramBytes] = static_cast<double>(total.dram_bytes);
  metrics[Metric::kMacs] = static_cast<double>(total.macs);
  metrics[Metric::kMacsPerPixel] = static_cast<double>(total.macs) / static_cast<double>(total.input_pixels);
  return metrics;
}

}  // namespace lanewise::study
