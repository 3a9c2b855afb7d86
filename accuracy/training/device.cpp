// SPDX-License-Identifier: Apache-2.0
#include "accuracy/training/device.hpp"

#include <ATen/autocast_mode.h>
#include <malloc.h>
#include <torch/version.h>

#include <limits>

#include "core/base/error.hpp"

namespace lanewise::accuracy {
namespace {

// libtorch 2.4 put one function per device in place of one for all.
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
void switch_autocast(torch::DeviceType type, bool on) {
  at::autocast::set_autocast_enabled(type, on);
  if (on) at::autocast::set_autocast_dtype(type, torch::kBFloat16);
}
#else
void switch_autocast(torch::DeviceType type, bool on) {
  if (type == torch::kCPU) {
    at::autocast::set_cpu_enabled(on);
    if (on) at::autocast::set_autocast_cpu_dtype(torch::kBFloat16);
  } else {
    at::autocast::set_enabled(on);
    if (on) at::autocast::set_autocast_gpu_dtype(torch::kBFloat16);
  }
}
#endif

}  // namespace

ComputeDevice choose_compute(Device device, Recipe::Precision precision) {
  // Asking wakes the GPU's driver, which who wants none does not wait for.
  const bool is_there = device != Device::kCpu && torch::cuda::is_available();
  if (device == Device::kCuda && !is_there) {
    throw Error("device 'cuda': libtorch sees no GPU here (its own build may be without: -DTorch_DIR chooses another)");
  }
  const bool is_mixed = precision == Recipe::Precision::kBf16 || (precision == Recipe::Precision::kAuto && is_there);
  return {is_there ? torch::kCUDA : torch::kCPU, is_mixed};
}

MixedPrecision::MixedPrecision(const ComputeDevice& compute) : compute_(compute) {
  if (compute_.is_mixed) switch_autocast(compute_.device.type(), true);
}

MixedPrecision::~MixedPrecision() {
  if (!compute_.is_mixed) return;
  at::autocast::clear_cache();
  switch_autocast(compute_.device.type(), false);
}

void keep_freed_memory() {
  ::mallopt(M_MMAP_MAX, 0);
  ::mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
}

}  // namespace lanewise::accuracy
