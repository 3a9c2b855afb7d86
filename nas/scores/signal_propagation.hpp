// SPDX-License-Identifier: Apache-2.0
// How a signal passes a network as it is initialised, in closed form: from its topology, its nonlinearity and its
// operations alone, in the limit of many random weights. No weight is drawn.
//
// What is followed, tensor by tensor, are the mean square q of its numbers and the mean product c of what it holds for
// two different images; q - c is what still tells images apart, and it alone teaches a network anything. With weights
// of variance 2 / fan-in (1 / fan-in in fully connected layers) and random, independent images:
//   convolution, fully connected   q -> w q,  c -> w c                    w = variance x fan-in
//   batch normalization            q -> 1,    c -> 0                      it takes what is common and divides by q - c
//   layer normalization            q -> 1,    c -> c / q
//   activation                     q -> E f(z)^2, c -> E f(z) f(z')       z, z' ~ N(0, q) of correlation c / q
//   addition                       q -> q1 + q2, c -> c1 + c2             independent weights: no mixed terms
//   multiplication                 q -> q1 q2,   c -> c1 c2
//   mean over n positions          q -> c + (q - c) / n, c -> c
//   concatenation                  means over the parts; whatever moves or picks numbers changes nothing
// Convolutions with a bias and no normalization behind them stand for ones into which it was folded.
//
// How a block passes a small difference on: `gain` S is the mean squared singular value of its Jacobian, in units of
// what tells images apart before and behind it, and `spread` K by how much the fourth moment of singular values exceeds
// the square of the second. With n0 numbers at the block's input and n behind an operation:
//   layer of m weights per output  S -> S,      K -> K + (n0 / n) (m - 1) / (m + 2)
//   activation                     S -> S s,    K -> K + (n0 / n) (E f'^4 / (E f'^2)^2 - 1)     s: sensitivity()
//   addition of independent paths  S -> sum p S,  S^2 K -> sum p^2 S^2 K + 2 sum p p' S S'      p: shares of q - c
// An identity has S = 1 and K = 0, so a skip draws both towards these, the more, the more of the sum it makes up.
//
// Sources: Poole et al. 2016 (q and c); Schoenholz, Gilmer, Ganguli and Sohl-Dickstein, Deep information propagation,
// 2017 (the slope of the correlation map is the gain of gradients); Yang et al., A mean field theory of batch
// normalization, 2019; Pennington, Schoenholz and Ganguli, Resurrecting the sigmoid, 2017 (singular values of products
// of random matrices); the row of singular values m - 1 / m + 2 is that of m Gaussian weights divided by their norm.
#pragma once

#include <string>
#include <vector>

#include "core/network/graph.hpp"

namespace lanewise::nas {

// A stretch of the network between two tensors that everything passes through, with at least one layer that has
// weights. Such tensors inside a recognised block (Graph::blocks) do not cut it.
struct BlockSignal {
  network::TensorId from = network::kNone, to = network::kNone;
  double gain = 1;         // S
  double spread = 0;       // K
  double mean_square = 0;  // q of `to`
  double correlation = 0;  // c / q of `to`: 1 where images are no longer told apart
  // 2 - E sigma - E 1/sigma over singular values sigma that are log-normal with E sigma^2 = S and E sigma^4 = S^2 (1 +
  // K): 0 at best, where the block is an isometry.
  double score = 0;
};

struct SignalProfile {
  std::vector<BlockSignal> blocks;  // in the network's order
  double correlation = 0;           // c / q of the first output
  double log_gain = 0;              // sum over blocks of ln S: of gradients from the outputs to the first layer
  // Mean over blocks of their scores; 0 where there is none.
  double trainability() const;
};

// Takes a pass over the graph: microseconds, and some more for activations behind no normalization.
SignalProfile propagate_signal(const network::Graph& graph);

// 2 - E sigma - E 1/sigma as above. With spread 0 it is 2 - a - 1/a at a gain of a^2.
double isometry_score(double gain, double spread);

}  // namespace lanewise::nas
