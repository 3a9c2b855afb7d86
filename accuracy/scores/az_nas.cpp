// SPDX-License-Identifier: Apache-2.0
#include "accuracy/scores/az_nas.hpp"

#include <algorithm>
#include <cmath>

#include "accuracy/scores/block_spans.hpp"

namespace lanewise::accuracy {
namespace {

// [batch, channels, height, width] with `height` a multiple of `rows`, and so on, to [batch, more channels, rows,
// columns].
torch::Tensor unshuffled(const torch::Tensor& map, std::int64_t rows, std::int64_t columns) {
  const std::int64_t down = (map.size(2) + rows - 1) / rows, across = (map.size(3) + columns - 1) / columns;
  const torch::Tensor padded =
      torch::constant_pad_nd(map, {0, across * columns - map.size(3), 0, down * rows - map.size(2)}, 0);
  return padded.reshape({map.size(0), map.size(1), rows, down, columns, across})
      .permute({0, 1, 3, 5, 2, 4})
      .reshape({map.size(0), map.size(1) * down * across, rows, columns});
}

struct Sent {
  bool arrives = false;
  torch::Tensor g_in, g_out;
};

// Sends ±1 back from one tensor to the other.
Sent send_back(const torch::Tensor& from, const torch::Tensor& to, Random& signs) {
  Sent out;
  out.g_out = sign_tensor(from.sizes().vec(), signs).to(from.scalar_type());
  if (!to.requires_grad() && to.grad_fn() == nullptr) return out;
  out.g_in = torch::autograd::grad({from}, {to}, {out.g_out}, /*retain_graph=*/true, /*create_graph=*/false,
                                   /*allow_unused=*/true)[0];
  out.arrives = out.g_in.defined();
  return out;
}

}  // namespace

double covariance_entropy(const torch::Tensor& rows) {
  const torch::NoGradGuard no_grad;
  const torch::Tensor centred = (rows - rows.mean(0, true)).t();
  const torch::Tensor covariance = product(centred, centred) / static_cast<double>(rows.size(0));
  const torch::Tensor eigenvalues = at::linalg_eigvalsh(covariance.to(torch::kDouble)).clamp_min(0);
  const double sum = eigenvalues.sum().item<double>();
  if (!(sum > 0)) return 0;
  const torch::Tensor share = eigenvalues / sum;
  return -(share * (share + 1e-8).log()).sum().item<double>();
}

double isometry_score(const torch::Tensor& g_in, const torch::Tensor& g_out) {
  const torch::NoGradGuard no_grad;
  torch::Tensor in = g_in, out = g_out;
  if (in.dim() == 4 && out.dim() == 4) {
    const std::int64_t rows = std::min(in.size(2), out.size(2)), columns = std::min(in.size(3), out.size(3));
    if (in.size(2) != rows || in.size(3) != columns) in = unshuffled(in, rows, columns);
    if (out.size(2) != rows || out.size(3) != columns) out = unshuffled(out, rows, columns);
  }
  const torch::Tensor in_rows = channel_rows(in), out_rows = channel_rows(out);
  if (in_rows.size(0) != out_rows.size(0)) return 0;
  const torch::Tensor matrix = product(in_rows.t(), out_rows.t()) / static_cast<double>(out_rows.size(0));
  const double largest = at::linalg_svdvals(matrix.to(torch::kDouble)).max().item<double>();
  return 2 - largest - 1 / (largest + 1e-6);
}

AzScores az_scores(GraphModule& module, const Tensors& inputs, Random& signs) {
  module.train();
  const std::vector<BlockSpan> blocks = block_spans(module.graph());
  std::map<network::TensorId, torch::Tensor> seen;
  for (const BlockSpan& block : blocks) {
    seen[block.input];
    seen[block.output];
  }
  const Tensors outputs = run_and_see(module, inputs, seen);
  AzScores scores;
  double before = 0;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const double entropy = covariance_entropy(channel_rows(seen[blocks[i].output].detach()));
    scores.expressivity += entropy;
    if (i > 0) scores.progressivity = i == 1 ? entropy - before : std::min(scores.progressivity, entropy - before);
    before = entropy;
  }
  double sum = 0;
  int counted = 0;
  for (std::size_t i = blocks.size(); i > 1; --i) {
    const BlockSpan& block = blocks[i - 1];
    const Sent sent = send_back(seen[block.output], seen[block.input], signs);
    if (!sent.arrives) continue;
    sum += isometry_score(sent.g_in, sent.g_out);
    ++counted;
  }
  if (counted > 0) scores.trainability = sum / counted;
  return scores;
}

}  // namespace lanewise::accuracy
