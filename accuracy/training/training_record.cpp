// SPDX-License-Identifier: Apache-2.0
#include "accuracy/training/training_record.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/base/error.hpp"
#include "core/base/version.hpp"
#include "core/record/csv.hpp"

namespace lanewise::accuracy {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const std::vector<Metric>& metrics) {
  Json all = Json::array();
  for (const Metric& metric : metrics) {
    all.push_back({{"name", metric.name},
                   {"value", metric.value},
                   {"definition", metric.definition},
                   {"higher_is_better", metric.higher_is_better}});
  }
  return all;
}

std::vector<Metric> metrics_of(const Json& json) {
  std::vector<Metric> all;
  for (const Json& each : json) {
    all.push_back({each.at("name").get<std::string>(), each.at("value").get<double>(),
                   each.at("definition").get<std::string>(), each.at("higher_is_better").get<bool>()});
  }
  return all;
}

Json to_json(const EpochRecord& record) {
  Json json = {{"epoch", record.epoch}, {"learning_rate", record.learning_rate}, {"train_loss", record.train_loss}};
  if (record.validation_loss) {
    json["validation_loss"] = *record.validation_loss;
    json["validation"] = to_json(record.validation);
    json["validation_average"] = to_json(record.validation_average);
  }
  return json;
}

EpochRecord record_of(const Json& json) {
  EpochRecord record;
  record.epoch = json.at("epoch").get<std::int64_t>();
  record.learning_rate = json.at("learning_rate").get<double>();
  record.train_loss = json.at("train_loss").get<double>();
  if (json.contains("validation_loss")) {
    record.validation_loss = json.at("validation_loss").get<double>();
    record.validation = metrics_of(json.at("validation"));
    record.validation_average = metrics_of(json.at("validation_average"));
  }
  return record;
}

Json to_json(const TrainingResult& result) {
  Json json = {{"source", "trained"},
               {"name", result.name},
               {"seed", result.seed},
               {"task", result.task},
               {"parameters", result.parameters},
               {"macs", result.macs},
               {"kept_epoch", result.kept_epoch},
               {"kept_weights", result.kept_average ? "moving average" : "as they were"},
               {"chosen_by", result.chosen_by},
               {"test", to_json(result.test)},
               {"validation", to_json(result.validation)},
               {"train", to_json(result.train)},
               {"train_measured_images", result.train_measured_images},
               {"train_images", result.train_images},
               {"validation_images", result.validation_images},
               {"test_images", result.test_images},
               {"steps", result.steps},
               {"stopped_early", result.stopped_early},
               {"device", result.device},
               {"precision", result.precision},
               {"seconds", result.seconds},
               {"curve", Json::array()}};
  for (const EpochRecord& record : result.curve) json["curve"].push_back(to_json(record));
  return json;
}

TrainingResult result_of(const Json& json) {
  TrainingResult result;
  result.name = json.at("name").get<std::string>();
  result.seed = json.at("seed").get<std::uint64_t>();
  result.task = json.at("task").get<std::string>();
  result.parameters = json.at("parameters").get<std::int64_t>();
  result.macs = json.at("macs").get<std::int64_t>();
  result.kept_epoch = json.at("kept_epoch").get<std::int64_t>();
  result.kept_average = json.at("kept_weights").get<std::string>() == "moving average";
  result.chosen_by = json.at("chosen_by").get<std::string>();
  result.test = metrics_of(json.at("test"));
  result.validation = metrics_of(json.at("validation"));
  result.train = metrics_of(json.at("train"));
  result.train_measured_images = json.at("train_measured_images").get<std::int64_t>();
  result.train_images = json.at("train_images").get<std::int64_t>();
  result.validation_images = json.at("validation_images").get<std::int64_t>();
  result.test_images = json.at("test_images").get<std::int64_t>();
  result.steps = json.at("steps").get<std::int64_t>();
  result.stopped_early = json.at("stopped_early").get<bool>();
  result.device = json.at("device").get<std::string>();
  result.precision = json.at("precision").get<std::string>();
  result.seconds = json.at("seconds").get<double>();
  for (const Json& record : json.at("curve")) result.curve.push_back(record_of(record));
  return result;
}

// Whatever the JSON library finds wrong is one sentence to a person.
template <class Read>
auto reading(const std::string& path, const char* what, const Read& read) {
  try {
    return read();
  } catch (const Json::exception&) {
    throw Error(fmt::format("{}: is no {} that this program has written: delete it to train anew", path, what));
  }
}

void add_cells(std::vector<std::string>& cells, const std::vector<Metric>& metrics, const char* beginning) {
  for (const Metric& metric : metrics) {
    cells.push_back(beginning == nullptr ? record::csv_number(metric.value) : beginning + metric.name);
  }
}

}  // namespace

std::string curve_csv(const std::vector<EpochRecord>& curve) {
  std::string text;
  for (const EpochRecord& record : curve) {
    if (text.empty()) {
      std::vector<std::string> names = {"epoch", "learning_rate", "train_loss"};
      if (record.validation_loss) names.emplace_back("validation_loss");
      add_cells(names, record.validation, "validation_");
      add_cells(names, record.validation_average, "average_");
      text = record::csv_line(names);
    }
    std::vector<std::string> cells = {std::to_string(record.epoch), record::csv_number(record.learning_rate),
                                      record::csv_number(record.train_loss)};
    if (record.validation_loss) cells.push_back(record::csv_number(*record.validation_loss));
    add_cells(cells, record.validation, nullptr);
    add_cells(cells, record.validation_average, nullptr);
    text += record::csv_line(cells);
  }
  return text;
}

std::string results_text(const std::vector<TrainingResult>& results) {
  std::string text;
  for (const TrainingResult& result : results) {
    const bool tested = !result.test.empty(), validated = !result.validation.empty();
    const std::vector<Metric>& metrics = tested ? result.test : validated ? result.validation : result.train;
    text += fmt::format("{}, seed {}: ", result.name, result.seed);
    for (const Metric& metric : metrics) text += fmt::format("{} {:.4f}, ", metric.name, metric.value);
    text += fmt::format("on {} {} images; {} parameters, {} MACs, {} epochs{}, {:.0f} s\n",
                        tested      ? result.test_images
                        : validated ? result.validation_images
                                    : result.train_measured_images,
                        tested      ? "test"
                        : validated ? "validation"
                                    : "training",
                        result.parameters, result.macs, result.curve.size(),
                        result.stopped_early ? " (stopped early)" : "", result.seconds);
    text += fmt::format("  weights of epoch {}{}, chosen by {}\n", result.kept_epoch,
                        result.kept_average ? " (moving average)" : "", result.chosen_by);
  }
  return text;
}

std::string result_json(const TrainingResult& result, const Checkpoint::Texts& identity) {
  Json json = to_json(result);
  Json job;
  for (const auto& [key, value] : identity) job[key] = value;
  json["job"] = std::move(job);
  json["lanewise"] = version();
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

KeptResult parse_result(const std::string& path, const std::string& text) {
  return reading(path, "result of a training", [&] {
    const Json json = Json::parse(text);
    KeptResult kept{result_of(json), {}};
    for (const auto& [key, value] : json.at("job").items()) kept.identity.emplace_back(key, value.get<std::string>());
    return kept;
  });
}

std::string job_json(const Checkpoint::Texts& common) {
  Json json;
  for (const auto& [key, value] : common) json[key] = value;
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Checkpoint::Texts parse_job(const std::string& path, const std::string& text) {
  return reading(path, "description of trainings", [&] {
    Checkpoint::Texts common;
    const Json json = Json::parse(text);
    for (const auto& [key, value] : json.items()) common.emplace_back(key, value.get<std::string>());
    return common;
  });
}

std::string progress_json(const TrainingResult& so_far) {
  return to_json(so_far).dump(-1, ' ', false, Json::error_handler_t::replace);
}

TrainingResult parse_progress(const std::string& path, const std::string& text) {
  return reading(path, "checkpoint", [&] { return result_of(Json::parse(text)); });
}

}  // namespace lanewise::accuracy
