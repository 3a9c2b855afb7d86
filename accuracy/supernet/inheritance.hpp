// SPDX-License-Identifier: Apache-2.0
// How good networks are with weights that a supernet trained. No type of libtorch is seen here.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "accuracy/supernet/supernet_file.hpp"
#include "accuracy/training/metric.hpp"
#include "accuracy/training/train.hpp"
#include "core/base/progress.hpp"

namespace lanewise::accuracy {

struct InheritSettings {
  std::int64_t recalibration = 2048;  // training images that running statistics are the mean over
  std::int64_t held_out = 0;          // images that networks are measured on; 0: all that were kept apart
  std::int64_t batch = 128;           // images at once, of both
  std::int64_t tune_steps = 0;        // of training each network by itself, from what it inherits
  double tune_rate = 0.01;            // the learning rate of the first of them; it falls to 0 by equal steps
  std::string onnx;                   // file that a network measured goes to with its weights; "": none
  int jobs = 1;                       // networks at once; no result depends on it
};

struct Inherited {
  std::string encoding;         // as the space writes it
  std::vector<Metric> metrics;  // on the held-out images, the main one first
  std::int64_t statistics = 0;  // running means and variances that were computed anew
  double tune_seconds = 0;      // CPU seconds
  double seconds = 0;           // CPU seconds, tuning included
};

struct InheritedNetworks {
  std::vector<Inherited> networks;  // in the order of the encodings
  std::int64_t recalibration = 0, held_out = 0;
};

// Networks measured one at a time, by several threads at once if wanted. Arguments as of inherit(), which describes it;
// all must outlive it.
class Inheritance {
 public:
  Inheritance(const std::string& path, const SupernetFile& file, const TrainingData& data,
              const InheritSettings& settings);
  ~Inheritance();
  Inheritance(const Inheritance&) = delete;
  Inheritance& operator=(const Inheritance&) = delete;
  const SupernetSpace& space() const;
  std::int64_t held_out() const;
  std::int64_t recalibration() const;
  Inherited one(const nas::Genotype& genotype);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Each network takes its slices, is tuned where that is asked for, has the statistics of its normalizations computed
// anew over training images, the same for all, as they are without augmentation, and is measured on images that were
// held out of training: the data's validation images. Images for test are not looked at. Throws Error naming an
// encoding that is none of the space, data that are others than the supernet's, and where nothing was held out.
InheritedNetworks inherit(const std::string& path, const SupernetFile& file, const std::vector<std::string>& encodings,
                          const TrainingData& data, const InheritSettings& settings, const Progress& progress);

// Images whose numbers are spread evenly over all, in ascending order: data sets may be sorted by class.
std::vector<std::int64_t> spread_over(std::int64_t all, std::int64_t count);

}  // namespace lanewise::accuracy
