// Which of a training's processes this one is, as whatever started it says.
#pragma once

#include <functional>
#include <string>

namespace heed {

struct Launch {
  std::string launcher;  // "torchrun", "mpirun" or "srun", for messages; empty for one process
  int rank = 0, size = 1;
  // Where the store is served by which processes find each other.
  std::string host;
  int port = 0;
  bool store_is_served = false;  // torchrun's agent does; else rank 0 does
  std::string attempt = "0";     // how often torchrun has started all of them again
};

// Reads the variables of torchrun (RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT), or else those of
// Open MPI, MPICH and Intel MPI, or Slurm; MASTER_ADDR and MASTER_PORT count for all. `variable`
// gives a variable's value or null. Throws UsageError for what cannot be, naming variables and
// values.
Launch launch_from(const std::function<const char*(const char*)>& variable);

// Whether this build can work in more than one process.
bool has_gloo();

// The first host of a Slurm list: "node[03-07,9],login" begins with node03.
std::string first_host(const std::string& node_list);

}  // namespace heed
