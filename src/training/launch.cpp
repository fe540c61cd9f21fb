#include "training/launch.h"

#include <optional>

#include "util/error.h"
#include "util/text.h"

namespace heed {
namespace {

constexpr int kDefaultPort = 29500;  // c10d's own

using Variable = std::function<const char*(const char*)>;

// The names by which a launcher tells its processes apart.
struct Names {
  const char *launcher, *rank, *size;
};
constexpr Names kNames[] = {
    {"torchrun", "RANK", "WORLD_SIZE"},
    {"mpirun", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"},
    {"mpirun", "PMI_RANK", "PMI_SIZE"},
    {"srun", "SLURM_PROCID", "SLURM_NTASKS"},
};

std::string value_of(const Variable& variable, const char* name) {
  const char* value = variable(name);
  return value == nullptr ? "" : value;
}

// A number from `least` to `most`; `missing` where the variable is not set.
int number_of(const Variable& variable, const char* name, int least, int most,
              std::optional<int> missing = {}) {
  std::string text = value_of(variable, name);
  if (text.empty() && missing) return *missing;
  auto number = parse_int(text);
  if (!number || *number < least || *number > most) {
    fail_usage("the environment's {} = '{}': expected a whole number from {} to {}", name, text,
               least, most);
  }
  return static_cast<int>(*number);
}

// A script that sbatch runs sees how many tasks its job has, but is none of them.
bool is_batch_script(const Variable& variable) {
  return variable("SLURM_JOB_ID") != nullptr && variable("SLURM_STEP_ID") == nullptr;
}

std::string host_of(const Variable& variable, const Launch& launch) {
  std::string host = value_of(variable, "MASTER_ADDR");
  if (!host.empty()) return host;
  if (value_of(variable, "OMPI_COMM_WORLD_LOCAL_SIZE") == std::to_string(launch.size)) {
    return "127.0.0.1";
  }
  // mpirun begins there too, and srun sets PMI's variables beside its own where it uses pmi2.
  for (const char* name : {"SLURM_STEP_NODELIST", "SLURM_JOB_NODELIST", "SLURM_NODELIST"}) {
    if (std::string list = value_of(variable, name); !list.empty()) return first_host(list);
  }
  fail_usage(
      "the environment says that this is process {} of {}, but not where process 0 is: set "
      "MASTER_ADDR to its machine's address (mpirun -x MASTER_ADDR=..., or env MASTER_ADDR=...)",
      launch.rank, launch.size);
}

// Two jobs of Slurm on one machine need two ports.
int port_of(const Variable& variable) {
  int64_t job = parse_int(value_of(variable, "SLURM_JOB_ID")).value_or(0);
  return number_of(variable, "MASTER_PORT", 1, 65535, kDefaultPort + static_cast<int>(job % 1000));
}

}  // namespace

Launch launch_from(const Variable& variable) {
  for (const Names& names : kNames) {
    if (variable(names.size) == nullptr) continue;
    bool slurm = std::string(names.launcher) == "srun";
    if (slurm && is_batch_script(variable)) continue;
    Launch launch;
    launch.size = number_of(variable, names.size, 1, 1 << 20);
    if (launch.size == 1) return {};
    launch.launcher = names.launcher;
    if (variable(names.rank) == nullptr) {
      fail_usage(
          "the environment says {} = {}, but {} is not set: start all processes by torchrun, srun "
          "or mpirun, or unset {}",
          names.size, launch.size, names.rank, names.size);
    }
    launch.rank = number_of(variable, names.rank, 0, launch.size - 1);
    launch.host = host_of(variable, launch);
    launch.port = port_of(variable);
    launch.store_is_served = value_of(variable, "TORCHELASTIC_USE_AGENT_STORE") == "True";
    if (std::string count = value_of(variable, "TORCHELASTIC_RESTART_COUNT"); !count.empty()) {
      launch.attempt = count;
    }
    return launch;
  }
  return {};
}

std::string first_host(const std::string& node_list) {
  std::string first = node_list.substr(0, node_list.find(','));
  size_t bracket = first.find('[');
  if (bracket == std::string::npos) return first;
  std::string numbers = first.substr(bracket + 1);
  std::string host = first.substr(0, bracket) + numbers.substr(0, numbers.find_first_of("-]"));
  // What stands behind the brackets belongs to the name as well: rack[1-2]n1.
  size_t end = node_list.find(']');
  if (end == std::string::npos) return host;
  std::string rest = node_list.substr(end + 1);
  return host + rest.substr(0, rest.find(','));
}

}  // namespace heed
