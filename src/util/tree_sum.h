// A sum in an order that does not depend on who adds up which part of it.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace heed {

// The sum of the first part of `values` and of the rest, each made in the same way, where the first
// part is the largest power of two that leaves a rest. So the sum over 4 replicas is to the last
// bit the sum over 2 processes of 2 replicas each, whatever the type rounds. `values` [n >= 1] need
// an operator +=.
template <typename Value>
Value tree_sum(std::vector<Value> values) {
  for (size_t step = 1; step < values.size(); step *= 2) {
    for (size_t i = 0; i + step < values.size(); i += 2 * step) values[i] += values[i + step];
  }
  return std::move(values[0]);
}

}  // namespace heed
