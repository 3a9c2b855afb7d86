// SPDX-License-Identifier: Apache-2.0
// Who predicts in a job: a trained model that exists, or one that the job trains on rows that exist or that it
// measures; and how it learns from designs that it predicted badly.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/progress.hpp"
#include "estimator/estimator.hpp"
#include "study/campaign/campaign.hpp"
#include "study/codesign/designs.hpp"
#include "study/codesign/job_folder.hpp"
#include "study/evaluation/measurement_source.hpp"

namespace lanewise::study {

class Predictor {
 public:
  // All references must outlive it.
  Predictor(const CodesignJob& job, JobFolder& folder, const Workplace& place, const Designs& designs,
            CodesignCost& cost, const Progress& progress);
  ~Predictor();

  // Loads, measures and trains as far as the folder does not hold it already. `probe` tries a default estimator.
  void prepare(const std::function<Probe(const estimator::Estimator&)>& probe);
  const estimator::Estimator& model() const { return *model_; }
  MeasurementSource& source() { return *source_; }
  const EstimatorOrigin& origin() const { return origin_; }
  // Whether it is known which rows the model was trained on.
  bool knows_rows() const { return knows_rows_; }
  bool was_trained_on(const std::string& engine_hash, const std::string& subgraph_key) const;
  // nullopt where the model carries no held-out accuracy.
  std::optional<estimator::AccuracyReport> report() const;

  // Adds the rows and trains again; measures first where the job has no rows yet. The round is kept in the folder, with
  // what was added and the change. Whether there was anything new to learn: else nothing changes and the round is not
  // kept.
  bool learn(const std::vector<record::Row>& rows, TrustRound round);

  // Files of the folder that hold what was measured and trained; those people read, copied to where people look.
  std::vector<std::string> write_out();

 private:
  bool trains() const;
  void measure();
  void load_rows();
  void train(int round);
  void use(estimator::Estimator model);
  std::string model_path(int round) const;
  std::string store_path() const { return folder_.file("measurements.sqlite"); }
  Campaign plan() const;
  std::vector<record::Row> new_rows(const std::vector<record::Row>& rows, int round) const;

  const CodesignJob& job_;
  JobFolder& folder_;
  const Workplace& place_;
  const Designs& designs_;
  CodesignCost& cost_;
  const Progress& progress_;
  EstimatorOrigin origin_;
  std::unique_ptr<estimator::Estimator> model_;
  std::unique_ptr<MeasurementSource> source_;
  bool knows_rows_ = false;
  std::set<std::string> trained_on_;  // engine hash and subgraph key of each training row
};

}  // namespace lanewise::study
