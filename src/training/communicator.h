// What the processes of one training agree on. All call the same functions in the same order.
#pragma once

#include <initializer_list>

#include "model/parameters.h"

namespace heed {

class Communicator {
 public:
  virtual ~Communicator() = default;
  // parameters.gradients() becomes the sum over all processes, in each of them; accumulate() then
  // measures it anew.
  virtual void sum_gradients(Parameters& parameters, Workers& workers) = 0;
  // Each number becomes its sum over all processes.
  virtual void sum(std::initializer_list<double*> numbers) = 0;
  // The largest that any process gives.
  virtual int largest(int number) = 0;
};

// A training in one process has nothing to agree on.
class OneProcess : public Communicator {
 public:
  void sum_gradients(Parameters&, Workers&) override {}
  void sum(std::initializer_list<double*>) override {}
  int largest(int number) override { return number; }
};

}  // namespace heed
