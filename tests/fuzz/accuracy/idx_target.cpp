// SPDX-License-Identifier: Apache-2.0
// Images and labels of MNIST's kind, read by themselves and as a data set.
#include "accuracy/data/idx.hpp"

#include "core/base/output_file.hpp"
#include "tests/fuzz/accuracy/targets.hpp"

namespace lanewise::fuzz {

void read_idx(const std::string& path, const std::string& folder) {
  const accuracy::IdxTensor tensor = accuracy::read_idx(path, Bytes{std::int64_t{1} << 26});
  std::size_t product = 1;
  for (const std::int64_t size : tensor.sizes) product *= static_cast<std::size_t>(size);
  if (product != tensor.bytes.size()) throw Nonsense("sizes and bytes differ");
  constexpr std::int64_t kMany = 5000;
  if (tensor.sizes.size() < 3 || tensor.sizes[0] > kMany) return;
  // Labels that fit, so that what the images are is what matters.
  const auto images = static_cast<std::uint32_t>(tensor.sizes[0]);
  std::string labels = {0, 0, 8, 1};
  for (int shift = 24; shift >= 0; shift -= 8) labels += static_cast<char>(images >> shift & 0xffU);
  for (std::uint32_t i = 0; i < images; ++i) labels += static_cast<char>(i % 3);
  place(path, folder + "/idx/train-images-idx3-ubyte");
  write_file(folder + "/idx/train-labels-idx1-ubyte", labels);
  load_and_check(folder + "/idx", "idx");
}

}  // namespace lanewise::fuzz
