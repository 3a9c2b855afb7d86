// SPDX-License-Identifier: Apache-2.0
#include "accuracy/fit/compression_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/base/printable.hpp"
#include "core/record/csv.hpp"

namespace lanewise::fit {

namespace {

using accuracy::CompressedLayer;
using accuracy::CompressionJob;
using accuracy::CompressionResult;
using accuracy::CompressionStage;
using accuracy::Metric;
using Json = nlohmann::ordered_json;

Json metrics_json(const std::vector<Metric>& metrics) {
  Json out = Json::object();
  for (const Metric& metric : metrics) out[metric.name] = metric.value;
  return out;
}

std::string form_words(const CompressedLayer& layer) {
  std::string words = layer.form.plain() ? "" : network::to_string(layer.form);
  if (layer.precision == Precision::kFp32) return words;
  return (words.empty() ? "" : words + ", ") + to_string(layer.precision);
}

std::string metrics_words(const std::vector<Metric>& metrics) {
  std::string words;
  for (const Metric& metric : metrics)
    words += fmt::format("{}{} {:.4f}", words.empty() ? "" : ", ", metric.name, metric.value);
  return words;
}

}  // namespace

std::string compression_text(const CompressionJob& job, const CompressionResult& result) {
  std::string text = fmt::format("{}: {} batch normalizations folded", result.network, result.folded);
  if (result.left > 0) text += fmt::format(", {} left", result.left);
  if (job.quantises) {
    text += fmt::format("; {} activations rounded, their ends found on {} training images", result.rounded_activations,
                        result.calibration_images);
  }
  text += "\n\n";
  for (const CompressionStage& stage : result.stages) {
    text += fmt::format("{:<10}  validation: {}", stage.name, metrics_words(stage.validation));
    if (!stage.test.empty()) text += fmt::format("; test: {}", metrics_words(stage.test));
    text += "\n";
  }
  std::size_t widest = 5;
  for (const CompressedLayer& layer : result.layers) widest = std::max(widest, printable(layer.name).size());
  text += fmt::format("\n{:<{}}  {:>9}  {:>8}  {:>7}  {:>8}  {}\n", "layer", widest, "weights", "not zero", "values",
                      "change", "form");
  for (const CompressedLayer& layer : result.layers) {
    text += fmt::format("{:<{}}  {:>9}  {:>7.1f}%  {:>7}  {:>8.2g}  {}\n", printable(layer.name), widest, layer.weights,
                        100 * static_cast<double>(layer.nonzero) / static_cast<double>(layer.weights), layer.values,
                        layer.change, form_words(layer));
  }
  return text;
}

std::string compression_json(const CompressionJob& job, const CompressionResult& result) {
  Json out;
  out["network"] = result.network;
  out["task"] = result.task;
  out["seed"] = job.seed;
  out["folded"] = result.folded;
  out["not_folded"] = result.left;
  out["rounded_activations"] = result.rounded_activations;
  out["calibration_images"] = result.calibration_images;
  out["percentile"] = job.percentile;
  out["stages"] = Json::array();
  for (const CompressionStage& stage : result.stages) {
    Json one = {{"stage", stage.name}, {"validation", metrics_json(stage.validation)}};
    if (stage.validation_loss) one["validation_loss"] = *stage.validation_loss;
    one["test"] = metrics_json(stage.test);
    out["stages"].push_back(std::move(one));
  }
  out["layers"] = Json::array();
  for (const CompressedLayer& layer : result.layers) {
    out["layers"].push_back({{"layer", layer.name},
                             {"form", network::to_string(layer.form)},
                             {"precision", to_string(layer.precision)},
                             {"weights", layer.weights},
                             {"nonzero", layer.nonzero},
                             {"values", layer.values},
                             {"change", layer.change}});
  }
  if (result.training) {
    out["fine_tuning"] = {{"epochs", result.training->curve.size()},       {"kept_epoch", result.training->kept_epoch},
                          {"kept_average", result.training->kept_average}, {"chosen_by", result.training->chosen_by},
                          {"seconds", result.training->seconds},           {"folder", job.folder}};
    Json recipe;
    for (const auto& [key, value] : accuracy::recipe_values(job.recipe)) recipe[key] = value;
    out["fine_tuning"]["recipe"] = std::move(recipe);
  }
  out["out"] = job.out;
  out["precision_file"] = result.precision_file;
  return out.dump(2) + "\n";
}

std::string compression_csv(const CompressionResult& result) {
  std::string text = record::csv_line({"stage", "split", "metric", "value"});
  for (const CompressionStage& stage : result.stages) {
    const auto add = [&](const char* split, const std::vector<Metric>& metrics) {
      for (const Metric& metric : metrics) {
        text += record::csv_line({stage.name, split, metric.name, record::csv_number(metric.value)});
      }
    };
    add("validation", stage.validation);
    add("test", stage.test);
  }
  return text;
}

std::string sensitivity_text(const std::string& network, const accuracy::Sensitivity& sensitivity) {
  std::string text =
      fmt::format("{}: loss {:.4f}, {}, on {} images kept apart for validation; with one layer alone changed:\n\n",
                  network, sensitivity.loss, metrics_words(sensitivity.metrics), sensitivity.images);
  std::size_t widest = 5;
  for (const auto& layer : sensitivity.layers) widest = std::max(widest, printable(layer.layer).size());
  text += fmt::format("{:<{}}  {:<11}  {:>8}  {:>8}  {}\n", "layer", widest, "form", "loss", "more", "metrics");
  for (const auto& layer : sensitivity.layers) {
    text += fmt::format("{:<{}}  {:<11}  {:>8.4f}  {:>+8.4f}  {}\n", printable(layer.layer), widest, layer.form,
                        layer.loss, layer.loss - sensitivity.loss, metrics_words(layer.metrics));
  }
  return text;
}

std::string sensitivity_json(const std::string& network, const accuracy::Sensitivity& sensitivity) {
  Json out;
  out["network"] = network;
  out["images"] = sensitivity.images;
  out["loss"] = sensitivity.loss;
  out["metrics"] = metrics_json(sensitivity.metrics);
  out["layers"] = Json::array();
  for (const auto& layer : sensitivity.layers) {
    out["layers"].push_back(
        {{"layer", layer.layer}, {"form", layer.form}, {"loss", layer.loss}, {"metrics", metrics_json(layer.metrics)}});
  }
  return out.dump(2) + "\n";
}

std::string sensitivity_csv(const accuracy::Sensitivity& sensitivity) {
  std::string text = record::csv_line({"layer", "form", "loss"});
  // The network as it is, which is what the others' losses are beside.
  text += record::csv_line({"*", "dense", record::csv_number(sensitivity.loss)});
  for (const auto& layer : sensitivity.layers) {
    text += record::csv_line({layer.layer, layer.form, record::csv_number(layer.loss)});
  }
  return text;
}

}  // namespace lanewise::fit
