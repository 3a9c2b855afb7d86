// SPDX-License-Identifier: Apache-2.0
// One XGBoost model behind its C API. Every failure of the library is an Error; the library prints nothing.
// Private to this room.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lanewise::estimator {

struct BoosterOptions {
  std::uint64_t seed = 1;
  int trees = 0;
  int depth = 0;
  double learning_rate = 0;
};

class Booster {
 public:
  Booster() = default;
  Booster(Booster&& other) noexcept;
  Booster& operator=(Booster&& other) noexcept;
  ~Booster();

  // `features`: row-major, labels.size() rows. One thread, so that sums have one order; the result depends on the
  // arguments alone, whatever this process trained before.
  static Booster train(const std::vector<float>& features, const std::vector<float>& labels,
                       const BoosterOptions& options);
  static Booster from_bytes(const std::string& bytes);
  // UBJSON, as XGBoost saves it.
  std::string to_bytes() const;
  // One value a row.
  std::vector<float> predict(const std::vector<float>& features, std::size_t rows) const;

 private:
  void* handle_ = nullptr;
};

}  // namespace lanewise::estimator
