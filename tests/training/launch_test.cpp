#include "training/launch.h"

#include <gmock/gmock.h>

#include <map>

#include "util/error.h"

namespace heed {
namespace {

using Variables = std::map<std::string, std::string>;

Launch launch(const Variables& variables) {
  return launch_from([&](const char* name) -> const char* {
    auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

void expect_refused(const Variables& variables, const std::string& words) {
  try {
    launch(variables);
    FAIL() << words;
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr(words));
  }
}

TEST(Launch, IsOneProcessWhereNothingSaysOtherwise) {
  EXPECT_EQ(launch({}).size, 1);
  EXPECT_EQ(launch({{"WORLD_SIZE", "1"}, {"RANK", "0"}}).size, 1);
  EXPECT_EQ(launch({{"MASTER_ADDR", "a"}, {"MASTER_PORT", "1"}}).size, 1);
}

TEST(Launch, ReadsTorchrunsVariables) {
  Variables variables = {{"RANK", "5"},
                         {"WORLD_SIZE", "8"},
                         {"MASTER_ADDR", "h"},
                         {"MASTER_PORT", "77"},
                         {"OMPI_COMM_WORLD_SIZE", "3"}};
  Launch found = launch(variables);
  EXPECT_EQ(found.launcher, "torchrun");
  EXPECT_EQ(found.rank, 5);
  EXPECT_EQ(found.size, 8);
  EXPECT_EQ(found.host, "h");
  EXPECT_EQ(found.port, 77);
  EXPECT_FALSE(found.store_is_served);
  EXPECT_EQ(found.attempt, "0");
  variables["TORCHELASTIC_USE_AGENT_STORE"] = "True";
  variables["TORCHELASTIC_RESTART_COUNT"] = "2";
  EXPECT_TRUE(launch(variables).store_is_served);
  EXPECT_EQ(launch(variables).attempt, "2");
}

TEST(Launch, ReadsMpisVariables) {
  Launch one_machine = launch({{"OMPI_COMM_WORLD_RANK", "1"},
                               {"OMPI_COMM_WORLD_SIZE", "2"},
                               {"OMPI_COMM_WORLD_LOCAL_SIZE", "2"}});
  EXPECT_EQ(one_machine.rank, 1);
  EXPECT_EQ(one_machine.host, "127.0.0.1");
  EXPECT_EQ(one_machine.port, 29500);
  Launch mpich = launch({{"PMI_RANK", "3"}, {"PMI_SIZE", "4"}, {"MASTER_ADDR", "10.0.0.1"}});
  EXPECT_EQ(mpich.rank, 3);
  EXPECT_EQ(mpich.host, "10.0.0.1");
}

TEST(Launch, ReadsSlurmsVariables) {
  Variables variables = {{"SLURM_PROCID", "2"},
                         {"SLURM_NTASKS", "4"},
                         {"SLURM_STEP_ID", "0"},
                         {"SLURM_JOB_ID", "12345"},
                         {"SLURM_STEP_NODELIST", "node[07-09]"}};
  Launch found = launch(variables);
  EXPECT_EQ(found.launcher, "srun");
  EXPECT_EQ(found.rank, 2);
  EXPECT_EQ(found.host, "node07");
  EXPECT_EQ(found.port, 29500 + 345);
  variables["SLURM_JOB_ID"] =
      "4227858433";  // of a federation, whose highest bits are the cluster's
  EXPECT_EQ(launch(variables).port, 29500 + 433);
  variables["PMI_RANK"] = "2";  // of srun --mpi=pmi2
  variables["PMI_SIZE"] = "4";
  EXPECT_EQ(launch(variables).rank, 2);
  EXPECT_EQ(launch(variables).host, "node07");
  variables.erase("PMI_SIZE");
  variables["MASTER_ADDR"] = "chosen";
  EXPECT_EQ(launch(variables).host, "chosen");
  variables.erase("SLURM_STEP_ID");
  EXPECT_EQ(launch(variables).size, 1) << "a batch script is none of its tasks";
}

TEST(Launch, FindsTheFirstHostOfAList) {
  EXPECT_EQ(first_host("alone"), "alone");
  EXPECT_EQ(first_host("a,b[1-2]"), "a");
  EXPECT_EQ(first_host("node[03-07,9],login"), "node03");
  EXPECT_EQ(first_host("node[5,7]"), "node5");
  EXPECT_EQ(first_host("rack[1-2]n1,other"), "rack1n1");
}

TEST(Launch, RefusesWhatCannotBe) {
  Variables whole = {
      {"RANK", "0"}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "h"}, {"MASTER_PORT", "1"}};
  auto with = [&](const char* name, const char* value) {
    Variables changed = whole;
    changed[name] = value;
    return changed;
  };
  expect_refused(with("RANK", "2"), "RANK = '2': expected a whole number from 0 to 1");
  expect_refused(with("RANK", "x"), "RANK = 'x'");
  expect_refused(with("WORLD_SIZE", "0"), "WORLD_SIZE = '0'");
  expect_refused(with("WORLD_SIZE", ""), "WORLD_SIZE = ''");
  expect_refused(with("MASTER_PORT", "70000"), "MASTER_PORT = '70000'");
  expect_refused(with("MASTER_ADDR", ""), "set MASTER_ADDR");
  expect_refused({{"WORLD_SIZE", "2"}}, "RANK is not set");
}

}  // namespace
}  // namespace heed
