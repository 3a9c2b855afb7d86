// SPDX-License-Identifier: Apache-2.0
// Checkpoints of trainings: what is taken is written as the same bytes. Half of the inputs get a hash that fits, so that
// what lies behind it is read.
#include "accuracy/training/checkpoint.hpp"

#include "core/base/input_file.hpp"
#include "tests/fuzz/accuracy/targets.hpp"
#include "tests/fuzz/mutate.hpp"

namespace lanewise::fuzz {

void read_checkpoint(const std::string& path, const std::string&) {
  const std::string bytes = read_input(path, Bytes(std::int64_t{1} << 30), "a checkpoint");
  const accuracy::Checkpoint checkpoint = accuracy::parse_checkpoint(path, bytes);
  if (accuracy::checkpoint_bytes(checkpoint) != bytes) throw Nonsense("a checkpoint is written otherwise");
}

std::string mutate_checkpoint(const Inputs& corpus, Random& random) {
  std::string bytes = mutate_bytes(corpus, random);
  constexpr std::size_t kHash = 8;
  if (bytes.size() < kHash || random.chance(0.5)) return bytes;
  bytes.resize(bytes.size() - kHash);
  std::uint64_t hash = stable_hash(bytes);
  for (std::size_t i = 0; i < kHash; ++i, hash >>= 8) bytes += static_cast<char>(hash & 0xff);
  return bytes;
}

}  // namespace lanewise::fuzz
