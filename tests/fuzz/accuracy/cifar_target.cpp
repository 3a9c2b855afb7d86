// SPDX-License-Identifier: Apache-2.0
// CIFAR's binary files.
#include "core/base/error.hpp"
#include "tests/fuzz/accuracy/targets.hpp"

namespace lanewise::fuzz {

void read_cifar(const std::string& path, const std::string& folder) {
  place(path, folder + "/ten/data_batch_1.bin");
  place(path, folder + "/hundred/train.bin");
  bool is_taken = false;
  std::string reason;
  const auto read = [&](const char* set, const char* format) {
    try {
      load_and_check(folder + set, format);
      is_taken = true;
    } catch (const Error& error) {
      reason = error.what();
    }
  };
  read("/ten", "cifar-10");
  read("/hundred", "cifar-100");
  read("/hundred", "cifar-100-coarse");
  if (!is_taken) throw Error(reason);
}

}  // namespace lanewise::fuzz
